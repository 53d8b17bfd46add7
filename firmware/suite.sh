#!/usr/bin/env bash
# Plays the official suite on emulated boards: each assertion that fits must end as on the host, in results, traps, fuel and
# state.
#
#   suite.sh [FOLDER…]   the copy in a crate, or folders of a checkout of the official repository
#
# What is left out is listed in target/suite.txt, with the reason: what is not built, what the host's tools answer, what does
# not fit.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")"

target_dir=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TARGET_DIR=$target_dir
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Seconds after which a run counts as hung.
patience=2700

# The stackless engine with a handler for each row, with one for each group of rows, and with handlers that call each other; then the
# small ones, which leave out parts of the language. The traditional engine likewise: for size, for speed, small. Profile and features.
builds=('device scalar,simd' 'device scalar,simd,compact' 'release scalar,simd,chained' 'device compact' 'device compact,float'
    'device scalar,simd,compact,traditional' 'release scalar,simd,traditional' 'device compact,float,traditional')

# play TARGET PROFILE FILE: plays a file of scripts; the player's exit code
play() {
    local target=$1 profile=$2 file=$3 machine=(qemu-system-arm -M mps2-an386)
    case $target in riscv32*) machine=(qemu-system-riscv32 -M virt -bios none -m 64M) ;; esac
    timeout "$patience" "${machine[@]}" -nographic -monitor none -serial none \
        -semihosting-config "enable=on,target=native,arg=suite,arg=$file" \
        -kernel "$target_dir/$target/$profile/suite-player" </dev/null
}

./run.sh tools
cargo build --quiet --locked --release -p suite-generator
"$target_dir/release/suite-generator" --output "$target_dir/suite-register.bin" --bytecode "$target_dir/suite-bytecode.bin" "$@" >"$target_dir/suite.txt"
tail -3 "$target_dir/suite.txt"
# One expected result is another: a player that does not notice proves nothing. No build leaves out these instructions.
for code in register bytecode; do
    "$target_dir/release/spoil" "$target_dir/suite-$code.bin" "$scratch/spoilt-$code.bin" i32
done

# suite TARGET: plays it with each build
suite() {
    local target=$1 build profile features name code wanted ended all log=$scratch/$1
    for build in "${builds[@]}"; do
        read -r profile features <<<"$build"
        name="$target, $profile, $features"
        code=register
        case $features in *traditional*) code=bytecode ;; esac
        wanted=$(sed -n "s/^$code.*, \([0-9]*\) assertions to play$/\1/p" "$target_dir/suite.txt")
        cargo build --quiet --locked --profile "$profile" --target "$target" -p suite-player --features "$features" || return 1
        if play "$target" "$profile" "$scratch/spoilt-$code.bin" >"$log" || ! grep -q ', 1 steps differ' "$log"; then
            cat "$log" >&2
            echo "control: $name did not notice a wrong expectation" >&2
            return 1
        fi
        echo "control: $name notices a wrong expectation"
        ended=0
        play "$target" "$profile" "$target_dir/suite-$code.bin" >"$log" || ended=$?
        echo "$name: $(tail -1 "$log")"
        # Builds with all parts leave out nothing, and the others something.
        all=0
        case $features in scalar,simd*) all=1 ;; esac
        if [ "$ended" -ne 0 ] || ! tail -1 "$log" | awk -v wanted="$wanted" -v all="$all" '
            $2 " " $3 == "assertions hold" && $1 + $7 == wanted && $1 > 0 && ($7 == 0) == all && $11 == 0 { good = 1 }
            END { exit !good }
        '; then
            head -50 "$log" >&2
            return 1
        fi
    done
}

# Both at once: each takes one processor for long.
suite thumbv7em-none-eabi &
first=$!
suite riscv32imac-unknown-none-elf
wait "$first"
