// What every C guest shares: sized types, exports, a small random number generator. No libc.
#pragma once
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char i8;
typedef short i16;
typedef int i32;
typedef long long i64;
typedef float f32;
typedef double f64;

#define EXPORT(name) __attribute__((export_name(#name), noinline))
#define COUNT(array) ((u32)(sizeof(array) / sizeof((array)[0])))

// xorshift32: the same sequence everywhere. `state` must not be 0.
static inline u32 next_random(u32 *state) {
    u32 x = *state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return *state = x;
}

// Folds a value into a digest, so that one scalar tells whether a whole run was right.
static inline u32 mix(u32 digest, u32 value) {
    digest ^= value;
    digest *= 0x01000193u;
    return digest ^ (digest >> 15);
}
