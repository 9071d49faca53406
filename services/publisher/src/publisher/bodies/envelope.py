"""The frame of every body: JSON in UTF-8, an object, and where the text of its parts is."""

from collections.abc import Iterator
from typing import Annotated, Any

from earthcode_common.problems import BadRequest, UnsupportedMediaType
from fastapi import Depends
from starlette.requests import Request

from publisher.domain import documents, slices
from publisher.domain.kinds import KINDS

Json = dict[str, Any]
Spans = dict[str, slices.Span]


async def raw(request: Request) -> bytes:
    """The body, when it says it is JSON (or says nothing, or is empty)."""
    given = request.headers.get("content-type", "application/json").partition(";")[0].strip()
    body = await request.body()
    if body and given.lower() != "application/json" and not given.lower().endswith("+json"):
        raise UnsupportedMediaType(
            f"The body is {given[:100]!r}; JSON is understood here",
            hint="Content-Type: application/json",
        )
    return body


Raw = Annotated[bytes, Depends(raw)]


def options(body: bytes) -> Json:
    """The body of an action or a comment; an empty one is an empty object."""
    return envelope(body)[1] if body.strip() else {}


def words(value: Json, name: str, longest: int, *, required: bool = False) -> str:
    """A member that is a text, without what cannot be stored."""
    found = value.get(name, "")
    pointer = f"/{name}"
    if not isinstance(found, str):
        raise bad(f"{name} is a text", pointer, "send a string")
    if required and not found.strip():
        raise bad(f"{name} is missing", pointer, f'add "{name}"')
    if len(found) > longest:
        raise bad(f"{name} has {len(found)} characters", pointer, f"at most {longest}")
    if not documents.storable(found):
        raise bad(f"{name} holds a character that cannot be stored", pointer, "remove U+0000")
    return found


def bad(detail: str, pointer: str, hint: str | None = None) -> BadRequest:
    return BadRequest(detail, pointer=pointer, hint=hint)


def envelope(body: bytes) -> tuple[str, Json]:
    try:
        text = body.decode("utf-8")
        value = documents.load(text)
    except UnicodeDecodeError as error:
        raise bad(
            f"The body is not UTF-8 (byte {error.start})", "", "encode it as UTF-8"
        ) from error
    except documents.Malformed as error:
        raise bad(f"The body cannot be read: {error.detail}", "", error.hint) from error
    if not isinstance(value, dict):
        raise bad("The body is a JSON object", "", "start it with {")
    return text, value


def parts(text: str, value: Json, name: str, most: int) -> Iterator[tuple[Json, str, Spans]]:
    """The objects of the list ``name``: value, pointer, and where the text of each member is."""
    entries = list_of(value, name, most, "")
    if not entries:
        return
    start, _ = spans_of(text, slices.first(text), "")[name]
    for index, (at, _) in enumerate(slices.items(text, start)):
        pointer = f"/{name}/{index}"
        if not isinstance(entries[index], dict):
            raise bad(f"{pointer} is not an object", pointer, '{"kind", "document"}')
        yield entries[index], pointer, spans_of(text, at, pointer)


def spans_of(text: str, at: int, pointer: str) -> Spans:
    found = slices.fields(text, at)
    spans = dict(found)
    if len(spans) != len(found):
        raise bad("The same name is in this object twice", pointer, "keep one of them")
    return spans


def list_of(value: Json, name: str, most: int, pointer: str) -> list[Any]:
    found = value.get(name)
    where = f"{pointer}/{name}"
    if not isinstance(found, list):
        raise bad(f"{name} is a list" + ("" if name in value else "; it is missing"), where)
    if len(found) > most:
        raise bad(f"{name} has {len(found)} entries", where, f"at most {most}: send several")
    return found


def kind_of(value: Json, pointer: str) -> str:
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        said = f"{kind[:50]!r} is not a kind" if isinstance(kind, str) else "The kind is missing"
        raise bad(said, f"{pointer}/kind", f"one of: {', '.join(KINDS)}")
    return kind
