"""Fills in the results of the calls in expected.txt, as an engine that is not ours gives them.

python expect.py           runs every call and rewrites the file: write a call without `->` and what follows, run this.
python expect.py --check   changes nothing; fails if a result differs from the file's.

Needs the package `wasmtime`. The format is told at the head of expected.txt."""

import hashlib
import math
import pathlib
import struct
import sys
import time
import zlib

import wasmtime

HERE = pathlib.Path(__file__).parent
EXPECTED = HERE / "expected.txt"

TRAPS = {
    wasmtime.TrapCode.STACK_OVERFLOW: "exhausted",
    wasmtime.TrapCode.MEMORY_OUT_OF_BOUNDS: "trap:memory-out-of-bounds",
    wasmtime.TrapCode.TABLE_OUT_OF_BOUNDS: "trap:table-out-of-bounds",
    wasmtime.TrapCode.INDIRECT_CALL_TO_NULL: "trap:uninitialized-element",
    wasmtime.TrapCode.BAD_SIGNATURE: "trap:indirect-call-type-mismatch",
    wasmtime.TrapCode.INTEGER_OVERFLOW: "trap:integer-overflow",
    wasmtime.TrapCode.INTEGER_DIVISION_BY_ZERO: "trap:integer-divide-by-zero",
    wasmtime.TrapCode.BAD_CONVERSION_TO_INTEGER: "trap:invalid-conversion-to-integer",
    wasmtime.TrapCode.UNREACHABLE: "trap:unreachable",
    wasmtime.TrapCode.NULL_REFERENCE: "trap:null-reference",
    wasmtime.TrapCode.ARRAY_OUT_OF_BOUNDS: "trap:array-out-of-bounds",
}

FLOATS = {"f32": ("<f", "<I", 8), "f64": ("<d", "<Q", 16)}


def parse(literal):
    """A literal's type and value. Floats may be given as bits or as Python and C write them."""
    kind, _, text = literal.partition(":")
    if kind in ("i32", "i64"):
        bits = int(kind[1:])
        value = int(text, 0) % (1 << bits)
        return kind, value - (1 << bits) if value >> (bits - 1) else value
    as_float, as_bits, digits = FLOATS[kind]
    if text.startswith("0x") and "p" not in text:
        assert len(text) == 2 + digits, f"{literal}: bits need {digits} digits"
        return kind, int(text, 16)
    value = float.fromhex(text) if "0x" in text else float(text)
    if kind == "f32" and math.isinf(value):
        return kind, struct.unpack("<I", struct.pack("<f", value))[0]
    return kind, struct.unpack(as_bits, struct.pack(as_float, value))[0]


def show(kind, value):
    """Integers signed and decimal, floats as bits."""
    return f"{kind}:{value}" if kind in ("i32", "i64") else f"{kind}:0x{value:0{FLOATS[kind][2]}x}"


# The package passes floats as Python's, which loses what a NaN carries in an f32. So each call is made through a
# function of our own that takes and gives integers, and is assembled for the signature.
def through_integers(store, function):
    kind = function.type(store)
    parameters, results = [str(t) for t in kind.params], [str(t) for t in kind.results]
    carrier = {"f32": "i32", "f64": "i64"}
    into = {"f32": "(f32.reinterpret_i32 (local.get {}))", "f64": "(f64.reinterpret_i64 (local.get {}))"}
    out = {"f32": "i32.reinterpret_f32", "f64": "i64.reinterpret_f64"}
    text = "(module (import \"\" \"f\" (func $f"
    text += "".join(f" (param {t})" for t in parameters) + "".join(f" (result {t})" for t in results) + "))"
    text += '(func (export "f")' + "".join(f" (param {carrier.get(t, t)})" for t in parameters)
    text += "".join(f" (result {carrier.get(t, t)})" for t in results)
    text += "".join(f" (local {t})" for t in results)
    text += " (call $f" + "".join(" " + into.get(t, "(local.get {})").format(i) for i, t in enumerate(parameters)) + ")"
    for i in reversed(range(len(results))):
        text += f" (local.set {len(parameters) + i})"
    for i, t in enumerate(results):
        text += f" (local.get {len(parameters) + i})" + (f" ({out[t]})" if t in out else "")
    module = wasmtime.Module(store.engine, text + "))")
    return wasmtime.Instance(store, module, [function]).exports(store)["f"], parameters, results


