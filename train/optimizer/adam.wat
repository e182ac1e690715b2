;; One Adam update of n floats in place, and the sum of squares of n floats, over the memory of tfjs-backend-wasm.
;; n is rounded down to a multiple of 4 by the caller's share in JavaScript; pointers are byte offsets.
(module
  (import "tfjs" "memory" (memory 0))

  ;; gradient' = gradient * scale
  ;; first     = first  + (1 - beta1) * (gradient' - first)
  ;; second    = second + (1 - beta2) * (gradient'^2 - second)
  ;; weights   = weights - rate * first / (sqrt(second) * rootScale + epsilon)
  (func (export "adam")
    (param $weights i32) (param $gradient i32) (param $first i32) (param $second i32) (param $end i32)
    (param $scale f32) (param $keep1 f32) (param $keep2 f32) (param $rate f32) (param $rootScale f32) (param $epsilon f32)
    (local $g v128) (local $m v128) (local $v v128)
    (local $vscale v128) (local $vkeep1 v128) (local $vkeep2 v128)
    (local $vrate v128) (local $vroot v128) (local $vepsilon v128)
    (local.set $vscale (f32x4.splat (local.get $scale)))
    (local.set $vkeep1 (f32x4.splat (local.get $keep1)))
    (local.set $vkeep2 (f32x4.splat (local.get $keep2)))
    (local.set $vrate (f32x4.splat (local.get $rate)))
    (local.set $vroot (f32x4.splat (local.get $rootScale)))
    (local.set $vepsilon (f32x4.splat (local.get $epsilon)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $weights) (local.get $end)))
        (local.set $g (f32x4.mul (v128.load (local.get $gradient)) (local.get $vscale)))
        (local.set $m (v128.load (local.get $first)))
        (local.set $m (f32x4.add (local.get $m)
          (f32x4.mul (local.get $vkeep1) (f32x4.sub (local.get $g) (local.get $m)))))
        (v128.store (local.get $first) (local.get $m))
        (local.set $v (v128.load (local.get $second)))
        (local.set $v (f32x4.add (local.get $v)
          (f32x4.mul (local.get $vkeep2) (f32x4.sub (f32x4.mul (local.get $g) (local.get $g)) (local.get $v)))))
        (v128.store (local.get $second) (local.get $v))
        (v128.store (local.get $weights)
          (f32x4.sub (v128.load (local.get $weights))
            (f32x4.div (f32x4.mul (local.get $vrate) (local.get $m))
              (f32x4.add (f32x4.mul (f32x4.sqrt (local.get $v)) (local.get $vroot)) (local.get $vepsilon)))))
        (local.set $weights (i32.add (local.get $weights) (i32.const 16)))
        (local.set $gradient (i32.add (local.get $gradient) (i32.const 16)))
        (local.set $first (i32.add (local.get $first) (i32.const 16)))
        (local.set $second (i32.add (local.get $second) (i32.const 16)))
        (br $next))))

  (func (export "sumOfSquares") (param $x i32) (param $end i32) (result f32)
    (local $sum v128) (local $a v128)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $x) (local.get $end)))
        (local.set $a (v128.load (local.get $x)))
        (local.set $sum (f32x4.add (local.get $sum) (f32x4.mul (local.get $a) (local.get $a))))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (br $next)))
    (f32.add
      (f32.add (f32x4.extract_lane 0 (local.get $sum)) (f32x4.extract_lane 1 (local.get $sum)))
      (f32.add (f32x4.extract_lane 2 (local.get $sum)) (f32x4.extract_lane 3 (local.get $sum))))))
