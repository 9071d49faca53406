"""Runs every rule on every member of a bundle; a broken document cannot hide its neighbours."""

from collections.abc import Iterable, Iterator

from publisher.domain.checks import (  # noqa: F401  (importing registers the rules)
    extents,
    ids,
    links,
    owners,
    records,
    references,
    shapes,
    texts,
    times,
)
from publisher.domain.checks.rules import (
    RULES,
    Exists,
    Fault,
    Finding,
    Member,
    Rule,
    Subject,
    declare,
    finding,
)
from publisher.domain.documents import Malformed, read

MAX_PER_RULE = 25
SYNTAX = declare(
    Rule(
        "json.syntax",
        "error",
        "the document is a JSON text (RFC 8259)",
        "nothing else can be read, stored or served",
    )
)
OBJECT = declare(
    Rule("json.object", "error", "the document is a JSON object", "every kind of entity is one")
)


def check_bundle(members: Iterable[Member], exists: Exists) -> list[Finding]:
    """All findings about these members; ``exists(kind, id)`` answers for the catalogue.

    References may also point to another member of the bundle. At most 25 findings per rule and
    member are listed, and one more that says so.
    """
    bundle = list(members)
    inside = {(member.kind, member.id) for member in bundle}

    def known(kind: str, id: str) -> bool:
        return (kind, id) in inside or exists(kind, id)

    return [found for member in bundle for found in _check(member, known)]


def _check(member: Member, exists: Exists) -> Iterator[Finding]:
    try:
        document = read(member.text)
    except Malformed as error:
        yield finding(SYNTAX, member, Fault("", error.detail, error.hint))
        return
    if not isinstance(document.value, dict):
        fault = Fault("", "The document is not a JSON object", "start it with {")
        yield finding(OBJECT, member, fault)
        return
    subject = Subject(member, document, document.value, exists)
    for entry in RULES.values():
        if entry.check and member.kind in entry.kinds:
            yield from _limited(entry, subject)


def _limited(entry: Rule, subject: Subject) -> Iterator[Finding]:
    assert entry.check is not None
    for count, fault in enumerate(entry.check(subject)):
        if count == MAX_PER_RULE:
            fault = Fault("", "There are more findings of this rule")
        yield finding(entry, subject.member, fault)
        if count == MAX_PER_RULE:
            return
