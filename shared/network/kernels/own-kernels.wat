;; Four kernels of our own.
;;
;; fromSamples: 8-bit samples -> floats on [0, 1]; toSamples: back, rounded half up, black or white if outside. Both do 16
;; at a time, the last ones in full, and both may work in place: toSamples writes over the beginning of its floats, and
;; fromSamples reads samples from the end of the memory that its floats will fill.
;;
;; panels: float16 weights [inputs][outputs] -> the panels that `dense` reads. Returns 1 if one is not finite or no
;; bfloat16. Outputs: a multiple of 8; the padding is left as it is.
;;
;; dense: y = max(bias + x * weights, floor) for rows of x: what XNNPACK's float32 GEMM computes, to the bit, since every
;; output adds its products in the order of the inputs. For a single image most of the time goes into reading weights from
;; memory, so:
;; - they are bfloat16, the upper halves of float32, which costs a trained network no quality;
;; - they lie in panels of 32 outputs, a cache line an input;
;; - inputs of zero are skipped (adding zero changes no sum) and their lines never read: black pixels, and units that
;;   ReLU switched off.
;; A panel is used for all rows before the next one is read.
;;
;;   weights  [ceil(outputs / 32)][inputs][32], aligned to 64 bytes. An input's 32 are 16 words: for outputs 8 i to
;;            8 i + 7, word 4 i + j holds output 8 i + j in its lower half and 8 i + j + 4 in its upper half
;;   bias     float32, one per column of the panels
;;   lists    8 bytes for each row and input: for every input that is not zero, the offset of its weights in a panel and
;;            its value; after the lists, 4 bytes for each row: where its list ends
;;   outputs  a multiple of 16
(module
  (memory (import "env" "memory") 1)

  (func (export "fromSamples") (param $samples i32) (param $x i32) (param $count i32)
    (local $end i32) (local $unit v128) (local $bytes v128) (local $low v128) (local $high v128)
    (local.set $end (i32.add (local.get $samples) (local.get $count)))
    (local.set $unit (f32x4.splat (f32.const 255)))
    (loop $sixteen
      (local.set $bytes (v128.load (local.get $samples)))
      (local.set $low (i16x8.extend_low_i8x16_u (local.get $bytes)))
      (local.set $high (i16x8.extend_high_i8x16_u (local.get $bytes)))
      (v128.store (local.get $x)
        (f32x4.div (f32x4.convert_i32x4_u (i32x4.extend_low_i16x8_u (local.get $low))) (local.get $unit)))
      (v128.store offset=16 (local.get $x)
        (f32x4.div (f32x4.convert_i32x4_u (i32x4.extend_high_i16x8_u (local.get $low))) (local.get $unit)))
      (v128.store offset=32 (local.get $x)
        (f32x4.div (f32x4.convert_i32x4_u (i32x4.extend_low_i16x8_u (local.get $high))) (local.get $unit)))
      (v128.store offset=48 (local.get $x)
        (f32x4.div (f32x4.convert_i32x4_u (i32x4.extend_high_i16x8_u (local.get $high))) (local.get $unit)))
      (local.set $samples (i32.add (local.get $samples) (i32.const 16)))
      (local.set $x (i32.add (local.get $x) (i32.const 64)))
      (br_if $sixteen (i32.lt_u (local.get $samples) (local.get $end)))))

  ;; Of four floats, as int32. In float64, where the product is exact.
  (func $rounded (param $x i32) (result v128)
    (local $four v128)
    (local.set $four (v128.load (local.get $x)))
    (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
      (call $roundedLow (local.get $four))
      (call $roundedLow (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7 (local.get $four) (local.get $four)))))

  (func $roundedLow (param $four v128) (result v128)
    (i32x4.trunc_sat_f64x2_s_zero
      (f64x2.add
        (f64x2.mul (f64x2.promote_low_f32x4 (local.get $four)) (f64x2.splat (f64.const 255)))
        (f64x2.splat (f64.const 0.5)))))

  (func (export "toSamples") (param $x i32) (param $samples i32) (param $count i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $samples) (local.get $count)))
    (loop $sixteen
      ;; narrowing clamps: to 16 bits with a sign, then to 8 without
      (v128.store (local.get $samples)
        (i8x16.narrow_i16x8_u
          (i16x8.narrow_i32x4_s
            (call $rounded (local.get $x))
            (call $rounded (i32.add (local.get $x) (i32.const 16))))
          (i16x8.narrow_i32x4_s
            (call $rounded (i32.add (local.get $x) (i32.const 32)))
            (call $rounded (i32.add (local.get $x) (i32.const 48))))))
      (local.set $x (i32.add (local.get $x) (i32.const 64)))
      (local.set $samples (i32.add (local.get $samples) (i32.const 16)))
      (br_if $sixteen (i32.lt_u (local.get $samples) (local.get $end)))))

  ;; Four halves, as int32 -> float32, to the bit.
  (func $floats (param $four v128) (result v128)
    (v128.or
      (f32x4.mul ;; moves the exponent from a bias of 15 to one of 127, and normalizes what had no leading one
        (i32x4.shl (v128.and (local.get $four) (i32x4.splat (i32.const 0x7fff))) (i32.const 13))
        (f32x4.splat (f32.const 0x1p112)))
      (i32x4.shl (i32x4.shr_u (local.get $four) (i32.const 15)) (i32.const 31))))

  (func (export "panels") (param $halves i32) (param $panels i32) (param $inputs i32) (param $outputs i32) (result i32)
    (local $column i32) (local $rowBytes i32) (local $row i32) (local $input i32) (local $at i32) (local $end i32)
    (local $eight v128) (local $low v128) (local $high v128) (local $lost v128)
    (local.set $rowBytes (i32.shl (local.get $outputs) (i32.const 1)))
    (loop $eachPanel
      (local.set $row (i32.add (local.get $halves) (local.get $column)))
      (local.set $input (i32.const 0))
      (loop $eachInput
        (local.set $at (local.get $row))
        (local.set $end (i32.sub (local.get $rowBytes) (local.get $column)))
        (if (i32.gt_u (local.get $end) (i32.const 64)) (then (local.set $end (i32.const 64))))
        (local.set $end (i32.add (local.get $end) (local.get $row)))
        (loop $eightOutputs
          (local.set $eight (v128.load (local.get $at)))
          (local.set $low (call $floats (i32x4.extend_low_i16x8_u (local.get $eight))))
          (local.set $high (call $floats (i32x4.extend_high_i16x8_u (local.get $eight))))
          (local.set $lost (v128.or (local.get $lost) (v128.or
            (i32x4.shl (v128.or (local.get $low) (local.get $high)) (i32.const 16))
            (i16x8.gt_s (v128.and (local.get $eight) (i16x8.splat (i32.const 0x7fff))) (i16x8.splat (i32.const 0x7bff))))))
          (v128.store
            (i32.add (local.get $panels) (i32.sub (local.get $at) (local.get $row)))
            (v128.or
              (i32x4.shr_u (local.get $low) (i32.const 16))
              (v128.and (local.get $high) (i32x4.splat (i32.const 0xffff0000)))))
          (br_if $eightOutputs (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
        (local.set $panels (i32.add (local.get $panels) (i32.const 64)))
        (local.set $row (i32.add (local.get $row) (local.get $rowBytes)))
        (br_if $eachInput (i32.lt_u (local.tee $input (i32.add (local.get $input) (i32.const 1))) (local.get $inputs))))
      (br_if $eachPanel (i32.lt_u (local.tee $column (i32.add (local.get $column) (i32.const 64))) (local.get $rowBytes))))
    (v128.any_true (local.get $lost)))

  (func $list (param $x i32) (param $list i32) (param $panelBytes i32) (result i32)
    (local $offset i32) (local $value f32)
    (loop $inputs
      (local.set $value (f32.load (local.get $x)))
      (i32.store (local.get $list) (local.get $offset))
      (f32.store offset=4 (local.get $list) (local.get $value))
      ;; the next input overwrites this one if it is zero
      (local.set $list (i32.add (local.get $list)
        (i32.shl (f32.ne (local.get $value) (f32.const 0)) (i32.const 3))))
      (local.set $x (i32.add (local.get $x) (i32.const 4)))
      (local.set $offset (i32.add (local.get $offset) (i32.const 64)))
      (br_if $inputs (i32.lt_u (local.get $offset) (local.get $panelBytes))))
    (local.get $list))

  (func (export "dense")
    (param $x i32) (param $weights i32) (param $bias i32) (param $y i32) (param $lists i32)
    (param $rows i32) (param $inputs i32) (param $outputs i32) (param $floor f32)
    (local $panelBytes i32) (local $listBytes i32) (local $yBytes i32) (local $ends i32) (local $row i32)
    (local $column i32) (local $entry i32) (local $end i32) (local $w i32) (local $out i32)
    (local $low v128) (local $x4 v128) (local $upper v128) (local $pair v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $e v128) (local $f v128) (local $g v128) (local $h v128)
    (local.set $panelBytes (i32.shl (local.get $inputs) (i32.const 6)))
    (local.set $listBytes (i32.shl (local.get $inputs) (i32.const 3)))
    (local.set $yBytes (i32.shl (local.get $outputs) (i32.const 2)))
    (local.set $ends (i32.add (local.get $lists) (i32.mul (local.get $rows) (local.get $listBytes))))
    (local.set $low (f32x4.splat (local.get $floor)))
    (local.set $upper (i32x4.splat (i32.const 0xffff0000)))

    (loop $rowsOfX
      (i32.store (i32.add (local.get $ends) (i32.shl (local.get $row) (i32.const 2)))
        (call $list
          (i32.add (local.get $x) (i32.mul (local.get $row) (i32.shl (local.get $inputs) (i32.const 2))))
          (i32.add (local.get $lists) (i32.mul (local.get $row) (local.get $listBytes)))
          (local.get $panelBytes)))
      (br_if $rowsOfX (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 1))) (local.get $rows))))

    (loop $panels
      (local.set $row (i32.const 0))
      (loop $rowsOfY
        (local.set $w (i32.add (local.get $bias) (local.get $column)))
        (local.set $a (v128.load (local.get $w)))
        (local.set $b (v128.load offset=16 (local.get $w)))
        (local.set $c (v128.load offset=32 (local.get $w)))
        (local.set $d (v128.load offset=48 (local.get $w)))
        (local.set $e (v128.load offset=64 (local.get $w)))
        (local.set $f (v128.load offset=80 (local.get $w)))
        (local.set $g (v128.load offset=96 (local.get $w)))
        (local.set $h (v128.load offset=112 (local.get $w)))
        (local.set $entry (i32.add (local.get $lists) (i32.mul (local.get $row) (local.get $listBytes))))
        (local.set $end (i32.load (i32.add (local.get $ends) (i32.shl (local.get $row) (i32.const 2)))))
        (if (i32.lt_u (local.get $entry) (local.get $end)) (then
          (loop $inputsNotZero
            (local.set $w (i32.add (local.get $weights) (i32.load (local.get $entry))))
            (local.set $x4 (v128.load32_splat offset=4 (local.get $entry)))
            (local.set $pair (v128.load (local.get $w)))
            (local.set $a (f32x4.add (local.get $a) (f32x4.mul (local.get $x4) (i32x4.shl (local.get $pair) (i32.const 16)))))
            (local.set $b (f32x4.add (local.get $b) (f32x4.mul (local.get $x4) (v128.and (local.get $pair) (local.get $upper)))))
            (local.set $pair (v128.load offset=16 (local.get $w)))
            (local.set $c (f32x4.add (local.get $c) (f32x4.mul (local.get $x4) (i32x4.shl (local.get $pair) (i32.const 16)))))
            (local.set $d (f32x4.add (local.get $d) (f32x4.mul (local.get $x4) (v128.and (local.get $pair) (local.get $upper)))))
            (local.set $pair (v128.load offset=32 (local.get $w)))
            (local.set $e (f32x4.add (local.get $e) (f32x4.mul (local.get $x4) (i32x4.shl (local.get $pair) (i32.const 16)))))
            (local.set $f (f32x4.add (local.get $f) (f32x4.mul (local.get $x4) (v128.and (local.get $pair) (local.get $upper)))))
            (local.set $pair (v128.load offset=48 (local.get $w)))
            (local.set $g (f32x4.add (local.get $g) (f32x4.mul (local.get $x4) (i32x4.shl (local.get $pair) (i32.const 16)))))
            (local.set $h (f32x4.add (local.get $h) (f32x4.mul (local.get $x4) (v128.and (local.get $pair) (local.get $upper)))))
            (br_if $inputsNotZero
              (i32.lt_u (local.tee $entry (i32.add (local.get $entry) (i32.const 8))) (local.get $end))))))
        (local.set $out (i32.add (i32.add (local.get $y) (local.get $column)) (i32.mul (local.get $row) (local.get $yBytes))))
        (v128.store (local.get $out) (f32x4.pmax (local.get $low) (local.get $a)))
        (v128.store offset=16 (local.get $out) (f32x4.pmax (local.get $low) (local.get $b)))
        (v128.store offset=32 (local.get $out) (f32x4.pmax (local.get $low) (local.get $c)))
        (v128.store offset=48 (local.get $out) (f32x4.pmax (local.get $low) (local.get $d)))
        ;; of the last panel half may be padding
        (if (i32.lt_u (i32.add (local.get $column) (i32.const 64)) (local.get $yBytes)) (then
          (v128.store offset=64 (local.get $out) (f32x4.pmax (local.get $low) (local.get $e)))
          (v128.store offset=80 (local.get $out) (f32x4.pmax (local.get $low) (local.get $f)))
          (v128.store offset=96 (local.get $out) (f32x4.pmax (local.get $low) (local.get $g)))
          (v128.store offset=112 (local.get $out) (f32x4.pmax (local.get $low) (local.get $h)))))
        (br_if $rowsOfY (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 1))) (local.get $rows))))
      (local.set $weights (i32.add (local.get $weights) (local.get $panelBytes)))
      (local.set $column (i32.add (local.get $column) (i32.const 128)))
      (br_if $panels (i32.lt_u (local.get $column) (local.get $yBytes))))))
