"""AMF0, the value format of RTMP commands (Adobe AMF 0 specification, 2007)."""

from __future__ import annotations

import struct

Value = float | bool | str | None | dict[str, "Value"] | list["Value"]

NUMBER, BOOLEAN, STRING, OBJECT, NULL, UNDEFINED, ECMA_ARRAY, OBJECT_END, STRICT_ARRAY, DATE, LONG_STRING = (
    0x00, 0x01, 0x02, 0x03, 0x05, 0x06, 0x08, 0x09, 0x0A, 0x0B, 0x0C,
)  # fmt: skip
MAX_DEPTH = 8
MAX_VALUES = 1000


class AmfError(ValueError):
    """The bytes are not AMF0, or nested or long beyond reason."""


def _text(value: str) -> bytes:
    data = value.encode()
    if len(data) > 0xFFFF:
        raise AmfError("text too long")
    return struct.pack(">H", len(data)) + data


def _pairs(value: dict[str, Value]) -> bytes:
    return b"".join(_text(key) + encode(item) for key, item in value.items()) + b"\0\0\x09"


def encode(*values: Value) -> bytes:
    """Encode values one after another; numbers become doubles, dicts objects, lists strict arrays."""
    out = []
    for value in values:
        if value is None:
            out.append(bytes([NULL]))
        elif isinstance(value, bool):
            out.append(bytes([BOOLEAN, value]))
        elif isinstance(value, (int, float)):
            out.append(struct.pack(">Bd", NUMBER, value))
        elif isinstance(value, str):
            out.append(bytes([STRING]) + _text(value))
        elif isinstance(value, dict):
            out.append(bytes([OBJECT]) + _pairs(value))
        else:
            out.append(struct.pack(">BI", STRICT_ARRAY, len(value)) + encode(*value))
    return b"".join(out)


class _Reader:
    """Reads values from untrusted bytes."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.values = data, 0, 0

    def take(self, count: int) -> bytes:
        if self.at + count > len(self.data):
            raise AmfError("value cut off")
        part = self.data[self.at : self.at + count]
        self.at += count
        return part

    def text(self, length_bytes: int = 2) -> str:
        length = int.from_bytes(self.take(length_bytes), "big")
        return self.take(length).decode("utf-8", "replace")

    def pairs(self, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while self.data[self.at : self.at + 3] != b"\0\0\x09":
            key = self.text()
            found[key] = self.value(depth + 1)
        self.at += 3
        return found

    def value(self, depth: int = 0) -> Value:
        self.values += 1
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            raise AmfError("too deep or too many values")
        kind = self.take(1)[0]
        if kind == NUMBER:
            number: float = struct.unpack(">d", self.take(8))[0]
            return number
        if kind == BOOLEAN:
            return self.take(1) != b"\0"
        if kind in (STRING, LONG_STRING):
            return self.text(2 if kind == STRING else 4)
        if kind in (OBJECT, ECMA_ARRAY):
            self.take(4 if kind == ECMA_ARRAY else 0)
            return self.pairs(depth)
        if kind in (NULL, UNDEFINED):
            return None
        if kind == STRICT_ARRAY:
            count = int.from_bytes(self.take(4), "big")
            return [self.value(depth + 1) for _ in range(min(count, MAX_VALUES + 1))]
        if kind == DATE:
            stamp: float = struct.unpack(">d", self.take(10)[:8])[0]
            return stamp
        raise AmfError(f"unknown marker {kind}")


def decode(data: bytes) -> list[Value]:
    """Decode all values of a command; raises AmfError for anything malformed."""
    reader, values = _Reader(data), []
    while reader.at < len(data):
        values.append(reader.value())
    return values
