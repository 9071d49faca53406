"""Request bodies: read strictly, documents cut out as text; refusals say where and how to mend."""

import asyncio
import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from earthcode_common.problems import BadRequest, Problem, TooLarge, UnsupportedMediaType
from fastapi import Depends
from starlette.requests import Request

from publisher.domain import documents
from publisher.domain.checks import Member
from publisher.domain.checks.ids import id_problem
from publisher.domain.kinds import KINDS
from publisher.domain.members import Attachment, Entry

MAX_MEMBERS = 500
MAX_IMPORT = 1000
MAX_REFS = 500
MAX_ATTACHMENTS = 50
MAX_DOCUMENT = 2 * 1024 * 1024
MAX_TITLE = 300
MAX_COMMENT = 10_000
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._ -]{0,199}(?<![ .])")
TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(\s*;\s*[\w-]+=[\w.:+/ \"-]+)*", re.ASCII)
Json = dict[str, Any]
Spans = dict[str, documents.Span]


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


@dataclass(frozen=True)
class Ref:
    kind: str
    id: str
    version: int | None


async def raw(request: Request) -> bytes:
    """The body, when it says it is JSON (or says nothing)."""
    given = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    if given.lower() != "application/json" and not given.lower().endswith("+json"):
        raise UnsupportedMediaType(
            f"The body is {given[:100]!r}; JSON is understood here",
            hint="Content-Type: application/json",
        )
    return await request.body()


Raw = Annotated[bytes, Depends(raw)]


async def read_draft(body: Raw) -> Draft:
    return await asyncio.to_thread(draft, body)


def draft(body: bytes) -> Draft:
    text, value = _envelope(body)
    title = words(value, "title", MAX_TITLE, required=True)
    parts = list(_parts(text, value, "members", MAX_MEMBERS))
    members = [_entry(*part, text=text) for part in parts]
    if not members:
        raise _bad("A submission has at least one member", "/members", '{"kind", "document"}')
    _check_repeated(members)
    return Draft(title, members)


def legacy(body: bytes) -> Import:
    text, value = _envelope(body)
    source = words(value, "source", MAX_TITLE, required=True)
    entries: list[tuple[int, Entry]] = []
    failed = []
    seen: set[tuple[str, str]] = set()
    for index, part in enumerate(_parts(text, value, "entities", MAX_IMPORT)):
        try:
            entry = _entry(*part, text=text, as_text=True)
            if (entry.kind, entry.id) in seen:
                raise _bad(f"{entry.kind} {entry.id} is in this import twice", part[1])
        except Problem as problem:
            failed.append(_failure(index, part[0], problem))
        else:
            seen.add((entry.kind, entry.id))
            entries.append((index, entry))
    return Import(source, entries, failed)


def bundle(body: bytes) -> list[Member]:
    """What ``validate`` is asked about: a submission, or one ``{"kind", "document"}``."""
    text, value = _envelope(body)
    if "members" in value:
        parts = list(_parts(text, value, "members", MAX_MEMBERS))
    else:
        parts = [(value, "", dict(documents.fields(text, documents.first(text))))]
    return [_member(*part, text=text) for part in parts]


def refs(body: bytes) -> list[Ref]:
    _, value = _envelope(body)
    return [_ref(entry, f"/refs/{i}") for i, entry in enumerate(_list(value, "refs", MAX_REFS, ""))]


def options(body: bytes) -> Json:
    """The body of an action or a comment; an empty one is an empty object."""
    return _envelope(body)[1] if body.strip() else {}


def words(value: Json, name: str, longest: int, *, required: bool = False) -> str:
    """A member that is a text, without what cannot be stored."""
    found = value.get(name, "")
    pointer = f"/{name}"
    if not isinstance(found, str):
        raise _bad(f"{name} is a text", pointer, "send a string")
    if required and not found.strip():
        raise _bad(f"{name} is missing", pointer, f'add "{name}"')
    if len(found) > longest:
        raise _bad(f"{name} has {len(found)} characters", pointer, f"at most {longest}")
    if not documents.storable(found):
        raise _bad(f"{name} holds a character that cannot be stored", pointer, "remove U+0000")
    return found


def _bad(detail: str, pointer: str, hint: str | None = None) -> BadRequest:
    return BadRequest(detail, pointer=pointer, hint=hint)


def _envelope(body: bytes) -> tuple[str, Json]:
    try:
        text = body.decode("utf-8")
        value = documents.load(text)
    except UnicodeDecodeError as error:
        raise _bad(
            f"The body is not UTF-8 (byte {error.start})", "", "encode it as UTF-8"
        ) from error
    except documents.Malformed as error:
        raise _bad(f"The body cannot be read: {error.detail}", "", error.hint) from error
    if not isinstance(value, dict):
        raise _bad("The body is a JSON object", "", "start it with {")
    return text, value


def _parts(text: str, value: Json, name: str, most: int) -> Iterator[tuple[Json, str, Spans]]:
    """The objects of the list ``name``: value, pointer, and where the text of each member is."""
    entries = _list(value, name, most, "")
    if not entries:
        return
    start, _ = _spans(text, documents.first(text), "")[name]
    for index, (at, _) in enumerate(documents.items(text, start)):
        pointer = f"/{name}/{index}"
        if not isinstance(entries[index], dict):
            raise _bad(f"{pointer} is not an object", pointer, '{"kind", "document"}')
        yield entries[index], pointer, _spans(text, at, pointer)


def _spans(text: str, at: int, pointer: str) -> Spans:
    found = documents.fields(text, at)
    spans = dict(found)
    if len(spans) != len(found):
        raise _bad("The same name is in this object twice", pointer, "keep one of them")
    return spans


def _list(value: Json, name: str, most: int, pointer: str) -> list[Any]:
    found = value.get(name)
    where = f"{pointer}/{name}"
    if not isinstance(found, list):
        raise _bad(f"{name} is a list" + ("" if name in value else "; it is missing"), where)
    if len(found) > most:
        raise _bad(f"{name} has {len(found)} entries", where, f"at most {most}: send several")
    return found


def _kind(value: Json, pointer: str) -> str:
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        said = f"{kind[:50]!r} is not a kind" if isinstance(kind, str) else "The kind is missing"
        raise _bad(said, f"{pointer}/kind", f"one of: {', '.join(KINDS)}")
    return kind


def _entry(value: Json, pointer: str, spans: Spans, *, text: str, as_text: bool = False) -> Entry:
    kind = _kind(value, pointer)
    where = f"{pointer}/document"
    if not as_text and not isinstance(value.get("document"), dict):
        raise _bad("The document is a JSON object", where, "send the object itself, not a text")
    document = _read(_document(value, pointer, spans, text), where)
    if why := id_problem(document.value.get("id")):
        raise _bad(f"The document has no usable id: {why}", f"{where}/id")
    return Entry.of(kind, document, tuple(_attachments(value, pointer)))


def _member(value: Json, pointer: str, spans: Spans, *, text: str) -> Member:
    kind = _kind(value, pointer)
    id = value["document"].get("id") if isinstance(value.get("document"), dict) else None
    document = _document(value, pointer, spans, text)
    if isinstance(value.get("document"), str):
        id = _id_inside(document)
    names = frozenset(file.name for file in _attachments(value, pointer))
    return Member(kind, id if isinstance(id, str) else "", document, names)


def _id_inside(text: str) -> Any:
    try:
        value = documents.load(text)
    except documents.Malformed:
        return None
    return value.get("id") if isinstance(value, dict) else None


def _document(value: Json, pointer: str, spans: Spans, text: str) -> str:
    if "document" not in value:
        raise _bad("The document is missing", f"{pointer}/document", 'add "document"')
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
        raise _bad(f"The document cannot be read: {error.detail}", pointer, error.hint) from error
    if not isinstance(document.value, dict):
        raise _bad("The document is not a JSON object", pointer, "start it with {")
    return document


def _attachments(value: Json, pointer: str) -> Iterator[Attachment]:
    if value.get("attachments") is None:
        return
    seen = set()
    for index, entry in enumerate(_list(value, "attachments", MAX_ATTACHMENTS, pointer)):
        file = _attachment(entry, f"{pointer}/attachments/{index}")
        if file.name in seen:
            raise _bad(f"{file.name} is attached twice", f"{pointer}/attachments/{index}/name")
        seen.add(file.name)
        yield file


def _attachment(entry: Any, pointer: str) -> Attachment:
    if not isinstance(entry, dict):
        raise _bad("An attachment is an object", pointer, '{"name", "media_type", "content"}')
    name, media_type = entry.get("name"), entry.get("media_type", "application/octet-stream")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise _bad(
            "The name of an attachment is 1 to 200 letters, digits, spaces or . _ -",
            f"{pointer}/name",
            "a plain file name, without a folder",
        )
    if not isinstance(media_type, str) or len(media_type) > 200 or not TYPE.fullmatch(media_type):
        raise _bad("This is not a media type", f"{pointer}/media_type", "for example text/yaml")
    return Attachment.of(name, media_type, _content(entry, pointer))


def _content(entry: Json, pointer: str) -> bytes:
    content, encoding = entry.get("content"), entry.get("encoding", "base64")
    if not isinstance(content, str):
        raise _bad("The content is a text", f"{pointer}/content", "base64, or plain with utf-8")
    if encoding not in ("base64", "utf-8"):
        raise _bad("The encoding is base64 or utf-8", f"{pointer}/encoding")
    try:
        if encoding == "utf-8":
            return content.encode()
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        hint = 'for plain text send "encoding": "utf-8"'
        raise _bad(f"The content is not {encoding}: {error}", f"{pointer}/content", hint) from error


def _check_repeated(members: list[Entry]) -> None:
    seen = set()
    for index, member in enumerate(members):
        if (member.kind, member.id) in seen:
            said = f"{member.kind} {member.id} is in this submission twice"
            raise _bad(said, f"/members/{index}", "one member per entity")
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


def _ref(entry: Any, pointer: str) -> Ref:
    if not isinstance(entry, dict):
        raise _bad("A reference is an object", pointer, '{"kind", "id"}')
    id, version = entry.get("id"), entry.get("version")
    if not isinstance(id, str) or not id or not documents.storable(id):
        raise _bad("The id is a text", f"{pointer}/id")
    wrong = isinstance(version, bool) or not (version is None or isinstance(version, int))
    if wrong or (version is not None and not 0 < version < 2**31):
        raise _bad("A version is a positive number", f"{pointer}/version", "leave it out: current")
    return Ref(_kind(entry, pointer), id, version)
