"""LIKE patterns (OGC 21-065r2, advanced comparison): ``%`` any text, ``_`` one character.

A backslash makes the next character an ordinary one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Wildcard(Enum):
    ANY = "%"
    ONE = "_"


_PARTS = re.compile(r"\\(?P<escaped>.)|(?P<wildcard>[%_])|(?P<plain>.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pattern:
    parts: tuple[str | Wildcard, ...]

    def folded(self, change: Callable[[str], str]) -> "Pattern":
        return Pattern(tuple(change(p) if isinstance(p, str) else p for p in self.parts))

    def sql(self) -> str:
        """For PostgreSQL's LIKE with its default escape character."""
        return "".join(
            re.sub(r"([\\%_])", r"\\\1", part) if isinstance(part, str) else part.value
            for part in self.parts
        )

    def matcher(self) -> Callable[[str], bool]:
        """Each ``%`` takes as little as it can and never gives it back, so time stays linear."""
        first, *others = (re.compile(piece, re.DOTALL) for piece in self._pieces())
        if not others:
            return lambda text: first.fullmatch(text) is not None
        *middle, last = others
        size = self._length_of_last()

        def matches(text: str) -> bool:
            found = first.match(text)
            for piece in middle:
                found = found and piece.search(text, found.end())
            end = len(text) - size
            return found is not None and end >= found.end() and last.match(text, end) is not None

        return matches

    def _pieces(self) -> list[str]:
        """Regular expressions of what stands between the ``%``."""
        pieces = [""]
        for part in self.parts:
            if part is Wildcard.ANY:
                pieces.append("")
            else:
                pieces[-1] += re.escape(part) if isinstance(part, str) else "."
        return pieces

    def _length_of_last(self) -> int:
        length = 0
        for part in self.parts:
            if part is Wildcard.ANY:
                length = 0
            else:
                length += len(part) if isinstance(part, str) else 1
        return length


def parse_pattern(text: str) -> Pattern:
    parts: list[str | Wildcard] = []
    for found in _PARTS.finditer(text):
        if found["wildcard"]:
            parts.append(Wildcard(found["wildcard"]))
            continue
        plain = found["escaped"] or found["plain"]
        before = parts.pop() if parts and isinstance(parts[-1], str) else ""
        parts.append(f"{before}{plain}")
    return Pattern(tuple(parts))
