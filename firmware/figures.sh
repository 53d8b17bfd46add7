#!/usr/bin/env bash
# Measures what the engine takes on devices, and refuses what is above its budget in budgets.txt.
#
# Sizes are differences between two links of one small program, with and without the engine. Instructions are counted by
# the emulator, so they repeat. Native stack is painted and looked at.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")"

target_dir=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TARGET_DIR=$target_dir
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# As `release` is, for speed: under a profile of another name, all that images are made with on the host would be built once more.
fast=(--profile device --config profile.device.opt-level=3)

arm=thumbv7em-none-eabi
riscv=riscv32imac-unknown-none-elf

tool() { find "$(rustc --print sysroot)/lib/rustlib" -name "$1" | head -n 1; }
size=$(tool llvm-size)
nm=$(tool llvm-nm)

# flash [FEATURES]: bytes of the footprint program
flash() {
    cargo build --quiet --locked --profile device --target "$arm" -p footprint --features "$1" >&2
    "$size" "$target_dir/$arm/device/footprint" | awk 'NR == 2 { print $1 + $2 }'
}

# emulated PREFIX MACHINE… PROGRAM: its lines, each with the prefix
emulated() {
    local prefix=$1
    shift
    timeout 60 "$@" -nographic -monitor none -serial none -icount shift=0 \
        -semihosting-config enable=on,target=native,arg=figures </dev/null >"$scratch/figures"
    sed "s/^/$prefix/" "$scratch/figures"
}

# symbols PATTERN PROGRAM…: how many there are of that name
symbols() {
    local pattern=$1
    shift
    "$nm" --demangle "$@" | grep -cE "$pattern" || true
}

measure() {
    local without
    without=$(flash '')
    echo "flash-integer $(($(flash engine,compact) - without))"
    echo "flash-integer-reasons $(($(flash engine,compact,reasons) - without))"
    echo "flash-float $(($(flash engine,compact,float) - without))"
    echo "flash-scalar $(($(flash engine,compact,scalar) - without))"
    echo "flash-traditional-float $(($(flash engine,traditional,compact,float) - without))"
    echo "flash-rows-scalar $(($(flash engine,scalar) - without))"
    cargo build --quiet --locked "${fast[@]}" --target "$arm" -p cortex-m-boards --bin figures-an386 --features float,chained
    cargo build --quiet --locked "${fast[@]}" --target "$riscv" -p riscv-boards --bin figures-virt --features chained
    emulated m4- qemu-system-arm -M mps2-an386 -kernel "$target_dir/$arm/device/figures-an386" |
        sed 's/^m4-\(instance-bytes\|image-over-code\)/\1/'
    emulated riscv- qemu-system-riscv32 -M virt -bios none -kernel "$target_dir/$riscv/device/figures-virt"
    # The traditional engine, which needs no more storage than the budget of the register code says.
    cargo build --quiet --locked "${fast[@]}" --target "$arm" -p cortex-m-boards --bin figures-an386 --features float,traditional
    cargo build --quiet --locked "${fast[@]}" --target "$riscv" -p riscv-boards --bin figures-virt --features traditional
    emulated m4-traditional- qemu-system-arm -M mps2-an386 -kernel "$target_dir/$arm/device/figures-an386"
    emulated riscv-traditional- qemu-system-riscv32 -M virt -bios none -kernel "$target_dir/$riscv/device/figures-virt"
    local programs=("$target_dir/$arm/device/mps2-an386" "$target_dir/thumbv6m-none-eabi/device/microbit" "$target_dir/$riscv/device/virt")
    echo "heap-symbols $(symbols '__rust_alloc|__rdl_alloc|\bmalloc\b' "${programs[@]}")"
    echo "atomic-symbols $(symbols '__(atomic|sync)_' "${programs[1]}")"
}

# compare BUDGETS MEASURED: prints both, and fails where a figure is missing or above its budget
compare() {
    awk '
        /^#/ || !NF { next }
        NR == FNR { found[$1] = $2; next }
        !($1 in found) { printf "%-35s %10s  NOT MEASURED\n", $1, "-"; bad = 1; next }
        { printf "%-35s %10s  budget %8s  goal %8s%s\n", $1, found[$1], $2, $3, (found[$1] + 0 > $2 + 0) ? "  ABOVE ITS BUDGET" : "" }
        found[$1] + 0 > $2 + 0 { bad = 1 }
        END { exit bad }
    ' "$2" "$1"
}

measure >"$scratch/measured"
compare budgets.txt "$scratch/measured"
# The negative controls: half of every budget, and a figure that nobody measured.
awk '/^#/ || !NF { next } { print $1, $2 / 2 - 1, $3 }' budgets.txt >"$scratch/half"
echo 'nothing 1 1' >"$scratch/missing"
for control in half missing; do
    if compare "$scratch/$control" "$scratch/measured" >"$scratch/control"; then
        echo "control: budgets that do not hold were not refused ($control)" >&2
        exit 1
    fi
done
above=$(grep -c 'ABOVE' <(compare "$scratch/half" "$scratch/measured" || true))
[ "$above" -eq "$(wc -l <"$scratch/half")" ] || { echo "control: only $above figures are above half of their budgets less one" >&2; exit 1; }
echo 'control: lower budgets, and a figure that is missing, are refused'
