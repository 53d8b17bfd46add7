#!/usr/bin/env bash
# Builds the firmware, runs it on emulated boards, and checks what it logs, its exit codes and the figures.
#
#   run.sh              everything
#   run.sh boards       every scenario on every board, with negative controls
#   run.sh tasks        a guest as a task of Embassy and of RTIC, with negative controls
#   run.sh figures      sizes, storage and instruction counts against budgets.txt, with a negative control
#   run.sh tools        installs what is missing: QEMU by apt, targets by rustup
#
# What a board logs must be, line for line, what the same control loop prints on the host: slices, fuel and results
# are the same everywhere.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")"

target_dir=${CARGO_TARGET_DIR:-$PWD/target}
export CARGO_TARGET_DIR=$target_dir
host=$(rustc -vV | sed -n 's/^host: //p')
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# result TARGET TEST: for the traceability report, where WRT_RESULTS names a file, that a function of this script passed
result() {
    [ -z "${WRT_RESULTS:-}" ] || printf '%s\tfirmware/run.sh\t%s\tpassed\n' "$1" "$2" >>"$WRT_RESULTS"
}

# Seconds after which a run counts as hung.
patience=60

# board: package, program, target, guest, features, and what the traceability report calls it
boards=(
    'cortex-m-boards mps2-an386 thumbv7em-none-eabi float float,linking cortex-m4'
    'cortex-m-boards microbit thumbv6m-none-eabi integer compact cortex-m0'
    'riscv-boards virt riscv32imac-unknown-none-elf float compact riscv32'
)

# scenario, its exit code, and a line that its log must have
scenarios=(
    'good 0 Report { traps: 0, overruns: 0'
    'trap 10 Restarted'
    'endless 10 Overrun { cycle: 24, output: 0 }'
    'corrupt 11 Started { image: 2 }'
    'no-image 20 Refused { image: 1, why: Load(Image(Code { pc: 0, rule: Operator })) }'
)

# Scenarios of two guests that are linked to one another, as above, and the scenario of one guest that does the same: the
# actuator is set to the same values.
linked=(
    'linked 0 good'
    'linked-trap 10 trap'
)

tools() {
    local target installed
    if ! command -v qemu-system-arm >/dev/null || ! command -v qemu-system-riscv32 >/dev/null; then
        apt-get update -q
        apt-get install -yq --no-install-recommends qemu-system-arm qemu-system-misc
    fi
    for target in thumbv7em-none-eabi thumbv6m-none-eabi riscv32imac-unknown-none-elf; do
        installed=$(rustup target list --installed)
        grep -qx "$target" <<<"$installed" || rustup target add "$target"
    done
    installed=$(rustup component list --installed)
    grep -q '^llvm-tools' <<<"$installed" || rustup component add llvm-tools
}

# emulate TARGET PROGRAM ARGUMENT: runs it, one instruction for each nanosecond of its clock, and returns its exit code
emulate() {
    local target=$1 program=$2 argument=$3 machine
    machine=(qemu-system-arm -M mps2-an386)
    case $target in
        thumbv6m-*) machine=(qemu-system-arm -M microbit) ;;
        riscv32*) machine=(qemu-system-riscv32 -M virt -bios none) ;;
    esac
    timeout "$patience" "${machine[@]}" -nographic -monitor none -serial none -icount shift=0 \
        -semihosting-config "enable=on,target=native,arg=firmware,arg=$argument" -kernel "$program" </dev/null
}

# check TARGET PROGRAM GUEST SCENARIO CODE LINE: the board logs what the host prints, and ends with the code
check() {
    local target=$1 program=$2 guest=$3 scenario=$4 expected=$5 line=$6 code=0
    emulate "$target" "$program" "$scenario" >"$scratch/log" || code=$?
    "$target_dir/$host/device/decode" "$program" "$scratch/log" >"$scratch/found" || return 1
    "$target_dir/$host/device/host" "$guest" "$scenario" >"$scratch/expected" || true
    if [ "$code" -ne "$expected" ]; then
        echo "$scenario ended with $code instead of $expected" >&2
        return 1
    fi
    grep -qF "$line" "$scratch/found" || { echo "$scenario did not log: $line" >&2; return 1; }
    diff "$scratch/expected" "$scratch/found" >&2
}

