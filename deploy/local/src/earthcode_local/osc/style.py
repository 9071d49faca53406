"""How a JSON file is written, so that a change to it shows as that change alone."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Style:
    indent: int | None
    newline: str
    tail: str
    ascii: bool

    @classmethod
    def of(cls, text: str) -> "Style":
        newline = "\r\n" if "\r\n" in text else "\n"
        lines = text.splitlines()
        second = lines[1] if len(lines) > 1 else ""
        indent = len(second) - len(second.lstrip(" ")) or None
        tail = newline if text.endswith("\n") else ""
        return cls(indent, newline, tail, text.isascii() and "\\u" in text)

    def dump(self, value: Any) -> str:
        text = json.dumps(value, indent=self.indent, ensure_ascii=self.ascii)
        return text.replace("\n", self.newline) + self.tail
