#!/bin/sh
# Puts wasmi's command line into peers/wasmi, as its makers have it built: the release that this workspace locks. Not committed.
set -eu
cd "$(dirname "$0")"
version=$(sed -n '/^name = "wasmi"$/{n;s/^version = "\(.*\)"$/\1/p}' Cargo.lock)
cargo install --quiet --locked --root peers/wasmi --version "$version" wasmi_cli
