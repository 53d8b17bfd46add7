// Bottom-up merge sort of u64; runs that need no merging and the remainders move by memory.copy.
#include "guest.h"

enum { MAX = 1 << 14 };
static u64 items[MAX], scratch[MAX];

static void merge(u64 *out, const u64 *a, u32 na, const u64 *b, u32 nb) {
    while (na && nb) {
        if (*b < *a) *out++ = *b++, nb--;
        else *out++ = *a++, na--;
    }
    __builtin_memcpy(out, a, na * sizeof *a);
    __builtin_memcpy(out + na, b, nb * sizeof *b);
}

// Sorts `n` (at most 16384) pseudo-random numbers and gives a digest of the result; traps if it is not sorted.
EXPORT(mergesort) u32 mergesort(u32 n, u32 seed) {
    if (n > MAX) n = MAX;
    for (u32 i = 0; i < n; i++) {
        u64 high = next_random(&seed) & 0xff; // few distinct high halves, so the low ones decide too
        items[i] = high << 32 | next_random(&seed);
    }
    for (u32 width = 1; width < n; width *= 2) {
        for (u32 at = 0; at < n; at += 2 * width) {
            u32 middle = at + width < n ? at + width : n;
            u32 end = at + 2 * width < n ? at + 2 * width : n;
            merge(scratch + at, items + at, middle - at, items + middle, end - middle);
        }
        __builtin_memcpy(items, scratch, n * sizeof *items);
    }
    u32 digest = n;
    for (u32 i = 0; i < n; i++) {
        if (i && items[i - 1] > items[i]) __builtin_trap();
        digest = mix(mix(digest, (u32)items[i]), (u32)(items[i] >> 32));
    }
    return digest;
}
