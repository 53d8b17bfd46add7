// Product of two square f64 matrices, the plain triple loop.
#include "guest.h"

enum { MAX = 96 };
static f64 a[MAX * MAX], b[MAX * MAX], c[MAX * MAX];

// Multiplies n by n matrices (n at most 96) `rounds` times, feeding the result back; the sum of the last product's entries.
EXPORT(matmul) f64 matmul(u32 n, u32 rounds) {
    if (n > MAX) n = MAX;
    u32 seed = 0x9e3779b9u;
    for (u32 i = 0; i < n * n; i++) {
        a[i] = (f64)(next_random(&seed) & 0xffff) / 65536.0 - 0.5;
        b[i] = (f64)(next_random(&seed) & 0xffff) / 65536.0 - 0.5;
    }
    for (u32 round = 0; round < rounds; round++) {
        for (u32 i = 0; i < n; i++)
            for (u32 j = 0; j < n; j++) {
                f64 sum = 0;
                for (u32 k = 0; k < n; k++) sum += a[i * n + k] * b[k * n + j];
                c[i * n + j] = sum;
            }
        for (u32 i = 0; i < n * n; i++) a[i] = c[i] * 0.25 + 0.125;
    }
    f64 total = 0;
    for (u32 i = 0; i < n * n; i++) total += c[i];
    return total;
}
