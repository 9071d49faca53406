"""Items as they are written: checked with pointers, kept as text, made searchable.

STAC 1.0 and 1.1, item-spec; what the check does not know (foreign members, extensions) stays.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from earthcode_common.ogc import jsontext
from earthcode_common.ogc.datetimes import parse_instant
from earthcode_common.ogc.geometry import Footprint, parse_geometry
from earthcode_common.ogc.jsontext import Value, escape
from earthcode_common.ogc.query import Document
from earthcode_common.problems import BadRequest

from catalog_api.domain.entities import absolute_assets, properties
from catalog_api.domain.links import Place, item_links, own_item_links, text
from catalog_api.domain.text import MAX_TITLE, joined, plain, words

MAX_ID = 256
_VERSION = re.compile(r"1\.\d+\.\d+([-+].*)?")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")  # the gateway refuses what could be decoded twice
_TEXTS, _NUMBERS = frozenset({str}), frozenset({int, float})  # types of JSON; true is no number
Error = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    id: str
    doc: str
    values: Mapping[str, Any]


class Errors(list[Error]):
    def add(self, pointer: str, detail: str) -> None:
        self.append({"pointer": pointer, "detail": detail})


def errors_of(item: Any, collection: str, id: str | None = None) -> list[Error]:
    """Everything that keeps ``item`` from being stored in ``collection``; [] when it is fine.

    ``id`` is that of the address, when there is one.
    """
    errors = Errors()
    if not isinstance(item, dict):
        errors.add("", "An Item is a JSON object")
        return errors
    for pointer, reason in jsontext.flaws(item):
        errors.add(pointer, f"The value {reason}")
    _geometry(item, errors)
    errors += faults(item, collection)
    if id is not None and item.get("id") != id:
        errors.add("/id", f"It must be {id!r}, as in the address")
    return errors


def faults(item: Mapping[str, Any], collection: str) -> list[Error]:
    """The same without what is wrong with the JSON itself and with the geometry."""
    errors = Errors()
    if "geometry" not in item:
        errors.add("/geometry", "It is needed; null says that there is none")
    for check in (_head, _bbox, _properties, _links, _assets):
        check(item, errors)
    if item.get("collection") not in (None, collection):
        errors.add("/collection", f"It must be {collection!r}, as in the address, or left out")
    return errors


def invalid(errors: list[Error]) -> BadRequest:
    """The problem that says what is wrong with an Item."""
    return BadRequest(f"The Item is not valid: {first(errors)}", errors=errors)


def first(errors: list[Error]) -> str:
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{errors[0].get('pointer', '')}: {errors[0]['detail']}{more}"


def of_member(error: Error, number: int) -> Error:
    """The same of the member ``number`` of a FeatureCollection."""
    return error | {"index": number, "pointer": f"/features/{number}{error.get('pointer', '')}"}


def _head(item: Mapping[str, Any], errors: Errors) -> None:
    if item.get("type") != "Feature":
        errors.add("/type", 'The type of an Item is "Feature"')
    version = item.get("stac_version")
    if not isinstance(version, str) or not _is_version(version):
        errors.add("/stac_version", 'The STAC version is needed, for example "1.1.0"')
    if reason := _bad_id(item.get("id")):
        errors.add("/id", reason)
    extensions = item.get("stac_extensions", [])
    if not isinstance(extensions, list) or not _TEXTS.issuperset(map(type, extensions)):
        errors.add("/stac_extensions", "It is an array of addresses")


@lru_cache(maxsize=100)
def _is_version(text: str) -> bool:
    return bool(_VERSION.fullmatch(text))


def _bad_id(id: Any) -> str | None:
    if not isinstance(id, str) or not 0 < len(id) <= MAX_ID:
        return f"An id of 1 to {MAX_ID} characters is needed"
    if is_plain(id):
        return None
    if not id.isprintable() or id != id.strip() or "/" in id or "\\" in id or id in (".", ".."):
        return "An id has no slash, no control character and no space around it: it is in addresses"
    if ";" in id or _ESCAPE.search(id):
        return "An id has no semicolon and nothing percent-encoded (%2F): no address leads to it"
    return None


def is_plain(id: str) -> bool:
    """Whether an id, as most are, has only what stands in an address and in JSON as it is."""
    return id.isascii() and id.replace("-", "").replace("_", "").isalnum()


def _geometry(item: Mapping[str, Any], errors: Errors) -> None:
    if item.get("geometry") is not None:
        try:
            parse_geometry(item["geometry"], pointer="/geometry")
        except BadRequest as problem:
            errors.extend(problem.errors)


def _bbox(item: Mapping[str, Any], errors: Errors) -> None:
    box = item.get("bbox")
    if box is None:
        if item.get("geometry") is not None:
            errors.add("/bbox", "It is needed beside a geometry: [west, south, east, north]")
        return
    if (
        not isinstance(box, list)
        or len(box) not in (4, 6)
        or not _NUMBERS.issuperset(map(type, box))
    ):
        errors.add("/bbox", "It is an array of 4 or 6 numbers: [west, south, east, north]")
        return
    west, south, east, north = box if len(box) == 4 else (*box[:2], *box[3:5])
    if not (abs(west) <= 360 and abs(east) <= 360 and -90 <= south <= north <= 90):
        errors.add("/bbox", "Its order is [west, south, east, north], in degrees")


def _properties(item: Mapping[str, Any], errors: Errors) -> None:
    found = item.get("properties")
    if not isinstance(found, dict):
        errors.add("/properties", "An object is needed")
        return
    if "datetime" not in found:
        errors.add("/properties/datetime", "It is needed; null beside start and end_datetime")
    ends = ("start_datetime", "end_datetime")
    if found.get("datetime") is None and any(found.get(name) is None for name in ends):
        errors.add("/properties", "Without a datetime, start_datetime and end_datetime are needed")
    if (found.get(ends[0]) is None) != (found.get(ends[1]) is None):
        errors.add("/properties", "start_datetime and end_datetime come together")
    _, start, end = (_instant(found, name, errors) for name in ("datetime", *ends))
    if start and end and start > end:
        errors.add("/properties/end_datetime", "It ends before it starts")


def _instant(found: Mapping[str, Any], name: str, errors: Errors) -> datetime | None:
    if found.get(name) is None:
        return None
    try:
        return parse_instant(found[name], name=name, pointer=f"/properties/{name}")
    except BadRequest as problem:
        errors.extend(problem.errors)
        return None


def _links(item: Mapping[str, Any], errors: Errors) -> None:
    links = item.get("links", [])
    if not isinstance(links, list):
        errors.add("/links", "It is an array of links")
        return
    for place, link in enumerate(links[:1000]):
        for member in ("rel", "href"):
            if not isinstance(link, dict) or not _is_text(link.get(member)):
                errors.add(f"/links/{place}/{member}", "A text is needed")


def _assets(item: Mapping[str, Any], errors: Errors) -> None:
    assets = item.get("assets")
    if not isinstance(assets, dict):
        errors.add("/assets", "An object is needed; {} when there are none")
        return
    for name, asset in islice(assets.items(), 1000):
        if not isinstance(asset, dict) or not _is_text(asset.get("href")):
            errors.add(f"/assets/{escape(str(name))}/href", "A text is needed")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def item(given: Value, place: Place) -> Item:
    """A checked Item of the product ``place`` as it will be served, with BASE in addresses."""
    collection = place.key.id
    members = jsontext.members(given.text)
    own = own_item_links(place, members.pop("links", None))
    members["assets"] = absolute_assets(place, members["assets"])
    members["collection"] = Value(collection, jsontext.dump(collection))
    generated = [text(one) for one in item_links(collection, given.value["id"])]
    parts = {name: member.text for name, member in members.items()}
    parts["links"] = jsontext.array(generated + own)
    return Item(given.value["id"], jsontext.join(parts), given.value)


def searchable(
    item: Item,
    collection: str,
    *,
    version: int,
    etag: str,
    updated: datetime | None = None,
    footprint: Footprint | None = None,
) -> Document:
    """``footprint``: that of the geometry, when it is known."""
    found = item.values["properties"]
    start, end = interval(found)
    return Document(
        part=collection,
        id=item.id,
        doc=item.doc,
        geometry=footprint or item.values["geometry"],
        start=start,
        end=end,
        props=properties(found, {"id": item.id, "collection": collection}),
        title=plain(found.get("title"), MAX_TITLE),
        text=joined([plain(found.get("description")), item.id]),
        keywords=words(found.get("keywords")),
        version=version,
        etag=etag,
        updated=updated or datetime.now(UTC),
    )


def interval(found: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """The interval that checked properties name: start and end when given, else the datetime."""
    if found.get("start_datetime") is not None:
        return parse_instant(found["start_datetime"]), parse_instant(found["end_datetime"])
    moment = parse_instant(found["datetime"])
    return moment, moment
