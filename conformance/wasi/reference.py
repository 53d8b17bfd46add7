#!/usr/bin/env python3
"""Runs the programs on other runtimes, for reference: wasmtime (the Python package) and node:wasi.

reference.py [PROGRAM...]      what each differs in, on standard output
reference.py --write           the same into references.md

Each program runs in a process of its own, which has a minute. What a check says is `LINE: CHECK: expected N, found M`."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
ARGS = ["wasi", "one", "", "three words"]
ENV = {"A": "1", "EMPTY": "", "B": "x=y"}
STATUS = {"c_stdio": 5, "proc_exit": 33}


def wasmtime_run(program, root, read_only):
    import wasmtime

    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    wasi = wasmtime.WasiConfig()
    wasi.argv = ARGS
    wasi.env = list(ENV.items())
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    wasi.preopen_dir(root, "/")
    if read_only:
        wasi.preopen_dir(read_only, "/ro", False)
    store.set_wasi(wasi)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    instance = linker.instantiate(store, wasmtime.Module.from_file(engine, program))
    try:
        instance.exports(store)["_start"](store)
    except wasmtime.ExitTrap as end:
        sys.exit(end.code)
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        sys.exit("ends the program: " + str(error).splitlines()[-1].strip())


NODE = """
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';
const [program, root, args, env] = process.argv.slice(2);
const preopens = { '/': root };
const wasi = new WASI({ version: 'preview1', args: JSON.parse(args), env: JSON.parse(env), preopens, returnOnExit: false });
const module = await WebAssembly.compile(await readFile(program));
wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
"""


def commands(program, root, read_only, scratch):
    import json

    yield "wasmtime", [sys.executable, __file__, "--child", program, root, read_only or ""]
    # It knows no directories that may only be read.
    if not read_only:
        script = scratch / "run.mjs"
        script.write_text(NODE)
        yield "node", ["node", "--no-warnings", script, program, root, json.dumps(ARGS), json.dumps(ENV)]


def run(command, expected):
    try:
        done = subprocess.run(command, input=b"lines of input\n", capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        return ["does not end"]
    said = done.stderr.decode(errors="replace").splitlines()
    if done.returncode == expected:
        return []
    differs = [line for line in said if re.match(r"\d+: .*: expected \d+, found \d+$|ends the program: ", line)]
    return differs or [f"ends with {done.returncode}: {next((line.strip() for line in said if line.strip()), '')[:150]}"]


def versions():
    import importlib.metadata

    node = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout.strip()
    return f"wasmtime {importlib.metadata.version('wasmtime')} and node {node.lstrip('v')}"


def main(names):
    write = "--write" in names
    names = [name for name in names if name != "--write"]
    rows, counts, programs = [], {"wasmtime": [0, 0], "node": [0, 0]}, sorted((HERE / "wasm").glob("*.wasm"))
    for program in programs:
        name = program.stem
        if names and name not in names:
            continue
        for runtime in counts:
            with tempfile.TemporaryDirectory() as scratch:
                scratch = pathlib.Path(scratch)
                root, read_only = scratch / "root", None
                root.mkdir()
                if name == "read_only":
                    read_only = scratch / "ro"
                    (read_only / "d").mkdir(parents=True)
                    (read_only / "file").write_text("contents")
                command = dict(commands(str(program), str(root), read_only and str(read_only), scratch)).get(runtime)
                if not command:
                    continue
                differs = run(command, STATUS.get(name, 0))
                counts[runtime][bool(differs)] += 1
                rows += [(name, runtime, line) for line in dict.fromkeys(differs)]
    out = ["# Where other runtimes differ", "", f"Made by `reference.py --write` with {versions()}.", ""]
    out += [f"- {runtime}: {same} programs pass, {other} differ" for runtime, (same, other) in counts.items()]
    out += ["", "| program | runtime | check |", "|---|---|---|"]
    out += [f"| `{name}` | {runtime} | `{line.replace('|', chr(92) + '|')}` |" for name, runtime, line in rows]
    text = "\n".join(out) + "\n"
    if write:
        (HERE / "references.md").write_text(text)
    print(text)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        wasmtime_run(*sys.argv[2:5])
    else:
        if not shutil.which("node"):
            sys.exit("node is not there")
        main(sys.argv[1:])
