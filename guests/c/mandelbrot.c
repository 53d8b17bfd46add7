// The Mandelbrot set in f64.
#include "guest.h"

// The iterations spent on a `size` by `size` grid over [-2, 0.5] x [-1.25, 1.25], at most `limit` each.
EXPORT(mandelbrot) u32 mandelbrot(u32 size, u32 limit) {
    u32 total = 0;
    f64 step = 2.5 / size;
    for (u32 row = 0; row < size; row++) {
        f64 ci = -1.25 + step * row;
        for (u32 column = 0; column < size; column++) {
            f64 cr = -2.0 + step * column;
            f64 zr = 0, zi = 0, rr = 0, ii = 0;
            u32 n = 0;
            while (n < limit && rr + ii <= 4.0) {
                zi = (zr + zr) * zi + ci;
                zr = rr - ii + cr;
                rr = zr * zr;
                ii = zi * zi;
                n++;
            }
            total += n;
        }
    }
    return total;
}

// One row as bits: bit i is set when column i of 64 is inside.
EXPORT(mandelbrot_row) u64 mandelbrot_row(f64 ci, u32 limit) {
    u64 bits = 0;
    for (u32 column = 0; column < 64; column++) {
        f64 cr = -2.0 + 2.5 / 64 * column, zr = 0, zi = 0;
        u32 n = 0;
        for (; n < limit && zr * zr + zi * zi <= 4.0; n++) {
            f64 t = zr * zr - zi * zi + cr;
            zi = 2 * zr * zi + ci;
            zr = t;
        }
        if (n == limit) bits |= 1ull << column;
    }
    return bits;
}
