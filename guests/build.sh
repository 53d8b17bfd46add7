#!/bin/sh
# Rebuilds wasm/ from the sources in c/, cpp/, moonbit/, rust/ and wat/.
#
# Needs: Rust with the target wasm32-unknown-unknown, a Python with the packages `ziglang` (its C and C++ compiler) and
# `wasmtime` (its assembler of text), and Node with npm (which fetches the MoonBit compiler). PYTHON says which Python.
# Built with Rust 1.95, ziglang 0.17, wasmtime 50, moonc-worker 0.1.202605123; other versions make other bytes that mean
# the same: `python expect.py --check` tells.
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}
raw=$(mktemp -d)
trap 'rm -rf "$raw"' EXIT

c() { # c OUTPUT SOURCE FLAGS...
    output=$1 source=$2
    shift 2
    # -fno-builtin: a byte loop stays one. -g: or -Os would leave out the names too; pack.py drops the rest.
    "$python" -m ziglang cc -target wasm32-freestanding -nostdlib -Wl,--no-entry -Wl,-z,stack-size=16384 \
        -fno-builtin -fno-sanitize=all -g -Wall -Wextra -Werror "$@" -o "$raw/$output.wasm" "c/$source.c"
    "$python" pack.py "$raw/$output.wasm" "wasm/$output.wasm"
}

rust() { # rust NAME FLAGS...
    name=$1
    shift
    rustc --edition 2024 --crate-type cdylib --target wasm32-unknown-unknown -D warnings \
        -C opt-level=3 -C panic=abort -C lto -C codegen-units=1 -C link-arg=-zstack-size=32768 "$@" \
        -o "$raw/$name.wasm" "rust/$name.rs"
    "$python" pack.py "$raw/$name.wasm" "wasm/$name.wasm"
}

# C++ with WebAssembly's exceptions. The compiler brings the sources of its runtime, but builds them without exceptions:
# so here they are built with them. The tag that C++ exceptions have is no source of it, and is made here.
cpp() { # cpp NAME
    zig=$("$python" -c 'import os, ziglang; print(os.path.dirname(ziglang.__file__))')
    abi=$zig/lib/libcxxabi
    flags="-target wasm32-wasi -O2 -fwasm-exceptions -mexception-handling -mmultivalue -mreference-types
        -mllvm -wasm-enable-eh -mllvm -wasm-use-legacy-eh=false"
    for part in cxa_aux_runtime cxa_default_handlers cxa_exception cxa_exception_storage cxa_handlers cxa_personality \
        cxa_virtual fallback_malloc private_typeinfo stdlib_exception stdlib_stdexcept stdlib_typeinfo; do
        # shellcheck disable=SC2086
        "$python" -m ziglang c++ $flags -std=c++23 -w -fexceptions -D_LIBCXXABI_BUILDING_LIBRARY \
            -D_LIBCPP_BUILDING_LIBRARY -D_LIBCPP_ENABLE_CXX17_REMOVED_UNEXPECTED_FUNCTIONS -D_LIBCXXABI_HAS_NO_THREADS \
            -I"$abi/include" -I"$zig/lib/libcxx/src" -c "$abi/src/$part.cpp" -o "$raw/$part.o"
    done
    # shellcheck disable=SC2086
    "$python" -m ziglang cc $flags -w -fdeclspec -I"$zig/lib/libunwind/include" -c "$zig/lib/libunwind/src/Unwind-wasm.c" \
        -o "$raw/unwind.o"
    printf '.globl __cpp_exception\n.tagtype __cpp_exception i32\n__cpp_exception:\n' >"$raw/tag.s"
    "$python" -m ziglang cc -target wasm32-wasi -mexception-handling -c "$raw/tag.s" -o "$raw/tag.o"
    # shellcheck disable=SC2086
    "$python" -m ziglang c++ $flags -std=c++20 -Wall -Wextra -Werror -c "cpp/$1.cpp" -o "$raw/$1.o"
    # The compiler's own library of C++ comes with its runtime. Only the library is wanted: linked once the usual way, it
    # lies in the compiler's cache.
    export ZIG_GLOBAL_CACHE_DIR="$raw/cache"
    printf 'int main() {}' >"$raw/empty.cpp"
    "$python" -m ziglang c++ -target wasm32-wasi -O2 "$raw/empty.cpp" -o "$raw/empty.wasm"
    "$python" -m ziglang cc -target wasm32-wasi -mexec-model=reactor -Wl,--gc-sections "$raw"/*.o \
        "$raw"/cache/o/*/libc++.a -o "$raw/$1.wasm"
    "$python" pack.py "$raw/$1.wasm" "wasm/$1.wasm"
}

moonbit() { # moonbit NAME EXPORTS...
    name=$1
    shift
    (cd "$raw" && npm pack --silent @moonbit/moonc-worker@0.1.202605123 >/dev/null && tar xzf moonbit-*.tgz)
    node moonbit/compile.mjs "$raw/package/moonc-worker.js" "moonbit/$name.mbt" "$raw/$name.wasm" "$@"
    "$python" pack.py "$raw/$name.wasm" "wasm/$name.wasm"
}

for name in sieve matmul nbody mandelbrot spectral crc32 keccak heapsort mergesort list memory_loops machine \
    expression stackvm coremix bigframe unseen; do
    c $name $name -O2
done
# With reference types a table's number takes five bytes in the code, which older engines refuse; dispatch has those.
c vtable vtable -O2 -mcpu=generic-reference_types-call_indirect_overlong
c lanes lanes -O2 -msimd128
# Other levels make other code: everything in the shadow stack; small and with fewer calls inlined.
c bigframe_o0 bigframe -O0
c coremix_o0 coremix -O0
c coremix_os coremix -Os
c expression_o0 expression -O0

for name in sha256 hash64 quicksort hashtable json brainf strings dispatch lz; do
    rust $name
done
cpp exceptions
moonbit objects tree shapes life texts closures beyond hoard
for source in wat/*.wat; do
    name=$(basename "$source" .wat)
    "$python" pack.py "$source" "wasm/$name.wasm"
done
"$python" wat/frame.py >"$raw/frame.wat"
"$python" pack.py "$raw/frame.wat" wasm/frame.wasm
