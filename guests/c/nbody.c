// Five bodies under each other's gravity, symplectic Euler.
#include "guest.h"

typedef struct { f64 x, y, z, vx, vy, vz, mass; } Body;
enum { N = 5 };

static const Body start[N] = {
    {0, 0, 0, 0, 0, 0, 40.0},
    {5.0, -1.25, -0.125, 0.5, 2.75, -0.0625, 0.0375},
    {8.5, 4.0, -0.375, -1.0, 1.75, 0.03125, 0.01125},
    {12.75, -15.0, -0.25, 1.0625, 0.875, -0.015625, 0.00171875},
    {15.25, -26.0, 0.1875, 0.96875, 0.59375, -0.03125, 0.00203125},
};
static Body bodies[N];

static f64 energy(void) {
    f64 e = 0;
    for (u32 i = 0; i < N; i++) {
        const Body *p = &bodies[i];
        e += 0.5 * p->mass * (p->vx * p->vx + p->vy * p->vy + p->vz * p->vz);
        for (u32 j = i + 1; j < N; j++) {
            const Body *q = &bodies[j];
            f64 dx = p->x - q->x, dy = p->y - q->y, dz = p->z - q->z;
            e -= p->mass * q->mass / __builtin_sqrt(dx * dx + dy * dy + dz * dz);
        }
    }
    return e;
}

// The system's energy after `steps` steps of 1/256 from the start.
EXPORT(nbody) f64 nbody(u32 steps) {
    for (u32 i = 0; i < N; i++) bodies[i] = start[i];
    const f64 dt = 1.0 / 256.0;
    for (u32 step = 0; step < steps; step++) {
        for (u32 i = 0; i < N; i++) {
            Body *p = &bodies[i];
            for (u32 j = i + 1; j < N; j++) {
                Body *q = &bodies[j];
                f64 dx = p->x - q->x, dy = p->y - q->y, dz = p->z - q->z;
                f64 d2 = dx * dx + dy * dy + dz * dz;
                f64 pull = dt / (d2 * __builtin_sqrt(d2));
                p->vx -= dx * q->mass * pull;
                p->vy -= dy * q->mass * pull;
                p->vz -= dz * q->mass * pull;
                q->vx += dx * p->mass * pull;
                q->vy += dy * p->mass * pull;
                q->vz += dz * p->mass * pull;
            }
        }
        for (u32 i = 0; i < N; i++) {
            Body *p = &bodies[i];
            p->x += dt * p->vx;
            p->y += dt * p->vy;
            p->z += dt * p->vz;
        }
    }
    return energy();
}

// Coordinate `axis` (0, 1, 2) of body `i` as the last run left it. An index past the end traps.
EXPORT(position) f64 position(u32 i, u32 axis) {
    if (i >= N) __builtin_trap();
    return axis == 0 ? bodies[i].x : axis == 1 ? bodies[i].y : bodies[i].z;
}
