// A mix in the spirit of CoreMark, our own code: a list to search and sort, small integer matrices, a state machine
// that classifies numbers in text, and a CRC-16 over everything that comes out.
#include "guest.h"

static u16 crc16(u16 crc, u16 value) {
    for (u32 i = 0; i < 16; i++) {
        u16 bit = (crc ^ value) & 1;
        crc >>= 1;
        value >>= 1;
        if (bit) crc ^= 0xa001;
    }
    return crc;
}

// -- the list --------------------------------------------------------------------------------------------------------

typedef struct Item { struct Item *next; i16 key, index; } Item;
enum { ITEMS = 64 };
static Item pool[ITEMS];
static u32 comparisons;

static Item *list_make(u32 seed) {
    for (u32 i = 0; i < ITEMS; i++) {
        pool[i].key = (i16)(next_random(&seed) & 0x3ff);
        pool[i].index = (i16)i;
        pool[i].next = i + 1 < ITEMS ? &pool[i + 1] : 0;
    }
    return pool;
}

static i32 by_key(const Item *a, const Item *b) { return comparisons++, a->key - b->key; }
static i32 by_index(const Item *a, const Item *b) { return comparisons++, a->index - b->index; }

// Insertion of runs of growing width, as lists are sorted without recursion or arrays.
static Item *list_sort(Item *list, i32 (*compare)(const Item *, const Item *)) {
    for (u32 width = 1;; width *= 2) {
        Item *rest = list, *tail = 0;
        u32 merges = 0;
        list = 0;
        while (rest) {
            Item *left = rest, *right = rest;
            u32 left_size = 0, right_size = width;
            merges++;
            while (left_size < width && right) left_size++, right = right->next;
            while (left_size || (right_size && right)) {
                Item *least;
                if (left_size && (!right_size || !right || compare(left, right) <= 0)) {
                    least = left;
                    left = left->next;
                    left_size--;
                } else {
                    least = right;
                    right = right->next;
                    right_size--;
                }
                if (tail) tail->next = least;
                else list = least;
                tail = least;
            }
            rest = right;
        }
        tail->next = 0;
        if (merges <= 1) return list;
    }
}

static Item *list_reverse(Item *list) {
    Item *done = 0;
    while (list) {
        Item *rest = list->next;
        list->next = done;
        done = list;
        list = rest;
    }
    return done;
}

static u16 list_work(u16 crc, u32 seed) {
    Item *list = list_make(seed);
    for (i32 wanted = 0; wanted < 24; wanted++) {
        Item *found = list;
        while (found && (found->key & 31) != wanted) found = found->next;
        crc = crc16(crc, found ? (u16)(found->key + found->index) : 0xffff);
        if (found && found->next) { // take out what follows, put it in front
            Item *moved = found->next;
            found->next = moved->next;
            moved->next = list;
            list = moved;
        }
        list = list_reverse(list);
    }
    list = list_sort(list, by_key);
    for (Item *i = list; i; i = i->next) crc = crc16(crc, (u16)i->key);
    list = list_sort(list, by_index);
    for (Item *i = list; i; i = i->next) crc = crc16(crc, (u16)i->index);
    return crc16(crc, (u16)comparisons);
}

// -- the matrices ----------------------------------------------------------------------------------------------------

enum { SIDE = 10 };
static i16 left[SIDE][SIDE], right[SIDE][SIDE];
static i32 product[SIDE][SIDE];

static u16 matrix_sum(u16 crc, i32 clip) {
    i32 sum = 0, last = 0;
    u32 rises = 0;
    for (u32 i = 0; i < SIDE; i++)
        for (u32 j = 0; j < SIDE; j++) {
            i32 value = product[i][j];
            sum += value;
            if (sum > clip) sum = 0, rises += 10;
            else rises += value > last;
            last = value;
        }
    return crc16(crc, (u16)(rises + (u32)sum));
}

