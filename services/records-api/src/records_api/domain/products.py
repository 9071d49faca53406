"""Products as records: a STAC Collection in the form of OGC API - Records (20-004r1, clause 8)."""

from collections.abc import Iterator, Mapping
from typing import Any

from earthcode_common.ogc.jsontext import Value, array, dump, join

# What a record says elsewhere, or what makes sense for a STAC client alone.
UNSAID = frozenset(
    {
        *("id", "type", "stac_version", "stac_extensions", "conformsTo", "itemType", "crs"),
        *("extent", "links", "assets", "item_assets", "summaries", "providers"),
    }
)
FIRST = ("title", "description", "keywords")
DOI = "sci:doi"


def as_record(members: Mapping[str, Value]) -> dict[str, Value]:
    """Members of a Collection as those of a record; place and time are derived from its extent."""
    return {
        "id": members.get("id", Value(None, "null")),
        "type": _value("Feature"),
        "geometry": _value(None),
        "properties": _joined(dict(_properties(members))),
    }


def _properties(members: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    yield "type", _value("product")
    for name in FIRST:
        if name in members:
            yield name, members[name]
    for name, member in members.items():
        if name not in UNSAID and name not in FIRST:
            yield name, member
    contacts = list(_contacts(members["providers"].value)) if "providers" in members else []
    if contacts and "contacts" not in members:
        yield "contacts", _value(contacts)
    doi = members[DOI].value if DOI in members else None
    if isinstance(doi, str) and "externalIds" not in members:
        yield "externalIds", _value([{"scheme": "https://doi.org/", "value": doi}])


def _contacts(providers: Any) -> Iterator[dict[str, Any]]:
    """STAC Providers: a name, roles, an address of their site."""
    for one in providers if isinstance(providers, list) else []:
        if not isinstance(one, dict) or not isinstance(one.get("name"), str):
            continue
        contact: dict[str, Any] = {"organization": one["name"]}
        roles = [role for role in one.get("roles") or [] if isinstance(role, str)]
        if roles:
            contact["roles"] = roles
        if isinstance(one.get("url"), str):
            contact["links"] = [{"rel": "about", "href": one["url"], "type": "text/html"}]
        yield contact


def _joined(parts: Mapping[str, Value]) -> Value:
    text = join({name: member.text for name, member in parts.items()})
    return Value({name: member.value for name, member in parts.items()}, text)


def _value(value: Any) -> Value:
    if isinstance(value, list):
        return Value(value, array(dump(one) for one in value))
    return Value(value, dump(value))
