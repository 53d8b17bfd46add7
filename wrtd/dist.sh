#!/usr/bin/env bash
# The command line as it is shipped for Linux: target/dist/wrtd, one file that needs no library of the host, laid out by what short runs touch.
#
# What begins a run is some hundred kilobytes, scattered over megabytes of what else there is, and the kernel maps what lies around each page that
# is touched. So it is built twice: to count, and by the counts. `cargo build --release` makes the same program otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."

host=$(rustc -vV | sed -n 's/^host: //p')
case $host in
*-linux-gnu) ;;
*) echo "dist: it is made on Linux with the GNU C library, and this is $host" >&2 && exit 1 ;;
esac
profdata=$(rustc --print sysroot)/lib/rustlib/$host/bin/llvm-profdata
[ -x "$profdata" ] || rustup component add llvm-tools

folder=$(realpath -m "${CARGO_TARGET_DIR:-target}")/dist
mkdir -p "$folder"
# Without libraries a program can be moved in memory all the same. Its places that are relative are listed by a bitmap, in a fiftieth of the bytes.
flags="-Ctarget-feature=+crt-static -Clink-arg=-Wl,-z,pack-relative-relocs"

# FOLDER FLAG: builds it there. As a target is named, what runs while building is built without the flags. Counts are found again by names,
# which are others where anything else of the profile is.
build() {
    CARGO_TARGET_DIR=$folder/$1 CARGO_PROFILE_RELEASE_LTO=fat RUSTFLAGS="$flags $2" \
        cargo build --quiet --locked --release -p wrtd --target "$host"
}

# The engine is left as it is: by the counts of short runs, a kernel came to take half as long again.
cat >"$folder/rustc" <<'END'
#!/usr/bin/env bash
case " $* " in *" --crate-name wrt_runtime "* | *" --crate-name wrt_instructions "*)
    for argument; do
        shift
        case $argument in -Cprofile-use=*) ;; *) set -- "$@" "$argument" ;; esac
    done
    ;;
esac
exec "$@"
END
chmod +x "$folder/rustc"

# Each kernel of the benchmark by its small call, the other engine, and a program that calls most functions of WASI.
train() {
    local call arguments file export scratch
    scratch=$(mktemp -d)
    sed -n 's/#.*//; s/->.*//; \|/|p' bench/kernels.txt | while IFS=/ read -r call arguments; do
        read -r _ file export _ <<<"$call"
        # shellcheck disable=SC2086 # the arguments are words
        "$1" --call "$export" "guests/wasm/$file" $arguments
    done
    "$1" --engine traditional --call fib guests/wasm/fib.wasm 20
    "$1" --engine traditional --call rounds guests/wasm/json.wasm 1
    "$1" --argv0 wasi --env A=1 --env EMPTY= --env B=x=y --dir "$scratch::/" \
        conformance/wasi/wasm/std_tour.wasm one "" "three words" <<<"lines of input"
    rm -r "$scratch"
}

rm -rf "$folder/counts"
build counted "-Cprofile-generate=$folder/counts"
exec 3>&2
trap 'echo "dist: a run to count by failed: $folder/training.log has its words" >&3' EXIT
train "$folder/counted/$host/release/wrtd" >"$folder/training.log" 2>&1
trap - EXIT
"$profdata" merge --output "$folder/counts.profdata" "$folder/counts"
RUSTC_WRAPPER=$folder/rustc build shipped "-Cprofile-use=$folder/counts.profdata"
cp "$folder/shipped/$host/release/wrtd" "$folder/wrtd"
# A C library that does not know such bitmaps yet would make a program that ends at once.
"$folder/wrtd" selftest
echo "$folder/wrtd: $(stat -c %s "$folder/wrtd") bytes"
