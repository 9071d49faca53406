"""Records: what is kept of a published document, how it is served, and what search sees of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from earthcode_common.ogc import extents, jsontext
from earthcode_common.ogc.datetimes import Interval
from earthcode_common.ogc.entities import BASE, Key, address, is_text, theme_ids
from earthcode_common.ogc.geometry import boxes_geometry
from earthcode_common.ogc.links import link
from earthcode_common.ogc.query import Document

from records_api.domain import (
    derive,
    execution,
    external_ids,
    kinds,
    licenses,
    links,
    products,
    profiles,
)
from records_api.domain.derive import Extent, Surroundings
from records_api.domain.links import Neighbour

DERIVED = "earthcode:derived"
LICENSE, LICENSE_AT = "properties.license", "/properties/license"
CORE = "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core"
PROJECT = "osc:project"
END_OF_DAY = "23:59:59.999999"
CONTAINER, LANGUAGES = "application:container", "application:language"
UNSEARCHED = frozenset({"description", "externalIds"})
MAX_PROPERTY = 2000  # characters; longer values are served but not kept for filters


@dataclass(frozen=True, slots=True)
class Entity:
    """``body`` is a record's text without its links; None for what is not served here."""

    key: Key
    version: int
    digest: str
    title: str
    body: str | None
    links: str
    extent: Extent | None
    references: frozenset[Key]


class Rendered(NamedTuple):
    """The document with BASE for the public address, and what search needs of it."""

    doc: str
    geometry: Mapping[str, Any] | None
    interval: Interval | None


def entity(key: Key, version: int, digest: str, document: str, public_url: str) -> Entity:
    """``document`` is the text as it was submitted.

    Raises ValueError when it is no JSON object, or holds a number that clients cannot read.
    """
    members = _as_submitted(jsontext.members(jsontext.compact(document)))
    values = {name: member.value for name, member in members.items()}
    jsontext.check_numbers(values)
    own = links.own_links(key, values, members.pop("links", None), public_url)
    served = key.kind in kinds.SERVED
    linked = {one for one in own.references if served or one.kind in kinds.RECORDS}
    if key.kind == "product":
        members = products.as_record(members)
    body = jsontext.join({name: member.text for name, member in members.items()})
    return Entity(
        key,
        version,
        digest,
        _title(key, values),
        body if served else None,
        jsontext.array(own.links) if served else "[]",
        derive.extent_of(values) if key.kind in kinds.EXTENTS else None,
        frozenset(kinds.references(key, values) | linked),
    )


def _as_submitted(members: dict[str, jsontext.Value]) -> dict[str, jsontext.Value]:
    """Without what was derived here, when a document that was fetched from here is submitted."""
    marks = members.pop(DERIVED, None)
    marked = marks.value if marks and isinstance(marks.value, list) else []
    for one in [mark for mark in marked if isinstance(mark, dict)]:
        if one.get("member") == "geometry":
            members["geometry"] = jsontext.Value(None, "null")
        elif one.get("member") == "time":
            members.pop("time", None)
        elif one.get("member") == LICENSE:
            _restore_license(members, one.get("from"))
    return members


def _restore_license(members: dict[str, jsontext.Value], sources: Any) -> None:
    first = sources[0] if isinstance(sources, list) and sources else None
    stated = licenses.stated({"license": first.get("value")} if isinstance(first, dict) else None)
    properties = members.get("properties")
    if stated and properties and isinstance(properties.value, dict):
        members["properties"] = _with_license(properties, stated)


def _with_license(properties: jsontext.Value, license: str) -> jsontext.Value:
    texts = {name: one.text for name, one in jsontext.members(properties.text).items()}
    texts["license"] = jsontext.dump(license)
    return jsontext.Value(properties.value | {"license": license}, jsontext.join(texts))


def _title(key: Key, values: Mapping[str, Any]) -> str:
    for source in (values.get("properties"), values):
        title = source.get("title") if isinstance(source, dict) else None
        if isinstance(title, str) and title and is_text(title):
            return title
    return key.id


def rendered(
    key: Key, body: str, own: str, around: Iterable[Neighbour], here: Surroundings
) -> Rendered:
    """The record as it is served.

    As submitted, with links, with geometry and time where it has none, with the conformance class
    beside what it names itself, and with a licence as the standard wants it.
    """
    members = jsontext.members(body)
    values = {name: member.value for name, member in members.items()}
    parts = {name: member.text for name, member in members.items()}
    parts.setdefault("geometry", "null")
    parts.setdefault("time", "null")
    marks: list[dict[str, Any]] = []
    geometry = _place(key, values, here, parts, marks)
    interval = _period(key, values, here, parts, marks)
    license = licenses.stated(values.get("properties"))
    if license and license != licenses.OTHER and not licenses.is_expression(license):
        parts["properties"] = _with_license(members["properties"], licenses.OTHER).text
        marks.append({"member": LICENSE, "from": [{"pointer": LICENSE_AT, "value": license}]})
    mine = jsontext.elements(own)
    linked = any(one.value.get("rel") == "license" for one in mine)
    known = list(around)
    followed = _profiles(key, values | {"links": [one.value for one in mine]}, known)
    parts["conformsTo"] = _conforms_to(members.get("conformsTo"), [*followed, CORE])
    made = links.record_links(key, known, None if linked else license)
    made += [links.text(link("profile", profiles.HERE, None)) for _ in followed]
    parts["links"] = jsontext.array(made + [one.text for one in mine])
    if marks:
        parts[DERIVED] = jsontext.array(map(_mark_text, marks))
    return Rendered(jsontext.join(parts), geometry, interval)


