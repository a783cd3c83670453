"""Read serialized PHP values: arrays, texts, numbers, truth values, nothing else."""

from __future__ import annotations

from typing import Any

MAX_PHP_DEPTH = 10


class UnreadablePhp(ValueError):
    """Not a serialized value, or an object, which is never read."""


def read_php(text: str) -> Any:
    """Return a serialized value; arrays become dicts. Lengths count bytes.

    >>> read_php('a:2:{s:4:"time";d:1.5;i:0;b:1;}')
    {'time': 1.5, 0: True}

    Raises
    ------
    UnreadablePhp
        If it isn't one, or holds an object.
    """
    data = text.encode()
    try:
        value, end = _read(data, 0, 0)
    except (ValueError, IndexError, TypeError):
        raise UnreadablePhp from None
    if data[end:].strip():
        raise UnreadablePhp
    return value


def _read(data: bytes, place: int, depth: int) -> tuple[Any, int]:
    kind = data[place : place + 2]
    if kind == b"N;":
        return None, place + 2
    stop = data.index(b":" if kind in (b"s:", b"a:") else b";", place + 2)
    number = data[place + 2 : stop]
    if kind in (b"i:", b"b:"):
        value = int(number)
        return bool(value) if kind == b"b:" else value, stop + 1
    if kind == b"d:":
        return float(number), stop + 1
    if kind == b"s:":
        end = stop + 2 + int(number)
        if data[stop + 1 : stop + 2] != b'"' or data[end : end + 2] != b'";':
            raise UnreadablePhp
        return data[stop + 2 : end].decode("utf-8", "replace"), end + 2
    if kind != b"a:" or depth >= MAX_PHP_DEPTH or data[stop + 1 : stop + 2] != b"{":
        raise UnreadablePhp
    place, values = stop + 2, {}
    for _ in range(int(number)):
        key, place = _read(data, place, depth + 1)
        values[key], place = _read(data, place, depth + 1)
    if data[place : place + 1] != b"}":
        raise UnreadablePhp
    return values, place + 1
