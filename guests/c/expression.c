// A recursive-descent parser that evaluates integer expressions with precedence, variables and functions.
#include "guest.h"

static const char *const texts[] = {
    /* 0 */ "1 + 2 * 3",
    /* 1 */ "(1 + 2) * 3 - -4",
    /* 2 */ "a = 7, b = a * a, b % 10 + (b << 4)",
    /* 3 */ "max(3, min(9, 5)) * abs(-12) ^ 0xff",
    /* 4 */ "x = 1, y = (x = x + 1) * 10 + x, y > 20 ? y & 12 : y | 12",
    /* 5 */ "((((((((((1 + 1) * 2) + 1) * 2) + 1) * 2) + 1) * 2) + 1) * 2)",
    /* 6 */ "~0 >> 28 == -1 && !(3 != 3) || 5 / 0",
    /* 7 */ "10 / (5 - 5)",
    /* 8 */ "1 + ",
    /* 9 */ "max(1 2)",
    /* 10 */ "(((",
    /* 11 */ "sum(100) - sum(99) + gcd(1071, 462)",
    /* 12 */ "",
};

static const char *at;
static u32 failed;
static i32 variables[26];

static void blanks(void) { while (*at == ' ') at++; }

static u32 take(const char *token) {
    blanks();
    const char *p = at;
    while (*token) if (*p++ != *token++) return 0;
    at = p;
    return 1;
}

static i32 expression(void);

static void expect(const char *token) { if (!take(token)) failed = 1; }

static u32 is_letter(char c) { return c >= 'a' && c <= 'z'; }

static i32 primary(void) {
    blanks();
    if (failed) return 0;
    if (take("(")) {
        i32 value = expression();
        while (take(",")) value = expression();
        expect(")");
        return value;
    }
    if (take("-")) return -primary();
    if (take("~")) return ~primary();
    if (take("!")) return !primary();
    if (take("0x")) {
        i32 value = 0;
        for (;; at++) {
            if (*at >= '0' && *at <= '9') value = value * 16 + *at - '0';
            else if (*at >= 'a' && *at <= 'f') value = value * 16 + *at - 'a' + 10;
            else return value;
        }
    }
    if (*at >= '0' && *at <= '9') {
        i32 value = 0;
        while (*at >= '0' && *at <= '9') value = value * 10 + *at++ - '0';
        return value;
    }
    if (is_letter(*at) && !is_letter(at[1])) {
        u32 name = (u32)(*at++ - 'a');
        blanks();
        if (*at == '=' && at[1] != '=') return at++, variables[name] = expression();
        return variables[name];
    }
    static const char *const names[] = {"max(", "min(", "abs(", "gcd(", "sum("};
    for (u32 f = 0; f < COUNT(names); f++) {
        if (!take(names[f])) continue;
        i32 a = expression(), b = 0;
        if (f != 2 && f != 4) expect(","), b = expression();
        expect(")");
        if (failed) return 0;
        switch (f) {
        case 0: return a > b ? a : b;
        case 1: return a < b ? a : b;
        case 2: return a < 0 ? -a : a;
        case 3: while (b) { i32 r = a % b; a = b; b = r; } return a;
        default: while (a > 0) b += a--; return b;
        }
    }
    failed = 1;
    return 0;
}

typedef struct { const char *token; u32 level; } Operator;
static const Operator operators[] = {
    {"||", 1}, {"&&", 2}, {"==", 6}, {"!=", 6}, {"<<", 8}, {">>", 8}, {"<=", 7}, {">=", 7}, {"|", 3}, {"^", 4},
    {"&", 5}, {"<", 7}, {">", 7}, {"+", 9}, {"-", 9}, {"*", 10}, {"/", 10}, {"%", 10},
};

// Division is the machine's own: by zero it traps.
static i32 binary(u32 level) {
    i32 left = primary();
    for (;;) {
        u32 i = 0;
        const char *before = at;
        while (i < COUNT(operators) && !take(operators[i].token)) i++;
        if (i == COUNT(operators)) return left;
        if (operators[i].level < level) return at = before, left;
        i32 right = binary(operators[i].level + 1);
        if (failed) return 0;
        switch (i) {
        case 0: left = left || right; break;
        case 1: left = left && right; break;
        case 2: left = left == right; break;
        case 3: left = left != right; break;
        case 4: left = left << (right & 31); break;
        case 5: left = left >> (right & 31); break;
        case 6: left = left <= right; break;
        case 7: left = left >= right; break;
        case 8: left |= right; break;
        case 9: left ^= right; break;
        case 10: left &= right; break;
        case 11: left = left < right; break;
        case 12: left = left > right; break;
        case 13: left += right; break;
        case 14: left -= right; break;
        case 15: left *= right; break;
        case 16: left /= right; break;
        default: left %= right; break;
        }
    }
}

static i32 expression(void) {
    i32 value = binary(1);
    if (!take("?")) return value;
    i32 yes = expression();
    expect(":");
    i32 no = expression();
    return value ? yes : no;
}

// The value of text `i`; -1000 minus the position for a text that is no expression. Texts 6 and 7 divide by zero.
EXPORT(evaluate) i32 evaluate(u32 i) {
    if (i >= COUNT(texts)) __builtin_trap();
    at = texts[i];
    failed = 0;
    for (u32 k = 0; k < 26; k++) variables[k] = 0;
    i32 value = expression();
    while (take(",")) value = expression();
    blanks();
    return failed || *at ? -1000 - (i32)(at - texts[i]) : value;
}

// The texts that hold no error, `rounds` times over.
EXPORT(evaluate_all) u32 evaluate_all(u32 rounds) {
    u32 digest = 0;
    while (rounds--)
        for (u32 i = 0; i < 6; i++) digest = mix(digest, (u32)evaluate(i));
    return digest;
}
