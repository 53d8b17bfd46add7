// Copying and filling memory: loops over bytes, over words, and the bulk operators.
#include "guest.h"

static _Alignas(8) u8 from[1 << 15], to[1 << 15];

static void copy_bytes(u8 *d, const u8 *s, u32 n) {
    while (n--) *d++ = *s++;
}

static void copy_words(u8 *d, const u8 *s, u32 n) {
    for (; n >= 8; n -= 8, d += 8, s += 8) *(u64 *)d = *(const u64 *)s;
    copy_bytes(d, s, n);
}

static void fill_bytes(u8 *d, u8 value, u32 n) {
    while (n--) *d++ = value;
}

static u32 digest(const u8 *p, u32 n) {
    u32 sum = n;
    for (u32 i = 0; i < n; i++) sum = mix(sum, p[i]);
    return sum;
}

// `rounds` copies of `n` bytes (at most 32760) in which the source changes a little each time.
// method: 0 bytes, 1 words, 2 memory.copy; each round also fills a stretch in the same style.
EXPORT(copy) u32 copy(u32 method, u32 n, u32 rounds) {
    if (n > sizeof from - 8) n = sizeof from - 8;
    for (u32 i = 0; i < n; i++) from[i] = (u8)(i * 7 + (i >> 8));
    for (u32 round = 0; round < rounds; round++) {
        u32 at = round % (n / 2 + 1);
        from[at] ^= (u8)round;
        switch (method) {
        case 0:
            copy_bytes(to + (round & 7), from, n);
            fill_bytes(to + at, (u8)round, n / 4);
            break;
        case 1:
            copy_words(to + (round & 7), from, n);
            fill_bytes(to + at, (u8)round, n / 4);
            break;
        default:
            __builtin_memcpy(to + (round & 7), from, n);
            __builtin_memset(to + at, (u8)round, n / 4);
        }
    }
    return digest(to, n);
}

// An overlapping move by `distance` bytes, forwards or backwards.
EXPORT(overlap) u32 overlap(i32 distance, u32 n) {
    for (u32 i = 0; i < sizeof from; i++) from[i] = (u8)(i ^ i >> 5);
    __builtin_memmove(from + 1024 + distance, from + 1024, n);
    return digest(from, sizeof from);
}
