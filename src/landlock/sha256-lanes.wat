;; One block of SHA-256 (FIPS 180-4) for four messages at once, one in each lane of 32 bits; words have the names of the
;; standard. What sha256-lanes-code.ts holds is this, assembled.
(module
  ;; The memory, in bytes. 0: the constants K. 256: the state before, eight words, the same for all lanes. 320: the
  ;; blocks, 64 bytes a lane. 1024: the schedule, 64 vectors. 2048: the state after, eight vectors.
  (memory (export "memory") 1)
  (data (i32.const 0)
    "\98\2f\8a\42\91\44\37\71\cf\fb\c0\b5\a5\db\b5\e9\5b\c2\56\39\f1\11\f1\59\a4\82\3f\92\d5\5e\1c\ab"
    "\98\aa\07\d8\01\5b\83\12\be\85\31\24\c3\7d\0c\55\74\5d\be\72\fe\b1\de\80\a7\06\dc\9b\74\f1\9b\c1"
    "\c1\69\9b\e4\86\47\be\ef\c6\9d\c1\0f\cc\a1\0c\24\6f\2c\e9\2d\aa\84\74\4a\dc\a9\b0\5c\da\88\f9\76"
    "\52\51\3e\98\6d\c6\31\a8\c8\27\03\b0\c7\7f\59\bf\f3\0b\e0\c6\47\91\a7\d5\51\63\ca\06\67\29\29\14"
    "\85\0a\b7\27\38\21\1b\2e\fc\6d\2c\4d\13\0d\38\53\54\73\0a\65\bb\0a\6a\76\2e\c9\c2\81\85\2c\72\92"
    "\a1\e8\bf\a2\4b\66\1a\a8\70\8b\4b\c2\a3\51\6c\c7\19\e8\92\d1\24\06\99\d6\85\35\0e\f4\70\a0\6a\10"
    "\16\c1\a4\19\08\6c\37\1e\4c\77\48\27\b5\bc\b0\34\b3\0c\1c\39\4a\aa\d8\4e\4f\ca\9c\5b\f3\6f\2e\68"
    "\ee\82\8f\74\6f\63\a5\78\14\78\c8\84\08\02\c7\8c\fa\ff\be\90\eb\6c\50\a4\f7\a3\f9\be\f2\78\71\c6")
  (func (export "compress")
    (local $i i32) (local $p i32) (local $x v128) (local $y v128)
    (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local $e v128) (local $f v128) (local $g v128) (local $h v128) (local $t v128) (local $s v128)
    (local $l0 v128) (local $l1 v128) (local $l2 v128) (local $l3 v128)
    (local $m0 v128) (local $m1 v128) (local $m2 v128) (local $m3 v128)
    ;; The schedule's first sixteen words: four of each lane at a time, highest byte first, made into four vectors.
    (local.set $i (i32.const 0))
    (loop $tr
      (local.set $l0 (i8x16.shuffle 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12 (v128.load offset=320 (local.get $i)) (v128.const i32x4 0 0 0 0)))
      (local.set $l1 (i8x16.shuffle 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12 (v128.load offset=384 (local.get $i)) (v128.const i32x4 0 0 0 0)))
      (local.set $l2 (i8x16.shuffle 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12 (v128.load offset=448 (local.get $i)) (v128.const i32x4 0 0 0 0)))
      (local.set $l3 (i8x16.shuffle 3 2 1 0 7 6 5 4 11 10 9 8 15 14 13 12 (v128.load offset=512 (local.get $i)) (v128.const i32x4 0 0 0 0)))
      (local.set $m0 (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $l0) (local.get $l1)))
      (local.set $m1 (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $l0) (local.get $l1)))
      (local.set $m2 (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $l2) (local.get $l3)))
      (local.set $m3 (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $l2) (local.get $l3)))
      (local.set $p (i32.shl (local.get $i) (i32.const 2)))
      (v128.store offset=1024 (local.get $p) (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $m0) (local.get $m2)))
      (v128.store offset=1040 (local.get $p) (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $m0) (local.get $m2)))
      (v128.store offset=1056 (local.get $p) (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $m1) (local.get $m3)))
      (v128.store offset=1072 (local.get $p) (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $m1) (local.get $m3)))
      (br_if $tr (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 16))) (i32.const 64))))
    (local.set $a (v128.load32_splat offset=256 (i32.const 0)))
    (local.set $b (v128.load32_splat offset=260 (i32.const 0)))
    (local.set $c (v128.load32_splat offset=264 (i32.const 0)))
    (local.set $d (v128.load32_splat offset=268 (i32.const 0)))
    (local.set $e (v128.load32_splat offset=272 (i32.const 0)))
    (local.set $f (v128.load32_splat offset=276 (i32.const 0)))
    (local.set $g (v128.load32_splat offset=280 (i32.const 0)))
    (local.set $h (v128.load32_splat offset=284 (i32.const 0)))
    (local.set $i (i32.const 0))
    (local.set $p (i32.const 0))
    (loop $round
      (local.set $s (v128.xor (v128.xor (v128.or (i32x4.shr_u (local.get $e) (i32.const 6)) (i32x4.shl (local.get $e) (i32.const 26))) (v128.or (i32x4.shr_u (local.get $e) (i32.const 11)) (i32x4.shl (local.get $e) (i32.const 21)))) (v128.or (i32x4.shr_u (local.get $e) (i32.const 25)) (i32x4.shl (local.get $e) (i32.const 7)))))
      (local.set $x (v128.load offset=1024 (local.get $p)))
      (local.set $t (i32x4.add
        (i32x4.add (i32x4.add (local.get $h) (v128.load32_splat (local.get $i))) (local.get $x))
        (i32x4.add (local.get $s) (v128.bitselect (local.get $f) (local.get $g) (local.get $e)))))
      (local.set $s (v128.xor (v128.xor (v128.or (i32x4.shr_u (local.get $a) (i32.const 2)) (i32x4.shl (local.get $a) (i32.const 30))) (v128.or (i32x4.shr_u (local.get $a) (i32.const 13)) (i32x4.shl (local.get $a) (i32.const 19)))) (v128.or (i32x4.shr_u (local.get $a) (i32.const 22)) (i32x4.shl (local.get $a) (i32.const 10)))))
      (local.set $h (local.get $g))
      (local.set $g (local.get $f))
      (local.set $f (local.get $e))
      (local.set $e (i32x4.add (local.get $d) (local.get $t)))
      (local.set $y (v128.bitselect (local.get $c) (local.get $a) (v128.xor (local.get $a) (local.get $b))))
      (local.set $d (local.get $c))
      (local.set $c (local.get $b))
      (local.set $b (local.get $a))
      (local.set $a (i32x4.add (local.get $t) (i32x4.add (local.get $s) (local.get $y))))
      ;; The schedule's word for sixteen rounds on.
      (if (i32.lt_u (local.get $i) (i32.const 192)) (then
        (local.set $y (v128.load offset=1040 (local.get $p)))
        (local.set $x (i32x4.add (local.get $x) (v128.xor (v128.xor (v128.or (i32x4.shr_u (local.get $y) (i32.const 7)) (i32x4.shl (local.get $y) (i32.const 25))) (v128.or (i32x4.shr_u (local.get $y) (i32.const 18)) (i32x4.shl (local.get $y) (i32.const 14)))) (i32x4.shr_u (local.get $y) (i32.const 3)))))
        (local.set $y (v128.load offset=1248 (local.get $p)))
        (local.set $x (i32x4.add (local.get $x) (v128.xor (v128.xor (v128.or (i32x4.shr_u (local.get $y) (i32.const 17)) (i32x4.shl (local.get $y) (i32.const 15))) (v128.or (i32x4.shr_u (local.get $y) (i32.const 19)) (i32x4.shl (local.get $y) (i32.const 13)))) (i32x4.shr_u (local.get $y) (i32.const 10)))))
        (v128.store offset=1280 (local.get $p) (i32x4.add (local.get $x) (v128.load offset=1168 (local.get $p))))))
      (local.set $p (i32.add (local.get $p) (i32.const 16)))
      (br_if $round (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 256))))
    (v128.store offset=2048 (i32.const 0) (i32x4.add (local.get $a) (v128.load32_splat offset=256 (i32.const 0))))
    (v128.store offset=2064 (i32.const 0) (i32x4.add (local.get $b) (v128.load32_splat offset=260 (i32.const 0))))
    (v128.store offset=2080 (i32.const 0) (i32x4.add (local.get $c) (v128.load32_splat offset=264 (i32.const 0))))
    (v128.store offset=2096 (i32.const 0) (i32x4.add (local.get $d) (v128.load32_splat offset=268 (i32.const 0))))
    (v128.store offset=2112 (i32.const 0) (i32x4.add (local.get $e) (v128.load32_splat offset=272 (i32.const 0))))
    (v128.store offset=2128 (i32.const 0) (i32x4.add (local.get $f) (v128.load32_splat offset=276 (i32.const 0))))
    (v128.store offset=2144 (i32.const 0) (i32x4.add (local.get $g) (v128.load32_splat offset=280 (i32.const 0))))
    (v128.store offset=2160 (i32.const 0) (i32x4.add (local.get $h) (v128.load32_splat offset=284 (i32.const 0))))
  )
)
