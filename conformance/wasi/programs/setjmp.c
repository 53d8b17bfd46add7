// setjmp and longjmp by WebAssembly's exceptions, as compilers call them; the C library at hand is built without.

#include <stdint.h>

struct buffer {
    void *invocation;
    uint32_t label;
    struct {
        void *buffer;
        int value;
    } thrown;
};

void __wasm_setjmp(void *at, uint32_t label, void *invocation) {
    struct buffer *buffer = at;
    buffer->invocation = invocation;
    buffer->label = label;
}

uint32_t __wasm_setjmp_test(void *at, void *invocation) {
    struct buffer *buffer = at;
    return buffer->invocation == invocation ? buffer->label : 0;
}

void __wasm_longjmp(void *at, int value) {
    struct buffer *buffer = at;
    buffer->thrown.buffer = at;
    buffer->thrown.value = value ? value : 1;
    __builtin_wasm_throw(1, &buffer->thrown);
}

__asm__(".globl __c_longjmp\n.tagtype __c_longjmp i32\n__c_longjmp:\n");
