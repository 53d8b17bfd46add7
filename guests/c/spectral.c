// Spectral norm of an infinite matrix's corner, in f32, by power iteration.
#include "guest.h"

enum { MAX = 256 };
static f32 u[MAX], v[MAX], t[MAX];

static f32 entry(u32 i, u32 j) { return 1.0f / (f32)((i + j) * (i + j + 1) / 2 + i + 1); }

static void times(u32 n, const f32 *in, f32 *out, u32 transposed) {
    for (u32 i = 0; i < n; i++) {
        f32 sum = 0;
        for (u32 j = 0; j < n; j++) sum += (transposed ? entry(j, i) : entry(i, j)) * in[j];
        out[i] = sum;
    }
}

// The norm of the n by n corner (n at most 256) after `rounds` rounds.
EXPORT(spectral) f32 spectral(u32 n, u32 rounds) {
    if (n > MAX) n = MAX;
    for (u32 i = 0; i < n; i++) u[i] = 1.0f;
    for (u32 round = 0; round < rounds; round++) {
        times(n, u, t, 0), times(n, t, v, 1);
        times(n, v, t, 0), times(n, t, u, 1);
    }
    f32 uv = 0, vv = 0;
    for (u32 i = 0; i < n; i++) uv += u[i] * v[i], vv += v[i] * v[i];
    return __builtin_sqrtf(uv / vv);
}
