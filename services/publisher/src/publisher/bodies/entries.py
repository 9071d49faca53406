"""Documents in a body, cut out as the texts they are."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from earthcode_common.problems import Problem, TooLarge

from publisher.bodies.attachments import attachments
from publisher.bodies.envelope import (
    Json,
    Raw,
    Spans,
    bad,
    envelope,
    kind_of,
    parts,
    spans_of,
    words,
)
from publisher.domain import documents, slices
from publisher.domain.checks import Member
from publisher.domain.checks.ids import id_problem
from publisher.domain.members import Entry

MAX_MEMBERS = 500
MAX_IMPORT = 1000
MAX_DOCUMENT = 2 * 1024 * 1024
MAX_TITLE = 300


@dataclass(frozen=True)
class Draft:
    title: str
    members: list[Entry]


@dataclass(frozen=True)
class Failure:
    index: int
    kind: Any
    id: Any
    problem: Json


@dataclass(frozen=True)
class Import:
    source: str
    entries: list[tuple[int, Entry]]
    failed: list[Failure]


async def read_draft(body: Raw) -> Draft:
    return await asyncio.to_thread(draft, body)


def draft(body: bytes) -> Draft:
    text, value = envelope(body)
    title = words(value, "title", MAX_TITLE, required=True)
    members = [_entry(*part, text=text) for part in _given(text, value)]
    _check_repeated(members)
    return Draft(title, members)


def _given(text: str, value: Json) -> list[tuple[Json, str, Spans]]:
    found = list(parts(text, value, "members", MAX_MEMBERS))
    if not found:
        raise bad("A submission has at least one member", "/members", '{"kind", "document"}')
    return found


def legacy(body: bytes) -> Import:
    text, value = envelope(body)
    source = words(value, "source", MAX_TITLE, required=True)
    entries: list[tuple[int, Entry]] = []
    failed = []
    seen: set[tuple[str, str]] = set()
    for index, part in enumerate(parts(text, value, "entities", MAX_IMPORT)):
        try:
            entry = _entry(*part, text=text, as_text=True)
            _check_servable(entry, part[1])
            if (entry.kind, entry.id) in seen:
                raise bad(f"{entry.kind} {entry.id} is in this import twice", part[1])
        except Problem as problem:
            failed.append(_failure(index, part[0], problem))
        else:
            seen.add((entry.kind, entry.id))
            entries.append((index, entry))
    return Import(source, entries, failed)


def bundle(body: bytes) -> list[Member]:
    """What ``validate`` is asked about: a submission, or one ``{"kind", "document"}``.

    A submission is read as ``draft`` reads it; what is wrong with a document is left to the checks.
    """
    text, value = envelope(body)
    if "members" not in value:
        return [_member(value, "", spans_of(text, slices.first(text), ""), text=text)]
    words(value, "title", MAX_TITLE, required=True)
    members = [_member(*part, text=text) for part in _given(text, value)]
    _check_repeated(members)
    return members


def _entry(value: Json, pointer: str, spans: Spans, *, text: str, as_text: bool = False) -> Entry:
    kind = kind_of(value, pointer)
    where = f"{pointer}/document"
    if not as_text and not isinstance(value.get("document"), dict):
        raise bad("The document is a JSON object", where, "send the object itself, not a text")
    document = _read(_document(value, pointer, spans, text), where)
    if why := id_problem(document.value.get("id")):
        raise bad(f"The document has no usable id: {why}", f"{where}/id")
    return Entry.of(kind, document, tuple(attachments(value, pointer)))


def _member(value: Json, pointer: str, spans: Spans, *, text: str) -> Member:
    kind = kind_of(value, pointer)
    id = value["document"].get("id") if isinstance(value.get("document"), dict) else None
    document = _document(value, pointer, spans, text)
    if isinstance(value.get("document"), str):
        id = _id_inside(document)
    names = frozenset(file.name for file in attachments(value, pointer))
    return Member(kind, id if isinstance(id, str) else "", document, names)


def _id_inside(text: str) -> Any:
    try:
        value = documents.load(text)
    except documents.Malformed:
        return None
    return value.get("id") if isinstance(value, dict) else None


def _document(value: Json, pointer: str, spans: Spans, text: str) -> str:
    if "document" not in value:
        raise bad("The document is missing", f"{pointer}/document", 'add "document"')
    start, end = spans["document"]
    found = value["document"] if isinstance(value["document"], str) else text[start:end]
    if len(found) > MAX_DOCUMENT:
        raise TooLarge(
            f"The document has {len(found)} characters",
            pointer=f"{pointer}/document",
            hint=f"at most {MAX_DOCUMENT}; Items and data belong elsewhere",
        )
    return found


def _read(text: str, pointer: str) -> documents.Document:
    try:
        document = documents.read(text)
    except documents.Malformed as error:
        raise bad(f"The document cannot be read: {error.detail}", pointer, error.hint) from error
    if not isinstance(document.value, dict):
        raise bad("The document is not a JSON object", pointer, "start it with {")
    return document


def _check_servable(entry: Entry, pointer: str) -> None:
    """An import is not reviewed: what would break its readers does not enter."""
    for path in documents.beyond(entry.document.value):
        where = f"{pointer}/document{documents.pointer(path)}"
        raise bad("The document holds a number too large for any reader", where, "use a string")


def _check_repeated(members: Sequence[Entry | Member]) -> None:
    """Those without an id are not yet any entity."""
    seen = set()
    for index, member in enumerate(members):
        if member.id and (member.kind, member.id) in seen:
            said = f"{member.kind} {member.id} is in this submission twice"
            raise bad(said, f"/members/{index}", "one member per entity")
        seen.add((member.kind, member.id))


def _failure(index: int, value: Json, problem: Problem) -> Failure:
    document = value.get("document")
    kind, id = value.get("kind"), document.get("id") if isinstance(document, dict) else None
    if isinstance(document, str):
        id = _id_inside(document)
    return Failure(index, _safe(kind), _safe(id), problem.body())


def _safe(value: Any) -> str | None:
    usable = isinstance(value, str) and value.isprintable() and len(value) <= 200
    return value if usable else None
