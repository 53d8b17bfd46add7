// Keccak-f[1600] and SHA3-256 on top of it.
#include "guest.h"

static u64 state[25];

static const u8 rotation[24] = {1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44};
static const u8 lane[24] = {10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1};

static u64 rotl(u64 x, u32 n) { return x << n | x >> (64 - n); }

// The round constants come from an 8-bit LFSR, as the standard defines them.
static u64 constants[24];

static void make_constants(void) {
    u8 lfsr = 1;
    for (u32 round = 0; round < 24; round++) {
        u64 constant = 0;
        for (u32 j = 0; j < 7; j++) {
            if (lfsr & 1) constant ^= 1ull << ((1u << j) - 1);
            lfsr = (u8)(lfsr << 1 ^ (lfsr & 0x80 ? 0x71 : 0));
        }
        constants[round] = constant;
    }
}

static void permute(void) {
    u64 c[5];
    for (u32 round = 0; round < 24; round++) {
        for (u32 x = 0; x < 5; x++) c[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20];
        for (u32 x = 0; x < 5; x++) {
            u64 d = c[(x + 4) % 5] ^ rotl(c[(x + 1) % 5], 1);
            for (u32 y = 0; y < 25; y += 5) state[x + y] ^= d;
        }
        u64 carried = state[1];
        for (u32 i = 0; i < 24; i++) {
            u64 kept = state[lane[i]];
            state[lane[i]] = rotl(carried, rotation[i]);
            carried = kept;
        }
        for (u32 y = 0; y < 25; y += 5) {
            for (u32 x = 0; x < 5; x++) c[x] = state[y + x];
            for (u32 x = 0; x < 5; x++) state[y + x] = c[x] ^ (~c[(x + 1) % 5] & c[(x + 2) % 5]);
        }
        state[0] ^= constants[round];
    }
}

// Lane 0 after permuting the all-zero state `times` times.
EXPORT(keccak_f) u64 keccak_f(u32 times) {
    make_constants();
    for (u32 i = 0; i < 25; i++) state[i] = 0;
    while (times--) permute();
    return state[0];
}

// The four 64-bit words (little-endian) of SHA3-256 of the bytes 0, 1, 2, … 255, 0, … of this length.
EXPORT(sha3_256) u64 sha3_256(u32 length, u32 word) {
    enum { RATE = 136 };
    u8 *bytes = (u8 *)state;
    make_constants();
    for (u32 i = 0; i < 25; i++) state[i] = 0;
    u32 at = 0;
    for (u32 i = 0; i < length; i++) {
        bytes[at++] ^= (u8)i;
        if (at == RATE) permute(), at = 0;
    }
    bytes[at] ^= 0x06;
    bytes[RATE - 1] ^= 0x80;
    permute();
    return state[word & 3];
}
