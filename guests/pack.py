"""Writes a module without its custom sections but `name`: python pack.py IN.wasm|IN.wat OUT.wasm

Text is assembled first, by the `wasmtime` package."""

import sys


def leb(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def pack(data):
    out, at = bytearray(data[:8]), 8
    while at < len(data):
        size, body = leb(data, at + 1)
        end = body + size
        length, name = leb(data, body)
        if data[at] != 0 or data[name : name + length] == b"name":
            out += data[at:end]
        at = end
    return bytes(out)


def main(source, target):
    with open(source, "rb") as file:
        data = file.read()
    if not data.startswith(b"\0asm"):
        import wasmtime

        data = wasmtime.wat2wasm(data)
    with open(target, "wb") as file:
        file.write(pack(bytes(data)))


if __name__ == "__main__":
    main(*sys.argv[1:])
