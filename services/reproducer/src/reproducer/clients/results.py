"""The shapes that results come in, sorted into references and values."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from reproducer.clients.dialects import joined

JSON = "application/json"
LINK = re.compile(
    r'<(?P<href>[^>]*)>(?P<parameters>(?:\s*;\s*[\w!#$&+.^`|~*-]+\s*=\s*(?:"[^"]*"|[^,;"]*))*)'
)
PARAMETER = re.compile(r';\s*(?P<name>[\w*-]+)\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[^,;"]*))')


class UnreadableResults(ValueError):
    """The platform sent results in a form that is not understood."""


@dataclass(frozen=True)
class Value:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Reference:
    name: str
    media_type: str | None
    href: str


Entry = Value | Reference


def read_results(asked: str, document: Any, declared: frozenset[str]) -> list[Entry]:
    """The entries of a results document; ``declared`` are the names of the process's outputs."""
    return list(_entries(asked, _unwrapped(document), declared))


def _unwrapped(document: Any) -> Any:
    """pygeoapi wraps the document as ``{"outputs": [...]}``."""
    if isinstance(document, Mapping) and set(document) == {"outputs"}:
        return document["outputs"]
    return document


def _entries(asked: str, document: Any, declared: frozenset[str]) -> Iterator[Entry]:
    if isinstance(document, list) and document and all(_is_named(e) for e in document):
        for entry in document:
            yield from _entry(asked, str(entry["id"]), entry)
    elif isinstance(document, Mapping) and _is_named(document) and document["id"] in declared:
        yield from _entry(asked, str(document["id"]), document)
    elif isinstance(document, Mapping) and _is_document(document, declared):
        for name, entry in document.items():
            if name != "links" or "links" in declared:
                yield from _entry(asked, str(name), entry)
    else:
        yield Value(sole_name(declared), JSON, canonical(document))


def _is_named(entry: Any) -> bool:
    named = isinstance(entry, Mapping) and isinstance(entry.get("id"), str)
    return named and ("value" in entry or "href" in entry)


def _is_document(document: Mapping[str, Any], declared: frozenset[str]) -> bool:
    """Not the only output itself, sent raw, which may be any JSON object."""
    names = set(document) - {"links"}
    return bool(names) and (not declared or names <= declared)


def _entry(asked: str, name: str, entry: Any) -> Iterator[Entry]:
    if isinstance(entry, Mapping) and isinstance(entry.get("href"), str):
        declared = entry.get("type") or entry.get("mediaType")
        yield Reference(name, str(declared) if declared else None, _absolute(asked, entry["href"]))
    elif isinstance(entry, list) and entry and all(_is_reference(e) for e in entry):
        for number, one in enumerate(entry):
            yield from _entry(asked, f"{name}.{number}", one)
    elif isinstance(entry, Mapping) and "value" in entry:
        yield _qualified(name, entry)
    else:
        yield Value(name, JSON, canonical(entry))


def _absolute(asked: str, href: str) -> str:
    found = joined(asked, href)
    if found is None:
        raise UnreadableResults(f"a result is at {href[:100]!r}, which is no address")
    return found


def _is_reference(entry: Any) -> bool:
    return isinstance(entry, Mapping) and isinstance(entry.get("href"), str)


def _qualified(name: str, entry: Mapping[str, Any]) -> Value:
    """``{value, mediaType, encoding}`` (qualifiedInputValue.yaml)."""
    shape = entry.get("format")
    given = {**(shape if isinstance(shape, Mapping) else {}), **entry}
    media_type = given.get("mediaType") or given.get("contentMediaType")
    value, encoding = entry["value"], given.get("encoding") or given.get("contentEncoding")
    if not isinstance(value, str):
        return Value(name, str(media_type or JSON), canonical(value))
    content = decoded(value) if encoding == "base64" else value.encode("utf-8", "replace")
    return Value(name, str(media_type or "text/plain"), content)


def decoded(value: str) -> bytes:
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadableResults("a value that is said to be base64 is not") from error


def canonical(value: Any) -> bytes:
    """Members sorted, so that equal values are equal bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def sole_name(declared: frozenset[str]) -> str:
    return next(iter(declared)) if len(declared) == 1 else "result"


def read_link_header(asked: str, header: str, declared: frozenset[str]) -> list[Reference]:
    """``204`` with ``Link``: an output by reference each, its name in ``title`` or ``id``."""
    found = []
    for match in LINK.finditer(header):
        given = {p["name"]: p["quoted"] or p["bare"] for p in PARAMETER.finditer(match[0])}
        name = next((given[k] for k in ("id", "title", "rel") if given.get(k) in declared), None)
        href = _absolute(asked, match["href"])
        found.append(Reference(name or sole_name(declared), given.get("type"), href))
    return found
