// Calls through tables of function pointers: objects with methods, and an array of operations.
#include "guest.h"

typedef struct Shape Shape;
typedef struct {
    i32 (*area)(const Shape *);
    void (*grow)(Shape *, i32);
    i32 (*kind)(void);
} Methods;
struct Shape { const Methods *methods; i32 a, b; };

static i32 square_area(const Shape *s) { return s->a * s->a; }
static i32 oblong_area(const Shape *s) { return s->a * s->b; }
static i32 wedge_area(const Shape *s) { return s->a * s->b / 2; }
static i32 ring_area(const Shape *s) { return 3 * (s->a * s->a - s->b * s->b); }
static void grow_a(Shape *s, i32 by) { s->a = (s->a + by) & 1023; }
static void grow_b(Shape *s, i32 by) { s->b = (s->b + by) & 1023; }
static void grow_both(Shape *s, i32 by) { grow_a(s, by), grow_b(s, -by); }
static i32 kind_1(void) { return 1; }
static i32 kind_2(void) { return 2; }
static i32 kind_3(void) { return 3; }
static i32 kind_4(void) { return 4; }

static const Methods square = {square_area, grow_a, kind_1}, oblong = {oblong_area, grow_both, kind_2},
                     wedge = {wedge_area, grow_b, kind_3}, ring = {ring_area, grow_both, kind_4};
static const Methods *const all[4] = {&square, &oblong, &wedge, &ring};
static Shape shapes[64];

// `rounds` turns of growing and measuring 64 shapes of four kinds in mixed order.
EXPORT(shapes) i64 run_shapes(u32 rounds) {
    u32 seed = 99;
    for (u32 i = 0; i < COUNT(shapes); i++) {
        u32 r = next_random(&seed);
        shapes[i] = (Shape){all[r & 3], (i32)(r >> 8 & 255), (i32)(r >> 16 & 255)};
    }
    i64 total = 0;
    for (u32 round = 0; round < rounds; round++)
        for (u32 i = 0; i < COUNT(shapes); i++) {
            Shape *s = &shapes[i];
            s->methods->grow(s, (i32)(round & 7) - 3);
            total += (i64)s->methods->area(s) * s->methods->kind();
        }
    return total;
}

static u32 op_add(u32 a, u32 b) { return a + b; }
static u32 op_sub(u32 a, u32 b) { return a - b; }
static u32 op_xor(u32 a, u32 b) { return a ^ b; }
static u32 op_mul(u32 a, u32 b) { return a * (b | 1); }
static u32 op_rot(u32 a, u32 b) { return a << (b & 31) | a >> (-b & 31); }
static u32 op_div(u32 a, u32 b) { return a / (b & 15); } // traps when the low bits of b are zero
static u32 (*const operations[])(u32, u32) = {op_add, op_sub, op_xor, op_mul, op_rot, op_div};

// Applies operation `which` once; 5 divides, 6 and above are outside the array and trap here.
EXPORT(apply) u32 apply(u32 which, u32 a, u32 b) {
    if (which >= COUNT(operations)) __builtin_trap();
    return operations[which](a, b);
}

// `n` random operations (the dividing one left out) folded into one value.
EXPORT(operations) u32 run_operations(u32 n, u32 seed) {
    u32 value = seed;
    while (n--) {
        u32 r = next_random(&seed);
        value = operations[r % 5](value, r >> 3);
    }
    return value;
}
