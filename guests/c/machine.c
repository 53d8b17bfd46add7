// A state machine through br_table: a register machine with 24 operations, and a lexer of a C-like text.
#include "guest.h"

static u32 program[64];
static u32 registers[8];

enum { HALT, SET, ADD, SUB, MUL, AND, OR, XOR, SHL, SHR, ROT, NOT, NEG, INC, DEC, SWAP, MIN, MAX, POP, CLZ, JUMP, LOOP, SKIP, MIX };

static u32 make(u32 op, u32 a, u32 b, u32 c) { return op | a << 5 | b << 8 | c << 11; }

static void load(void) {
    u32 at = 0;
    program[at++] = make(SET, 1, 0, 12345);
    program[at++] = make(SET, 2, 0, 678);
    // 2: the loop
    program[at++] = make(ADD, 1, 2, 0);
    program[at++] = make(MUL, 2, 1, 0);
    program[at++] = make(XOR, 3, 2, 0);
    program[at++] = make(ROT, 3, 1, 0);
    program[at++] = make(SHR, 4, 3, 7);
    program[at++] = make(SKIP, 3, 0, 4);
    program[at++] = make(MIN, 4, 1, 0);
    program[at++] = make(SUB, 4, 3, 0);
    program[at++] = make(OR, 5, 4, 0);
    program[at++] = make(AND, 5, 1, 0);
    program[at++] = make(POP, 6, 5, 0);
    program[at++] = make(ADD, 2, 6, 0);
    program[at++] = make(NOT, 5, 0, 0);
    program[at++] = make(MAX, 6, 4, 0);
    program[at++] = make(CLZ, 6, 6, 0);
    program[at++] = make(MIX, 7, 6, 0);
    program[at++] = make(SHL, 6, 2, 3);
    program[at++] = make(NEG, 6, 0, 0);
    program[at++] = make(SWAP, 1, 6, 0);
    program[at++] = make(INC, 2, 0, 0);
    program[at++] = make(DEC, 5, 0, 0);
    program[at++] = make(MIX, 7, 1, 0);
    program[at++] = make(LOOP, 0, 0, 2);
    program[at++] = make(HALT, 0, 0, 0);
}

// Runs a built-in program whose loop turns `turns` times; the digest it keeps in register 7.
EXPORT(machine) u32 machine(u32 turns) {
    load();
    for (u32 i = 0; i < 8; i++) registers[i] = 0;
    registers[0] = turns;
    u32 *r = registers;
    for (u32 at = 0;;) {
        u32 word = program[at++];
        u32 a = word >> 5 & 7, b = word >> 8 & 7, c = word >> 11;
        switch (word & 31) {
        case HALT: return r[7];
        case SET: r[a] = c; break;
        case ADD: r[a] += r[b]; break;
        case SUB: r[a] -= r[b]; break;
        case MUL: r[a] *= r[b] | 1; break;
        case AND: r[a] &= r[b]; break;
        case OR: r[a] |= r[b]; break;
        case XOR: r[a] ^= r[b]; break;
        case SHL: r[a] = r[b] << (c & 31); break;
        case SHR: r[a] = r[b] >> (c & 31); break;
        case ROT: r[a] = r[a] << (r[b] & 31) | r[a] >> (-r[b] & 31); break;
        case NOT: r[a] = ~r[a]; break;
        case NEG: r[a] = -r[a]; break;
        case INC: r[a]++; break;
        case DEC: r[a]--; break;
        case SWAP: { u32 t = r[a]; r[a] = r[b]; r[b] = t; break; }
        case MIN: if (r[b] < r[a]) r[a] = r[b]; break;
        case MAX: if (r[b] > r[a]) r[a] = r[b]; break;
        case POP: r[a] = (u32)__builtin_popcount(r[b]); break;
        case CLZ: r[a] = r[b] ? (u32)__builtin_clz(r[b]) : 32; break;
        case JUMP: at = c; break;
        case LOOP: if (r[a] && --r[a]) at = c; break;
        case SKIP: if (r[a] & 1) at += c; break;
        case MIX: r[a] = mix(r[a], r[b]); break;
        default: __builtin_trap();
        }
    }
}

static const char text[] =
    "int main(void) {\n"
    "    /* sum of a row */ int total = 0x1F, i;\n"
    "    for (i = 10; i --> 0;) { total += row[i] * 3.25e-2; }  // backwards\n"
    "    print(\"total: %d\\n\", total); if (total >= 077 && !done) return 'x';\n"
    "}\n";

enum State { START, WORD, NUMBER, FRACTION, STRING, STRING_ESCAPE, CHARACTER, CHARACTER_ESCAPE, SLASH, LINE, BLOCK, STAR, SYMBOL };

// Lexes the built-in text `rounds` times: per token its kind and length go into a digest.
EXPORT(lex) u32 lex(u32 rounds) {
    u32 digest = 0;
    while (rounds--) {
        enum State state = START;
        u32 begin = 0;
        for (u32 i = 0; i < sizeof text; i++) {
            char c = text[i];
            u32 letter = (c | 32) >= 'a' && (c | 32) <= 'z', digit = c >= '0' && c <= '9';
            enum State next = state;
        again:
            switch (state) {
            case START:
                begin = i;
                if (letter || c == '_') next = WORD;
                else if (digit) next = NUMBER;
                else if (c == '"') next = STRING;
                else if (c == '\'') next = CHARACTER;
                else if (c == '/') next = SLASH;
                else if (c > ' ') next = SYMBOL;
                break;
            case WORD: if (!letter && !digit && c != '_') next = START; break;
            case NUMBER: if (c == '.') next = FRACTION; else if (!letter && !digit) next = START; break;
            case FRACTION: if (!letter && !digit && c != '-') next = START; break;
            case STRING: if (c == '\\') next = STRING_ESCAPE; else if (c == '"') next = SYMBOL; break;
            case STRING_ESCAPE: next = STRING; break;
            case CHARACTER: if (c == '\\') next = CHARACTER_ESCAPE; else if (c == '\'') next = SYMBOL; break;
            case CHARACTER_ESCAPE: next = CHARACTER; break;
            case SLASH: if (c == '/') next = LINE; else if (c == '*') next = BLOCK; else next = START; break;
            case LINE: if (c == '\n') next = START; break;
            case BLOCK: if (c == '*') next = STAR; break;
            case STAR: if (c == '/') next = SYMBOL; else if (c != '*') next = BLOCK; break;
            case SYMBOL: next = START; break;
            }
            if (next == START && state != START) {
                digest = mix(digest, (u32)state << 16 | (i - begin));
                state = next;
                goto again;
            }
            state = next;
        }
    }
    return digest;
}