def _conforms_to(submitted: jsontext.Value | None, classes: Sequence[str]) -> str:
    named = submitted.value if submitted and isinstance(submitted.value, list) else []
    texts = [one.text for one in jsontext.elements(submitted.text)] if named and submitted else []
    return jsontext.array([*texts, *(jsontext.dump(c) for c in classes if c not in named)])


def _profiles(key: Key, values: Mapping[str, Any], around: Sequence[Neighbour]) -> list[str]:
    """Those that a record has beyond OGC's."""
    if key.kind not in profiles.KINDS:
        return []
    linked = any(one.key.kind == "workflow" for one in around)
    return [] if profiles.lacks(key.kind, values, linked=linked) else [profiles.ID]


def _place(
    key: Key,
    values: Mapping[str, Any],
    here: Surroundings,
    parts: dict[str, str],
    marks: list[dict[str, Any]],
) -> Mapping[str, Any] | None:
    geometry = values.get("geometry")
    if geometry is not None:
        return geometry if derive.is_footprint(geometry) else None
    box = extents.sensible(values.get("bbox"))
    found = derive.Derived([box], []) if box else derive.boxes(key, here)
    if found is None:
        return None
    parts["geometry"] = jsontext.dump(derive.envelope(found.value))
    marks.append(_mark("geometry", found.sources, "/bbox"))
    return boxes_geometry(found.value)


def _period(
    key: Key,
    values: Mapping[str, Any],
    here: Surroundings,
    parts: dict[str, str],
    marks: list[dict[str, Any]],
) -> Interval | None:
    if values.get("time") is not None:
        return _own_time(values["time"])
    found, pointer = _own_dates(values.get("properties")), "/properties"
    derived = derive.Derived(found, []) if found else derive.interval(key, here)
    if derived is None:
        return None
    parts["time"] = jsontext.dump(derive.time_member(derived.value))
    marks.append(_mark("time", derived.sources, pointer))
    return derive.searched(derived.value)


def _own_time(time: Any) -> Interval | None:
    """OGC API - Records ``time``: a date, a timestamp or an interval; a date is its whole day."""
    members = time if isinstance(time, dict) else {}
    one = members.get("timestamp") or members.get("date")
    pair = derive.ends(members.get("interval") if one is None else [one, one], END_OF_DAY)
    return Interval(*pair) if pair else None


def _own_dates(properties: Any) -> Interval | None:
    members = properties if isinstance(properties, dict) else {}
    one = members.get("datetime")
    pair = [one, one] if one else [members.get("start_datetime"), members.get("end_datetime")]
    found = derive.ends(pair)
    return Interval(*found) if found else None


def _mark(member: str, sources: list[Key], pointer: str) -> dict[str, Any]:
    """What was derived and from what: entities, or another member of the record itself."""
    from_ = [{"kind": s.kind, "id": s.id, "href": address(s)} for s in sources]
    return {"member": member, "from": from_ or [{"pointer": pointer}]}


def _mark_text(mark: Mapping[str, Any]) -> str:
    return jsontext.dump(mark).replace('"href":"\\u0001/', f'"href":"{BASE}/')


def searchable(
    key: Key,
    version: int,
    body: str,
    made: Rendered,
    etag: str,
    updated: datetime,
    project: str | None = None,
) -> Document:
    """``project`` is what it is found by when it names none itself."""
    values = {name: member.value for name, member in jsontext.members(body).items()}
    inner = values.get("properties")
    properties = inner if isinstance(inner, dict) else {}
    return Document(
        part=key.kind,
        id=key.id,
        doc=made.doc,
        geometry=made.geometry,
        start=made.interval.start if made.interval else None,
        end=made.interval.end if made.interval else None,
        props=_props(key, {PROJECT: project} | properties if project else properties),
        title=_title(key, values),
        text=_text(properties.get("description")),
        keywords=_texts(properties.get("keywords")),
        version=version,
        etag=etag,
        updated=updated,
    )


def _props(key: Key, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Members that filters and sorting may use; themes as the list of their ids."""
    short = {k: v for k, v in properties.items() if k not in UNSEARCHED and _is_short(v)}
    if "themes" in short:
        short["themes"] = theme_ids(short["themes"])
    if (container := execution.truth(short.get(CONTAINER))) is not None:
        short[CONTAINER] = container
    if LANGUAGES in short:
        short[LANGUAGES] = execution.texts(short[LANGUAGES])
    return short | {"id": key.id, "externalIds": external_ids.forms(properties)}


def _is_short(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_PROPERTY
    return not isinstance(value, dict | list) or len(jsontext.dump(value)) <= MAX_PROPERTY


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
