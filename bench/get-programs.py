#!/usr/bin/env python3
"""Builds the real programs of the benchmark into peers/programs, from sources that the registries have. Not committed.

get-programs.py [NAME...]

Needs Rust with the target wasm32-wasip1 and a Python with the package `ziglang`. They are those of the WASI suite, but that
nothing in them needs exceptions, which not every peer has."""

import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "conformance/wasi/programs"))

import run as programs  # noqa: E402

OUT = HERE / "peers/programs"
# A script that fails ends the program: there is nothing to jump back with.
NO_JUMPS = " -Dluai_jmpbuf=int -DLUAI_THROW(L,c)=abort() -DLUAI_TRY(L,c,a)={a}"


def lua(out):
    crate, version, folder, patterns, flags = programs.C["lua"]
    # The header for jumps refuses to be read where there are no exceptions.
    none = out / "sources/none"
    none.mkdir(parents=True, exist_ok=True)
    (none / "setjmp.h").touch()
    flags = f"{flags.replace(programs.EXCEPTIONS, '')}{NO_JUMPS} -I{none}"
    programs.C["lua"] = (crate, version, folder, patterns, flags)
    programs.build_c("lua", out)


def json(out):
    scratch = out / "sources/json"
    (scratch / "src").mkdir(parents=True, exist_ok=True)
    (scratch / "src/main.rs").write_text((HERE / "programs/json.rs").read_text())
    (scratch / "Cargo.toml").write_text(
        '[package]\nname = "json"\nedition = "2024"\n[dependencies]\nserde_json = "1"\n[workspace]\n[profile.release]\nlto = true\n'
    )
    programs.run(["cargo", "build", "--release", "--target", "wasm32-wasip1", "--target-dir", out / "build"], cwd=scratch)
    (out / "build/wasm32-wasip1/release/json.wasm").rename(out / "json.wasm")


BUILDS = {
    "lua": lua,
    "sqlite": lambda out: programs.build_c("sqlite", out),
    "zstd": lambda out: programs.build_c("zstd", out),
    "rg": lambda out: programs.build_crate("rg", out),
    "json": json,
}


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name in sys.argv[1:] or BUILDS:
        try:
            if not (OUT / f"{name}.wasm").exists():
                BUILDS[name](OUT)
            print(f"peers/programs/{name}.wasm")
        except subprocess.CalledProcessError as error:
            print(f"{name}: not built: {error}", file=sys.stderr)
            failed += 1
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
