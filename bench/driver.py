"""wasmtime as a peer of the benchmark, and as the judge of its results.

driver.py [--fuel] [--pulley] serves the benchmark: commands on standard input, an answer a line on standard output
driver.py --expect FILE    fills in the results of the kernels in FILE (kernels.txt)

Commands: `load EXPORT LENGTH` with so many bytes of a module after the line; `call ARGUMENT...`. Answers: `ok`, after
a call with CPU seconds and the result's bits as a number; anything else is an error. `command LENGTH LENGTH ARGUMENT...` with the bytes of a module and
of its input, and arguments in hexadecimal, makes the next call run a command of WASI, whose result is the Adler-32 sum of its output."""

import pathlib
import struct
import sys
import tempfile
import time
import zlib

try:
    import wasmtime
except ImportError as error:
    print(error, flush=True)
    sys.exit(1)

GUESTS = pathlib.Path(__file__).parent / "../guests/wasm"


class Runner:
    def __init__(self, fuel=False, pulley=False):
        self.fuel = fuel
        config = wasmtime.Config()
        config.consume_fuel = fuel
        if pulley:
            config.target = "pulley64"
        self.engine = wasmtime.Engine(config)
        self.linker = wasmtime.Linker(self.engine)
        self.linker.define_wasi()
        self.modules = {}
        self.kept = tempfile.TemporaryDirectory()
        self.scratch = pathlib.Path(self.kept.name)

    def load(self, wasm, export, wasi=None):
        if wasm not in self.modules:
            self.modules[wasm] = wasmtime.Module(self.engine, wasm)
        self.store = wasmtime.Store(self.engine)
        if self.fuel:
            self.store.set_fuel((1 << 64) - 1)
        if wasi is None:
            # Its standard output is where answers go, which a guest without a command does not write to.
            wasi = wasmtime.WasiConfig()
            wasi.inherit_stdout()
        self.store.set_wasi(wasi)
        self.function = self.linker.instantiate(self.store, self.modules[wasm]).exports(self.store)[export]
        self.kind = "".join(map(str, self.function.type(self.store).results))

    def command(self, wasm, given, arguments):
        (self.scratch / "in").write_bytes(given)
        wasi = wasmtime.WasiConfig()
        wasi.argv = arguments
        wasi.stdin_file = str(self.scratch / "in")
        wasi.stdout_file = str(self.scratch / "out")
        self.load(wasm, "_start", wasi)

    def call(self, arguments):
        start = time.thread_time()
        try:
            value = self.function(self.store, *arguments)
        except wasmtime.ExitTrap as end:
            if end.code != 0:
                raise
        seconds = time.thread_time() - start
        if not self.kind:
            return seconds, zlib.adler32((self.scratch / "out").read_bytes())
        if self.kind[0] == "i":
            return seconds, value % (1 << int(self.kind[1:]))
        form = {"f32": ("<f", "<I"), "f64": ("<d", "<Q")}[self.kind]
        return seconds, struct.unpack(form[1], struct.pack(form[0], value))[0]


def serve(runner):
    print("ok", flush=True)
    while line := sys.stdin.buffer.readline():
        command, *words = line.decode().split()
        try:
            if command == "load":
                runner.load(sys.stdin.buffer.read(int(words[1])), words[0])
                print("ok", flush=True)
            elif command == "command":
                wasm, given = (sys.stdin.buffer.read(int(length)) for length in words[:2])
                runner.command(wasm, given, [bytes.fromhex(word).decode() for word in words[2:]])
                print("ok", flush=True)
            else:
                seconds, bits = runner.call([int(word) for word in words])
                print(f"ok {seconds:.9f} {bits}", flush=True)
        except (wasmtime.WasmtimeError, wasmtime.Trap, wasmtime.ExitTrap) as error:
            print("wasmtime:", str(error).splitlines()[0], flush=True)


def expect(path, runner):
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines):
        if not line or line.startswith("#"):
            continue
        call, _, _ = line.partition("->")
        _, file, export, arguments = call.split(None, 3)
        runner.load((GUESTS / file).read_bytes(), export)
        _, bits = runner.call([int(word) for word in arguments.split("/")[0].split()])
        lines[number] = f"{call.rstrip()} -> {bits:#x}"
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    if "--expect" in sys.argv:
        expect(pathlib.Path(sys.argv[2]), Runner())
    else:
        serve(Runner("--fuel" in sys.argv, "--pulley" in sys.argv))
