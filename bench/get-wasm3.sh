#!/bin/sh
# Puts wasm3's C source into peers/wasm3, from the source distribution of its Python package. Not committed.
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}
raw=$(mktemp -d)
trap 'rm -rf "$raw"' EXIT
"$python" -m pip download --quiet --no-deps --no-binary :all: --dest "$raw" pywasm3==0.5.0
tar -xzf "$raw"/pywasm3-0.5.0.tar.gz -C "$raw"
rm -rf peers/wasm3
mkdir -p peers
mv "$raw"/pywasm3-0.5.0/wasm3 peers/wasm3
