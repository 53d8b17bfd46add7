#!/usr/bin/env bash
# Walks through the report as a reader does, with a browser: from each hazard to a requirement, to its code, and to what its tests
# gave; and takes a picture of each page, in target/trace/walk. `just trace` makes the report first; Chromium has to be there.
#
#   walk.sh [HAZARD…]   all hazards without any
set -euo pipefail
shopt -s inherit_errexit
html=$(realpath "${CARGO_TARGET_DIR:-target}/trace/html")
out=$html/../walk
rm -rf "$out" && mkdir -p "$out"

# picture NAME PAGE[#ANCHOR]: what a browser shows, and the page as the browser reads it
picture() {
    # A picture of a page that is scrolled comes out empty, one of a page in a frame does not.
    echo "<body style=margin:0><iframe src='file://$2' style='border:0; width:100vw; height:100vh'></iframe>" >"$out/frame.html"
    timeout 60 chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=1280,1600 \
        --screenshot="$out/$1.png" "file://$out/frame.html" 2>/dev/null
    timeout 60 chromium --headless --no-sandbox --disable-gpu --dump-dom "file://$2" 2>/dev/null >"$out/page.html"
}

# click PATTERN: the address of the first link on the page whose address has it
click() {
    local href
    href=$(grep -oE "href=\"[^\"]*$1[^\"]*\"" "$out/page.html" | head -n 1 | cut -d '"' -f 2) || true
    [ -n "$href" ] || { echo "walk: no link to $1" >&2; return 1; }
    echo "$(realpath "$here/${href%%#*}")$([[ $href != *#* ]] || echo "#${href#*#}")"
}

[ $# -gt 0 ] || mapfile -t hazards < <(cd "$html/need" && ls HAZ_*.html | sed 's/\.html$//')
[ $# -eq 0 ] || hazards=("$@")
for hazard in "${hazards[@]}"; do
    page=$html/need/$hazard.html here=$html/need
    picture "$hazard" "$page"
    # What has code; some requirements are met by the tree as a whole.
    for requirement in $(grep -oE 'REQ_[A-Z0-9_]+\.html' "$out/page.html" | sort -u); do
        ! grep -q 'source/.*\.rs\.html#L' "$html/need/$requirement" || ! grep -qE '[1-9][0-9]* passed' "$html/need/$requirement" || break
    done
    page=$(click "$requirement")
    picture "$hazard-1-${requirement%.html}" "$page"
    page=$(click '\.rs\.html#L') here=$html/source
    picture "$hazard-2-code" "$page"
    page=$(click "$requirement#tests")
    picture "$hazard-3-tests" "$page"
    grep -qE '[1-9][0-9]* passed' "$out/page.html" || { echo "walk: $hazard: no test of $requirement passed" >&2; exit 1; }
    echo "$hazard: ${requirement%.html}, code and tests in three clicks"
done
rm "$out/page.html" "$out/frame.html"
