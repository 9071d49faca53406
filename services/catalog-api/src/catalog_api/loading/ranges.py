"""Plain files, of which only places are handed out: who stores the lines reads them itself.

Nothing is copied from process to process. The command reads all of a file too, as it must know
where lines end and how many there are, but into one buffer that is used again and again.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from catalog_api.loading.errors import LoadFailed

BLOCK = 4 * 1024 * 1024
_NEWLINE = ord("\n")


@dataclass(frozen=True, slots=True)
class Range:
    """Whole lines from ``at`` on; ``whole`` is False for one line that is longer than allowed."""

    file: str
    first: int  # number of the first line, from 1
    at: int
    size: int
    whole: bool = True

    def lines(self, longest: int) -> list[tuple[int, bytes | None]]:
        """Numbered lines that are not empty, None for those that are too long; or LoadFailed."""
        if not self.whole:
            return [(self.first, None)]
        with Path(self.file).open("rb") as file:
            file.seek(self.at)
            text = file.read(self.size)
            _forget(file.fileno(), self.at, self.size)
        if len(text) < self.size:
            raise _changed(self.file)
        return numbered(text, self.first, longest)


def numbered(text: bytes, first: int, longest: int) -> list[tuple[int, bytes | None]]:
    every = enumerate(text.split(b"\n"), first)
    return [(n, line if len(line) <= longest else None) for n, line in every if line.strip()]


def ranges(name: str, longest: int) -> Iterator[Range]:
    """Raises LoadFailed when the file becomes shorter."""
    number, at, done = 1, 0, 0  # the line that is to be handed out next, its place; bytes read
    buffer = bytearray(BLOCK)
    with Path(name).open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        while read := file.readinto(buffer):
            start = 0
            if done - at > longest and (start := buffer.find(b"\n", 0, read) + 1):
                yield Range(name, number, at, done + start - at, whole=False)
                number, at = number + 1, done + start
            if end := buffer.rfind(b"\n", start, read) + 1:
                yield Range(name, number, at, done + end - at)
                number, at = number + _count(buffer, start, end), done + end
            done += read
    if done < size:
        raise _changed(name)
    if done > at:
        yield Range(name, number, at, done - at, whole=done - at <= longest)


def _forget(file: int, at: int, size: int) -> None:
    """Nobody reads it again: the system's memory is for the database, which writes as much."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file, at, size, os.POSIX_FADV_DONTNEED)


def _count(buffer: bytearray, start: int, end: int) -> int:
    """Newlines; ``bytearray.count`` takes five times as long."""
    part = np.frombuffer(buffer, np.uint8, end - start, start)
    return int(np.count_nonzero(part == _NEWLINE))


def _changed(name: str) -> LoadFailed:
    return LoadFailed(f"{name} became shorter while it was read")
