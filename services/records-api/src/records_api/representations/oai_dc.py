"""Records as unqualified Dublin Core, the format that every harvester knows (OAI-PMH, 2.5)."""

from collections.abc import Iterator

from earthcode_common.ogc.datetimes import format_instant

from records_api.representations import agents, places, xml
from records_api.representations.facts import DOI, Facts
from records_api.representations.xml import Element, child, element

NAMESPACE = "http://www.openarchives.org/OAI/2.0/oai_dc/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
TYPES = {"product": "Dataset", "workflow": "Software", "experiment": "Collection"}
SUBJECTS = ("theme", "variable", "mission")
RELATED = ("project", "product", "workflow", "experiment", "reproduction")


def resource(said: Facts) -> Element:
    root = element("oai_dc:dc")
    root.set("xmlns:oai_dc", NAMESPACE)
    root.set("xmlns:dc", "http://purl.org/dc/elements/1.1/")
    root.set("xmlns:xsi", xml.XSI)
    root.set("xsi:schemaLocation", f"{NAMESPACE} {SCHEMA}")
    for name, text in _elements(said):
        if text:
            child(root, f"dc:{name}", text)
    return root


def _elements(said: Facts) -> Iterator[tuple[str, str | None]]:
    publisher = agents.publisher(said.agents)
    yield "title", said.title
    for one in agents.creators(said.agents):
        yield "creator", one.label
    for subject in [*said.keywords, *(one.title for one in said.relatives(*SUBJECTS))]:
        yield "subject", subject
    yield "description", said.description
    yield "publisher", publisher.label if publisher else None
    for moment in dict.fromkeys([said.created, said.updated]):
        yield "date", format_instant(moment) if moment else None
    yield "type", TYPES.get(said.kind)
    yield "type", said.kind
    for format in said.formats:
        yield "format", format.media or format.name
    yield "identifier", said.here
    yield "identifier", f"{DOI}{said.doi}" if said.doi else None
    yield "language", said.language
    related = [one.href for one in said.relatives(*RELATED)] + [one.href for one in said.links]
    for href in dict.fromkeys(related):
        yield "relation", href
    yield from _coverage(said)
    if said.license:
        yield "rights", said.license.href or said.license.name


def _coverage(said: Facts) -> Iterator[tuple[str, str]]:
    """A box and a period in the notations of DCMI."""
    if said.shape is not None:
        west, south, east, north = places.box_of(said.shape)
        limits = {"westlimit": west, "southlimit": south, "eastlimit": east, "northlimit": north}
        yield "coverage", "; ".join(f"{name}={value:.9g}" for name, value in limits.items())
    if said.interval and said.interval != (None, None):
        ends = zip(("start", "end"), said.interval, strict=True)
        said_ends = [f"{name}={format_instant(moment)}" for name, moment in ends if moment]
        yield "coverage", "; ".join([*said_ends, "scheme=W3C-DTF"])
