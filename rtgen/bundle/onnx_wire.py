"""The wire format of ONNX files, read with bounds: a small reader of protobuf messages.

The `onnx` package is a training dependency, and what it parses it has already taken memory for.
What is read here must be what onnxruntime's own reader sees: a field that it would pass over is
passed over, and what readers of protobuf take in different ways is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from rtgen.errors import BundleError

MOST_KEY = 1 << 32
"""onnxruntime drops the bits above, and would find another field than we do."""
_VARINT, _EIGHT_BYTES, _BYTES, _FOUR_BYTES = 0, 1, 2, 5
MOST_FIELDS = 1 << 18
"""Of all messages of a file together; a file of ours has a twentieth of it."""
_LARGEST = (1 << 64) - 1
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

        Numbers of fixed width are passed over: nothing that is asked for here is one, and a reader
        that asks for a word or a message passes over them too.

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
            if key >= MOST_KEY:
                raise self._damaged()
            if kind == _VARINT:
                value, at = self._varint(data, at)
                yield number, value
                continue
            if kind == _BYTES:
                size, at = self._varint(data, at)
            else:
                size = {_EIGHT_BYTES: 8, _FOUR_BYTES: 4}.get(kind, end + 1)
            if at + size > end:
                raise self._damaged()
            if kind == _BYTES:
                yield number, data[at : at + size]
            at += size

    def inside(self, data: Value | None, repeated: int | None = None) -> dict[int, Value]:
        """The fields of a message inside a message; none of what is none.

        Parameters
        ----------
        repeated : the one that may come more than once; of others protobuf would make one.

        Raises
        ------
        BundleError for another that comes twice.
        """
        found: dict[int, Value] = {}
        for number, value in self.fields(data) if isinstance(data, memoryview) else ():
            if number in found and number != repeated:
                raise self._damaged()
            found[number] = value
        return found

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
                return value & _LARGEST, at
        raise self._damaged()

    def _damaged(self) -> BundleError:
        return BundleError(f"{self.name} is damaged", value=self.name, hint="copy the bundle again")


def text(value: Value | None) -> str:
    """A name, cut where it is endless."""
    return bytes(value[:64]).decode("utf-8", "replace") if isinstance(value, memoryview) else ""
