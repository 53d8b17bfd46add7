#!/bin/sh
# Rebuilds wasm/ from the sources in rust/ and c/.
#
# Needs: Rust with the target wasm32-wasip1, and a Python with the package `ziglang` (its C compiler and library of WASI).
# PYTHON says which Python. Built with Rust 1.95 and ziglang 0.17; other versions make other bytes that mean the same.
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}
rm -f wasm/*.wasm
for source in rust/*.rs; do
    name=$(basename "$source" .rs)
    case $name in
    wasi) ;; # what the others share
    std_*)
        rustc --edition 2024 --target wasm32-wasip1 -D warnings -C opt-level=s -C panic=abort -C lto -C codegen-units=1 \
            -C strip=symbols -o "wasm/$name.wasm" "$source"
        ;;
    *)
        rustc --edition 2024 --crate-type cdylib --target wasm32-wasip1 -D warnings -C opt-level=s -C panic=abort -C lto \
            -C codegen-units=1 -C strip=symbols -C link-self-contained=no -C link-arg=-zstack-size=32768 \
            -o "wasm/$name.wasm" "$source"
        ;;
    esac
done
for source in c/*.c; do
    "$python" -m ziglang cc -target wasm32-wasi -Os -s -Wall -Wextra -Werror -o "wasm/$(basename "$source" .c).wasm" "$source"
done
