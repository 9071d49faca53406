"""Files of lines, read in blocks: plain, gzipped, or what comes in at standard input."""

import gzip
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from catalog_api.loading.ranges import BLOCK, Range, numbered, ranges

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines; ``text`` is None for one line that is longer than allowed."""

    file: str
    first: int  # number of the first line, from 1
    text: bytes | None
    size: int  # bytes of the file (gzipped ones: as it is on the disk) that it took

    def lines(self, longest: int) -> list[tuple[int, bytes | None]]:
        """Numbered lines that are not empty; None for those that are too long."""
        if self.text is None:
            return [(self.first, None)]
        return numbered(self.text, self.first, longest)


def blocks(files: Sequence[str], longest: int) -> Iterator[Block | Range]:
    """Text of what must be read in its order; of plain files only where it is."""
    for name in files:
        if name == STDIN or name.endswith(".gz"):
            with _opened(name) as (stream, place):
                yield from _blocks(name, stream, place, longest)
        else:
            yield from ranges(name, longest)


def is_there(name: str) -> bool:
    return name == STDIN or Path(name).is_file()


def total_size(files: Sequence[str]) -> int | None:
    """Bytes; None when standard input is among them."""
    return None if STDIN in files else sum(Path(name).stat().st_size for name in files)


@contextmanager
def _opened(name: str) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The stream to read, and the one whose place says how far it is."""
    if name == STDIN:
        yield sys.stdin.buffer, sys.stdin.buffer
        return
    with Path(name).open("rb") as file, gzip.open(file) as stream:
        yield stream, file  # type: ignore[misc]


def _blocks(name: str, stream: IO[bytes], place: IO[bytes], longest: int) -> Iterator[Block]:
    number, done, kept, too_long = 1, 0, b"", False
    while data := stream.read(BLOCK):
        at = place.tell() if place.seekable() else done + len(data)
        size, done = at - done, at
        if too_long:
            _, newline, data = data.partition(b"\n")
            if not newline:
                continue
            yield Block(name, number, None, 0)
            number, too_long = number + 1, False
        text, newline, kept = (kept + data).rpartition(b"\n")
        if newline:
            yield Block(name, number, text, size)
            number += text.count(b"\n") + 1
        if len(kept) > longest:
            kept, too_long = b"", True
    if kept or too_long:
        yield Block(name, number, None if too_long else kept, 0)
