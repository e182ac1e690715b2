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

  ;; Rounded half up and clamped: the conversion makes 0 of what is negative.
  (func $sample (param $value f64) (result i32)
    (local $whole i32)
    (local.set $whole (i32.trunc_sat_f64_u (f64.add (local.get $value) (f64.const 128.5))))
    (select (local.get $whole) (i32.const 255) (i32.lt_u (local.get $whole) (i32.const 255))))

  ;; Returns where the scan's data ends.
  (func (export "scan") (param $at i32) (param $parts i32) (param $across i32) (param $down i32) (param $interval i32)
    (param $n i32) (result i32)
    (local $held i64) (local $heldBits i32) (local $padding i32) (local $untilRestart i32)
    (local $mx i32) (local $my i32) (local $part i32) (local $end i32) (local $x i32) (local $y i32) (local $to i32)
    (local $k i32) (local $table i32) (local $skips i32) (local $quantization i32)
    (local $word i32) (local $entry i32) (local $length i32) (local $size i32) (local $value i32) (local $sum i32)
    (local $mean f64) (local $s0 f64) (local $s1 f64) (local $s2 f64)
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
              (then (i32.store8 (local.get $to) (call $sample (local.get $mean))))
              (else
                (local.set $s0 (f64.load (i32.const 576)))
                (local.set $s1 (f64.load (i32.const 584)))
                (local.set $s2 (f64.load (i32.const 592)))
                (i32.store8 (local.get $to) (call $sample (f64.add (f64.add (f64.add
                  (local.get $mean) (local.get $s0)) (local.get $s1)) (local.get $s2))))
                (i32.store8 offset=1 (local.get $to) (call $sample (f64.sub (f64.add (f64.sub
                  (local.get $mean) (local.get $s0)) (local.get $s1)) (local.get $s2))))
                (local.set $sum (i32.add (local.get $to) (i32.load offset=24 (local.get $part))))
                (i32.store8 (local.get $sum) (call $sample (f64.sub (f64.sub (f64.add
                  (local.get $mean) (local.get $s0)) (local.get $s1)) (local.get $s2))))
                (i32.store8 offset=1 (local.get $sum) (call $sample (f64.add (f64.sub (f64.sub
                  (local.get $mean) (local.get $s0)) (local.get $s1)) (local.get $s2))))))
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
    (local.get $at)))
