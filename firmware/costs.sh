#!/usr/bin/env bash
# What operators cost on a Cortex-M4, in instructions of the device for each unit of fuel: the greatest bounds how long a slice takes.
#
#   costs.sh [FEATURES]   of the player, besides `costs`: scalar,simd,chained by default; scalar,simd,traditional for the other engine
#
# Everything is in target/costs.txt, the dearest first. Operators are repeated in a straight line, with three kinds of operands, and
# what reads their operands and drops their results counts as theirs. Those whose price is in proportion to what they do, and calls,
# are set against the fuel that they use.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")"

target_dir=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TARGET_DIR=$target_dir
target=thumbv7em-none-eabi

./run.sh tools
features=${1:-scalar,simd,chained}
code=()
case $features in *traditional*) code=(bytecode) ;; esac
cargo run --quiet --locked --release -p suite-generator --bin costs -- "$target_dir/costs.bin" "${code[@]}" >/dev/null
cargo build --quiet --locked --release --target "$target" -p suite-player --features "costs,$features"
timeout 600 qemu-system-arm -M mps2-an386 -nographic -monitor none -serial none -icount shift=0 \
    -semihosting-config "enable=on,target=native,arg=suite,arg=$target_dir/costs.bin" \
    -kernel "$target_dir/$target/release/suite-player" </dev/null >"$target_dir/costs.log"
grep -q ', 0 steps differ' "$target_dir/costs.log"
# Lines are: cost NAME… DIVISOR LINE INSTRUCTIONS FUEL; line 2 is the loop alone, line 3 the loop with operators in it.
awk '$1 == "cost" {
    name = $2
    for (i = 3; i <= NF - 4; i++) name = name " " $i
    if ($(NF - 2) == 2) { base = $(NF - 1); fuel = $NF; next }
    more = $(NF - 1) - base
    count = $(NF - 3) > 0 ? $(NF - 3) : $NF - fuel
    printf "%.1f %s\n", more / count, name
}' "$target_dir/costs.log" | sort -rn >"$target_dir/costs.txt"
echo 'instructions of a Cortex-M4 for each unit of fuel:'
echo "vectors: $(grep -m 1 -E ' [if][0-9]+x|v128' "$target_dir/costs.txt")"
echo "scalars: $(grep -v -E ' [if][0-9]+x|v128' "$target_dir/costs.txt" | grep -m 1 '/[0-2]$')"
echo "control and bulk: $(grep -m 1 -v '/[0-2]$' "$target_dir/costs.txt")"
