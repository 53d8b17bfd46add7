#!/usr/bin/env bash
# Fuzzes one target or all of them, each for some seconds: run.sh TARGET|all SECONDS
set -euo pipefail
cd "$(dirname "$0")"
targets=(image module differential engines wast cli)
[ "$1" = all ] || targets=("$1")
for target in "${targets[@]}"; do
    mkdir -p "corpus/$target"
    cargo +nightly fuzz run "$target" "corpus/$target" "seeds/$target" -- \
        -max_total_time="$2" -rss_limit_mb=2048 -timeout=10 -max_len=8192 -print_final_stats=1
done
