"""The wire format of ONNX files, read with bounds: a small reader of protobuf messages.

The `onnx` package is a training dependency, and what it parses it has already taken memory for.
"""

from __future__ import annotations

from collections.abc import Iterator

from rtgen.errors import BundleError

MOST_FIELDS = 1 << 18
"""Of all messages of a file together; a file of ours has a twentieth of it."""
Value = memoryview | int


class Wire:
    """Reads the messages of one file.

    Parameters
    ----------
    name : of the file, for sentences.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._left = MOST_FIELDS

    def fields(self, data: memoryview) -> Iterator[tuple[int, Value]]:
        """Number and value of each field of a message; whole numbers of 64 bits without sign.

        Raises
        ------
        BundleError for what is cut short, or no message, or endless.
        """
        at, end = 0, len(data)
        while at < end:
            self._left -= 1
            if self._left < 0:
                raise BundleError(
                    f"{self.name} has more parts than a graph may have",
                    value=self.name,
                    hint="export the model with `rtgen export`",
                )
            key, at = self._varint(data, at)
            number, kind = key >> 3, key & 7
            if kind == 0:
                value, at = self._varint(data, at)
                yield number, value
                continue
            if kind == 2:
                size, at = self._varint(data, at)
            elif kind in (1, 5):
                size = 8 if kind == 1 else 4
            else:
                size = end + 1
            if at + size > end:
                raise self._damaged()
            yield number, data[at : at + size]
            at += size

    def inside(self, data: Value | None) -> dict[int, Value]:
        """The fields of a message inside a message, the last of a number; none of what is none."""
        return dict(self.fields(data)) if isinstance(data, memoryview) else {}

    def numbers(self, value: Value) -> Iterator[int]:
        """The whole numbers of a repeated field, packed or one by one."""
        if isinstance(value, int):
            yield value
            return
        at = 0
        while at < len(value):
            number, at = self._varint(value, at)
            yield number

    def _varint(self, data: memoryview, at: int) -> tuple[int, int]:
        value = 0
        for shift in range(0, 64, 7):
            if at >= len(data):
                break
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value, at
        raise self._damaged()

    def _damaged(self) -> BundleError:
        return BundleError(f"{self.name} is damaged", value=self.name, hint="copy the bundle again")


def text(value: Value | None) -> str:
    """A name, cut where it is endless."""
    return bytes(value[:64]).decode("utf-8", "replace") if isinstance(value, memoryview) else ""
