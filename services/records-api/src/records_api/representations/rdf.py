"""A tree of nodes as JSON-LD 1.1 and as Turtle: the same triples, in the same order.

A node is a dict as JSON-LD has it: ``@id``, ``@type`` and properties with short names. Both are
written here and not by way of a graph: rdflib takes six times as long for a page of Turtle, and two
answers to one request are the same bytes. Tests read both with rdflib.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson
from earthcode_common.ogc.datetimes import format_instant

from records_api.representations import values

Node = dict[str, Any]
PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "gsp": "http://www.opengis.net/ont/geosparql#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "locn": "http://www.w3.org/ns/locn#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_ESCAPES = str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def ref(href: str | None, type: str = "", **properties: Any) -> Node | None:
    """A node with an address; None without one, or where JSON-LD would read it as a short name."""
    if not href or href.partition(":")[0] in PREFIXES:
        return None
    return {"@id": href} | ({"@type": type} if type else {}) | node(**properties)


def node(**properties: Any) -> Node:
    """``dct_title=`` is dct:title; what is empty is left out."""
    named = {name.replace("_", ":", 1): value for name, value in properties.items()}
    return {name: value for name, value in named.items() if value not in (None, "", [], {})}


def words(text: str, language: str) -> Node | None:
    return {"@value": text, "@language": language} if text else None


def typed(text: str | None, type: str) -> Node | None:
    return {"@value": text, "@type": type} if text else None


def instant(moment: datetime | None) -> Node | None:
    return typed(format_instant(moment), "xsd:dateTime") if moment else None


def listed(found: Iterator[Node | None]) -> list[Node]:
    return [one for one in found if one]


def jsonld(nodes: list[Node]) -> bytes:
    return orjson.dumps({"@context": PREFIXES, "@graph": nodes}, option=orjson.OPT_INDENT_2)


def turtle(nodes: list[Node]) -> bytes:
    """Turtle 1.1; a node with an address has its own paragraph wherever it stands in the tree."""
    heads = "".join(f"@prefix {name}: <{base}> .\n" for name, base in PREFIXES.items())
    waiting, paragraphs, known = list(reversed(nodes)), list[str](), set[str]()
    while waiting:
        one = waiting.pop()
        found: list[Node] = []
        lines = list(_pairs(one, found, "  "))
        if lines:
            paragraph = f"<{one['@id']}> " + " ;\n  ".join(lines) + " .\n"
            if paragraph not in known:
                paragraphs.append(paragraph)
            if "[ " not in paragraph:  # with a node without an address it says more each time
                known.add(paragraph)
        waiting += reversed(found)
    return "\n".join([heads, *paragraphs]).encode()


def _pairs(one: Mapping[str, Any], found: list[Node], indent: str) -> Iterator[str]:
    """Predicates with their objects; ``found`` takes the nodes that have to be said elsewhere."""
    for name, value in one.items():
        many = value if isinstance(value, list) else [value]
        if name == "@type":
            yield "a " + ", ".join(many)
        elif name != "@id":
            yield f"{name} " + ", ".join(_object(each, found, indent) for each in many)


def _object(value: Any, found: list[Node], indent: str) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if "@value" in value:
        tag = f"@{value['@language']}" if "@language" in value else f"^^{value['@type']}"
        return _quoted(value["@value"]) + tag
    if "@id" in value:
        if len(value) > 1:
            found.append(value)
        return f"<{value['@id']}>"
    deeper = indent + "  "
    return "[ " + f" ;\n{deeper}".join(_pairs(value, found, deeper)) + " ]"


def _quoted(text: str) -> str:
    return '"' + text.translate(_ESCAPES) + '"'


def media_iri(media: str | None) -> Node | None:
    """A media type as IANA names it."""
    base = "https://www.iana.org/assignments/media-types/"
    return ref(values.iri(base + media) if media else None, "dct:MediaType")
