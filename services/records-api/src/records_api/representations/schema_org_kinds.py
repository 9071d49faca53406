"""What schema.org says of each kind of record beyond what all of them have."""

from collections.abc import Mapping
from typing import Any

from earthcode_common.html.loose import text, texts

from records_api.representations.facts import Facts, Linked, Related

BIOSCHEMAS = "https://bioschemas.org/"
WORKFLOW_PROFILE = f"{BIOSCHEMAS}profiles/ComputationalWorkflow/1.0-RELEASE"
TYPES: Mapping[str, Any] = {
    "product": "Dataset",
    "workflow": ["SoftwareSourceCode", "ComputationalWorkflow"],
    "experiment": "CreativeWork",
    "reproduction": "Report",
}
MANY = 100


def own(found: Facts) -> dict[str, Any]:
    return OWN[found.kind](found) if found.kind in OWN else {}


def entity(one: Related, kind: Any) -> dict[str, Any]:
    return {"@type": kind, "@id": one.href, "name": one.title, "url": one.href}


def _entities(found: Facts, kind: str) -> list[dict[str, Any]]:
    return [entity(one, TYPES[kind]) for one in found.relatives(kind)[:MANY]]


def download(href: str, media: str | None, title: str) -> dict[str, Any]:
    made = {"@type": "DataDownload", "contentUrl": href, "encodingFormat": media, "name": title}
    return {name: value for name, value in made.items() if value}


def _linked(one: Linked) -> dict[str, Any]:
    return download(one.href, one.type, one.title) | {"@type": "MediaObject"}


def about(found: Facts) -> list[Linked]:
    """Pages behind ``via``: the catalogue says ``Access`` of that which leads to the data."""
    return [one for one in found.linked("data") if one.rel == "via" and not _is_access(one)]


def _is_access(one: Linked) -> bool:
    return "access" in one.title.lower() or "download" in one.title.lower()


def _dataset(found: Facts) -> dict[str, Any]:
    stac = next((one for one in found.links if one.rel == "describes"), None)
    catalogue = [download(stac.href, stac.type, stac.title)] if stac else []
    data = [one for one in found.linked("data") if one not in about(found)]
    files = [download(one.href, one.type, one.title) for one in data]
    measured = texts(found.properties.get("osc:variables"))
    return {
        "isAccessibleForFree": True if found.license and found.license.spdx else None,
        "distribution": [*files[:MANY], *catalogue],
        "variableMeasured": [{"@type": "PropertyValue", "name": one} for one in measured],
        "isBasedOn": [*_entities(found, "workflow"), *_entities(found, "experiment")],
    }


def _workflow(found: Facts) -> dict[str, Any]:
    said = found.properties
    language = said.get("application:language")
    code = found.linked("code")
    return {
        "http://purl.org/dc/terms/conformsTo": {"@id": WORKFLOW_PROFILE},
        "programmingLanguage": texts(language) or text(language),
        "codeRepository": next((one.href for one in code if one.rel in ("git", "vcs")), None),
        "encoding": [_linked(one) for one in code if one.rel not in ("git", "vcs")],
        "softwareRequirements": [one.href for one in found.linked("environment")],
        "hasPart": _entities(found, "experiment"),
    }


def _experiment(found: Facts) -> dict[str, Any]:
    action = {
        "@type": "CreateAction",
        "name": found.title,
        "instrument": _entities(found, "workflow"),
        "object": [_linked(one) for one in found.linked("input")],
        "result": _entities(found, "product"),
    }
    return {
        "about": {name: value for name, value in action.items() if value},
        "isBasedOn": _entities(found, "workflow"),
        "hasPart": [_linked(one) for one in found.linked("input", "environment", "code")],
    }


def _reproduction(found: Facts) -> dict[str, Any]:
    verdict = text(found.properties.get("verdict"))
    return {
        "abstract": f"Verdict: {verdict}" if verdict else None,
        "about": [*_entities(found, "experiment"), *_entities(found, "product")],
        "isBasedOn": _entities(found, "workflow"),
    }


OWN = {
    "product": _dataset,
    "workflow": _workflow,
    "experiment": _experiment,
    "reproduction": _reproduction,
}
