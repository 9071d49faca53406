"""Rules on identifiers."""

import re
from collections.abc import Iterator

from publisher.domain.checks.rules import Fault, Subject, rule, shown
from publisher.domain.references import MAX_ID

SYNTAX = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
STYLE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
GOOD_LENGTH = 80


def id_problem(value: object) -> str | None:
    """Why ``value`` cannot be the id of an entity, or None."""
    if not isinstance(value, str) or not value:
        return "an id is a text that is not empty"
    if not SYNTAX.fullmatch(value):
        return "an id starts with a letter or digit and holds only A-Z a-z 0-9 . _ -"
    return f"an id has at most {MAX_ID} characters" if len(value) > MAX_ID else None


@rule(
    "id.syntax",
    "error",
    "the id holds only letters, digits, '.', '_' and '-'",
    "it becomes part of addresses, file names and event subjects",
)
def id_syntax(subject: Subject) -> Iterator[Fault]:
    value = subject.body.get("id")
    if "id" in subject.body and (why := id_problem(value)):
        said = f"The id {shown(value)} cannot be used: {why}"
        if not isinstance(value, str):
            said = f"The id is {shown(value)}; it must be a text"
        yield Fault("/id", said, _suggestion(value))


@rule(
    "id.mismatch",
    "error",
    "the document carries the id it is published under",
    "(kind, id) is the key of an entity",
)
def id_mismatch(subject: Subject) -> Iterator[Fault]:
    value = subject.body.get("id")
    if isinstance(value, str) and value != subject.member.id:
        yield Fault("/id", f"The id is {shown(value)}, not {shown(subject.member.id)}")


@rule(
    "id.style",
    "warning",
    "the id is lower case, words joined by single hyphens",
    "that is how nearly all ids of the catalogue look, and it survives every file system",
)
def id_style(subject: Subject) -> Iterator[Fault]:
    value = subject.body.get("id")
    if id_problem(value) is None and not STYLE.fullmatch(str(value)):
        yield Fault("/id", f"The id {shown(value)} is not in kebab-case", _suggestion(value))


@rule(
    "id.length",
    "warning",
    f"the id has at most {GOOD_LENGTH} characters",
    "long ids make addresses that are cut off, and paths that some file systems refuse",
)
def id_length(subject: Subject) -> Iterator[Fault]:
    value = subject.body.get("id")
    if isinstance(value, str) and GOOD_LENGTH < len(value) <= MAX_ID:
        yield Fault("/id", f"The id has {len(value)} characters", "choose a shorter one")


def _suggestion(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    slug = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")[:GOOD_LENGTH]
    return f"for example {slug!r}" if slug else None
