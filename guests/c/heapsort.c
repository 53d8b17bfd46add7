// Heapsort of u32, in place.
#include "guest.h"

static u32 items[1 << 15];

static void sift(u32 root, u32 end) {
    u32 value = items[root];
    for (u32 child; (child = 2 * root + 1) < end; root = child) {
        if (child + 1 < end && items[child + 1] > items[child]) child++;
        if (items[child] <= value) break;
        items[root] = items[child];
    }
    items[root] = value;
}

// Sorts `n` (at most 32768) pseudo-random numbers and gives a digest of the result; traps if it is not sorted.
EXPORT(heapsort) u32 heapsort(u32 n, u32 seed) {
    if (n > COUNT(items)) n = COUNT(items);
    for (u32 i = 0; i < n; i++) items[i] = next_random(&seed);
    for (u32 i = n / 2; i-- > 0;) sift(i, n);
    for (u32 end = n; end > 1;) {
        u32 top = items[0];
        items[0] = items[--end];
        items[end] = top;
        sift(0, end);
    }
    u32 digest = n;
    for (u32 i = 0; i < n; i++) {
        if (i && items[i - 1] > items[i]) __builtin_trap();
        digest = mix(digest, items[i]);
    }
    return digest;
}
