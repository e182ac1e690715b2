;; Convolutions of 16-bit integers, with 32-bit sums that wrap: the same in every runtime, whatever the order.
;;
;; A layer is eighteen 32-bit words (layer-words.ts). An output pixel is made of `taps` stretches of neighbouring values,
;; one for each row of the kernel, of `pairs` pairs each:
;;
;;   y[row][column][output] = narrow((bias[output] + sum of x * weight) >> shift), at least `floor`, plus what stands at
;;                            the same place in `added`
;;
;; Outputs go in blocks of eight, each to an offset of its own: so a layer writes depth to space as it goes.
;;
;;   weights  [outputs / 8][taps][pairs][8][2], 16 bits
;;   bias     [outputs], 32 bits, half a unit of the last place included
;;   offsets  [outputs / 8], bytes from the output pixel's place
(module
  (memory (export "memory") 1)

  (func (export "convolve") (param $layer i32)
    (local $weights i32) (local $tapBytes i32) (local $tapRow i32) (local $pixelStep i32) (local $outStep i32)
    (local $shift i32) (local $floor v128) (local $added i32) (local $advance i32)
    (local $block i32) (local $blocks i32) (local $row i32) (local $column i32) (local $columns i32)
    (local $x i32) (local $y i32) (local $tap i32) (local $taps i32)
    (local $w i32) (local $at i32) (local $end i32)
    (local $b0 i32) (local $b1 i32) (local $b2 i32) (local $b3 i32)
    (local $bias0 v128) (local $bias1 v128) (local $w0 v128) (local $w1 v128) (local $v v128)
    (local $s00 v128) (local $s01 v128) (local $s10 v128) (local $s11 v128)
    (local $s20 v128) (local $s21 v128) (local $s30 v128) (local $s31 v128)
    (local.set $weights (i32.load offset=4 (local.get $layer)))
    (local.set $columns (i32.load offset=20 (local.get $layer)))
    (local.set $taps (i32.load offset=24 (local.get $layer)))
    (local.set $tapBytes (i32.load offset=28 (local.get $layer)))
    (local.set $tapRow (i32.load offset=40 (local.get $layer)))
    (local.set $blocks (i32.load offset=44 (local.get $layer)))
    (local.set $shift (i32.load offset=60 (local.get $layer)))
    (local.set $floor (i16x8.splat (i32.load offset=64 (local.get $layer))))
    (local.set $added (i32.load offset=68 (local.get $layer)))
    ;; In rows of fewer than four each is computed four times over.
    (local.set $advance (i32.const 1))
    (if (i32.ge_s (local.get $columns) (i32.const 4))
      (then
        (local.set $advance (i32.const 4))
        (local.set $pixelStep (i32.load offset=36 (local.get $layer)))
        (local.set $outStep (i32.load offset=52 (local.get $layer)))))

    (loop $eachBlock
      (local.set $at (i32.add (i32.load offset=8 (local.get $layer)) (i32.shl (local.get $block) (i32.const 5))))
      (local.set $bias0 (v128.load (local.get $at)))
      (local.set $bias1 (v128.load offset=16 (local.get $at)))
      (local.set $row (i32.const 0))
      (loop $eachRow
        (local.set $column (i32.const 0))
        (loop $eachFour
          (if (i32.eq (local.get $advance) (i32.const 4))
            (then ;; the last four of a row overlap those before
              (if (i32.gt_s (local.get $column) (i32.sub (local.get $columns) (i32.const 4)))
                (then (local.set $column (i32.sub (local.get $columns) (i32.const 4)))))))
          (local.set $x (i32.add (i32.load (local.get $layer))
            (i32.add (i32.mul (local.get $row) (i32.load offset=32 (local.get $layer)))
              (i32.mul (local.get $column) (i32.load offset=36 (local.get $layer))))))
          (local.set $s00 (local.get $bias0)) (local.set $s01 (local.get $bias1))
          (local.set $s10 (local.get $bias0)) (local.set $s11 (local.get $bias1))
          (local.set $s20 (local.get $bias0)) (local.set $s21 (local.get $bias1))
          (local.set $s30 (local.get $bias0)) (local.set $s31 (local.get $bias1))
          (local.set $w (local.get $weights))
          (local.set $tap (i32.const 0))
          (loop $eachTap
            (local.set $b0 (i32.add (local.get $x) (i32.mul (local.get $tap) (local.get $tapRow))))
            (local.set $b1 (i32.add (local.get $b0) (local.get $pixelStep)))
            (local.set $b2 (i32.add (local.get $b1) (local.get $pixelStep)))
            (local.set $b3 (i32.add (local.get $b2) (local.get $pixelStep)))
            (local.set $end (i32.add (local.get $b0) (local.get $tapBytes)))
            (loop $eachPair
              (local.set $w0 (v128.load (local.get $w)))
              (local.set $w1 (v128.load offset=16 (local.get $w)))
              (local.set $v (v128.load32_splat (local.get $b0)))
              (local.set $s00 (i32x4.add (local.get $s00) (i32x4.dot_i16x8_s (local.get $v) (local.get $w0))))
              (local.set $s01 (i32x4.add (local.get $s01) (i32x4.dot_i16x8_s (local.get $v) (local.get $w1))))
              (local.set $v (v128.load32_splat (local.get $b1)))
              (local.set $s10 (i32x4.add (local.get $s10) (i32x4.dot_i16x8_s (local.get $v) (local.get $w0))))
              (local.set $s11 (i32x4.add (local.get $s11) (i32x4.dot_i16x8_s (local.get $v) (local.get $w1))))
              (local.set $v (v128.load32_splat (local.get $b2)))
              (local.set $s20 (i32x4.add (local.get $s20) (i32x4.dot_i16x8_s (local.get $v) (local.get $w0))))
              (local.set $s21 (i32x4.add (local.get $s21) (i32x4.dot_i16x8_s (local.get $v) (local.get $w1))))
              (local.set $v (v128.load32_splat (local.get $b3)))
              (local.set $s30 (i32x4.add (local.get $s30) (i32x4.dot_i16x8_s (local.get $v) (local.get $w0))))
              (local.set $s31 (i32x4.add (local.get $s31) (i32x4.dot_i16x8_s (local.get $v) (local.get $w1))))
              (local.set $b1 (i32.add (local.get $b1) (i32.const 4)))
              (local.set $b2 (i32.add (local.get $b2) (i32.const 4)))
              (local.set $b3 (i32.add (local.get $b3) (i32.const 4)))
              (local.set $w (i32.add (local.get $w) (i32.const 32)))
              (br_if $eachPair (i32.lt_u (local.tee $b0 (i32.add (local.get $b0) (i32.const 4))) (local.get $end))))
            (br_if $eachTap (i32.lt_u (local.tee $tap (i32.add (local.get $tap) (i32.const 1))) (local.get $taps))))
          (local.set $y (i32.add
            (i32.add (i32.load offset=12 (local.get $layer))
              (i32.load (i32.add (i32.load offset=56 (local.get $layer)) (i32.shl (local.get $block) (i32.const 2)))))
            (i32.add (i32.mul (local.get $row) (i32.load offset=48 (local.get $layer)))
              (i32.mul (local.get $column) (i32.load offset=52 (local.get $layer))))))
          (call $store (local.get $y) (local.get $s00) (local.get $s01) (local.get $shift) (local.get $floor) (local.get $added))
          (local.set $y (i32.add (local.get $y) (local.get $outStep)))
          (call $store (local.get $y) (local.get $s10) (local.get $s11) (local.get $shift) (local.get $floor) (local.get $added))
          (local.set $y (i32.add (local.get $y) (local.get $outStep)))
          (call $store (local.get $y) (local.get $s20) (local.get $s21) (local.get $shift) (local.get $floor) (local.get $added))
          (local.set $y (i32.add (local.get $y) (local.get $outStep)))
          (call $store (local.get $y) (local.get $s30) (local.get $s31) (local.get $shift) (local.get $floor) (local.get $added))
          (br_if $eachFour
            (i32.lt_s (local.tee $column (i32.add (local.get $column) (local.get $advance))) (local.get $columns))))
        (br_if $eachRow
          (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 1))) (i32.load offset=16 (local.get $layer)))))
      (local.set $weights (local.get $w))
      (br_if $eachBlock (i32.lt_u (local.tee $block (i32.add (local.get $block) (i32.const 1))) (local.get $blocks)))))

  ;; `added`: bytes from y to what is added; 0: nothing.
  (func $store (param $y i32) (param $low v128) (param $high v128) (param $shift i32) (param $floor v128) (param $added i32)
    (local $eight v128)
    (local.set $eight (i16x8.max_s (local.get $floor)
      (i16x8.narrow_i32x4_s
        (i32x4.shr_s (local.get $low) (local.get $shift))
        (i32x4.shr_s (local.get $high) (local.get $shift)))))
    (if (local.get $added)
      (then (local.set $eight
        (i16x8.add_sat_s (local.get $eight) (v128.load (i32.add (local.get $y) (local.get $added)))))))
    (v128.store (local.get $y) (local.get $eight))))
