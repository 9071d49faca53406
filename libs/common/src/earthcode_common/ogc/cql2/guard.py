"""What is looked at before a parser sees it: length, nesting and number of parts.

The parser of ``cql2`` recurses without a limit of its own and takes the whole process with it: some
2000 brackets, 1500 ``NOT`` or 2500 comparisons in a chain (``a=a=a...``) are enough. So everything
that nests is counted here, in one linear pass that knows quotes.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

MAX_TEXT = 8192
MAX_DEPTH = 64
MAX_JSON_TEXT = 512 * 1024
MAX_JSON_DEPTH = 4 * MAX_DEPTH  # An operation is two levels deep, a geometry up to seven.
MAX_JSON_NODES = 50_000

# Stands for an empty array in CQL2 text, which the parser does not know.
EMPTY = "\uf8ff()"

_TOKEN = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | (?P<open>\() | (?P<close>\)) | (?P<comma>,)
    | (?P<word>\w[\w.:]*) | (?P<operator>[-+*/%^]|[=<>!]+) | (?P<quote>['"])""",
    re.VERBOSE,
)
_RESET = {"and", "or"}
_NESTING = {"not", "div", "like", "in", "between", "is"}


class Refused(ValueError):
    """What was not understood, and where in the JSON (a pointer relative to the filter)."""

    def __init__(self, reason: str, at: str = "") -> None:
        super().__init__(reason)
        self.reason, self.at = reason, at


def check_text(text: str) -> str:
    """The same text, with empty arrays written so that the parser takes them. Raises Refused."""
    if len(text.encode("utf-8", "replace")) > MAX_TEXT:
        raise Refused(f"it is longer than {MAX_TEXT} bytes")
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise Refused("it holds a character that no text has (NUL or half a surrogate pair)")
    empty = _empty_arrays(text)
    for start, end in reversed(empty):
        text = f"{text[:start]}('{EMPTY}'){text[end:]}"
    return text


def _empty_arrays(text: str) -> list[tuple[int, int]]:
    levels = [0]  # Of each open bracket: operators in a chain, each of which may nest.
    depth, found = 0, []
    before: tuple[str | None, int] = (None, 0)
    last: str | None = None
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        change = _change(levels, kind, token)
        depth += change
        if depth > MAX_DEPTH:
            raise Refused(f"at character {token.start() + 1} it is deeper than {MAX_DEPTH} levels")
        if kind == "close" and last == "open" and before[0] in ("comma", "open"):
            found.append((before[1], token.end()))
        if kind == "open":
            before = (last, token.start())
        last = kind
    return found


def _change(levels: list[int], kind: str | None, token: re.Match[str]) -> int:
    """By how much the depth grows with this token."""
    word = token.group().lower()
    if kind == "quote":
        raise Refused(f"a quote ({word}) is opened at character {token.start() + 1} and not closed")
    if kind == "open":
        levels.append(0)
        return 1
    if kind == "close":
        if len(levels) == 1:
            raise Refused(f"the bracket closed at character {token.start() + 1} was not opened")
        return -1 - levels.pop()
    if kind == "comma" or (kind == "word" and word in _RESET):
        gone, levels[-1] = levels[-1], 0
        return -gone
    if kind == "operator" or (kind == "word" and word in _NESTING):
        levels[-1] += 1
        return 1
    return 0


def check_json(value: Any) -> None:
    """Depth of operations and of all, and number of members, without recursion. Raises Refused."""
    stack: list[tuple[Iterator[Any], int]] = [(iter([value]), 0)]
    nodes = 0
    while stack:
        members, depth = stack[-1]
        node = next(members, stack)
        if node is stack:
            stack.pop()
            continue
        nodes += 1
        if nodes > MAX_JSON_NODES:
            raise Refused(f"it has more than {MAX_JSON_NODES} parts")
        if isinstance(node, Mapping):
            stack.append((iter(node.values()), depth + ("op" in node)))
        elif isinstance(node, list | tuple):
            stack.append((iter(node), depth))
        if stack[-1][1] > MAX_DEPTH or len(stack) > MAX_JSON_DEPTH:
            raise Refused(f"it is nested deeper than {MAX_DEPTH} levels")
