;; c = max(bias + a b, floor) for matrices in the memory of tfjs-backend-wasm: the products of training. Unlike XNNPACK
;; - it packs nothing: weights that change at every step are read where they lie, rows of b in parallel;
;; - it reads a by strides, so the product of a transposed matrix needs no transposition;
;; - it skips zeros of a if there are many: black pixels, units that ReLU switched off. Every sum is taken in the order
;;   of k, so skipping changes no bit.
;;
;;   a [m, k] by strides in bytes   b [k, n]   c [m, n]   bias [n], or 0 for none
;;   lists: 16 rows' lists of 8 bytes for each element of a that is not zero (the offset of its row in b, and the
;;          value), and after them where each ends
(module
  (import "tfjs" "memory" (memory 0))

  (func $list (param $a i32) (param $aColumn i32) (param $k i32) (param $bRow i32) (param $entry i32) (result i32)
    (local $value f32) (local $offset i32)
    (loop $next
      (local.set $value (f32.load (local.get $a)))
      (i32.store (local.get $entry) (local.get $offset))
      (f32.store offset=4 (local.get $entry) (local.get $value))
      ;; the next element overwrites this one if it is zero
      (local.set $entry (i32.add (local.get $entry)
        (i32.shl (f32.ne (local.get $value) (f32.const 0)) (i32.const 3))))
      (local.set $a (i32.add (local.get $a) (local.get $aColumn)))
      (local.set $offset (i32.add (local.get $offset) (local.get $bRow)))
      (br_if $next (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
    (local.get $entry))

  ;; One row's sums for 32, 16, 4 columns and 1. b, bias and c point at the first of them.
  (func $panel32 (param $list i32) (param $end i32) (param $b i32) (param $bias i32) (param $c i32) (param $floor f32)
    (local $w i32) (local $value v128)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128)
    (local $s4 v128) (local $s5 v128) (local $s6 v128) (local $s7 v128)
    (if (local.get $bias) (then
      (local.set $s0 (v128.load (local.get $bias)))
      (local.set $s1 (v128.load offset=16 (local.get $bias)))
      (local.set $s2 (v128.load offset=32 (local.get $bias)))
      (local.set $s3 (v128.load offset=48 (local.get $bias)))
      (local.set $s4 (v128.load offset=64 (local.get $bias)))
      (local.set $s5 (v128.load offset=80 (local.get $bias)))
      (local.set $s6 (v128.load offset=96 (local.get $bias)))
      (local.set $s7 (v128.load offset=112 (local.get $bias)))))
    (if (i32.lt_u (local.get $list) (local.get $end)) (then
      (loop $next
        (local.set $w (i32.add (local.get $b) (i32.load (local.get $list))))
        (local.set $value (v128.load32_splat offset=4 (local.get $list)))
        (local.set $s0 (f32x4.add (local.get $s0) (f32x4.mul (local.get $value) (v128.load (local.get $w)))))
        (local.set $s1 (f32x4.add (local.get $s1) (f32x4.mul (local.get $value) (v128.load offset=16 (local.get $w)))))
        (local.set $s2 (f32x4.add (local.get $s2) (f32x4.mul (local.get $value) (v128.load offset=32 (local.get $w)))))
        (local.set $s3 (f32x4.add (local.get $s3) (f32x4.mul (local.get $value) (v128.load offset=48 (local.get $w)))))
        (local.set $s4 (f32x4.add (local.get $s4) (f32x4.mul (local.get $value) (v128.load offset=64 (local.get $w)))))
        (local.set $s5 (f32x4.add (local.get $s5) (f32x4.mul (local.get $value) (v128.load offset=80 (local.get $w)))))
        (local.set $s6 (f32x4.add (local.get $s6) (f32x4.mul (local.get $value) (v128.load offset=96 (local.get $w)))))
        (local.set $s7 (f32x4.add (local.get $s7) (f32x4.mul (local.get $value) (v128.load offset=112 (local.get $w)))))
        (local.set $list (i32.add (local.get $list) (i32.const 8)))
        (br_if $next (i32.lt_u (local.get $list) (local.get $end))))))
    (local.set $value (f32x4.splat (local.get $floor)))
    (v128.store (local.get $c) (f32x4.max (local.get $s0) (local.get $value)))
    (v128.store offset=16 (local.get $c) (f32x4.max (local.get $s1) (local.get $value)))
    (v128.store offset=32 (local.get $c) (f32x4.max (local.get $s2) (local.get $value)))
    (v128.store offset=48 (local.get $c) (f32x4.max (local.get $s3) (local.get $value)))
    (v128.store offset=64 (local.get $c) (f32x4.max (local.get $s4) (local.get $value)))
    (v128.store offset=80 (local.get $c) (f32x4.max (local.get $s5) (local.get $value)))
    (v128.store offset=96 (local.get $c) (f32x4.max (local.get $s6) (local.get $value)))
    (v128.store offset=112 (local.get $c) (f32x4.max (local.get $s7) (local.get $value))))

  (func $panel16 (param $list i32) (param $end i32) (param $b i32) (param $bias i32) (param $c i32) (param $floor f32)
    (local $w i32) (local $value v128)
    (local $s0 v128) (local $s1 v128) (local $s2 v128) (local $s3 v128)
    (if (local.get $bias) (then
      (local.set $s0 (v128.load (local.get $bias)))
      (local.set $s1 (v128.load offset=16 (local.get $bias)))
      (local.set $s2 (v128.load offset=32 (local.get $bias)))
      (local.set $s3 (v128.load offset=48 (local.get $bias)))))
    (if (i32.lt_u (local.get $list) (local.get $end)) (then
      (loop $next
        (local.set $w (i32.add (local.get $b) (i32.load (local.get $list))))
        (local.set $value (v128.load32_splat offset=4 (local.get $list)))
        (local.set $s0 (f32x4.add (local.get $s0) (f32x4.mul (local.get $value) (v128.load (local.get $w)))))
        (local.set $s1 (f32x4.add (local.get $s1) (f32x4.mul (local.get $value) (v128.load offset=16 (local.get $w)))))
        (local.set $s2 (f32x4.add (local.get $s2) (f32x4.mul (local.get $value) (v128.load offset=32 (local.get $w)))))
        (local.set $s3 (f32x4.add (local.get $s3) (f32x4.mul (local.get $value) (v128.load offset=48 (local.get $w)))))
        (local.set $list (i32.add (local.get $list) (i32.const 8)))
        (br_if $next (i32.lt_u (local.get $list) (local.get $end))))))
    (local.set $value (f32x4.splat (local.get $floor)))
    (v128.store (local.get $c) (f32x4.max (local.get $s0) (local.get $value)))
    (v128.store offset=16 (local.get $c) (f32x4.max (local.get $s1) (local.get $value)))
    (v128.store offset=32 (local.get $c) (f32x4.max (local.get $s2) (local.get $value)))
    (v128.store offset=48 (local.get $c) (f32x4.max (local.get $s3) (local.get $value))))

  (func $panel4 (param $list i32) (param $end i32) (param $b i32) (param $bias i32) (param $c i32) (param $floor f32)
    (local $w i32) (local $value v128)
    (local $s0 v128)
    (if (local.get $bias) (then
      (local.set $s0 (v128.load (local.get $bias)))))
    (if (i32.lt_u (local.get $list) (local.get $end)) (then
      (loop $next
        (local.set $w (i32.add (local.get $b) (i32.load (local.get $list))))
        (local.set $value (v128.load32_splat offset=4 (local.get $list)))
        (local.set $s0 (f32x4.add (local.get $s0) (f32x4.mul (local.get $value) (v128.load (local.get $w)))))
        (local.set $list (i32.add (local.get $list) (i32.const 8)))
        (br_if $next (i32.lt_u (local.get $list) (local.get $end))))))
    (local.set $value (f32x4.splat (local.get $floor)))
    (v128.store (local.get $c) (f32x4.max (local.get $s0) (local.get $value))))

  (func $panel1 (param $list i32) (param $end i32) (param $b i32) (param $bias i32) (param $c i32) (param $floor f32)
    (local $sum f32)
    (if (local.get $bias) (then (local.set $sum (f32.load (local.get $bias)))))
    (if (i32.lt_u (local.get $list) (local.get $end)) (then
      (loop $next
        (local.set $sum (f32.add (local.get $sum) (f32.mul (f32.load offset=4 (local.get $list))
          (f32.load (i32.add (local.get $b) (i32.load (local.get $list)))))))
        (local.set $list (i32.add (local.get $list) (i32.const 8)))
        (br_if $next (i32.lt_u (local.get $list) (local.get $end))))))
    (f32.store (local.get $c) (f32.max (local.get $sum) (local.get $floor))))

  ;; Four rows' sums for 8 columns, zeros included. a, b, bias and c point at the first elements.
  (func $tile (param $a i32) (param $aRow i32) (param $aColumn i32) (param $k i32) (param $b i32) (param $bRow i32)
    (param $bias i32) (param $c i32) (param $floor f32)
    (local $second i32) (local $third i32) (local $fourth i32) (local $left v128) (local $right v128) (local $value v128)
    (local $s00 v128) (local $s01 v128) (local $s10 v128) (local $s11 v128)
    (local $s20 v128) (local $s21 v128) (local $s30 v128) (local $s31 v128)
    (local.set $second (i32.add (local.get $a) (local.get $aRow)))
    (local.set $third (i32.add (local.get $second) (local.get $aRow)))
    (local.set $fourth (i32.add (local.get $third) (local.get $aRow)))
    (if (local.get $bias) (then
      (local.set $s30 (local.tee $s20 (local.tee $s10 (local.tee $s00 (v128.load (local.get $bias))))))
      (local.set $s31 (local.tee $s21 (local.tee $s11 (local.tee $s01 (v128.load offset=16 (local.get $bias))))))))
    (loop $next
      (local.set $left (v128.load (local.get $b)))
      (local.set $right (v128.load offset=16 (local.get $b)))
      (local.set $value (v128.load32_splat (local.get $a)))
      (local.set $s00 (f32x4.add (local.get $s00) (f32x4.mul (local.get $value) (local.get $left))))
      (local.set $s01 (f32x4.add (local.get $s01) (f32x4.mul (local.get $value) (local.get $right))))
      (local.set $value (v128.load32_splat (local.get $second)))
      (local.set $s10 (f32x4.add (local.get $s10) (f32x4.mul (local.get $value) (local.get $left))))
      (local.set $s11 (f32x4.add (local.get $s11) (f32x4.mul (local.get $value) (local.get $right))))
      (local.set $value (v128.load32_splat (local.get $third)))
      (local.set $s20 (f32x4.add (local.get $s20) (f32x4.mul (local.get $value) (local.get $left))))
      (local.set $s21 (f32x4.add (local.get $s21) (f32x4.mul (local.get $value) (local.get $right))))
      (local.set $value (v128.load32_splat (local.get $fourth)))
      (local.set $s30 (f32x4.add (local.get $s30) (f32x4.mul (local.get $value) (local.get $left))))
      (local.set $s31 (f32x4.add (local.get $s31) (f32x4.mul (local.get $value) (local.get $right))))
      (local.set $a (i32.add (local.get $a) (local.get $aColumn)))
      (local.set $second (i32.add (local.get $second) (local.get $aColumn)))
      (local.set $third (i32.add (local.get $third) (local.get $aColumn)))
      (local.set $fourth (i32.add (local.get $fourth) (local.get $aColumn)))
      (local.set $b (i32.add (local.get $b) (local.get $bRow)))
      (br_if $next (local.tee $k (i32.sub (local.get $k) (i32.const 1)))))
    (local.set $value (f32x4.splat (local.get $floor)))
    (v128.store (local.get $c) (f32x4.max (local.get $s00) (local.get $value)))
    (v128.store offset=16 (local.get $c) (f32x4.max (local.get $s01) (local.get $value)))
    (local.set $c (i32.add (local.get $c) (local.get $bRow)))
    (v128.store (local.get $c) (f32x4.max (local.get $s10) (local.get $value)))
    (v128.store offset=16 (local.get $c) (f32x4.max (local.get $s11) (local.get $value)))
    (local.set $c (i32.add (local.get $c) (local.get $bRow)))
    (v128.store (local.get $c) (f32x4.max (local.get $s20) (local.get $value)))
    (v128.store offset=16 (local.get $c) (f32x4.max (local.get $s21) (local.get $value)))
    (local.set $c (i32.add (local.get $c) (local.get $bRow)))
    (v128.store (local.get $c) (f32x4.max (local.get $s30) (local.get $value)))
    (v128.store offset=16 (local.get $c) (f32x4.max (local.get $s31) (local.get $value))))

  ;; Sixteen rows' sums, from the first column to the last whole eight; returns where that ends, in bytes.
  (func $tiles (param $a i32) (param $aRow i32) (param $aColumn i32) (param $k i32) (param $b i32) (param $bRow i32)
    (param $bias i32) (param $c i32) (param $floor f32) (result i32)
    (local $column i32) (local $end i32) (local $row i32) (local $aAt i32) (local $cAt i32) (local $biasAt i32)
    (local.set $end (i32.and (local.get $bRow) (i32.const -32)))
    (if (local.get $end) (then
      (loop $columns
        (local.set $aAt (local.get $a))
        (local.set $cAt (i32.add (local.get $c) (local.get $column)))
        (local.set $biasAt (select (i32.add (local.get $bias) (local.get $column)) (i32.const 0) (local.get $bias)))
        (local.set $row (i32.const 0))
        (loop $rows
          (call $tile (local.get $aAt) (local.get $aRow) (local.get $aColumn) (local.get $k)
            (i32.add (local.get $b) (local.get $column)) (local.get $bRow)
            (local.get $biasAt) (local.get $cAt) (local.get $floor))
          (local.set $aAt (i32.add (local.get $aAt) (i32.shl (local.get $aRow) (i32.const 2))))
          (local.set $cAt (i32.add (local.get $cAt) (i32.shl (local.get $bRow) (i32.const 2))))
          (br_if $rows (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 4))) (i32.const 16))))
        (br_if $columns (i32.lt_u (local.tee $column (i32.add (local.get $column) (i32.const 32))) (local.get $end))))))
    (local.get $end))

  (func (export "product")
    (param $a i32) (param $aRow i32) (param $aColumn i32) (param $b i32) (param $bias i32) (param $c i32)
    (param $m i32) (param $k i32) (param $n i32) (param $floor f32) (param $lists i32)
    (local $bRow i32) (local $listBytes i32) (local $ends i32) (local $rows i32) (local $row i32)
    (local $column i32) (local $left i32) (local $width i32)
    (local $listed i32) (local $aAt i32) (local $list i32) (local $end i32) (local $bAt i32) (local $biasAt i32) (local $cAt i32)
    (local.set $bRow (i32.shl (local.get $n) (i32.const 2)))
    (local.set $listBytes (i32.shl (local.get $k) (i32.const 3)))
    (local.set $ends (i32.add (local.get $lists) (i32.shl (local.get $listBytes) (i32.const 4))))
    (loop $blocks
      (local.set $rows (select (i32.const 16) (local.get $m) (i32.gt_u (local.get $m) (i32.const 16))))
      (local.set $row (i32.const 0))
      (local.set $list (local.get $lists))
      (local.set $listed (i32.const 0))
      (local.set $aAt (local.get $a))
      (loop $lists16
        (local.set $end (call $list (local.get $aAt) (local.get $aColumn) (local.get $k) (local.get $bRow) (local.get $list)))
        (i32.store (i32.add (local.get $ends) (i32.shl (local.get $row) (i32.const 2))) (local.get $end))
        (local.set $listed (i32.add (local.get $listed) (i32.sub (local.get $end) (local.get $list))))
        (local.set $aAt (i32.add (local.get $aAt) (local.get $aRow)))
        (local.set $list (i32.add (local.get $list) (local.get $listBytes)))
        (br_if $lists16 (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 1))) (local.get $rows))))

      ;; Per element a tile takes two thirds of a panel's time, so sixteen rows with few zeros are done by tiles.
      (local.set $column (i32.const 0))
      (if (i32.and (i32.eq (local.get $rows) (i32.const 16))
                   (i32.gt_u (i32.mul (local.get $listed) (i32.const 3)) (i32.shl (local.get $listBytes) (i32.const 5)))) (then
        (local.set $column (call $tiles (local.get $a) (local.get $aRow) (local.get $aColumn) (local.get $k)
          (local.get $b) (local.get $bRow) (local.get $bias) (local.get $c) (local.get $floor)))))
      ;; A panel of b is used for all rows of the block before the next one is read.
      (block $columnsDone (loop $columns
        (br_if $columnsDone (i32.ge_u (local.get $column) (local.get $bRow)))
        (local.set $left (i32.sub (local.get $bRow) (local.get $column)))
        (local.set $width (select (i32.const 128) (select (i32.const 64) (select (i32.const 16) (i32.const 4)
          (i32.ge_u (local.get $left) (i32.const 16))) (i32.ge_u (local.get $left) (i32.const 64)))
          (i32.ge_u (local.get $left) (i32.const 128))))
        (local.set $bAt (i32.add (local.get $b) (local.get $column)))
        (local.set $biasAt (select (i32.add (local.get $bias) (local.get $column)) (i32.const 0) (local.get $bias)))
        (local.set $cAt (i32.add (local.get $c) (local.get $column)))
        (local.set $list (local.get $lists))
        (local.set $row (i32.const 0))
        (loop $rowsOfBlock
          (local.set $end (i32.load (i32.add (local.get $ends) (i32.shl (local.get $row) (i32.const 2)))))
          (block $done
            (block $one (block $four (block $sixteen
              (br_if $sixteen (i32.eq (local.get $width) (i32.const 64)))
              (br_if $four (i32.eq (local.get $width) (i32.const 16)))
              (br_if $one (i32.eq (local.get $width) (i32.const 4)))
              (call $panel32 (local.get $list) (local.get $end) (local.get $bAt) (local.get $biasAt) (local.get $cAt) (local.get $floor))
              (br $done))
              (call $panel16 (local.get $list) (local.get $end) (local.get $bAt) (local.get $biasAt) (local.get $cAt) (local.get $floor))
              (br $done))
              (call $panel4 (local.get $list) (local.get $end) (local.get $bAt) (local.get $biasAt) (local.get $cAt) (local.get $floor))
              (br $done))
            (call $panel1 (local.get $list) (local.get $end) (local.get $bAt) (local.get $biasAt) (local.get $cAt) (local.get $floor)))
          (local.set $list (i32.add (local.get $list) (local.get $listBytes)))
          (local.set $cAt (i32.add (local.get $cAt) (local.get $bRow)))
          (br_if $rowsOfBlock (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 1))) (local.get $rows))))
        (local.set $column (i32.add (local.get $column) (local.get $width)))
        (br $columns)))

      (local.set $a (local.get $aAt))
      (local.set $c (i32.add (local.get $c) (i32.mul (local.get $rows) (local.get $bRow))))
      (br_if $blocks (local.tee $m (i32.sub (local.get $m) (local.get $rows)))))))
