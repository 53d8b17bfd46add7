// Programs that the engine's sequences of instructions were not counted in: what they take says how others' programs fare.
#include "guest.h"

enum { BYTES = 1 << 16, WORDS = 1 << 16 };
static u8 bytes[BYTES], more_bytes[BYTES];
static u32 words[WORDS], more_words[WORDS];
static f64 reals[4096];

static void fill(u8 *to, u32 count, u32 letters, u32 seed) {
    for (u32 i = 0; i < count; i++) to[i] = next_random(&seed) % letters;
}

// The stream cipher RC4 over a buffer.
EXPORT(rc4) u32 rc4(u32 rounds) {
    static u8 state[256];
    fill(bytes, BYTES, 251, 3);
    for (u32 i = 0; i < 256; i++) state[i] = (u8)i;
    for (u32 i = 0, j = 0; i < 256; i++) {
        j = (j + state[i] + bytes[i % 16]) & 255;
        u8 kept = state[i];
        state[i] = state[j];
        state[j] = kept;
    }
    u32 digest = 1;
    for (u32 round = 0; round < rounds; round++) {
        u8 i = 0, j = 0;
        for (u32 at = 0; at < BYTES; at++) {
            i++;
            j += state[i];
            u8 kept = state[i];
            state[i] = state[j];
            state[j] = kept;
            bytes[at] ^= state[(u8)(state[i] + state[j])];
        }
        digest = mix(digest, bytes[round % BYTES]);
    }
    return digest;
}

static u32 rotated(u32 x, u32 by) { return x << by | x >> (32 - by); }

// Blocks of ChaCha20.
EXPORT(chacha) u32 chacha(u32 blocks) {
    u32 digest = 1;
    for (u32 block = 0; block < blocks; block++) {
        u32 x[16];
        for (u32 i = 0; i < 16; i++) x[i] = i * 0x01234567u + block;
        for (u32 round = 0; round < 20; round++) {
            for (u32 k = 0; k < 4; k++) {
                u32 shift = round & 1 ? 1 : 0;
                u32 a = k, b = 4 + ((k + shift) & 3), c = 8 + ((k + 2 * shift) & 3), d = 12 + ((k + 3 * shift) & 3);
                x[a] += x[b];
                x[d] = rotated(x[d] ^ x[a], 16);
                x[c] += x[d];
                x[b] = rotated(x[b] ^ x[c], 12);
                x[a] += x[b];
                x[d] = rotated(x[d] ^ x[a], 8);
                x[c] += x[d];
                x[b] = rotated(x[b] ^ x[c], 7);
            }
        }
        for (u32 i = 0; i < 16; i++) digest = mix(digest, x[i]);
    }
    return digest;
}

// Moving to the front, and the sum of what a code by run lengths would take.
EXPORT(to_front) u32 to_front(u32 rounds) {
    u8 order[64];
    u32 digest = 1;
    fill(bytes, 20000, 9, 5);
    for (u32 round = 0; round < rounds; round++) {
        for (u32 i = 0; i < 64; i++) order[i] = (u8)i;
        u32 run = 0, length = 0;
        for (u32 at = 0; at < 20000; at++) {
            u32 place = 0;
            while (order[place] != bytes[at]) place++;
            for (u32 i = place; i > 0; i--) order[i] = order[i - 1];
            order[0] = bytes[at];
            if (place == 0) run++;
            else {
                for (; run; run >>= 1) length++;
                length += 2 * place + 1;
            }
        }
        digest = mix(digest, length);
        bytes[round % 20000] = (u8)(round % 9);
    }
    return digest;
}

