// Sieve of Eratosthenes over a byte array.
#include "guest.h"

static u8 composite[1 << 19];

// The number of primes below `limit` (at most 2^19), found `rounds` times over; the sum of all rounds.
EXPORT(sieve) u32 sieve(u32 limit, u32 rounds) {
    if (limit > COUNT(composite)) limit = COUNT(composite);
    u32 total = 0;
    for (u32 round = 0; round < rounds; round++) {
        for (u32 i = 0; i < limit; i++) composite[i] = 0;
        for (u32 i = 2; i * i < limit; i++)
            if (!composite[i])
                for (u32 j = i * i; j < limit; j += i) composite[j] = 1;
        for (u32 i = 2; i < limit; i++) total += !composite[i];
    }
    return total;
}

// The largest prime below `limit`, or 0.
EXPORT(last_prime) u32 last_prime(u32 limit) {
    sieve(limit, 1);
    if (limit > COUNT(composite)) limit = COUNT(composite);
    while (limit > 2)
        if (!composite[--limit]) return limit;
    return 0;
}
