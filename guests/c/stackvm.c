// A stack machine as guest, running programs for it: an interpreter inside the interpreter.
#include "guest.h"

enum { PUSH, LOAD, STORE, ADD, SUB, MUL, DIV, REM, LESS, EQUAL, JUMP, JUMP_IF, CALL, RETURN, DUP, HALT };

static i32 code[128];
static u32 length;

static void op(i32 what) { code[length++] = what; }
static u32 op_with(i32 what, i32 operand) {
    op(what);
    op(operand);
    return length - 1; // where the operand is, for a forward jump
}
static void here(u32 operand) { code[operand] = (i32)length; }

static i32 stack[256], variables[8];

// Runs `code`; the value left on the stack. A program that overruns its stack traps.
static i32 interpret(void) {
    i32 *sp = stack;
    for (u32 at = 0;;) {
        if (sp > stack + COUNT(stack) - 2) __builtin_trap();
        switch (code[at++]) {
        case PUSH: *sp++ = code[at++]; break;
        case LOAD: *sp++ = variables[code[at++]]; break;
        case STORE: variables[code[at++]] = *--sp; break;
        case ADD: sp--; sp[-1] = (i32)((u32)sp[-1] + (u32)*sp); break;
        case SUB: sp--; sp[-1] = (i32)((u32)sp[-1] - (u32)*sp); break;
        case MUL: sp--; sp[-1] = (i32)((u32)sp[-1] * (u32)*sp); break;
        case DIV: sp--; sp[-1] /= *sp; break;
        case REM: sp--; sp[-1] %= *sp; break;
        case LESS: sp--; sp[-1] = sp[-1] < *sp; break;
        case EQUAL: sp--; sp[-1] = sp[-1] == *sp; break;
        case JUMP: at = (u32)code[at]; break;
        case JUMP_IF: at = *--sp ? (u32)code[at] : at + 1; break;
        case CALL: *sp = sp[-1]; sp[-1] = (i32)(at + 1); sp++; at = (u32)code[at]; break; // the argument stays on top
        case RETURN: sp--; at = (u32)sp[-1]; sp[-1] = *sp; break;                         // and so does the result
        case DUP: *sp = sp[-1]; sp++; break;
        case HALT: return sp[-1];
        default: __builtin_trap();
        }
    }
}

// The length of the longest Collatz chain that starts below `limit`.
EXPORT(collatz) i32 collatz(i32 limit) {
    enum { N, X, STEPS, BEST };
    length = 0;
    op_with(PUSH, 0), op_with(STORE, BEST);
    op_with(PUSH, 1), op_with(STORE, N);
    i32 outer = (i32)length;
    op_with(LOAD, N), op_with(PUSH, limit), op(LESS);
    u32 go_on = op_with(JUMP_IF, 0);
    op_with(LOAD, BEST), op(HALT);
    here(go_on);
    op_with(PUSH, 0), op_with(STORE, STEPS);
    op_with(LOAD, N), op_with(STORE, X);
    i32 inner = (i32)length;
    op_with(LOAD, X), op_with(PUSH, 1), op(EQUAL);
    u32 reached = op_with(JUMP_IF, 0);
    op_with(LOAD, STEPS), op_with(PUSH, 1), op(ADD), op_with(STORE, STEPS);
    op_with(LOAD, X), op_with(PUSH, 2), op(REM);
    u32 odd = op_with(JUMP_IF, 0);
    op_with(LOAD, X), op_with(PUSH, 2), op(DIV), op_with(STORE, X), op_with(JUMP, inner);
    here(odd);
    op_with(LOAD, X), op_with(PUSH, 3), op(MUL), op_with(PUSH, 1), op(ADD), op_with(STORE, X), op_with(JUMP, inner);
    here(reached);
    op_with(LOAD, BEST), op_with(LOAD, STEPS), op(LESS);
    u32 better = op_with(JUMP_IF, 0), next = op_with(JUMP, 0);
    here(better);
    op_with(LOAD, STEPS), op_with(STORE, BEST);
    here(next);
    op_with(LOAD, N), op_with(PUSH, 1), op(ADD), op_with(STORE, N), op_with(JUMP, outer);
    return interpret();
}

// 1 + 2 + … + n by recursion in the guest's guest. Its stack holds about 80 levels; deeper traps.
EXPORT(recurse) i32 recurse(i32 n) {
    length = 0;
    op_with(PUSH, n);
    u32 call = op_with(CALL, 0);
    op(HALT);
    here(call);
    i32 function = (i32)length;
    op(DUP), op_with(PUSH, 1), op(LESS);
    u32 done = op_with(JUMP_IF, 0);
    op(DUP), op_with(PUSH, 1), op(SUB), op_with(CALL, function), op(ADD);
    here(done);
    op(RETURN);
    return interpret();
}

// Divides in the guest's guest: by zero, and the most negative number by -1, trap.
EXPORT(divide) i32 divide(i32 a, i32 b) {
    length = 0;
    op_with(PUSH, a), op_with(PUSH, b), op(DIV), op(HALT);
    return interpret();
}
