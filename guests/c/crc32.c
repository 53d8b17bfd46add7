// CRC-32 (reflected 0xEDB88320): bit by bit, by table, and four tables at once.
#include "guest.h"

static u32 table[4][256];
static u8 buffer[1 << 15];

static void fill(u32 length) {
    u32 seed = 1;
    for (u32 i = 0; i < length; i++) buffer[i] = (u8)next_random(&seed);
}

static void make_tables(void) {
    for (u32 i = 0; i < 256; i++) {
        u32 crc = i;
        for (u32 k = 0; k < 8; k++) crc = crc >> 1 ^ (0xedb88320u & -(crc & 1));
        table[0][i] = crc;
    }
    for (u32 i = 0; i < 256; i++)
        for (u32 t = 1; t < 4; t++) table[t][i] = table[t - 1][i] >> 8 ^ table[0][table[t - 1][i] & 255];
}

static u32 by_bit(u32 crc, const u8 *p, u32 length) {
    while (length--) {
        crc ^= *p++;
        for (u32 k = 0; k < 8; k++) crc = crc >> 1 ^ (0xedb88320u & -(crc & 1));
    }
    return crc;
}

static u32 by_table(u32 crc, const u8 *p, u32 length) {
    while (length--) crc = crc >> 8 ^ table[0][(crc ^ *p++) & 255];
    return crc;
}

static u32 by_four(u32 crc, const u8 *p, u32 length) {
    for (; length >= 4; length -= 4, p += 4) {
        crc ^= *(const u32 *)p;
        crc = table[3][crc & 255] ^ table[2][crc >> 8 & 255] ^ table[1][crc >> 16 & 255] ^ table[0][crc >> 24];
    }
    return by_table(crc, p, length);
}

// The CRC of `length` (at most 32768) pseudo-random bytes taken `rounds` times in a row, by method 0, 1 or 2.
EXPORT(crc32) u32 crc32(u32 method, u32 length, u32 rounds) {
    if (length > sizeof buffer) length = sizeof buffer;
    fill(length);
    make_tables();
    u32 crc = ~0u;
    for (u32 round = 0; round < rounds; round++) {
        switch (method) {
        case 0: crc = by_bit(crc, buffer, length); break;
        case 1: crc = by_table(crc, buffer, length); break;
        case 2: crc = by_four(crc, buffer, length); break;
        default: __builtin_trap();
        }
    }
    return ~crc;
}

// The check value every CRC-32 is judged by: that of "123456789".
EXPORT(check) u32 check(void) {
    static const u8 digits[] = "123456789";
    return ~by_bit(~0u, digits, 9);
}