static u16 matrix_work(u16 crc, u32 seed) {
    for (u32 i = 0; i < SIDE; i++)
        for (u32 j = 0; j < SIDE; j++) {
            left[i][j] = (i16)(next_random(&seed) & 0xff);
            right[i][j] = (i16)(next_random(&seed) & 0xff) - 128;
        }
    for (u32 i = 0; i < SIDE; i++)
        for (u32 j = 0; j < SIDE; j++) {
            i32 sum = 0;
            for (u32 k = 0; k < SIDE; k++) sum += left[i][k] * right[k][j];
            product[i][j] = sum;
        }
    crc = matrix_sum(crc, 60000);
    for (u32 i = 0; i < SIDE; i++)
        for (u32 j = 0; j < SIDE; j++) {
            i32 sum = 0;
            for (u32 k = 0; k < SIDE; k++) {
                i32 p = left[i][k] * right[k][j];
                sum += (p >> 2 & 15) * (p >> 5 & 127);
            }
            product[i][j] = sum;
        }
    crc = matrix_sum(crc, 5000);
    for (u32 i = 0; i < SIDE; i++)
        for (u32 j = 0; j < SIDE; j++) product[i][j] = left[i][j] * 3 + right[j][i];
    return matrix_sum(crc, 700);
}

// -- the state machine -----------------------------------------------------------------------------------------------

enum State { START, SIGN, DIGITS, POINT, FRACTION, E, E_SIGN, EXPONENT, BAD, STATES };
static u32 ends[STATES], visits[STATES];

static const char *const numbers[] = {
    "5012", "-874", "+122", "1.5e3", "-.1e+500", "0.22", "T0.3e-1F", "-T.T++Tq", "1T3.4e4z", "34.0e-T^", "+8e12", "7.", ".", "9e", "-",
};

// Reads one number up to a comma or the end; gives the state it ended in.
static enum State number(const char **text) {
    enum State state = START;
    const char *p = *text;
    for (; *p && *p != ','; p++) {
        u32 digit = *p >= '0' && *p <= '9';
        visits[state]++;
        switch (state) {
        case START: state = digit ? DIGITS : *p == '+' || *p == '-' ? SIGN : *p == '.' ? POINT : BAD; break;
        case SIGN: state = digit ? DIGITS : *p == '.' ? POINT : BAD; break;
        case DIGITS: state = digit ? DIGITS : *p == '.' ? FRACTION : *p == 'e' ? E : BAD; break;
        case POINT: state = digit ? FRACTION : BAD; break;
        case FRACTION: state = digit ? FRACTION : *p == 'e' ? E : BAD; break;
        case E: state = digit ? EXPONENT : *p == '+' || *p == '-' ? E_SIGN : BAD; break;
        case E_SIGN: state = digit ? EXPONENT : BAD; break;
        case EXPONENT: state = digit ? EXPONENT : BAD; break;
        default: break;
        }
    }
    *text = *p ? p + 1 : p;
    return state;
}

static char text[256];

static u16 state_work(u16 crc, u32 seed) {
    u32 length = 0;
    for (;;) {
        const char *next = numbers[next_random(&seed) % COUNT(numbers)];
        u32 size = 0;
        while (next[size]) size++;
        if (length + size + 2 > sizeof text) break;
        for (u32 i = 0; i < size; i++) text[length++] = next[i];
        text[length++] = ',';
    }
    text[length] = 0;
    for (u32 i = 0; i < STATES; i++) ends[i] = visits[i] = 0;
    for (u32 pass = 0; pass < 2; pass++) {
        for (const char *at = text; *at;) ends[number(&at)]++;
        for (u32 i = seed & 7; i < length; i += 11) // spoil it, and after the second pass no one minds
            if (text[i] != ',') text[i] ^= 3;
    }
    for (u32 i = 0; i < STATES; i++) crc = crc16(crc16(crc, (u16)ends[i]), (u16)visits[i]);
    return crc;
}

// The CRC after `rounds` rounds of everything.
EXPORT(coremix) u32 coremix(u32 rounds) {
    u16 crc = 0;
    comparisons = 0;
    for (u32 round = 1; round <= rounds; round++) {
        crc = list_work(crc, round * 0x9e3779b9u | 1);
        crc = matrix_work(crc, (round ^ 0x55aa) | 1u << 16);
        crc = state_work(crc, (u32)crc << 8 | 1);
    }
    return crc;
}
