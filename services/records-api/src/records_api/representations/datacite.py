"""Records by the DataCite Metadata Schema 4.6, as its JSON.

What is mandatory and unknown has the values that the schema itself has for that (appendix 3).
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import orjson
import shapely
from earthcode_common.ogc.datetimes import format_instant

from records_api.representations import agents, places
from records_api.representations.agents import Agent
from records_api.representations.facts import DOI, Facts, License, facts
from records_api.representations.format import Context, Format, of_json

MEDIA = "application/vnd.datacite.datacite+json"
VERSION = "http://datacite.org/schema/kernel-4"
UNKNOWN = ":unav"  # value unavailable, possibly unknown
NO_YEAR = "0000"
TYPES = {
    "workflow": "Workflow",
    "experiment": "Workflow",
    "reproduction": "Report",
    "product": "Dataset",
}
CONTRIBUTES = {
    "principal investigator": "ProjectLeader",
    "consortium member": "ProjectMember",
    "contact": "ContactPerson",
    "point of contact": "ContactPerson",
    "host": "HostingInstitution",
    "licensor": "RightsHolder",
    "producer": "Producer",
    "processor": "DataManager",
    "distributor": "Distributor",
    "publisher": "Distributor",
    "editor": "Editor",
    "sponsor": "Sponsor",
    "funder": "Sponsor",
}
# kind of this record -> kind of the other -> what this one is to that one.
RELATIONS: Mapping[str, Mapping[str, str]] = {
    "workflow": {"experiment": "Compiles", "product": "Compiles", "reproduction": "Compiles"},
    "experiment": {
        "workflow": "IsCompiledBy",
        "product": "IsSourceOf",
        "reproduction": "IsSourceOf",
    },
    "product": {"workflow": "IsCompiledBy", "experiment": "IsDerivedFrom"},
    "reproduction": {"workflow": "IsCompiledBy", "experiment": "IsDerivedFrom"},
}
RELATED = ("workflow", "experiment", "product", "reproduction", "project")
ROLES = {
    "data": "HasPart",
    "code": "HasPart",
    "input": "Requires",
    "environment": "Requires",
    "platform": "Requires",
    "publication": "IsDescribedBy",
    "document": "IsDocumentedBy",
}
SUBJECTS = ("theme", "variable", "mission")
Members = dict[str, Any]


def metadata(said: Facts) -> Members:
    """Without members that have nothing to say."""
    creators = [_name(one) for one in agents.creators(said.agents)]
    moment = said.created or said.updated
    found: Members = {
        "doi": said.doi,
        "url": said.here,
        "types": {
            "resourceType": said.kind.capitalize(),
            "resourceTypeGeneral": TYPES.get(said.kind, "Other"),
        },
        "creators": creators or [{"name": UNKNOWN}],
        "titles": [{"title": said.title, "lang": said.language}],
        "publisher": _publisher(agents.publisher(said.agents)),
        "publicationYear": f"{moment.year:04}" if moment else NO_YEAR,
        "subjects": list(_subjects(said)),
        "contributors": list(_contributors(said)),
        "dates": list(_dates(said)),
        "language": said.language,
        "alternateIdentifiers": list(_identifiers(said)),
        "relatedIdentifiers": list(_relations(said)),
        "formats": list(dict.fromkeys(one.media or one.name for one in said.formats)),
        "version": said.version,
        "rightsList": [_rights(said.license)] if said.license else [],
        "descriptions": [
            {"description": said.description, "descriptionType": "Abstract", "lang": said.language}
        ],
        "geoLocations": list(_places(said.shape)) if said.shape else [],
        "schemaVersion": VERSION,
    }
    return {name: value for name, value in found.items() if value}


def _name(one: Agent) -> Members:
    if not one.name:
        made: Members = {"name": one.organization, "nameType": "Organizational"}
        return made | ({"nameIdentifiers": [_ror(one.ror)]} if one.ror else {})
    made = {"name": one.name, "nameType": "Personal"}
    if one.orcid:
        known = {"nameIdentifier": one.orcid, "nameIdentifierScheme": "ORCID"}
        made["nameIdentifiers"] = [known | {"schemeUri": "https://orcid.org"}]
    if one.organization:
        made["affiliation"] = [{"name": one.organization} | _affiliation(one.ror)]
    return made


def _affiliation(ror: str | None) -> Members:
    known = {"affiliationIdentifier": ror, "affiliationIdentifierScheme": "ROR"}
    return known | {"schemeUri": "https://ror.org"} if ror else {}


def _ror(ror: str) -> Members:
    known = {"nameIdentifier": ror, "nameIdentifierScheme": "ROR"}
    return known | {"schemeUri": "https://ror.org"}


def _publisher(one: Agent | None) -> Members:
    if one is None:
        return {"name": UNKNOWN}
    ror = one.ror and {"publisherIdentifier": one.ror, "publisherIdentifierScheme": "ROR"}
    return {"name": one.organization or one.name} | (ror or {})


def _subjects(said: Facts) -> Iterator[Members]:
    for keyword in said.keywords:
        yield {"subject": keyword, "lang": said.language}
    for one in said.relatives(*SUBJECTS):
        scheme = {"subjectScheme": f"EarthCODE {one.kind}s"}
        named = scheme | {"schemeUri": one.href.rpartition("/catalogs/")[0], "valueUri": one.href}
        yield {"subject": one.title, **named, "lang": said.language}


def _contributors(said: Facts) -> Iterator[Members]:
    """All who have a role, the creators too: it says what they did."""
    for one in said.agents:
        for role in dict.fromkeys(CONTRIBUTES.get(role, "Other") for role in one.roles):
            yield _name(one) | {"contributorType": role}


def _dates(said: Facts) -> Iterator[Members]:
    """Data were collected when they say; of all else, the time is what it covers (4.6)."""
    for kind, moment in (("Created", said.created), ("Updated", said.updated)):
        if moment:
            yield {"date": format_instant(moment), "dateType": kind}
    if said.interval and said.interval != (None, None):
        start, end = (format_instant(one) if one else "" for one in said.interval)
        kind = "Collected" if said.kind == "product" else "Coverage"
        yield {"date": start if start == end else f"{start}/{end}", "dateType": kind}


def _identifiers(said: Facts) -> Iterator[Members]:
    kind = f"EarthCODE {said.kind}"
    yield {"alternateIdentifier": said.id, "alternateIdentifierType": kind}
    if said.doi:
        yield {"alternateIdentifier": said.here, "alternateIdentifierType": "URL"}


def _relations(said: Facts) -> Iterator[Members]:
    own = RELATIONS.get(said.kind, {})
    found = [
        (one.href, "IsPartOf" if one.kind == "project" else own.get(one.kind, "References"))
        for one in said.relatives(*RELATED)
    ]
    found += [(one.href, ROLES[one.role]) for one in said.links if one.role in ROLES]
    found += [(one.href, "HasMetadata") for one in said.links if one.rel == "describes"]
    for href, relation in dict.fromkeys(found):
        if href.lower() != f"{DOI}{said.doi}".lower():
            kind, value = _typed(href)
            typed = {"relatedIdentifier": value, "relatedIdentifierType": kind}
            yield typed | {"relationType": relation}


def _typed(href: str) -> tuple[str, str]:
    if href.startswith(f"{DOI}10."):
        return "DOI", href.removeprefix(DOI)
    return ("URN" if href.lower().startswith("urn:") else "URL"), href


def _rights(license: License) -> Members:
    made = {"rights": license.name} | ({"rightsUri": license.href} if license.href else {})
    if not license.spdx or not license.href:
        return made
    known = {"rightsIdentifier": license.name, "rightsIdentifierScheme": "SPDX"}
    return made | known | {"schemeUri": "https://spdx.org/licenses/"}


def _places(shape: shapely.Geometry) -> Iterator[Members]:
    """A point, or a box; polygons that are more than their box also as they are."""
    if shape.geom_type == "Point":
        yield {"geoLocationPoint": _point(shape.x, shape.y)}
        return
    west, south, east, north = places.box_of(shape)
    sides = {"westBoundLongitude": west, "eastBoundLongitude": east}
    yield {"geoLocationBox": sides | {"southBoundLatitude": south, "northBoundLatitude": north}}
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon" and not part.equals(part.envelope):
            corners = [(x, y) for x, y in part.exterior.coords]
            points = [{"polygonPoint": _point(x, y)} for x, y in _closed(corners)]
            yield {"geoLocationPolygon": points}


def _closed(corners: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A ring without corners that rounding made one."""
    kept = [one for one, following in pairwise(corners) if one != following]
    return [*kept, kept[0]]


def _point(x: float, y: float) -> Members:
    rounded = (round(n, places.DECIMALS) for n in (x, y))
    return dict(zip(("pointLongitude", "pointLatitude"), rounded, strict=True))


def render(document: Mapping[str, Any], context: Context) -> bytes:
    found = metadata(facts(document, context.public_url))
    return orjson.dumps(found, option=orjson.OPT_INDENT_2)


RECORD = [Format("datacite", MEDIA, "DataCite 4.6 (JSON)", of_json(render))]
