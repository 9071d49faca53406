"""Records and catalogues as schema.org JSON-LD, for search engines.

Products are Datasets by Google's dataset guidelines and Science on Schema.org 1.3; workflows are
ComputationalWorkflows by Bioschemas 1.0. An experiment is no data, and an Action cannot have a
licence: it is a work about the action that applies the workflow to inputs.
"""

from collections.abc import Mapping
from typing import Any

from earthcode_common.ogc.datetimes import Interval, format_instant

from records_api.representations import places
from records_api.representations.agents import Agent, creators, publisher
from records_api.representations.facts import DOI, Facts, License, Linked, facts
from records_api.representations.schema_org_kinds import (
    BIOSCHEMAS,
    MANY,
    TYPES,
    about,
    download,
    entity,
    own,
)

PROFILE = "https://schema.org/"
CONTEXT = [PROFILE, {"ComputationalWorkflow": f"{BIOSCHEMAS}ComputationalWorkflow"}]
SHORTEST, LONGEST = 50, 5000  # characters of a description, by Google's guidelines


def record(document: Mapping[str, Any], public_url: str) -> dict[str, Any]:
    """``document`` as it is served."""
    found = facts(document, public_url)
    made = {
        "@context": PROFILE if found.kind != "workflow" else CONTEXT,
        "@id": found.here,
        "@type": TYPES.get(found.kind, "CreativeWork"),
        **_told(found),
        **_people(found),
        **_coverage(found),
        **own(found),
    }
    return {name: value for name, value in made.items() if value}


def _told(found: Facts) -> dict[str, Any]:
    return {
        "name": found.title,
        "description": _description(found),
        "url": found.here,
        "identifier": _identifier(found),
        "sameAs": f"{DOI}{found.doi}" if found.doi else None,
        "keywords": [*found.keywords, *(id for _, id in found.themes)],
        "inLanguage": found.language,
        "version": found.version,
        "license": _license(found.license),
        "dateCreated": found.created and format_instant(found.created),
        "dateModified": found.updated and format_instant(found.updated),
        "citation": [one.href for one in found.linked("publication")],
        "sourceOrganization": [entity(one, "Project") for one in found.relatives("project")],
        "includedInDataCatalog" if found.kind == "product" else "isPartOf": _catalog(found),
        "subjectOf": [download(found.here, "application/geo+json", "Record as GeoJSON")]
        + [_page(one) for one in found.linked("document") + about(found)],
    }


def _page(one: Linked) -> dict[str, Any]:
    made = {"@type": "WebPage", "url": one.href, "name": one.title}
    return {name: value for name, value in made.items() if value}


def _description(found: Facts) -> str:
    """Long enough and short enough for a search engine to take it."""
    if len(found.description) >= SHORTEST:
        return found.description[:LONGEST]
    end = "" if found.description.endswith((".", "!", "?")) else "."
    return f"{found.description}{end} {found.kind.capitalize()} {found.title} of EarthCODE"


def _identifier(found: Facts) -> Any:
    if not found.doi:
        return found.id
    return {
        "@type": "PropertyValue",
        "propertyID": "https://registry.identifiers.org/registry/doi",
        "value": f"doi:{found.doi}",
        "url": f"{DOI}{found.doi}",
    }


def _license(license: License | None) -> Any:
    if license is None or (license.spdx and license.href):
        return license and license.href
    return {"@type": "CreativeWork", "name": license.name} | (
        {"url": license.href} if license.href else {}
    )


def _people(found: Facts) -> dict[str, Any]:
    publishing = publisher(found.agents)
    return {
        "creator": [_agent(one) for one in creators(found.agents)[:MANY]],
        "publisher": publishing and _agent(publishing),
    }


def _agent(one: Agent) -> dict[str, Any]:
    home = {"@type": "Organization", "name": one.organization} | (
        {"@id": one.ror} if one.ror else {}
    )
    if not one.name:
        return home | ({"url": one.url} if one.url else {})
    made: dict[str, Any] = {"@type": "Person", "name": one.name, "url": one.orcid or one.url}
    made |= {"@id": one.orcid, "affiliation": home if one.organization else None}
    return {name: value for name, value in made.items() if value}


def _coverage(found: Facts) -> dict[str, Any]:
    if found.shape is None:
        return {"temporalCoverage": _period(found.interval)}
    west, south, east, north = places.box_of(found.shape)
    geo = (
        {"@type": "GeoCoordinates", "latitude": south, "longitude": west}
        if (west, south) == (east, north)
        else {"@type": "GeoShape", "box": f"{south:g} {west:g} {north:g} {east:g}"}
    )
    place = {"@type": "Place", "geo": geo}
    return {"spatialCoverage": place, "temporalCoverage": _period(found.interval)}


def _period(found: Interval | None) -> str | None:
    """ISO 8601, ``..`` for an open end."""
    if found is None or found == (None, None):
        return None
    start, end = (".." if one is None else format_instant(one) for one in found)
    return start if start == end else f"{start}/{end}"


def _catalog(found: Facts) -> dict[str, Any]:
    return {"@type": "DataCatalog", "@id": found.collection, "url": found.collection}
