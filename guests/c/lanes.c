// Work on vectors: floats, bytes and a search. The other guests have none.
#include "guest.h"
#include <wasm_simd128.h>

enum { FLOATS = 4096, SIDE = 256, TEXT = 65536 };
static f32 x[FLOATS], y[FLOATS];
static u8 from[SIDE * SIDE], to[SIDE * SIDE], text[TEXT];

// y += a * x and the product of both, over `length` (a multiple of 4, at most 4096) floats, `rounds` times; the bits of the last product.
EXPORT(products) u32 products(u32 length, u32 rounds) {
    if (length > FLOATS) length = FLOATS;
    u32 seed = 0x9e3779b9u;
    for (u32 i = 0; i < length; i++) {
        x[i] = (f32)(next_random(&seed) & 0xffff) / 65536.0f - 0.5f;
        y[i] = (f32)(next_random(&seed) & 0xffff) / 65536.0f - 0.5f;
    }
    union { f32 value; u32 bits; } last = {0};
    v128_t a = wasm_f32x4_splat(0.0078125f);
    for (u32 round = 0; round < rounds; round++) {
        v128_t sum = wasm_f32x4_splat(0);
        for (u32 i = 0; i + 4 <= length; i += 4) {
            v128_t left = wasm_v128_load(x + i), right = wasm_v128_load(y + i);
            right = wasm_f32x4_sub(right, wasm_f32x4_mul(a, left));
            wasm_v128_store(y + i, right);
            sum = wasm_f32x4_add(sum, wasm_f32x4_mul(left, right));
        }
        last.value = wasm_f32x4_extract_lane(sum, 0) + wasm_f32x4_extract_lane(sum, 1) + wasm_f32x4_extract_lane(sum, 2) +
            wasm_f32x4_extract_lane(sum, 3);
    }
    return last.bits;
}

// Four points of the Mandelbrot set at a time: `side` (a multiple of 4) squared points, at most `limit` steps each; the sum of steps.
EXPORT(points) u32 points(u32 side, u32 limit) {
    u32 total = 0;
    v128_t four = wasm_f32x4_splat(4.0f), two = wasm_f32x4_splat(2.0f), lanes = wasm_f32x4_make(0, 1, 2, 3);
    f32 step = 3.0f / (f32)side;
    for (u32 row = 0; row < side; row++)
        for (u32 column = 0; column + 4 <= side; column += 4) {
            v128_t at = wasm_f32x4_add(wasm_f32x4_splat((f32)column), lanes);
            v128_t cr = wasm_f32x4_sub(wasm_f32x4_mul(at, wasm_f32x4_splat(step)), wasm_f32x4_splat(2.25f));
            v128_t ci = wasm_f32x4_splat((f32)row * step - 1.5f), r = cr, i = ci, steps = wasm_i32x4_splat(0);
            for (u32 turn = 0; turn < limit; turn++) {
                v128_t rr = wasm_f32x4_mul(r, r), ii = wasm_f32x4_mul(i, i);
                v128_t inside = wasm_f32x4_le(wasm_f32x4_add(rr, ii), four);
                if (!wasm_v128_any_true(inside)) break;
                steps = wasm_i32x4_sub(steps, inside);
                i = wasm_f32x4_add(wasm_f32x4_mul(wasm_f32x4_mul(two, r), i), ci);
                r = wasm_f32x4_add(wasm_f32x4_sub(rr, ii), cr);
            }
            total += (u32)wasm_i32x4_extract_lane(steps, 0) + (u32)wasm_i32x4_extract_lane(steps, 1) +
                (u32)wasm_i32x4_extract_lane(steps, 2) + (u32)wasm_i32x4_extract_lane(steps, 3);
        }
    return total;
}

// Blurs and thresholds a picture of 256 by 256 bytes, `rounds` times; a digest of the last.
EXPORT(picture) u32 picture(u32 rounds) {
    u32 seed = 0x2545f491u;
    for (u32 i = 0; i < SIDE * SIDE; i++) from[i] = (u8)next_random(&seed);
    v128_t least = wasm_i8x16_splat(8);
    for (u32 round = 0; round < rounds; round++) {
        for (u32 i = SIDE; i + SIDE + 16 < SIDE * SIDE; i += 16) {
            v128_t across = wasm_u8x16_avgr(wasm_v128_load(from + i - 1), wasm_v128_load(from + i + 1));
            v128_t down = wasm_u8x16_avgr(wasm_v128_load(from + i - SIDE), wasm_v128_load(from + i + SIDE));
            v128_t here = wasm_v128_load(from + i), near = wasm_u8x16_avgr(across, down);
            v128_t change = wasm_v128_or(wasm_u8x16_sub_sat(here, near), wasm_u8x16_sub_sat(near, here));
            v128_t keep = wasm_u8x16_gt(change, least);
            wasm_v128_store(to + i, wasm_v128_bitselect(wasm_i8x16_shuffle(near, here, 0, 17, 2, 19, 4, 21, 6, 23, 8, 25, 10, 27, 12,
                29, 14, 31), near, keep));
        }
        for (u32 i = SIDE; i + SIDE + 16 < SIDE * SIDE; i += 16) wasm_v128_store(from + i, wasm_v128_load(to + i));
    }
    u32 digest = 0x811c9dc5u;
    for (u32 i = 0; i < SIDE * SIDE; i += 4) digest = mix(digest, *(const u32 *)(from + i));
    return digest;
}

// Looks for a byte in 65,536, sixteen at a time, as libraries of texts do, `rounds` times; how often it was there.
EXPORT(find) u32 find(u32 byte, u32 rounds) {
    u32 seed = 0x9e3779b9u, found = 0;
    for (u32 i = 0; i < TEXT; i++) text[i] = (u8)(32 + (next_random(&seed) >> 8) % 90);
    for (u32 round = 0; round < rounds; round++) {
        v128_t wanted = wasm_i8x16_splat((i8)(byte + (round & 7)));
        for (u32 i = 0; i + 16 <= TEXT; i += 16) {
            u32 where = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(text + i), wanted));
            while (where) found++, where &= where - 1;
        }
    }
    return found;
}