# refuses WHAT REASON COMMAND…: a negative control, which must fail for the reason
refuses() {
    local what=$1 reason=$2
    shift 2
    if "$@" >"$scratch/control" 2>&1; then
        echo "control: $what was not refused" >&2
        return 1
    fi
    grep -qE "$reason" "$scratch/control" || { cat "$scratch/control" >&2; echo "control: $what was refused for another reason" >&2; return 1; }
    echo "control: $what is refused"
}

# build PACKAGE PROGRAM TARGET [FLAG…]: prints where the program is
build() {
    local package=$1 program=$2 target=$3
    shift 3
    cargo build --quiet --locked --profile device --target "$target" -p "$package" --bin "$program" "$@"
    echo "$target_dir/$target/device/$program"
}

# digest SCENARIO: what the host's log has for all that the actuator was set to
digest() {
    "$target_dir/$host/device/host" float "$1" | grep -o 'digest: [0-9]*'
}

# @need-ids: REQ_FIRMWARE_004
# pairs NAME TARGET PROGRAM: guests that are linked to one another, on a board with floats
pairs() {
    local name=$1 target=$2 program=$3 report=$4 entry scenario code same line
    for entry in "${linked[@]}"; do
        read -r scenario code same <<<"$entry"
        line=$(digest "$same" || true)
        check "$target" "$program" float "$scenario" "$code" "${line:?no digest}"
        echo "$name: $scenario: exit code $code, $(wc -l <"$scratch/found") events as on the host, outputs as in $same"
    done
    refuses "$name: two guests with other outputs" 'did not log' check "$target" "$program" float linked 0 "$line"
    result "$report" pairs
}

# @need-ids: REQ_FIRMWARE_001, REQ_FIRMWARE_002, REQ_002
boards() {
    local board package name target guest features report entry scenario code line program faulty
    # Built quickly, but for a target and by the boards' profile: what images are made with is built anew for each profile, and where
    # anything else of it differs.
    cargo build --quiet --locked --profile device --config profile.device.opt-level=0 --config profile.device.lto=false --target "$host" -p host
    for board in "${boards[@]}"; do
        read -r package name target guest features report <<<"$board"
        program=$(build "$package" "$name" "$target" --features "$features,fault")
        faulty=$scratch/faulty
        cp "$program" "$faulty"
        program=$(build "$package" "$name" "$target" --features "$features")
        for entry in "${scenarios[@]}"; do
            read -r scenario code line <<<"$entry"
            check "$target" "$program" "$guest" "$scenario" "$code" "$line"
            echo "$name: $scenario: exit code $code, $(wc -l <"$scratch/found") events as on the host"
        done
        [ "$guest" = integer ] || pairs "$name" "$target" "$program" "$report"
        refuses "$name: firmware that leaves the actuator where it was" 'output: 0' check "$target" "$faulty" "$guest" trap 10 Restarted
        refuses "$name: another exit code" 'instead of 0' check "$target" "$program" "$guest" trap 0 Restarted
        refuses "$name: a log without the reaction" 'did not log' check "$target" "$program" "$guest" good 0 Restarted
        patience=1 refuses "$name: a scenario that is none" 'ended with 2 ' check "$target" "$program" "$guest" none 0 Started
        result "$report" boards
    done
}

# task PROGRAM: both tasks of it do what they should; its clock counts instructions, so that other work of the machine takes no part
task() {
    timeout "$patience" qemu-system-arm -M mps2-an386 -nographic -monitor none -serial none -icount shift=0 \
        -semihosting-config enable=on,target=native -kernel "$1" </dev/null >"$scratch/log" || { cat "$scratch/log" >&2; return 1; }
}

# A guest as a task among others, which get their turn when its slice is used up.
# @need-ids: REQ_FIRMWARE_001
tasks() {
    local target=thumbv7em-none-eabi package program
    for package in embassy-board rtic-board; do
        program=$(build "$package" "$package" "$target" --features fault)
        refuses "$package: a guest that keeps the processor" ' 0 turns' task "$program"
        program=$(build "$package" "$package" "$target")
        task "$program"
        echo "$package: $(cat "$scratch/log")"
    done
    result cortex-m4 tasks
}

# @need-ids: REQ_FIRMWARE_003
figures() {
    ./figures.sh
    result cortex-m4 figures
    result riscv32 figures
}

[ $# -gt 0 ] || set -- tools boards tasks figures
for name; do
    case $name in
        tools | boards | tasks | figures) "$name" ;;
        *) echo "no such part: $name" >&2; exit 2 ;;
    esac
done
