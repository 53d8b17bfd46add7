// A function of several hundred variables, built without optimisation: its frame is far beyond 256 slots.
#include "guest.h"

// Sixteen variables of a kind, then sixteen times that.
#define EACH(X, p) X(p##0) X(p##1) X(p##2) X(p##3) X(p##4) X(p##5) X(p##6) X(p##7) X(p##8) X(p##9) X(p##a) X(p##b) X(p##c) X(p##d) X(p##e) X(p##f)
#define ALL(X) EACH(X, i0) EACH(X, i1) EACH(X, i2) EACH(X, i3) EACH(X, i4) EACH(X, i5) EACH(X, i6) EACH(X, i7) \
    EACH(X, i8) EACH(X, i9) EACH(X, ia) EACH(X, ib) EACH(X, ic) EACH(X, id) EACH(X, ie) EACH(X, if_)
#define FLOATS(X) EACH(X, f0) EACH(X, f1) EACH(X, f2) EACH(X, f3)

#define DECLARE(v) u32 v = next_random(&seed);
#define STIR(v) v = v * 5 + last; last = v >> 3;
#define FOLD(v) digest = mix(digest, v);
#define DECLARE_F(v) f64 v = (f64)(next_random(&seed) >> 8) / 65536.0;
#define STIR_F(v) v = v * 0.75 + drift; drift = v * 0.125;
#define FOLD_F(v) total += v;

// Each of 256 integers is changed `rounds` times by its neighbour; a digest of all.
EXPORT(integers) u32 integers(u32 seed, u32 rounds) {
    ALL(DECLARE)
    u32 last = seed, digest = 0;
    for (u32 round = 0; round < rounds; round++) { ALL(STIR) }
    ALL(FOLD)
    return digest;
}

// The same with 64 floats and 256 integers beside each other.
EXPORT(both) f64 both(u32 seed, u32 rounds) {
    FLOATS(DECLARE_F)
    ALL(DECLARE)
    u32 last = seed, digest = 0;
    f64 drift = 1, total = 0;
    for (u32 round = 0; round < rounds; round++) { FLOATS(STIR_F) ALL(STIR) }
    FLOATS(FOLD_F)
    ALL(FOLD)
    return total + (f64)digest;
}

// Recursion with such a frame: `depth` levels.
EXPORT(nested) u32 nested(u32 seed, u32 depth) {
    ALL(DECLARE)
    u32 last = depth ? nested(seed ^ i00, depth - 1) : seed, digest = 0;
    ALL(STIR)
    ALL(FOLD)
    return digest;
}
