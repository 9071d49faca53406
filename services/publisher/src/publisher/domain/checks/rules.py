"""What a rule and a finding are, and the registry that rules enter by decoration."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from publisher.domain.documents import Document
from publisher.domain.kinds import KINDS, printable

Severity = Literal["error", "warning", "info"]
Exists = Callable[[str, str], bool]
MAX_TEXT = 500


@dataclass(frozen=True)
class Finding:
    """One thing found. ``pointer`` is a JSON pointer, ``fix`` a JSON Patch (RFC 6902) or None."""

    rule: str
    severity: Severity
    kind: str
    id: str
    pointer: str
    message: str
    hint: str | None = None
    fix: list[dict[str, Any]] | None = None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Member:
    """A document to check, as text; ``attachments`` are the names of the files beside it."""

    kind: str
    id: str
    text: str
    attachments: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Fault:
    """What a check yields; the engine adds the rule and the entity."""

    pointer: str
    message: str
    hint: str | None = None
    fix: list[dict[str, Any]] | None = None
    severity: Severity | None = None  # when it differs from the rule's


@dataclass(frozen=True)
class Subject:
    """A member whose text could be read, with its surroundings."""

    member: Member
    document: Document
    body: dict[str, Any]
    exists: Exists

    @property
    def kind(self) -> str:
        return self.member.kind

    @property
    def properties(self) -> dict[str, Any]:
        found = self.body.get("properties")
        return found if isinstance(found, dict) else {}


Check = Callable[[Subject], Iterator[Fault]]


@dataclass(frozen=True)
class Rule:
    id: str
    severity: Severity
    what: str
    why: str
    kinds: Sequence[str] = KINDS
    check: Check | None = field(default=None, compare=False, repr=False)


RULES: dict[str, Rule] = {}


def rule(
    id: str, severity: Severity, what: str, why: str, kinds: Sequence[str] = KINDS
) -> Callable[[Check], Check]:
    def register(check: Check) -> Check:
        declare(Rule(id, severity, what, why, kinds, check))
        return check

    return register


def declare(entry: Rule) -> Rule:
    if entry.id in RULES:
        raise ValueError(f"rule {entry.id} exists already")
    RULES[entry.id] = entry
    return entry


def finding(entry: Rule, member: Member, fault: Fault) -> Finding:
    return Finding(
        rule=entry.id,
        severity=fault.severity or entry.severity,
        kind=member.kind,
        id=_short(member.id),
        pointer=_short(fault.pointer),
        message=_short(fault.message),
        hint=_short(fault.hint) if fault.hint else None,
        fix=fault.fix,
    )


def _short(text: str) -> str:
    return printable(text[:MAX_TEXT])


def shown(value: object) -> str:
    """A value of a document in a message: short, and safe to print."""
    return f"{printable(value[:80])!r}" if isinstance(value, str) else _typed(value)


def _typed(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return "a number"
    return "a list" if isinstance(value, list) else "an object"
