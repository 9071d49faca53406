"""Items read many at a time: what most Items do not need is not done for them.

JSON that is written as orjson writes it (shortest numbers, few escapes) need not be kept as text:
writing it again gives the same text, but for white space. And it holds no name twice, no number
too large. What is written otherwise, or is not fine, goes the careful way of ``items``, which also
says what is wrong. The rules are the same.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from earthcode_common.ogc import jsontext
from earthcode_common.ogc.entities import BASE, OSC, Key
from earthcode_common.ogc.footprints import footprints
from earthcode_common.ogc.query import Document
from earthcode_common.problems import BadRequest, Problem, TooLarge

from catalog_api.domain import items
from catalog_api.domain.items import Item
from catalog_api.domain.links import STRUCTURAL, Place, absolute_href, item_links, text
from catalog_api.domain.text import etag_of

Line = tuple[int, bytes | None]  # its number and text; None: longer than allowed
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class Read(NamedTuple):
    """Documents with the numbers of their lines, and what is wrong with the other lines."""

    documents: list[tuple[int, Document]]
    errors: list[dict[str, Any]]


def read(lines: Sequence[Line], public_url: str, collection: str | None = None) -> Read:
    """``collection``: that of all Items; None: each names its own."""
    read = Read([], [])
    made = footprints(_geometries(lines, public_url, collection, read))
    placed = []
    for (number, document), found in zip(read.documents, made, strict=True):
        if isinstance(found, BadRequest):
            read.errors.append(_error(number, items.invalid(found.errors)))
        else:
            document.geometry = found
            placed.append((number, document))
    return Read(placed, read.errors)


def _geometries(
    lines: Sequence[Line], public_url: str, collection: str | None, read: Read
) -> Iterator[Any]:
    """Of each Item that is added to ``read``, without its geometry.

    No more of the value is kept: memory that is used again and again is much faster.
    """
    for number, line in lines:
        try:
            item, found = _read(line, public_url, collection)
        except Problem as problem:
            read.errors.append(_error(number, problem))
            continue
        read.documents.append(
            (number, items.searchable(item, found, version=1, etag=etag_of(item.doc)))
        )
        yield item.values["geometry"]


def _error(number: int, problem: Problem) -> dict[str, Any]:
    error: dict[str, Any] = {"line": number, "detail": problem.detail}
    return error | ({"errors": problem.errors} if problem.errors else {})


def _read(line: bytes | None, public_url: str, collection: str | None) -> tuple[Item, str]:
    """The Item and its Collection."""
    if line is None:
        raise TooLarge("The line is longer than a body may be")
    plain = _plain(line)
    if plain is None:
        return _careful(line, public_url, collection)
    value, text = plain
    found = collection or value.get("collection")
    if not isinstance(found, str) or items.faults(value, found):
        return _careful(line, public_url, collection)
    return _item(value, text, _place(found, public_url)), found


def _careful(line: bytes, public_url: str, collection: str | None) -> tuple[Item, str]:
    given = jsontext.parse(line)
    found = collection
    if found is None:
        found = given.value.get("collection") if isinstance(given.value, dict) else None
        if not isinstance(found, str) or not found:
            detail = "The Item names no Collection, and none was given for all"
            raise BadRequest(detail, pointer="/collection")
    if errors := items.errors_of(given.value, found):
        raise items.invalid(errors)
    return items.item(given, Place(Key("product", found), public_url)), found


def _plain(line: bytes) -> tuple[dict[str, Any], bytes] | None:
    """The object of a line, and how orjson writes it: so it is written, and holds nothing odd."""
    text = line.strip(b" \r\n")
    try:
        value = orjson.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict) or (b"\\" in text and b"\\u000" in text):
        return None
    if (made := orjson.dumps(value)) != text and made != _without_spaces(text):
        return None
    return (value, made) if _is_shallow(made) else None


def _without_spaces(text: bytes) -> bytes:
    """As Python's json writes it by default, without white space."""
    return jsontext.compact(text.decode()).encode() if b'": ' in text else b""


def _is_shallow(text: bytes) -> bool:
    """Whether its brackets close within MAX_DEPTH levels (those in texts are counted too)."""
    left = text.translate(None, _NOT_BRACKETS)
    if len(left) <= 2 * jsontext.MAX_DEPTH:
        return True
    for _ in range(jsontext.MAX_DEPTH):
        if not left:
            return True
        left = left.replace(b"[]", b"").replace(b"{}", b"")
    return not left


def _item(value: dict[str, Any], text: bytes, place: Place) -> Item:
    """As ``items.item`` makes it; ``text`` is that of ``value``."""
    collection, id = place.key.id, value["id"]
    given = value.get("links", [])
    links = [_absolute(place, one) for one in given if one["rel"] not in STRUCTURAL]
    own = f",{_text(links)[1:-1]}" if links else ""
    members = _members(value, text, place)
    return Item(id, f'{members},"links":[{_generated(collection, id)}{own}]}}', value)


def _members(value: dict[str, Any], text: bytes, place: Place) -> str:
    """The text without its end and without the links, which most programs write last."""
    collection, assets = place.key.id, value["assets"]
    same = all(_is_elsewhere(place, one) for one in assets.values())
    if same and value.get("collection") == collection and next(reversed(value)) == "links":
        return text[: -len(b',"links":}') - len(orjson.dumps(value["links"]))].decode()
    absolute = {name: _absolute(place, asset) for name, asset in assets.items()}
    members = value | {"collection": collection, "assets": absolute}
    members.pop("links", None)
    return _text(members)[:-1]


def _is_elsewhere(place: Place, one: dict[str, Any]) -> bool:
    """Whether its address can only be that of another site, and stays as it is."""
    href = one["href"]
    return "://" in href[:10] and not href.startswith((place.public_url, OSC))


def _absolute(place: Place, one: dict[str, Any]) -> dict[str, Any]:
    if _is_elsewhere(place, one):
        return one
    better = absolute_href(place, one["href"])
    return one if better == one["href"] else one | {"href": better}


@lru_cache(maxsize=1000)
def _place(collection: str, public_url: str) -> Place:
    return Place(Key("product", collection), public_url)


def _text(value: Any) -> str:
    """JSON with BASE raw where an address starts with it, as ``links.text`` has it."""
    return orjson.dumps(value).decode().replace('"href":"\\u0001/', f'"href":"{BASE}/')


def _generated(collection: str, id: str) -> str:
    if not items.is_plain(id):
        return ",".join(map(text, item_links(collection, id)))
    before, after = _around(collection)
    return f"{before}{id}{after}"


@lru_cache(maxsize=1000)
def _around(collection: str) -> tuple[str, str]:
    """What is before and after an id without odd characters in the generated links."""
    first, *others = map(text, item_links(collection, ""))
    end = first.index("/items/") + len("/items/")
    return first[:end], ",".join([first[end:], *others])
