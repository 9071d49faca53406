"""The DataCite Metadata Schema 4.6 as its XML."""

from collections.abc import Iterable, Mapping
from typing import Any

from records_api.representations import datacite, xml
from records_api.representations.facts import facts
from records_api.representations.format import Context, Format, of_json
from records_api.representations.xml import Element, child, element

MEDIA = "application/vnd.datacite.datacite+xml"
NAMESPACE = "http://datacite.org/schema/kernel-4"
SCHEMA = "http://schema.datacite.org/meta/kernel-4.6/metadata.xsd"


def resource(said: Mapping[str, Any]) -> Element:
    """``said``: what ``datacite.metadata`` made."""
    root = element("resource", xmlns=NAMESPACE, xmlns_xsi=xml.XSI)
    root.set("xsi:schemaLocation", f"{NAMESPACE} {SCHEMA}")
    kind = "DOI" if "doi" in said else "URL"
    child(root, "identifier", said.get("doi", said["url"]), identifierType=kind)
    _people(root, "creators", "creator", said["creators"])
    _listed(root, "titles", "title", "title", said["titles"])
    publisher = said["publisher"]
    child(root, "publisher", publisher["name"], **_attributes(publisher, "name"))
    child(root, "publicationYear", said["publicationYear"])
    types = said["types"]
    child(root, "resourceType", types["resourceType"], **_attributes(types, "resourceType"))
    _listed(root, "subjects", "subject", "subject", said.get("subjects", ()))
    _people(root, "contributors", "contributor", said.get("contributors", ()))
    _listed(root, "dates", "date", "date", said.get("dates", ()))
    child(root, "language", said["language"])
    for name in ("alternateIdentifier", "relatedIdentifier"):
        _listed(root, f"{name}s", name, name, said.get(f"{name}s", ()))
    formats = [{"format": one} for one in said.get("formats", ())]
    _listed(root, "formats", "format", "format", formats)
    if "version" in said:
        child(root, "version", said["version"])
    _listed(root, "rightsList", "rights", "rights", said.get("rightsList", ()))
    _listed(root, "descriptions", "description", "description", said["descriptions"])
    _places(root, said.get("geoLocations", ()))
    return root


def _attributes(one: Mapping[str, Any], content: str) -> dict[str, str]:
    """In XML the names end with URI, and the language is xml:lang."""
    names = {name: name.replace("Uri", "URI") for name in one if name != content}
    names |= {"lang": "xml_lang"} if "lang" in one else {}
    return {given: one[name] for name, given in names.items()}


def _listed(
    root: Element, many: str, name: str, content: str, said: Iterable[Mapping[str, Any]]
) -> None:
    found = list(said)
    if found:
        group = child(root, many)
        for one in found:
            child(group, name, one[content], **_attributes(one, content))


def _people(root: Element, many: str, name: str, said: Iterable[Mapping[str, Any]]) -> None:
    found = list(said)
    group = child(root, many) if found else root
    for one in found:
        person = child(group, name, contributorType=one.get("contributorType"))
        child(person, f"{name}Name", one["name"], nameType=one.get("nameType"))
        for known in one.get("nameIdentifiers", ()):
            content = "nameIdentifier"
            child(person, content, known[content], **_attributes(known, content))
        for known in one.get("affiliation", ()):
            child(person, "affiliation", known["name"], **_attributes(known, "name"))


def _places(root: Element, said: Iterable[Mapping[str, Any]]) -> None:
    found = list(said)
    group = child(root, "geoLocations") if found else root
    for one in found:
        location = child(group, "geoLocation")
        for name, value in one.items():
            _numbers(child(location, name), value)


def _numbers(parent: Element, value: Any) -> None:
    """A point, a box, or the points of a polygon."""
    for one in value if isinstance(value, list) else [value]:
        for name, inner in one.items():
            if isinstance(inner, dict):
                _numbers(child(parent, name), inner)
            else:
                child(parent, name, f"{inner:.9f}".rstrip("0").rstrip("."))


def render(document: Mapping[str, Any], context: Context) -> bytes:
    return xml.document(resource(datacite.metadata(facts(document, context.public_url))))


RECORD = [Format("datacite-xml", MEDIA, "DataCite 4.6 (XML)", of_json(render))]
