#!/bin/sh
# Rebuilds wasm/ from the sources in c/, rust/ and wat/.
#
# Needs: Rust with the target wasm32-unknown-unknown, and a Python with the packages `ziglang` (its C compiler) and
# `wasmtime` (its assembler of text). PYTHON says which Python. Built with Rust 1.95, ziglang 0.17, wasmtime 50; other
# versions make other bytes that mean the same: `python expect.py --check` tells.
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

for name in sieve matmul nbody mandelbrot spectral crc32 keccak heapsort mergesort list memory_loops machine \
    expression stackvm coremix bigframe; do
    c $name $name -O2
done
# With reference types a table's number takes five bytes in the code, which older engines refuse; dispatch has those.
c vtable vtable -O2 -mcpu=generic-reference_types-call_indirect_overlong
# Other levels make other code: everything in the shadow stack; small and with fewer calls inlined.
c bigframe_o0 bigframe -O0
c coremix_o0 coremix -O0
c coremix_os coremix -Os
c expression_o0 expression -O0

for name in sha256 hash64 quicksort hashtable json brainf strings dispatch lz; do
    rust $name
done
for source in wat/*.wat; do
    name=$(basename "$source" .wat)
    "$python" pack.py "$source" "wasm/$name.wasm"
done
"$python" wat/frame.py >"$raw/frame.wat"
"$python" pack.py "$raw/frame.wat" wasm/frame.wasm
