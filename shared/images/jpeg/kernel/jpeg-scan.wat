;; The blocks of a sequential JPEG scan (ITU-T T.81, annex F) as n x n cells each: what jpeg-baseline.ts does, to the bit, at
;; half the time or less. Whatever is not as it should be makes it return -1, and jpeg-baseline.ts then says what is wrong.
;;
;; Memory, before the file's bytes (jpeg-scan.ts writes it):
;;
;;      0  [64] bytes      which pair of the sums below a coefficient adds to, by zigzag index; if n = 8, which word
;;     64  [64] pairs      of doubles: its weights in that pair; zeros if n = 1
;;   1088  [16] pairs      of doubles, zeros between blocks
;;                           n = 2: how cells differ across and down; how they do both ways
;;                           n = 4: for each of 8 columns, two pairs (see $writeSixteen)
;;                           n = 8: [8, 8] words instead, the coefficients
;;   1344  [4] parts       of 64 bytes, one for each component of the scan, each of 32-bit words:
;;           0  DC table         4  AC table        8  AC table for skipping, 0 unless n = 1
;;          12  blocks across   16  blocks down, of an MCU
;;          20  cells           24  their stride    28  quantization, [64] doubles in zigzag order
;;          32  the DC prediction
;;   1600  [4] times four doubles, what a row's cells take of its frequencies if n = 4 (see $writeSixteen)
;;   1728  [64] words      between the two passes of n = 8
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
    (local $last i32) (local $mean f64)
    (local.set $end (i32.add (i32.const 1344) (i32.shl (local.get $parts) (i32.const 6))))
    (local.set $untilRestart (local.get $interval))
    (loop $eachMcu
      (if (i32.and (i32.ne (local.get $interval) (i32.const 0)) (i32.eqz (local.get $untilRestart)))
        (then ;; the bits left are of the last byte, and a restart marker follows
          (if (i32.gt_u (i32.sub (local.get $heldBits) (local.get $padding)) (i32.const 7)) (then (return (i32.const -1))))
          (if (i32.ne (i32.and (i32.load16_u (local.get $at)) (i32.const 0xf8ff)) (i32.const 0xd0ff))
            (then (return (i32.const -1))))
          (local.set $at (i32.add (local.get $at) (i32.const 2)))
          (local.set $held (i64.const 0)) (local.set $heldBits (i32.const 0)) (local.set $padding (i32.const 0))
          (local.set $part (i32.const 1344))
          (loop $eachPrediction
            (i32.store offset=32 (local.get $part) (i32.const 0))
            (br_if $eachPrediction (i32.lt_u
              (local.tee $part (i32.add (local.get $part) (i32.const 64))) (local.get $end))))
          (local.set $untilRestart (local.get $interval))))
      (local.set $untilRestart (i32.sub (local.get $untilRestart) (i32.const 1)))

      (local.set $part (i32.const 1344))
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
            (local.set $k (i32.const 0))
            (local.set $last (i32.const 0))
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
                        (local.set $held
                          (i64.shl (local.get $held) (i64.extend_i32_u (i32.shr_u (local.get $entry) (i32.const 8)))))
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
                    (local.set $held
                      (i64.shl (local.get $held) (i64.extend_i32_u (i32.and (local.get $entry) (i32.const 255)))))
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
                    (local.set $last (local.get $k))
                    (local.set $sum (i32.load8_u (local.get $k))) ;; $add: calls would take up to a fifth longer
                    (if (i32.eq (local.get $n) (i32.const 8))
                      (then (i32.store offset=1088 (i32.shl (local.get $sum) (i32.const 2)) (i32.mul (local.get $value)
                        (i32.trunc_f64_u
                          (f64.load (i32.add (local.get $quantization) (i32.shl (local.get $k) (i32.const 3))))))))
                      (else
                        (local.set $sum (i32.shl (local.get $sum) (i32.const 4)))
                        (v128.store offset=1088 (local.get $sum) (f64x2.add (v128.load offset=1088 (local.get $sum)) (f64x2.mul
                          (f64x2.splat (f64.mul (f64.convert_i32_s (local.get $value))
                            (f64.load (i32.add (local.get $quantization) (i32.shl (local.get $k) (i32.const 3))))))
                          (v128.load offset=64 (i32.shl (local.get $k) (i32.const 4))))))))))
                (local.set $k (i32.add (local.get $k) (i32.const 1)))
                (br_if $eachCoefficient (i32.lt_u (local.get $k) (i32.const 64)))))

            (call $write
              (local.get $to) (i32.load offset=24 (local.get $part)) (local.get $n) (local.get $last) (local.get $mean))
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

  ;; The cells of a row of blocks whose coefficients are known: 64 of 16 bits each, in zigzag order.
  (func (export "blocks") (param $coefficients i32) (param $lasts i32) (param $count i32) (param $n i32)
    (param $quantization i32) (param $to i32) (param $stride i32)
    (local $end i32) (local $last i32) (local $k i32) (local $value i32)
    (local.set $end (i32.add (local.get $lasts) (local.get $count)))
    (loop $eachBlock
      (local.set $last (i32.load8_u (local.get $lasts)))
      (local.set $k (i32.const 1))
      (block $blockEnd
        (loop $eachCoefficient
          (br_if $blockEnd (i32.gt_u (local.get $k) (local.get $last)))
          (local.set $value (i32.load16_s (i32.add (local.get $coefficients) (i32.shl (local.get $k) (i32.const 1)))))
          (if (local.get $value)
            (then (call $add (local.get $k) (local.get $value) (local.get $quantization) (local.get $n))))
          (local.set $k (i32.add (local.get $k) (i32.const 1)))
          (br $eachCoefficient)))
      (call $write (local.get $to) (local.get $stride) (local.get $n) (local.get $last)
        (f64.div (f64.mul (f64.convert_i32_s (i32.load16_s (local.get $coefficients))) (f64.load (local.get $quantization)))
          (f64.const 8)))
      (local.set $to (i32.add (local.get $to) (local.get $n)))
      (local.set $coefficients (i32.add (local.get $coefficients) (i32.const 128)))
      (br_if $eachBlock (i32.lt_u (local.tee $lasts (i32.add (local.get $lasts) (i32.const 1))) (local.get $end)))))

  ;; A coefficient that is not zero, to the block's sums.
  (func $add (param $k i32) (param $value i32) (param $quantization i32) (param $n i32)
    (local $sum i32)
    (local.set $sum (i32.load8_u (local.get $k)))
    (local.set $quantization (i32.add (local.get $quantization) (i32.shl (local.get $k) (i32.const 3))))
    (if (i32.eq (local.get $n) (i32.const 8))
      (then (i32.store offset=1088 (i32.shl (local.get $sum) (i32.const 2))
        (i32.mul (local.get $value) (i32.trunc_f64_u (f64.load (local.get $quantization))))))
      (else
        (local.set $sum (i32.shl (local.get $sum) (i32.const 4)))
        (v128.store offset=1088 (local.get $sum) (f64x2.add (v128.load offset=1088 (local.get $sum)) (f64x2.mul
          (f64x2.splat (f64.mul (f64.convert_i32_s (local.get $value)) (f64.load (local.get $quantization))))
          (v128.load offset=64 (i32.shl (local.get $k) (i32.const 4)))))))))

  ;; The cells of the block whose coefficients have been added. last: the last of them, 0 if there is none.
  (func $write (param $to i32) (param $stride i32) (param $n i32) (param $last i32) (param $mean f64)
    (if (i32.or (i32.eqz (local.get $last)) (i32.eq (local.get $n) (i32.const 1)))
      (then (call $writeFlat (local.get $to) (local.get $stride) (local.get $n) (local.get $mean)))
      (else (if (i32.eq (local.get $n) (i32.const 2))
        (then (call $writeFour (local.get $to) (local.get $stride) (local.get $mean)))
        (else (if (i32.eq (local.get $n) (i32.const 4))
          (then (call $writeSixteen (local.get $to) (local.get $stride) (local.get $mean)))
          (else (call $writeSamples (local.get $to) (local.get $stride) (local.get $mean)))))))))

  ;; All n x n cells of a block alike.
  (func $writeFlat (param $to i32) (param $stride i32) (param $n i32) (param $mean f64)
    (local $cells v128) (local $end i32)
    (local.set $cells (i32x4.splat (i32.trunc_sat_f64_s (f64.add (local.get $mean) (f64.const 128.5)))))
    (local.set $cells (i16x8.narrow_i32x4_s (local.get $cells) (local.get $cells)))
    (local.set $cells (i8x16.narrow_i16x8_u (local.get $cells) (local.get $cells)))
    (local.set $end (i32.add (local.get $to) (i32.mul (local.get $n) (local.get $stride))))
    (loop $eachRow
      (if (i32.eq (local.get $n) (i32.const 1)) (then (v128.store8_lane 0 (local.get $to) (local.get $cells)))
        (else (if (i32.eq (local.get $n) (i32.const 2)) (then (v128.store16_lane 0 (local.get $to) (local.get $cells)))
          (else (if (i32.eq (local.get $n) (i32.const 4)) (then (v128.store32_lane 0 (local.get $to) (local.get $cells)))
            (else (v128.store64_lane 0 (local.get $to) (local.get $cells))))))))
      (br_if $eachRow (i32.lt_u
        (local.tee $to (i32.add (local.get $to) (local.get $stride))) (local.get $end)))))

  ;; Four cells: mean + across + down + both, - + -, + - -, - - +, in this order; rounded half up and clamped.
  (func $writeFour (param $to i32) (param $stride i32) (param $mean f64)
    (local $beside v128) (local $below v128) (local $both v128) (local $half v128) (local $cells v128)
    (local.set $half (f64x2.splat (f64.const 128.5)))
    (local.set $beside (f64x2.add (f64x2.splat (local.get $mean))
      (f64x2.replace_lane 1 (v128.load64_splat (i32.const 1088)) (f64.neg (f64.load (i32.const 1088))))))
    (local.set $below (v128.load64_splat (i32.const 1096)))
    (local.set $both (f64x2.replace_lane 1 (v128.load64_splat (i32.const 1104)) (f64.neg (f64.load (i32.const 1104)))))
    (v128.store (i32.const 1088) (v128.const i64x2 0 0))
    (v128.store (i32.const 1104) (v128.const i64x2 0 0))
    (local.set $cells (i8x16.narrow_i16x8_u
      (i16x8.narrow_i32x4_s
        (i32x4.trunc_sat_f64x2_s_zero (f64x2.add
          (f64x2.add (f64x2.add (local.get $beside) (local.get $below)) (local.get $both)) (local.get $half)))
        (i32x4.trunc_sat_f64x2_s_zero (f64x2.add
          (f64x2.sub (f64x2.sub (local.get $beside) (local.get $below)) (local.get $both)) (local.get $half))))
      (local.get $half)))
    (v128.store16_lane 0 (local.get $to) (local.get $cells))
    (v128.store16_lane 2 (i32.add (local.get $to) (local.get $stride)) (local.get $cells)))

  ;; Sixteen cells, as writeSixteenths() in jpeg-cells.ts: down the columns, then across the rows. A column's four sums are
  ;; flat, even, outer and inner. Lanes are rows: the first two in what ends with 1, the last two, the lower one first, in
  ;; what ends with 2. The columns come in pairs: one of an even frequency, then one of an odd.
  (func $writeSixteen (param $to i32) (param $stride i32) (param $mean f64)
    (local $sums i32) (local $takes i32) (local $upper v128) (local $lower v128) (local $column1 v128) (local $column2 v128)
    (local $flat1 v128) (local $even1 v128) (local $outer1 v128) (local $inner1 v128)
    (local $flat2 v128) (local $even2 v128) (local $outer2 v128) (local $inner2 v128)
    (f64.store (i32.const 1088) (f64.mul (f64.mul (local.get $mean) (f64.const 8)) (f64.load (i32.const 64))))
    (local.set $takes (i32.const 1600))
    (loop $eachPair
      (local.set $upper (v128.load offset=1088 (local.get $sums)))
      (local.set $lower (v128.load offset=1104 (local.get $sums)))
      (local.set $upper (f64x2.add (f64x2.splat (f64x2.extract_lane 0 (local.get $upper)))
        (f64x2.replace_lane 1 (f64x2.splat (f64x2.extract_lane 1 (local.get $upper)))
          (f64.neg (f64x2.extract_lane 1 (local.get $upper))))))
      (local.set $column1 (f64x2.add (local.get $upper) (local.get $lower)))
      (local.set $column2 (f64x2.sub (local.get $upper) (local.get $lower)))
      (local.set $flat1 (f64x2.add (local.get $flat1)
        (f64x2.mul (local.get $column1) (v128.load64_splat (local.get $takes)))))
      (local.set $flat2 (f64x2.add (local.get $flat2)
        (f64x2.mul (local.get $column2) (v128.load64_splat (local.get $takes)))))
      (local.set $even1 (f64x2.add (local.get $even1)
        (f64x2.mul (local.get $column1) (v128.load64_splat offset=8 (local.get $takes)))))
      (local.set $even2 (f64x2.add (local.get $even2)
        (f64x2.mul (local.get $column2) (v128.load64_splat offset=8 (local.get $takes)))))

      (local.set $upper (v128.load offset=1120 (local.get $sums)))
      (local.set $lower (v128.load offset=1136 (local.get $sums)))
      (local.set $upper (f64x2.add (f64x2.splat (f64x2.extract_lane 0 (local.get $upper)))
        (f64x2.replace_lane 1 (f64x2.splat (f64x2.extract_lane 1 (local.get $upper)))
          (f64.neg (f64x2.extract_lane 1 (local.get $upper))))))
      (local.set $column1 (f64x2.add (local.get $upper) (local.get $lower)))
      (local.set $column2 (f64x2.sub (local.get $upper) (local.get $lower)))
      (local.set $outer1 (f64x2.add (local.get $outer1)
        (f64x2.mul (local.get $column1) (v128.load64_splat offset=16 (local.get $takes)))))
      (local.set $outer2 (f64x2.add (local.get $outer2)
        (f64x2.mul (local.get $column2) (v128.load64_splat offset=16 (local.get $takes)))))
      (local.set $inner1 (f64x2.add (local.get $inner1)
        (f64x2.mul (local.get $column1) (v128.load64_splat offset=24 (local.get $takes)))))
      (local.set $inner2 (f64x2.add (local.get $inner2)
        (f64x2.mul (local.get $column2) (v128.load64_splat offset=24 (local.get $takes)))))

      (v128.store offset=1088 (local.get $sums) (v128.const i64x2 0 0))
      (v128.store offset=1104 (local.get $sums) (v128.const i64x2 0 0))
      (v128.store offset=1120 (local.get $sums) (v128.const i64x2 0 0))
      (v128.store offset=1136 (local.get $sums) (v128.const i64x2 0 0))
      (local.set $takes (i32.add (local.get $takes) (i32.const 32)))
      (br_if $eachPair (i32.lt_u (local.tee $sums (i32.add (local.get $sums) (i32.const 64))) (i32.const 256))))
    (local.set $upper
      (call $twoRows (local.get $flat1) (local.get $even1) (local.get $outer1) (local.get $inner1)))
    (local.set $lower
      (call $twoRows (local.get $flat2) (local.get $even2) (local.get $outer2) (local.get $inner2)))
    (v128.store32_lane 0 (local.get $to) (local.get $upper))
    (v128.store32_lane 1 (local.tee $to (i32.add (local.get $to) (local.get $stride))) (local.get $upper))
    (v128.store32_lane 1 (local.tee $to (i32.add (local.get $to) (local.get $stride))) (local.get $lower))
    (v128.store32_lane 0 (i32.add (local.get $to) (local.get $stride)) (local.get $lower)))

  ;; Two rows of four cells: flat + even + outer, flat - even + inner, flat - even - inner, flat + even - outer.
  (func $twoRows (param $flat v128) (param $even v128) (param $outer v128) (param $inner v128) (result v128)
    (local $half v128) (local $far v128) (local $near v128) (local $cells v128)
    (local.set $half (f64x2.splat (f64.const 128.5)))
    (local.set $far (f64x2.add (local.get $flat) (local.get $even)))
    (local.set $near (f64x2.sub (local.get $flat) (local.get $even)))
    (local.set $cells (i8x16.narrow_i16x8_u
      (i16x8.narrow_i32x4_s
        (i32x4.trunc_sat_f64x2_s_zero (f64x2.add (f64x2.add (local.get $far) (local.get $outer)) (local.get $half)))
        (i32x4.trunc_sat_f64x2_s_zero (f64x2.add (f64x2.add (local.get $near) (local.get $inner)) (local.get $half))))
      (i16x8.narrow_i32x4_s
        (i32x4.trunc_sat_f64x2_s_zero (f64x2.add (f64x2.sub (local.get $near) (local.get $inner)) (local.get $half)))
        (i32x4.trunc_sat_f64x2_s_zero (f64x2.add (f64x2.sub (local.get $far) (local.get $outer)) (local.get $half))))))
    (i8x16.shuffle 0 4 8 12 1 5 9 13 2 6 10 14 3 7 11 15 (local.get $cells) (local.get $cells)))

  ;; 8 x 8 samples, as writeSamples() in jpeg-idct.ts: down the columns, then across the rows, which are columns by then.
  (func $writeSamples (param $to i32) (param $stride i32) (param $mean f64)
    (local $at i32)
    (i32.store (i32.const 1088) (i32.wrap_i64 (i64.trunc_f64_s (f64.mul (local.get $mean) (f64.const 8)))))
    (call $transform (i32.const 1088) (i32.const 1728) (i32.const 11))
    (call $transform (i32.const 1104) (i32.const 1856) (i32.const 11))
    (call $transform (i32.const 1728) (i32.const 1088) (i32.const 18))
    (call $transform (i32.const 1744) (i32.const 1216) (i32.const 18))
    (loop $eachRow
      (v128.store64_lane 0 (local.get $to) (call $bytes
        (v128.load offset=1088 (local.get $at)) (v128.load offset=1104 (local.get $at))))
      (v128.store offset=1088 (local.get $at) (v128.const i64x2 0 0))
      (v128.store offset=1104 (local.get $at) (v128.const i64x2 0 0))
      (local.set $to (i32.add (local.get $to) (local.get $stride)))
      (br_if $eachRow (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 32))) (i32.const 256)))))

  (func $bytes (param $left v128) (param $right v128) (result v128)
    (local.set $left (i16x8.narrow_i32x4_s
      (i32x4.add (local.get $left) (i32x4.splat (i32.const 128))) (i32x4.add (local.get $right) (i32x4.splat (i32.const 128)))))
    (i8x16.narrow_i16x8_u (local.get $left) (local.get $left)))

  ;; Four columns of eight words each, of a block's two by four, become four rows. The names are those of jpeg-idct.ts.
  (func $transform (param $at i32) (param $to i32) (param $shift i32)
    (local $y0 v128) (local $y1 v128) (local $y2 v128) (local $y3 v128)
    (local $y4 v128) (local $y5 v128) (local $y6 v128) (local $y7 v128) (local $flat v128) (local $isFlat v128)
    (local $half v128) (local $z1 v128) (local $even0 v128) (local $even1 v128) (local $even2 v128) (local $even3 v128)
    (local $tmp10 v128) (local $tmp11 v128) (local $tmp12 v128) (local $tmp13 v128)
    (local $z3 v128) (local $z4 v128) (local $z5 v128) (local $far v128) (local $near v128)
    (local $tmp0 v128) (local $tmp1 v128) (local $tmp2 v128) (local $tmp3 v128)
    (local.set $y0 (v128.load (local.get $at)))
    (local.set $y1 (v128.load offset=32 (local.get $at)))
    (local.set $y2 (v128.load offset=64 (local.get $at)))
    (local.set $y3 (v128.load offset=96 (local.get $at)))
    (local.set $y4 (v128.load offset=128 (local.get $at)))
    (local.set $y5 (v128.load offset=160 (local.get $at)))
    (local.set $y6 (v128.load offset=192 (local.get $at)))
    (local.set $y7 (v128.load offset=224 (local.get $at)))
    (local.set $half (i32x4.splat (i32.shl (i32.const 1) (i32.sub (local.get $shift) (i32.const 1)))))

    (local.set $z1 (i32x4.mul (i32x4.add (local.get $y2) (local.get $y6)) (i32x4.splat (i32.const 4433))))
    (local.set $even2 (i32x4.sub (local.get $z1) (i32x4.mul (local.get $y6) (i32x4.splat (i32.const 15137)))))
    (local.set $even3 (i32x4.add (local.get $z1) (i32x4.mul (local.get $y2) (i32x4.splat (i32.const 6270)))))
    (local.set $even0 (i32x4.add (i32x4.shl (i32x4.add (local.get $y0) (local.get $y4)) (i32.const 13)) (local.get $half)))
    (local.set $even1 (i32x4.add (i32x4.shl (i32x4.sub (local.get $y0) (local.get $y4)) (i32.const 13)) (local.get $half)))
    (local.set $tmp10 (i32x4.add (local.get $even0) (local.get $even3)))
    (local.set $tmp13 (i32x4.sub (local.get $even0) (local.get $even3)))
    (local.set $tmp11 (i32x4.add (local.get $even1) (local.get $even2)))
    (local.set $tmp12 (i32x4.sub (local.get $even1) (local.get $even2)))

    (local.set $z3 (i32x4.add (local.get $y7) (local.get $y3)))
    (local.set $z4 (i32x4.add (local.get $y5) (local.get $y1)))
    (local.set $z5 (i32x4.mul (i32x4.add (local.get $z3) (local.get $z4)) (i32x4.splat (i32.const 9633))))
    (local.set $z3 (i32x4.sub (local.get $z5) (i32x4.mul (local.get $z3) (i32x4.splat (i32.const 16069)))))
    (local.set $z4 (i32x4.sub (local.get $z5) (i32x4.mul (local.get $z4) (i32x4.splat (i32.const 3196)))))
    (local.set $far (i32x4.mul (i32x4.add (local.get $y7) (local.get $y1)) (i32x4.splat (i32.const 7373))))
    (local.set $near (i32x4.mul (i32x4.add (local.get $y5) (local.get $y3)) (i32x4.splat (i32.const 20995))))
    (local.set $tmp0 (i32x4.add (i32x4.sub (i32x4.mul (local.get $y7) (i32x4.splat (i32.const 2446))) (local.get $far))
      (local.get $z3)))
    (local.set $tmp1 (i32x4.add (i32x4.sub (i32x4.mul (local.get $y5) (i32x4.splat (i32.const 16819))) (local.get $near))
      (local.get $z4)))
    (local.set $tmp2 (i32x4.add (i32x4.sub (i32x4.mul (local.get $y3) (i32x4.splat (i32.const 25172))) (local.get $near))
      (local.get $z3)))
    (local.set $tmp3 (i32x4.add (i32x4.sub (i32x4.mul (local.get $y1) (i32x4.splat (i32.const 12299))) (local.get $far))
      (local.get $z4)))

    (local.set $flat (i32x4.shl (local.get $y0) (i32.const 2)))
    (local.set $isFlat (i32x4.eq (v128.const i32x4 0 0 0 0) (v128.or (local.get $y1) (v128.or
      (v128.or (v128.or (local.get $y2) (local.get $y3)) (v128.or (local.get $y4) (local.get $y5)))
      (v128.or (local.get $y6) (local.get $y7))))))
    (local.set $y0 (i32x4.shr_s (i32x4.add (local.get $tmp10) (local.get $tmp3)) (local.get $shift)))
    (local.set $y1 (i32x4.shr_s (i32x4.add (local.get $tmp11) (local.get $tmp2)) (local.get $shift)))
    (local.set $y2 (i32x4.shr_s (i32x4.add (local.get $tmp12) (local.get $tmp1)) (local.get $shift)))
    (local.set $y3 (i32x4.shr_s (i32x4.add (local.get $tmp13) (local.get $tmp0)) (local.get $shift)))
    (local.set $y4 (i32x4.shr_s (i32x4.sub (local.get $tmp13) (local.get $tmp0)) (local.get $shift)))
    (local.set $y5 (i32x4.shr_s (i32x4.sub (local.get $tmp12) (local.get $tmp1)) (local.get $shift)))
    (local.set $y6 (i32x4.shr_s (i32x4.sub (local.get $tmp11) (local.get $tmp2)) (local.get $shift)))
    (local.set $y7 (i32x4.shr_s (i32x4.sub (local.get $tmp10) (local.get $tmp3)) (local.get $shift)))
    ;; In the first pass, what has nothing below its first row is repeated; if that is too large, it makes a difference.
    (if (i32.and (i32.eq (local.get $shift) (i32.const 11)) (v128.any_true (local.get $isFlat)))
      (then
        (local.set $y0 (v128.bitselect (local.get $flat) (local.get $y0) (local.get $isFlat)))
        (local.set $y1 (v128.bitselect (local.get $flat) (local.get $y1) (local.get $isFlat)))
        (local.set $y2 (v128.bitselect (local.get $flat) (local.get $y2) (local.get $isFlat)))
        (local.set $y3 (v128.bitselect (local.get $flat) (local.get $y3) (local.get $isFlat)))
        (local.set $y4 (v128.bitselect (local.get $flat) (local.get $y4) (local.get $isFlat)))
        (local.set $y5 (v128.bitselect (local.get $flat) (local.get $y5) (local.get $isFlat)))
        (local.set $y6 (v128.bitselect (local.get $flat) (local.get $y6) (local.get $isFlat)))
        (local.set $y7 (v128.bitselect (local.get $flat) (local.get $y7) (local.get $isFlat)))))
    (call $storeRows (local.get $to) (local.get $y0) (local.get $y1) (local.get $y2) (local.get $y3))
    (call $storeRows (i32.add (local.get $to) (i32.const 16))
      (local.get $y4) (local.get $y5) (local.get $y6) (local.get $y7)))

  ;; Transposes 4 x 4 words.
  (func $storeRows (param $to i32) (param $a v128) (param $b v128) (param $c v128) (param $d v128)
    (local $ab v128) (local $cd v128)
    (local.set $ab (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b)))
    (local.set $cd (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $c) (local.get $d)))
    (v128.store (local.get $to)
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $ab) (local.get $cd)))
    (v128.store offset=32 (local.get $to)
      (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $ab) (local.get $cd)))
    (local.set $ab (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $b)))
    (local.set $cd (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $c) (local.get $d)))
    (v128.store offset=64 (local.get $to)
      (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $ab) (local.get $cd)))
    (v128.store offset=96 (local.get $to)
      (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $ab) (local.get $cd))))

  ;; A progressive scan of AC coefficients (T.81, annex G), as jpeg-progressive.ts reads it, into blocks' coefficients and the
  ;; index of the last of each that is not zero. Returns where its data ends, or -1: as in a sequential scan. Without restart
  ;; intervals.
  ;;
  ;;   table     [256] 16-bit words `look` in place of valueTable()
  ;;   across    blocks that a row has, of the `stride` that it has room for
  (func (export "progressive") (param $from i32) (param $table i32) (param $coefficients i32) (param $lasts i32)
    (param $across i32) (param $down i32) (param $stride i32)
    (param $start i32) (param $end i32) (param $low i32) (param $refines i32) (result i32)
    (local $x i32) (local $y i32) (local $block i32) (local $last i32)
    (global.set $at (local.get $from))
    (global.set $held (i64.const 0))
    (global.set $heldBits (i32.const 0))
    (global.set $padding (i32.const 0))
    (global.set $endOfBandRun (i32.const 0))
    (global.set $bandEnd (local.get $end))
    (global.set $low (local.get $low))
    (loop $eachBlock
      (local.set $block (i32.add (i32.mul (local.get $y) (local.get $stride)) (local.get $x)))
      (local.set $last (i32.add (local.get $lasts) (local.get $block)))
      (local.set $block (i32.add (local.get $coefficients) (i32.shl (local.get $block) (i32.const 7))))
      (if (local.get $refines)
        (then (if (i32.eqz (call $refine (local.get $table) (local.get $block) (local.get $last) (local.get $start)))
          (then (return (i32.const -1)))))
        (else (if (i32.eqz (call $first (local.get $table) (local.get $block) (local.get $last) (local.get $start)))
          (then (return (i32.const -1))))))
      (if (i32.gt_s (global.get $padding) (global.get $heldBits)) (then (return (i32.const -1))))
      (br_if $eachBlock (i32.lt_u (local.tee $x (i32.add (local.get $x) (i32.const 1))) (local.get $across)))
      (local.set $x (i32.const 0))
      (br_if $eachBlock (i32.lt_u (local.tee $y (i32.add (local.get $y) (i32.const 1))) (local.get $down))))
    (global.get $at))

  ;; The bits of a progressive scan, as in jpeg-bits.ts.
  (global $at (mut i32) (i32.const 0))
  (global $held (mut i64) (i64.const 0))
  (global $heldBits (mut i32) (i32.const 0))
  (global $padding (mut i32) (i32.const 0))
  (global $bandEnd (mut i32) (i32.const 0))
  (global $low (mut i32) (i32.const 0))
  (global $endOfBandRun (mut i32) (i32.const 0)) ;; blocks still to come whose band has no more coefficients

  ;; Afterwards at least 57 bits are held.
  (func $fill
    (local $byte i32)
    (loop $eachByte
      (local.set $byte (i32.load8_u (global.get $at)))
      (if (i32.ne (local.get $byte) (i32.const 0xff))
        (then (global.set $at (i32.add (global.get $at) (i32.const 1))))
        (else (if (i32.eqz (i32.load8_u offset=1 (global.get $at)))
          (then (global.set $at (i32.add (global.get $at) (i32.const 2))))
          (else
            (local.set $byte (i32.const 0))
            (global.set $padding (i32.add (global.get $padding) (i32.const 8)))))))
      (global.set $held (i64.or (global.get $held) (i64.shl (i64.extend_i32_u (local.get $byte))
        (i64.extend_i32_u (i32.sub (i32.const 56) (global.get $heldBits))))))
      (global.set $heldBits (i32.add (global.get $heldBits) (i32.const 8)))
      (br_if $eachByte (i32.lt_s (global.get $heldBits) (i32.const 57)))))

  ;; At most 16.
  (func $bits (param $count i32) (result i32)
    (local $value i32)
    (if (i32.eqz (local.get $count)) (then (return (i32.const 0))))
    (if (i32.lt_s (global.get $heldBits) (local.get $count)) (then (call $fill)))
    (local.set $value (i32.wrap_i64
      (i64.shr_u (global.get $held) (i64.extend_i32_u (i32.sub (i32.const 64) (local.get $count))))))
    (global.set $held (i64.shl (global.get $held) (i64.extend_i32_u (local.get $count))))
    (global.set $heldBits (i32.sub (global.get $heldBits) (local.get $count)))
    (local.get $value))

  ;; In JPEG's signed form (T.81, F.2.2.1, EXTEND). count: not 0
  (func $signed (param $count i32) (result i32)
    (local $value i32)
    (local.set $value (call $bits (local.get $count)))
    (if (i32.lt_s (local.get $value) (i32.shl (i32.const 1) (i32.sub (local.get $count) (i32.const 1))))
      (then (return (i32.add (i32.const 1) (i32.sub (local.get $value) (i32.shl (i32.const 1) (local.get $count)))))))
    (local.get $value))

  ;; -1 if no symbol has the code.
  (func $symbol (param $table i32) (result i32)
    (local $entry i32) (local $word i32) (local $length i32)
    (if (i32.lt_s (global.get $heldBits) (i32.const 16)) (then (call $fill)))
    (local.set $entry (i32.load16_u (i32.add (local.get $table)
      (i32.shl (i32.wrap_i64 (i64.shr_u (global.get $held) (i64.const 56))) (i32.const 1)))))
    (local.set $length (i32.shr_u (local.get $entry) (i32.const 8)))
    (if (i32.eqz (local.get $entry))
      (then
        (local.set $word (i32.wrap_i64 (i64.shr_u (global.get $held) (i64.const 48))))
        (local.set $length (i32.const 8))
        (loop $eachLength
          (local.set $length (i32.add (local.get $length) (i32.const 1)))
          (br_if $eachLength (i32.ge_u (local.get $word)
            (i32.load offset=4096 (i32.add (local.get $table) (i32.shl (local.get $length) (i32.const 2)))))))
        (if (i32.gt_u (local.get $length) (i32.const 16)) (then (return (i32.const -1))))
        (local.set $entry (i32.load8_u offset=4240 (i32.add (local.get $table) (i32.add
          (i32.shr_u (local.get $word) (i32.sub (i32.const 16) (local.get $length)))
          (i32.load offset=4168 (i32.add (local.get $table) (i32.shl (local.get $length) (i32.const 2))))))))))
    (global.set $held (i64.shl (global.get $held) (i64.extend_i32_u (local.get $length))))
    (global.set $heldBits (i32.sub (global.get $heldBits) (local.get $length)))
    (i32.and (local.get $entry) (i32.const 255)))

  ;; A block's coefficients for the first time. 0 if they are damaged.
  (func $first (param $table i32) (param $block i32) (param $last i32) (param $k i32) (result i32)
    (local $symbol i32) (local $size i32)
    (if (global.get $endOfBandRun)
      (then
        (global.set $endOfBandRun (i32.sub (global.get $endOfBandRun) (i32.const 1)))
        (return (i32.const 1))))
    (loop $eachCoefficient
      (local.set $symbol (call $symbol (local.get $table)))
      (if (i32.lt_s (local.get $symbol) (i32.const 0)) (then (return (i32.const 0))))
      (local.set $size (i32.and (local.get $symbol) (i32.const 15)))
      (local.set $symbol (i32.shr_u (local.get $symbol) (i32.const 4)))
      (if (i32.and (i32.eqz (local.get $size)) (i32.lt_u (local.get $symbol) (i32.const 15)))
        (then ;; this block included
          (global.set $endOfBandRun (i32.sub
            (i32.add (i32.shl (i32.const 1) (local.get $symbol)) (call $bits (local.get $symbol))) (i32.const 1)))
          (return (i32.const 1))))
      (local.set $k (i32.add (local.get $k) (local.get $symbol)))
      (if (i32.gt_u (local.get $k) (global.get $bandEnd)) (then (return (i32.const 0))))
      (if (local.get $size)
        (then
          (i32.store16 (i32.add (local.get $block) (i32.shl (local.get $k) (i32.const 1)))
            (i32.shl (call $signed (local.get $size)) (global.get $low)))
          (call $reach (local.get $last) (local.get $k))))
      (br_if $eachCoefficient (i32.le_u
        (local.tee $k (i32.add (local.get $k) (i32.const 1))) (global.get $bandEnd))))
    (i32.const 1))

  (func $reach (param $last i32) (param $k i32)
    (if (i32.gt_u (local.get $k) (i32.load8_u (local.get $last)))
      (then (i32.store8 (local.get $last) (local.get $k)))))

  ;; One more bit of a block's coefficients, and new ones between them (T.81, G.1.2.3). 0 if they are damaged.
  (func $refine (param $table i32) (param $block i32) (param $last i32) (param $k i32) (result i32)
    (local $symbol i32) (local $size i32) (local $value i32)
    (block $bandEnds
      (br_if $bandEnds (global.get $endOfBandRun))
      (loop $eachCoefficient
        (local.set $symbol (call $symbol (local.get $table)))
        (if (i32.lt_s (local.get $symbol) (i32.const 0)) (then (return (i32.const 0))))
        (local.set $size (i32.and (local.get $symbol) (i32.const 15)))
        (local.set $symbol (i32.shr_u (local.get $symbol) (i32.const 4)))
        (if (i32.and (i32.eqz (local.get $size)) (i32.lt_u (local.get $symbol) (i32.const 15)))
          (then
            (global.set $endOfBandRun
              (i32.add (i32.shl (i32.const 1) (local.get $symbol)) (call $bits (local.get $symbol))))
            (br $bandEnds)))
        (if (i32.gt_u (local.get $size) (i32.const 1)) (then (return (i32.const 0))))
        (if (local.get $size)
          (then (local.set $value (i32.shl
            (i32.sub (i32.shl (call $bits (i32.const 1)) (i32.const 1)) (i32.const 1)) (global.get $low)))))
        (local.set $k (call $refineUpTo (local.get $block) (local.get $last) (local.get $k) (local.get $symbol)))
        (if (i32.gt_u (local.get $k) (global.get $bandEnd))
          (then
            (if (local.get $size) (then (return (i32.const 0))))
            (br $bandEnds)))
        (if (local.get $size)
          (then
            (i32.store16 (i32.add (local.get $block) (i32.shl (local.get $k) (i32.const 1))) (local.get $value))
            (call $reach (local.get $last) (local.get $k))))
        (br_if $eachCoefficient (i32.le_u
          (local.tee $k (i32.add (local.get $k) (i32.const 1))) (global.get $bandEnd)))))
    (if (global.get $endOfBandRun)
      (then
        (drop (call $refineUpTo (local.get $block) (local.get $last) (local.get $k) (i32.const 64)))
        (global.set $endOfBandRun (i32.sub (global.get $endOfBandRun) (i32.const 1)))))
    (i32.const 1))

  ;; Refines coefficients from k on and skips `left` that are zero; returns the index of the next zero.
  (func $refineUpTo (param $block i32) (param $last i32) (param $k i32) (param $left i32) (result i32)
    (local $end i32) (local $value i32) (local $bit i32)
    (local.set $bit (i32.shl (i32.const 1) (global.get $low)))
    (local.set $end (i32.load8_u (local.get $last)))
    (if (i32.gt_u (local.get $end) (global.get $bandEnd)) (then (local.set $end (global.get $bandEnd))))
    (block $zerosOnly
      (loop $eachCoefficient
        (br_if $zerosOnly (i32.gt_u (local.get $k) (local.get $end)))
        (local.set $value (i32.load16_s (i32.add (local.get $block) (i32.shl (local.get $k) (i32.const 1)))))
        (if (i32.eqz (local.get $value))
          (then
            (if (i32.eqz (local.get $left)) (then (return (local.get $k))))
            (local.set $left (i32.sub (local.get $left) (i32.const 1))))
          (else (if (call $bits (i32.const 1))
            (then (call $grow (i32.add (local.get $block) (i32.shl (local.get $k) (i32.const 1)))
              (local.get $value) (local.get $bit))))))
        (local.set $k (i32.add (local.get $k) (i32.const 1)))
        (br $eachCoefficient)))
    (local.set $k (i32.add (local.get $k) (local.get $left)))
    (local.set $end (i32.add (global.get $bandEnd) (i32.const 1)))
    (select (local.get $k) (local.get $end) (i32.lt_u (local.get $k) (local.get $end))))

  ;; A coefficient's magnitude by `bit`, unless it has it.
  (func $grow (param $to i32) (param $value i32) (param $bit i32)
    (local $negative i32)
    (local.set $negative (i32.lt_s (local.get $value) (i32.const 0)))
    (if (i32.eqz (i32.and (local.get $bit)
        (select (i32.sub (i32.const 0) (local.get $value)) (local.get $value) (local.get $negative))))
      (then (i32.store16 (local.get $to) (i32.add (local.get $value)
        (select (i32.sub (i32.const 0) (local.get $bit)) (local.get $bit) (local.get $negative)))))))

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
            (f64.store (local.get $to)
              (f64.add (f64.load (local.get $to)) (f64.mul (f64.load (local.get $at)) (local.get $overlap))))
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
