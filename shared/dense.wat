;; y = max(bias + x * weights, floor) for rows of x: what XNNPACK's float32 GEMM computes, to the bit, since every
;; output adds its products in the order of the inputs. Two things make it faster for one image:
;; - inputs of zero are skipped (a product of zero changes no sum): black pixels, and units that ReLU switched off;
;; - weights lie in panels of 16 outputs, a cache line an input, so that a skipped input is memory never touched.
;; A panel is used for all rows before the next one is read.
;;
;;   weights  [outputs / 16][inputs][16], aligned to 64 bytes
;;   lists    8 bytes for each row and input: of the inputs that are not zero, the offset of their weights in a panel
;;            and the value; after the lists, 4 bytes for each row: where its list ends
(module
  (memory (import "env" "memory") 1)

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
    (local $low v128) (local $value v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $panelBytes (i32.shl (local.get $inputs) (i32.const 6)))
    (local.set $listBytes (i32.shl (local.get $inputs) (i32.const 3)))
    (local.set $yBytes (i32.shl (local.get $outputs) (i32.const 2)))
    (local.set $ends (i32.add (local.get $lists) (i32.mul (local.get $rows) (local.get $listBytes))))
    (local.set $low (f32x4.splat (local.get $floor)))

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
        (local.set $entry (i32.add (local.get $lists) (i32.mul (local.get $row) (local.get $listBytes))))
        (local.set $end (i32.load (i32.add (local.get $ends) (i32.shl (local.get $row) (i32.const 2)))))
        (if (i32.lt_u (local.get $entry) (local.get $end)) (then
          (loop $inputsNotZero
            (local.set $w (i32.add (local.get $weights) (i32.load (local.get $entry))))
            (local.set $value (v128.load32_splat offset=4 (local.get $entry)))
            (local.set $a (f32x4.add (local.get $a) (f32x4.mul (local.get $value) (v128.load (local.get $w)))))
            (local.set $b (f32x4.add (local.get $b) (f32x4.mul (local.get $value) (v128.load offset=16 (local.get $w)))))
            (local.set $c (f32x4.add (local.get $c) (f32x4.mul (local.get $value) (v128.load offset=32 (local.get $w)))))
            (local.set $d (f32x4.add (local.get $d) (f32x4.mul (local.get $value) (v128.load offset=48 (local.get $w)))))
            (br_if $inputsNotZero
              (i32.lt_u (local.tee $entry (i32.add (local.get $entry) (i32.const 8))) (local.get $end))))))
        (local.set $out (i32.add (i32.add (local.get $y) (local.get $column)) (i32.mul (local.get $row) (local.get $yBytes))))
        (v128.store (local.get $out) (f32x4.pmax (local.get $low) (local.get $a)))
        (v128.store offset=16 (local.get $out) (f32x4.pmax (local.get $low) (local.get $b)))
        (v128.store offset=32 (local.get $out) (f32x4.pmax (local.get $low) (local.get $c)))
        (v128.store offset=48 (local.get $out) (f32x4.pmax (local.get $low) (local.get $d)))
        (br_if $rowsOfY (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 1))) (local.get $rows))))
      (local.set $weights (i32.add (local.get $weights) (local.get $panelBytes)))
      (local.set $column (i32.add (local.get $column) (i32.const 64)))
      (br_if $panels (i32.lt_u (local.get $column) (local.get $yBytes)))))

  ;; Places 16-bit levels [.., 16] as float32 level * scale + min, rounded once, as tfjs-core's decodeWeights has it.
  ;; 16 levels go to a cache line; the next line is `panelBytes` on, and after `rowBytes` of them the next input's.
  (func (export "dequantize")
    (param $levels i32) (param $end i32) (param $scale f64) (param $min f64)
    (param $to i32) (param $rowEnd i32) (param $panelBytes i32) (param $rowBytes i32)
    (local $scales v128) (local $mins v128) (local $a v128) (local $b v128) (local $line i32)
    (local.set $scales (f64x2.splat (local.get $scale)))
    (local.set $mins (f64x2.splat (local.get $min)))
    (loop $lines
      (local.set $line (i32.add (local.get $to) (i32.const 64)))
      (loop $fours
        (local.set $a (i32x4.extend_low_i16x8_u (v128.load64_zero (local.get $levels))))
        (local.set $b (i8x16.shuffle 8 9 10 11 12 13 14 15 0 0 0 0 0 0 0 0 (local.get $a) (local.get $a)))
        (v128.store (local.get $to) (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23
          (f32x4.demote_f64x2_zero (f64x2.add (f64x2.mul (f64x2.convert_low_i32x4_u (local.get $a)) (local.get $scales)) (local.get $mins)))
          (f32x4.demote_f64x2_zero (f64x2.add (f64x2.mul (f64x2.convert_low_i32x4_u (local.get $b)) (local.get $scales)) (local.get $mins)))))
        (local.set $levels (i32.add (local.get $levels) (i32.const 8)))
        (br_if $fours (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 16))) (local.get $line))))
      (local.set $to (i32.add (i32.sub (local.get $to) (i32.const 64)) (local.get $panelBytes)))
      (if (i32.eq (local.get $to) (local.get $rowEnd)) (then
        (local.set $to (i32.add (i32.sub (local.get $to) (local.get $rowBytes)) (i32.const 64)))
        (local.set $rowEnd (i32.add (local.get $rowEnd) (i32.const 64)))))
      (br_if $lines (i32.lt_u (local.get $levels) (local.get $end))))))