// A tour through points, made shorter by turning parts of it around.
EXPORT(tour) u32 tour(u32 steps) {
    enum { POINTS = 200 };
    u32 seed = 7;
    for (u32 i = 0; i < 2 * POINTS; i++) reals[i] = next_random(&seed) % 1000;
    for (u32 i = 0; i < POINTS; i++) words[i] = i;
    f64 gained = 0;
    for (u32 step = 0; step < steps; step++) {
        u32 from = next_random(&seed) % (POINTS - 2), to = from + 1 + next_random(&seed) % (POINTS - from - 2);
        const f64 *a = reals + 2 * words[from], *b = reals + 2 * words[from + 1];
        const f64 *c = reals + 2 * words[to], *d = reals + 2 * words[to + 1];
        f64 now = (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (c[0] - d[0]) * (c[0] - d[0]) + (c[1] - d[1]) * (c[1] - d[1]);
        f64 then = (a[0] - c[0]) * (a[0] - c[0]) + (a[1] - c[1]) * (a[1] - c[1]) + (b[0] - d[0]) * (b[0] - d[0]) + (b[1] - d[1]) * (b[1] - d[1]);
        if (then >= now) continue;
        gained += now - then;
        for (u32 i = from + 1, j = to; i < j; i++, j--) {
            u32 kept = words[i];
            words[i] = words[j];
            words[j] = kept;
        }
    }
    return mix((u32)gained, words[POINTS / 2]);
}

// Horspool's search for a word in a text.
EXPORT(horspool) u32 horspool(u32 rounds) {
    fill(bytes, BYTES, 12, 11);
    u32 found = 0;
    for (u32 round = 0; round < rounds; round++) {
        const u8 *word = bytes + (round * 977) % (BYTES - 16);
        u32 length = 4 + round % 5, skip[256];
        for (u32 i = 0; i < 256; i++) skip[i] = length;
        for (u32 i = 0; i + 1 < length; i++) skip[word[i]] = length - 1 - i;
        for (u32 at = 0; at + length <= BYTES; at += skip[bytes[at + length - 1]]) {
            u32 i = length;
            while (i > 0 && bytes[at + i - 1] == word[i - 1]) i--;
            if (i == 0) found += at;
        }
    }
    return found;
}

// The longest sequence that two texts have in common.
EXPORT(common) u32 common(u32 rounds) {
    enum { LENGTH = 500 };
    static u16 row[LENGTH + 1];
    u32 digest = 1;
    fill(bytes, LENGTH, 5, 13);
    fill(more_bytes, LENGTH, 5, 17);
    for (u32 round = 0; round < rounds; round++) {
        for (u32 j = 0; j <= LENGTH; j++) row[j] = 0;
        for (u32 i = 0; i < LENGTH; i++) {
            u16 diagonal = 0;
            for (u32 j = 1; j <= LENGTH; j++) {
                u16 above = row[j];
                if (bytes[i] == more_bytes[j - 1]) row[j] = diagonal + 1;
                else if (row[j - 1] > row[j]) row[j] = row[j - 1];
                diagonal = above;
            }
        }
        digest = mix(digest, row[LENGTH]);
        bytes[round % LENGTH] ^= 1;
    }
    return digest;
}

static u32 root(u32 *parents, u32 of) {
    while (parents[of] != of) {
        parents[of] = parents[parents[of]];
        of = parents[of];
    }
    return of;
}

// Least spanning trees: edges by weight, sets that are joined.
EXPORT(spanning) u32 spanning(u32 rounds) {
    enum { NODES = 2000, EDGES = 8000, WEIGHTS = 256 };
    static u16 ends[EDGES][2];
    static u8 weights[EDGES];
    u32 seed = 19, digest = 1;
    for (u32 round = 0; round < rounds; round++) {
        u32 starts[WEIGHTS + 1] = {0};
        for (u32 i = 0; i < EDGES; i++) {
            ends[i][0] = next_random(&seed) % NODES;
            ends[i][1] = next_random(&seed) % NODES;
            weights[i] = (u8)next_random(&seed);
            starts[weights[i] + 1]++;
        }
        for (u32 i = 0; i < WEIGHTS; i++) starts[i + 1] += starts[i];
        for (u32 i = 0; i < EDGES; i++) more_words[starts[weights[i]]++] = i;
        for (u32 i = 0; i < NODES; i++) words[i] = i;
        u32 total = 0;
        for (u32 i = 0; i < EDGES; i++) {
            u32 edge = more_words[i], a = root(words, ends[edge][0]), b = root(words, ends[edge][1]);
            if (a == b) continue;
            words[a] = b;
            total += weights[edge];
        }
        digest = mix(digest, total);
    }
    return digest;
}

// A table with open addressing, from which things are taken out again.
EXPORT(table) u32 table(u32 steps) {
    enum { PLACES = 1 << 13, FREE = 0, GONE = 1 };
    u32 seed = 23, digest = 1;
    for (u32 i = 0; i < PLACES; i++) words[i] = FREE;
    for (u32 step = 0; step < steps; step++) {
        u32 key = 2 + next_random(&seed) % 6000, place = key * 2654435761u >> 19, gone = PLACES;
        while (words[place] != FREE && words[place] != key) {
            if (words[place] == GONE && gone == PLACES) gone = place;
            place = (place + 1) & (PLACES - 1);
        }
        if (words[place] == key) {
            if (step & 1) words[place] = GONE;
            else more_words[place]++;
        } else {
            place = gone == PLACES ? place : gone;
            words[place] = key;
            more_words[place] = step;
        }
        digest += more_words[place];
        if (step % PLACES == PLACES - 1)
            for (u32 i = 0; i < PLACES; i++) words[i] = FREE;
    }
    return digest;
}

// Fields of numbers between commas, added up by column.
EXPORT(columns) u32 columns(u32 rounds) {
    u32 seed = 29, length = 0, digest = 1;
    while (length < BYTES - 16) {
        u32 number = next_random(&seed) >> (next_random(&seed) & 31);
        do bytes[length++] = (u8)('0' + number % 10);
        while (number /= 10);
        bytes[length++] = next_random(&seed) % 6 ? ',' : '\n';
    }
    for (u32 round = 0; round < rounds; round++) {
        i64 sums[8] = {0};
        u32 column = 0;
        i64 number = 0;
        for (u32 at = 0; at < length; at++) {
            u8 letter = bytes[at];
            if (letter >= '0' && letter <= '9') {
                number = number * 10 + (letter - '0');
                continue;
            }
            sums[column & 7] += number;
            number = 0;
            column = letter == ',' ? column + 1 : 0;
        }
        for (u32 i = 0; i < 8; i++) digest = mix(digest, (u32)(sums[i] ^ sums[i] >> 32));
    }
    return digest;
}

// Determinants modulo a prime.
EXPORT(determinant) u32 determinant(u32 rounds) {
    enum { SIDE = 24 };
    const u64 prime = 1000000007;
    static u64 matrix[SIDE][SIDE];
    u32 seed = 31, digest = 1;
    for (u32 round = 0; round < rounds; round++) {
        for (u32 i = 0; i < SIDE * SIDE; i++) matrix[i / SIDE][i % SIDE] = next_random(&seed) % prime;
        u64 result = 1;
        for (u32 k = 0; k < SIDE; k++) {
            u64 inverse = 1, base = matrix[k][k];
            for (u64 power = prime - 2; power; power >>= 1) {
                if (power & 1) inverse = inverse * base % prime;
                base = base * base % prime;
            }
            result = result * matrix[k][k] % prime;
            for (u32 i = k + 1; i < SIDE; i++) {
                u64 factor = matrix[i][k] * inverse % prime;
                for (u32 j = k; j < SIDE; j++) matrix[i][j] = (matrix[i][j] + (prime - factor) * matrix[k][j]) % prime;
            }
        }
        digest = mix(digest, (u32)result);
    }
    return digest;
}

// Areas of a picture, filled from a stack of places.
EXPORT(areas) u32 areas(u32 rounds) {
    enum { SIDE = 128 };
    u32 digest = 1;
    for (u32 round = 0; round < rounds; round++) {
        fill(bytes, SIDE * SIDE, 3, round + 37);
        for (u32 start = 0; start < SIDE * SIDE; start++) {
            if (bytes[start] == 255) continue;
            u8 colour = bytes[start];
            u32 height = 0, size = 0;
            words[height++] = start;
            bytes[start] = 255;
            while (height) {
                u32 at = words[--height], x = at % SIDE, y = at / SIDE;
                size++;
                u32 next[4] = {x > 0 ? at - 1 : at, x < SIDE - 1 ? at + 1 : at, y > 0 ? at - SIDE : at, y < SIDE - 1 ? at + SIDE : at};
                for (u32 k = 0; k < 4; k++) {
                    if (bytes[next[k]] != colour) continue;
                    bytes[next[k]] = 255;
                    words[height++] = next[k];
                }
            }
            digest = mix(digest, size);
        }
    }
    return digest;
}

static u32 moves_from(i32 x, i32 y, u32 step, u32 *left) {
    enum { SIDE = 6 };
    static const i8 by[8][2] = {{1, 2}, {2, 1}, {2, -1}, {1, -2}, {-1, -2}, {-2, -1}, {-2, 1}, {-1, 2}};
    if (step == SIDE * SIDE || *left == 0) return step;
    u32 most = step;
    for (u32 k = 0; k < 8; k++) {
        i32 to_x = x + by[k][0], to_y = y + by[k][1];
        if (to_x < 0 || to_y < 0 || to_x >= SIDE || to_y >= SIDE || bytes[to_y * SIDE + to_x]) continue;
        bytes[to_y * SIDE + to_x] = 1;
        (*left)--;
        u32 reached = moves_from(to_x, to_y, step + 1, left);
        bytes[to_y * SIDE + to_x] = 0;
        if (reached > most) most = reached;
        if (*left == 0) break;
    }
    return most;
}

// A knight's moves over a board, tried out.
EXPORT(knight) u32 knight(u32 tries) {
    u32 digest = 1;
    for (u32 i = 0; i < 36; i++) bytes[i] = 0;
    for (u32 start = 0; start < 6; start++) {
        u32 left = tries;
        bytes[start] = 1;
        digest = mix(digest, moves_from((i32)start, 0, 1, &left));
        bytes[start] = 0;
    }
    return digest;
}

typedef struct Job {
    struct Job *next;
    u32 due, kind, done;
} Job;

// Jobs in a list by when they are due; each is put back later.
EXPORT(schedule) u32 schedule(u32 steps) {
    enum { JOBS = 24 };
    static Job jobs[JOBS];
    u32 seed = 41, digest = 1;
    Job *first = 0;
    for (u32 i = 0; i < JOBS; i++) {
        jobs[i] = (Job){first, 0, i % 4, 0};
        first = &jobs[i];
    }
    for (u32 step = 0; step < steps; step++) {
        Job *job = first;
        first = job->next;
        job->done++;
        switch (job->kind) {
        case 0: job->due += 10; break;
        case 1: job->due += 1 + next_random(&seed) % 50; break;
        case 2: job->due += job->done % 7 * 3; break;
        default: job->due ^= 5; job->due += 9;
        }
        Job **place = &first;
        while (*place && (*place)->due <= job->due) place = &(*place)->next;
        job->next = *place;
        *place = job;
        digest = mix(digest, job->due);
    }
    return digest;
}

// Factorials in decimal digits, nine to a word.
EXPORT(factorial) u32 factorial(u32 of) {
    u32 length = 1;
    words[0] = 1;
    for (u32 factor = 2; factor <= of; factor++) {
        u64 carry = 0;
        for (u32 i = 0; i < length; i++) {
            u64 product = (u64)words[i] * factor + carry;
            words[i] = (u32)(product % 1000000000);
            carry = product / 1000000000;
        }
        if (carry) words[length++] = (u32)carry;
    }
    u32 digest = length;
    for (u32 i = 0; i < length; i++) digest = mix(digest, words[i]);
    return digest;
}