class Runner:
    def __init__(self):
        config = wasmtime.Config()
        config.cranelift_nan_canonicalization = True
        config.wasm_tail_call = True
        config.wasm_function_references = True
        config.wasm_gc = True
        config.wasm_exceptions = True
        self.engine = wasmtime.Engine(config)
        self.modules = {}
        self.links = {}
        self.exports = None

    def module(self, name):
        if name not in self.modules:
            self.modules[name] = wasmtime.Module.from_file(self.engine, str(HERE / "wasm" / name))
        return self.modules[name]

    def instantiate(self, name):
        linker = wasmtime.Linker(self.engine)
        for imported, provider in self.links.get(name, []):
            linker.define_instance(self.store, imported, linker.instantiate(self.store, self.module(provider)))
        self.exports = linker.instantiate(self.store, self.module(name)).exports(self.store)

    def call(self, name, export, arguments, same):
        """The results of a call, as literals, or the trap it ends in."""
        if not same:
            self.store = wasmtime.Store(self.engine)
            self.instantiate(name)
        function, parameters, results = through_integers(self.store, self.exports[export])
        assert [kind for kind, _ in arguments] == parameters, f"{name} {export} takes {parameters}"
        # The package wants signed integers in both directions.
        signed = [parse(f"{'i32' if kind.endswith('32') else 'i64'}:{value}")[1] for kind, value in arguments]
        try:
            values = function(self.store, *signed)
        except wasmtime.Trap as trap:
            # The package has no kind of its own for an exception that nobody caught.
            return ["exception" if "thrown Wasm exception" in str(trap) else TRAPS[trap.trap_code]]
        values = values if isinstance(values, list) else [] if values is None else [values]
        return [
            show(kind, value % (1 << int(kind[1:])) if kind in FLOATS else value) for kind, value in zip(results, values)
        ]


def known():
    """Answers that Python's own library gives."""
    pattern = lambda n: bytes(i & 255 for i in range(n))
    signed = lambda value, bits: value - (1 << bits) if value >> (bits - 1) else value
    for n in (0, 55, 64, 300):
        digest = hashlib.sha256(pattern(n)).digest()
        for word in (0, 7):
            value = signed(int.from_bytes(digest[4 * word : 4 * word + 4], "big"), 32)
            yield "sha256.wasm", "sha256", [("i32", n), ("i32", word)], [f"i32:{value}"]
    for n in (0, 135, 136, 300):
        digest = hashlib.sha3_256(pattern(n)).digest()
        for word in (0, 3):
            value = signed(int.from_bytes(digest[8 * word : 8 * word + 8], "little"), 64)
            yield "keccak.wasm", "sha3_256", [("i32", n), ("i32", word)], [f"i64:{value}"]
    yield "crc32.wasm", "check", [], [f"i32:{signed(zlib.crc32(b'123456789'), 32)}"]
    yield "fib.wasm", "fib", [("i32", 10)], ["i32:55"]
    yield "sieve.wasm", "sieve", [("i32", 1000), ("i32", 1)], ["i32:168"]
    yield "recursion.wasm", "ackermann", [("i32", 2), ("i32", 3)], ["i32:9"]


def main(check):
    runner = Runner()
    for name, export, arguments, results in known():
        assert runner.call(name, export, arguments, False) == results, f"{name} {export} {arguments}: not {results}"
    lines, wrong, calls, last = [], 0, 0, None
    for number, line in enumerate(EXPECTED.read_text().splitlines(), 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            lines.append(line)
            continue
        if words[0] == "link":
            _, name, *pairs = words
            runner.links[name] = [tuple(pair.split("=")) for pair in pairs]
            lines.append(line)
            continue
        same = words[0] == "+"
        end = words.index("->") if "->" in words else len(words)
        name, export, *arguments = words[same:end]
        assert not same or name == last, f"line {number}: `+` needs the line before to be of {name}"
        arguments = [parse(word) for word in arguments]
        start = time.process_time()
        results = runner.call(name, export, arguments, same)
        last = name
        calls += 1
        if time.process_time() - start > 0.1:
            print(f"line {number}: slow", file=sys.stderr)
        shown = [show(kind, value) for kind, value in arguments]
        head = ("+ " if same else "") + "  ".join([name, export, *[" ".join(shown)][: len(shown)]])
        lines.append("  ".join([head, "->", *[" ".join(results)][: len(results)]]))
        if check and words[end + 1 :] != results:
            print(f"line {number}: {line}\n  not {' '.join(results)}", file=sys.stderr)
            wrong += 1
    if check:
        sys.exit(f"{wrong} of {calls} calls differ" if wrong else 0)
    EXPECTED.write_text("\n".join(lines) + "\n")
    print(f"{calls} calls")


if __name__ == "__main__":
    main("--check" in sys.argv[1:])
