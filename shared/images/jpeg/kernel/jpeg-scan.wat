;; The blocks of a sequential JPEG scan (ITU-T T.81, annex F) as one or 2 x 2 cells each: what jpeg-baseline.ts does, to the
;; bit, at half the time. Whatever is not as it should be makes it return -1, and jpeg-baseline.ts then says what is wrong.
;;
;; Memory, before the file's bytes (jpeg-scan.ts writes it):
;;
;;      0  [64] bytes      which of the sums below a coefficient belongs to, by zigzag index
;;     64  [64] doubles    its weight in that sum
;;    576  [4] doubles     sums: how cells differ across, down, both, and what does not count
;;    640  [4] parts of 64 bytes, one for each component of the scan, each of 32-bit words:
;;           0  DC table         4  AC table        8  AC table for skipping, 0 if n = 2
;;          12  blocks across   16  blocks down, of an MCU
;;          20  cells           24  their stride    28  quantization, [64] doubles in zigzag order
;;          32  the DC prediction
;;
;; A table: [1024] words of valueTable() in jpeg-huffman-tables.ts, then `limit`, `offset` (18 words each) and `symbols`.
(module
  (memory (export "memory") 2)

  ;; Returns where the scan's data ends.
  (func (export "scan") (param $at i32) (param $parts i32) (param $across i32) (param $down i32) (param $interval i32)
    (param $n i32) (result i32)
    (local $held i64) (local $heldBits i32) (local $padding i32) (local $untilRestart i32)
    (local $mx i32) (local $my i32) (local $part i32) (local $end i32) (local $x i32) (local $y i32) (local $to i32)
    (local $k i32) (local $table i32) (local $skips i32) (local $quantization i32)
    (local $word i32) (local $entry i32) (local $length i32) (local $size i32) (local $value i32) (local $sum i32)
    (local $mean f64) (local $beside v128) (local $below v128) (local $both v128) (local $half v128) (local $cells v128)
    (local.set $end (i32.add (i32.const 640) (i32.shl (local.get $parts) (i32.const 6))))
    (local.set $untilRestart (local.get $interval))
    (loop $eachMcu
      (if (i32.and (i32.ne (local.get $interval) (i32.const 0)) (i32.eqz (local.get $untilRestart)))
        (then ;; the bits left are of the last byte, and a restart marker follows
          (if (i32.gt_u (i32.sub (local.get $heldBits) (local.get $padding)) (i32.const 7)) (then (return (i32.const -1))))
          (if (i32.ne (i32.and (i32.load16_u (local.get $at)) (i32.const 0xf8ff)) (i32.const 0xd0ff))
            (then (return (i32.const -1))))
          (local.set $at (i32.add (local.get $at) (i32.const 2)))
          (local.set $held (i64.const 0)) (local.set $heldBits (i32.const 0)) (local.set $padding (i32.const 0))
          (local.set $part (i32.const 640))
          (loop $eachPrediction
            (i32.store offset=32 (local.get $part) (i32.const 0))
            (br_if $eachPrediction (i32.lt_u
              (local.tee $part (i32.add (local.get $part) (i32.const 64))) (local.get $end))))
          (local.set $untilRestart (local.get $interval))))
      (local.set $untilRestart (i32.sub (local.get $untilRestart) (i32.const 1)))

      (local.set $part (i32.const 640))
      (loop $eachPart
        (local.set $quantization (i32.load offset=28 (local.get $part)))
        (local.set $skips (i32.load offset=8 (local.get $part)))
        (local.set $y (i32.const 0))
        (loop $eachY
          (local.set $x (i32.const 0))
          (local.set $to (i32.add (i32.load offset=20 (local.get $part)) (i32.mul (local.get $n) (i32.add
            (i32.mul (i32.load offset=12 (local.get $part)) (local.get $mx))
            (i32.mul (i32.load offset=24 (local.get $part))
              (i32.add (i32.mul (i32.load offset=16 (local.get $part)) (local.get $my)) (local.get $y)))))))
          (loop $eachX
            (f64.store (i32.const 576) (f64.const 0))
            (f64.store (i32.const 584) (f64.const 0))
            (f64.store (i32.const 592) (f64.const 0))
            (local.set $k (i32.const 0))
            (local.set $table (i32.load (local.get $part)))
            (block $blockEnd
              (loop $eachCoefficient
                ;; At least 32 bits: a code and a value take no more.
                (if (i32.lt_s (local.get $heldBits) (i32.const 32))
                  (then
                    (local.set $word (i32.load (local.get $at)))
                    (if (i32.and (i32.and (i32.sub (i32.xor (local.get $word) (i32.const -1)) (i32.const 0x01010101))
                          (local.get $word)) (i32.const 0x80808080))
                      (then ;; one of the next four bytes is 0xff
                        (loop $eachByte
                          (local.set $word (i32.load8_u (local.get $at)))
                          (if (i32.ne (local.get $word) (i32.const 0xff))
                            (then (local.set $at (i32.add (local.get $at) (i32.const 1))))
                            (else (if (i32.eqz (i32.load8_u offset=1 (local.get $at)))
                              (then (local.set $at (i32.add (local.get $at) (i32.const 2))))
                              (else
                                (local.set $word (i32.const 0))
                                (local.set $padding (i32.add (local.get $padding) (i32.const 8)))))))
                          (local.set $held (i64.or (local.get $held) (i64.shl (i64.extend_i32_u (local.get $word))
                            (i64.extend_i32_u (i32.sub (i32.const 56) (local.get $heldBits))))))
                          (br_if $eachByte (i32.lt_s
                            (local.tee $heldBits (i32.add (local.get $heldBits) (i32.const 8))) (i32.const 32)))))
                      (else
                        (local.set $word (i32.or
                          (i32.and (i32.rotl (local.get $word) (i32.const 8)) (i32.const 0x00ff00ff))
                          (i32.and (i32.rotr (local.get $word) (i32.const 8)) (i32.const 0xff00ff00))))
                        (local.set $held (i64.or (local.get $held) (i64.shl (i64.extend_i32_u (local.get $word))
                          (i64.extend_i32_u (i32.sub (i32.const 32) (local.get $heldBits))))))
                        (local.set $heldBits (i32.add (local.get $heldBits) (i32.const 32)))
                        (local.set $at (i32.add (local.get $at) (i32.const 4)))))))

                (if (i32.and (i32.ne (local.get $skips) (i32.const 0)) (i32.ne (local.get $k) (i32.const 0)))
                  (then ;; several coefficients at a time, as in skipCoefficients()
                    (local.set $entry (i32.load16_u (i32.add (local.get $skips)
                      (i32.shl (i32.wrap_i64 (i64.shr_u (local.get $held) (i64.const 52))) (i32.const 1)))))
                    (local.set $length (i32.add (local.get $k) (i32.and (local.get $entry) (i32.const 127))))
                    (if (i32.and (i32.ne (local.get $entry) (i32.const 0)) (i32.lt_u (local.get $length) (i32.const 64)))
                      (then
                        (local.set $held (i64.shl (local.get $held) (i64.extend_i32_u (i32.shr_u (local.get $entry) (i32.const 8)))))
                        (local.set $heldBits (i32.sub (local.get $heldBits) (i32.shr_u (local.get $entry) (i32.const 8))))
                        (br_if $blockEnd (i32.and (local.get $entry) (i32.const 128)))
                        (local.set $k (local.get $length))
                        (br $eachCoefficient)))))

                (local.set $entry (i32.load (i32.add (local.get $table)
                  (i32.shl (i32.wrap_i64 (i64.shr_u (local.get $held) (i64.const 54))) (i32.const 2)))))
                (if (i32.eqz (local.get $entry))
                  (then ;; a code that does not fit, or not with its value
                    (local.set $word (i32.wrap_i64 (i64.shr_u (local.get $held) (i64.const 48))))
                    (local.set $length (i32.const 0))
                    (loop $eachLength
                      (local.set $length (i32.add (local.get $length) (i32.const 1)))
                      (br_if $eachLength (i32.ge_u (local.get $word)
                        (i32.load offset=4096 (i32.add (local.get $table) (i32.shl (local.get $length) (i32.const 2)))))))
                    (if (i32.gt_u (local.get $length) (i32.const 16)) (then (return (i32.const -1))))
                    (local.set $entry (i32.load8_u offset=4240 (i32.add (local.get $table) (i32.add
                      (i32.shr_u (local.get $word) (i32.sub (i32.const 16) (local.get $length)))
                      (i32.load offset=4168 (i32.add (local.get $table) (i32.shl (local.get $length) (i32.const 2))))))))
                    (local.set $held (i64.shl (local.get $held) (i64.extend_i32_u (local.get $length))))
                    (local.set $size (i32.and (local.get $entry) (i32.const 15)))
                    (local.set $heldBits (i32.sub (local.get $heldBits) (i32.add (local.get $length) (local.get $size))))
                    (local.set $value (i32.const 0))
                    (if (local.get $size)
                      (then
                        (local.set $value (i32.wrap_i64 (i64.shr_u (local.get $held)
                          (i64.extend_i32_u (i32.sub (i32.const 64) (local.get $size))))))
                        (if (i64.ge_s (local.get $held) (i64.const 0)) ;; its first bit is 0 (T.81, F.2.2.1, EXTEND)
                          (then (local.set $value (i32.add (i32.const 1) (i32.sub (local.get $value)
                            (i32.shl (i32.const 1) (local.get $size)))))))
                        (local.set $held (i64.shl (local.get $held) (i64.extend_i32_u (local.get $size)))))
                      (else (br_if $blockEnd (i32.and (i32.ne (local.get $k) (i32.const 0))
                        (i32.ne (local.get $entry) (i32.const 0xf0))))))
                    (local.set $entry (i32.shr_u (local.get $entry) (i32.const 4))))
                  (else
                    (local.set $value (i32.shr_s (local.get $entry) (i32.const 16)))
                    (local.set $heldBits (i32.sub (local.get $heldBits) (i32.and (local.get $entry) (i32.const 255))))
                    (local.set $held (i64.shl (local.get $held) (i64.extend_i32_u (i32.and (local.get $entry) (i32.const 255)))))
                    (local.set $entry (i32.and (i32.shr_u (local.get $entry) (i32.const 8)) (i32.const 255)))))

                (if (i32.eqz (local.get $k))
                  (then ;; DC, as a difference
                    (local.set $value (i32.add (local.get $value) (i32.load offset=32 (local.get $part))))
                    (i32.store offset=32 (local.get $part) (local.get $value))
                    (local.set $mean (f64.div (f64.mul (f64.convert_i32_s (local.get $value))
                      (f64.load (local.get $quantization))) (f64.const 8)))
                    (local.set $table (i32.load offset=4 (local.get $part)))
                    (local.set $k (i32.const 1))
                    (br $eachCoefficient)))
                (local.set $k (i32.add (local.get $k) (local.get $entry)))
                (if (local.get $value)
                  (then
                    (if (i32.gt_u (local.get $k) (i32.const 63)) (then (return (i32.const -1))))
                    (local.set $sum (i32.shl (i32.load8_u (local.get $k)) (i32.const 3)))
                    (f64.store offset=576 (local.get $sum) (f64.add (f64.load offset=576 (local.get $sum)) (f64.mul
                      (f64.mul (f64.convert_i32_s (local.get $value))
                        (f64.load (i32.add (local.get $quantization) (i32.shl (local.get $k) (i32.const 3)))))
                      (f64.load offset=64 (i32.shl (local.get $k) (i32.const 3))))))))
                (local.set $k (i32.add (local.get $k) (i32.const 1)))
                (br_if $eachCoefficient (i32.lt_u (local.get $k) (i32.const 64)))))

            (if (i32.eq (local.get $n) (i32.const 1))
              (then ;; skipping may have read some
                (f64.store (i32.const 576) (f64.const 0))
                (f64.store (i32.const 584) (f64.const 0))
                (f64.store (i32.const 592) (f64.const 0))))
            ;; Four cells: mean + across + down + both, - + -, + - -, - - +, in this order; rounded half up and clamped.
            (local.set $beside (f64x2.replace_lane 1 (f64x2.splat (f64.load (i32.const 576)))
              (f64.neg (f64.load (i32.const 576)))))
            (local.set $beside (f64x2.add (f64x2.splat (local.get $mean)) (local.get $beside)))
            (local.set $below (f64x2.splat (f64.load (i32.const 584))))
            (local.set $both (f64x2.replace_lane 1 (f64x2.splat (f64.load (i32.const 592)))
              (f64.neg (f64.load (i32.const 592)))))
            (local.set $half (f64x2.splat (f64.const 128.5)))
            (local.set $cells (i8x16.narrow_i16x8_u
              (i16x8.narrow_i32x4_s
                (i32x4.trunc_sat_f64x2_s_zero (f64x2.add
                  (f64x2.add (f64x2.add (local.get $beside) (local.get $below)) (local.get $both)) (local.get $half)))
                (i32x4.trunc_sat_f64x2_s_zero (f64x2.add
                  (f64x2.sub (f64x2.sub (local.get $beside) (local.get $below)) (local.get $both)) (local.get $half))))
              (local.get $half)))
            (if (i32.eq (local.get $n) (i32.const 1))
              (then (v128.store8_lane 0 (local.get $to) (local.get $cells)))
              (else
                (v128.store16_lane 0 (local.get $to) (local.get $cells))
                (v128.store16_lane 2
                  (i32.add (local.get $to) (i32.load offset=24 (local.get $part))) (local.get $cells))))
            (local.set $to (i32.add (local.get $to) (local.get $n)))
            (br_if $eachX (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 1)))
              (i32.load offset=12 (local.get $part)))))
          (br_if $eachY (i32.lt_u (local.tee $y (i32.add (local.get $y) (i32.const 1)))
            (i32.load offset=16 (local.get $part)))))
        (br_if $eachPart (i32.lt_u (local.tee $part (i32.add (local.get $part) (i32.const 64))) (local.get $end))))

      ;; Bits beyond the end have been used.
      (if (i32.gt_s (local.get $padding) (local.get $heldBits)) (then (return (i32.const -1))))
      (br_if $eachMcu (i32.lt_u (local.tee $mx (i32.add (local.get $mx) (i32.const 1))) (local.get $across)))
      (local.set $mx (i32.const 0))
      (br_if $eachMcu (i32.lt_u (local.tee $my (i32.add (local.get $my) (i32.const 1))) (local.get $down))))
    (local.get $at))

  ;; The rows of a plane, averaged as in shared/images/resize.ts: addRow(), then means(). Doubles, in the same order.
  ;;
  ;;   columns  [width] of 32 bytes: first cell, last cell (32 bits each), the overlap of the first, of the last, and of
  ;;            a cell between them (doubles)
  ;;   row      [width] doubles, for a row
  ;;   sums     [height, width] doubles, zeros before
  (func (export "average") (param $cells i32) (param $stride i32) (param $rows i32) (param $cellHeight f64)
    (param $imageHeight f64) (param $columns i32) (param $width i32) (param $height i32) (param $row i32) (param $sums i32)
    (param $area f64)
    (local $y i32) (local $column i32) (local $at i32) (local $to i32) (local $end i32) (local $inside i32)
    (local $line i32) (local $rowEnd i32) (local $units f64) (local $top f64) (local $bottom f64) (local $overlap f64)
    (local $sum f64)
    (local.set $units (f64.convert_i32_u (local.get $height)))
    (local.set $rowEnd (i32.add (local.get $row) (i32.shl (local.get $width) (i32.const 3))))
    (loop $eachRow
      (local.set $to (local.get $row))
      (local.set $column (local.get $columns))
      (loop $eachColumn
        (local.set $at (i32.add (local.get $cells) (i32.load (local.get $column))))
        (local.set $end (i32.add (local.get $cells) (i32.load offset=4 (local.get $column))))
        (local.set $sum (f64.const 0))
        (if (i32.le_s (local.get $at) (local.get $end))
          (then
            (local.set $sum (f64.mul (f64.convert_i32_u (i32.load8_u (local.get $at))) (f64.load offset=8 (local.get $column))))
            (if (i32.lt_s (local.get $at) (local.get $end))
              (then
                (local.set $inside (i32.const 0))
                (block $none
                  (loop $eachCell
                    (br_if $none (i32.ge_s (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $end)))
                    (local.set $inside (i32.add (local.get $inside) (i32.load8_u (local.get $at))))
                    (br $eachCell)))
                (local.set $sum (f64.add (local.get $sum) (f64.add
                  (f64.mul (f64.convert_i32_u (local.get $inside)) (f64.load offset=24 (local.get $column)))
                  (f64.mul (f64.convert_i32_u (i32.load8_u (local.get $end))) (f64.load offset=16 (local.get $column))))))))))
        (f64.store (local.get $to) (local.get $sum))
        (local.set $column (i32.add (local.get $column) (i32.const 32)))
        (br_if $eachColumn (i32.lt_u (local.tee $to (i32.add (local.get $to) (i32.const 8))) (local.get $rowEnd))))

      (local.set $top (f64.mul (f64.mul (f64.convert_i32_u (local.get $y)) (local.get $cellHeight)) (local.get $units)))
      (local.set $bottom (f64.mul (local.get $units) (f64.min (local.get $imageHeight)
        (f64.mul (f64.convert_i32_u (i32.add (local.get $y) (i32.const 1))) (local.get $cellHeight)))))
      (local.set $line (i32.trunc_f64_u (f64.floor (f64.div (local.get $top) (local.get $imageHeight)))))
      (block $past
        (loop $eachLine
          (br_if $past (i32.ge_u (local.get $line) (local.get $height)))
          (local.set $overlap (f64.sub
            (f64.min (local.get $bottom)
              (f64.mul (f64.convert_i32_u (i32.add (local.get $line) (i32.const 1))) (local.get $imageHeight)))
            (f64.max (local.get $top) (f64.mul (f64.convert_i32_u (local.get $line)) (local.get $imageHeight)))))
          (br_if $past (f64.le (local.get $overlap) (f64.const 0)))
          (local.set $at (local.get $row))
          (local.set $to (i32.add (local.get $sums)
            (i32.shl (i32.mul (local.get $line) (local.get $width)) (i32.const 3))))
          (loop $eachSum
            (f64.store (local.get $to) (f64.add (f64.load (local.get $to)) (f64.mul (f64.load (local.get $at)) (local.get $overlap))))
            (local.set $to (i32.add (local.get $to) (i32.const 8)))
            (br_if $eachSum (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (local.get $rowEnd))))
          (local.set $line (i32.add (local.get $line) (i32.const 1)))
          (br $eachLine)))
      (local.set $cells (i32.add (local.get $cells) (local.get $stride)))
      (br_if $eachRow (i32.lt_u (local.tee $y (i32.add (local.get $y) (i32.const 1))) (local.get $rows))))

    (local.set $end (i32.add (local.get $sums)
      (i32.shl (i32.mul (local.get $width) (local.get $height)) (i32.const 3))))
    (loop $eachMean
      (f64.store (local.get $sums) (f64.div (f64.load (local.get $sums)) (local.get $area)))
      (br_if $eachMean (i32.lt_u (local.tee $sums (i32.add (local.get $sums) (i32.const 8))) (local.get $end))))))
