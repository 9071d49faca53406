"""What DCAT-AP 3.0 asks of each class, as SHACL would: cardinalities, kinds of values, ranges.

From the tables of https://semiceu.github.io/DCAT-AP/releases/3.0.0/ and GeoDCAT-AP 3.0.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from rdflib import DCAT, DCTERMS, FOAF, PROV, RDF, SKOS, XSD, Graph, Literal, Namespace, URIRef

ADMS, GSP, LOCN, VCARD = (
    Namespace("http://www.w3.org/ns/adms#"),
    Namespace("http://www.opengis.net/ont/geosparql#"),
    Namespace("http://www.w3.org/ns/locn#"),
    Namespace("http://www.w3.org/2006/vcard/ns#"),
)
TEXT, IRI = "text with a language", "an address"
MANY = 10**6


class Shape(NamedTuple):
    """``range``: a class, a datatype, TEXT or IRI; None when anything goes."""

    property: Any
    least: int
    most: int
    range: Any


SHAPES: dict[Any, list[Shape]] = {
    DCAT.Catalog: [
        Shape(DCTERMS.title, 1, MANY, TEXT),
        Shape(DCTERMS.description, 1, MANY, TEXT),
        Shape(DCTERMS.publisher, 1, 1, FOAF.Agent),
        Shape(DCTERMS.language, 0, MANY, DCTERMS.LinguisticSystem),
        Shape(DCAT.dataset, 0, MANY, IRI),
        Shape(DCAT.catalog, 0, MANY, IRI),
        Shape(DCAT.service, 0, MANY, DCAT.DataService),
        Shape(DCTERMS.spatial, 0, MANY, DCTERMS.Location),
        Shape(DCTERMS.temporal, 0, MANY, DCTERMS.PeriodOfTime),
    ],
    DCAT.Dataset: [
        Shape(DCTERMS.title, 1, MANY, TEXT),
        Shape(DCTERMS.description, 1, MANY, TEXT),
        Shape(DCTERMS.publisher, 1, 1, FOAF.Agent),
        Shape(DCAT.contactPoint, 1, MANY, VCARD.Kind),
        Shape(DCTERMS.creator, 0, MANY, FOAF.Agent),
        Shape(DCTERMS.identifier, 1, MANY, XSD.string),
        Shape(ADMS.identifier, 0, MANY, ADMS.Identifier),
        Shape(DCTERMS.type, 0, 1, SKOS.Concept),
        Shape(DCTERMS.language, 0, MANY, DCTERMS.LinguisticSystem),
        Shape(DCTERMS.issued, 0, 1, XSD.dateTime),
        Shape(DCTERMS.modified, 0, 1, XSD.dateTime),
        Shape(DCAT.keyword, 0, MANY, TEXT),
        Shape(DCAT.theme, 0, MANY, SKOS.Concept),
        Shape(URIRef(f"{DCAT}version"), 0, 1, XSD.string),
        Shape(DCTERMS.license, 0, 1, DCTERMS.LicenseDocument),
        Shape(DCTERMS.spatial, 0, 1, DCTERMS.Location),
        Shape(DCTERMS.temporal, 0, 1, DCTERMS.PeriodOfTime),
        Shape(DCTERMS.conformsTo, 0, MANY, DCTERMS.Standard),
        Shape(DCAT.landingPage, 1, 1, FOAF.Document),
        Shape(FOAF.page, 0, MANY, FOAF.Document),
        Shape(DCAT.distribution, 0, MANY, DCAT.Distribution),
        Shape(DCTERMS.relation, 0, MANY, IRI),
        Shape(PROV.wasGeneratedBy, 0, MANY, PROV.Activity),
    ],
    DCAT.Distribution: [
        Shape(DCAT.accessURL, 1, MANY, IRI),
        Shape(DCAT.downloadURL, 0, MANY, IRI),
        Shape(DCAT.mediaType, 0, 1, DCTERMS.MediaType),
        Shape(DCTERMS.format, 0, 1, DCTERMS.MediaTypeOrExtent),
        Shape(DCTERMS.license, 0, 1, DCTERMS.LicenseDocument),
        Shape(DCTERMS.title, 1, MANY, TEXT),
    ],
    DCAT.DataService: [
        Shape(DCTERMS.title, 1, MANY, TEXT),
        Shape(DCAT.endpointURL, 1, MANY, IRI),
        Shape(DCAT.endpointDescription, 0, MANY, IRI),
    ],
    FOAF.Agent: [Shape(FOAF.name, 1, 1, XSD.string), Shape(FOAF.homepage, 0, 1, IRI)],
    VCARD.Kind: [Shape(VCARD.fn, 1, 1, XSD.string), Shape(VCARD.hasEmail, 0, 1, IRI)],
    ADMS.Identifier: [Shape(SKOS.notation, 1, 1, XSD.anyURI)],
    SKOS.Concept: [Shape(SKOS.prefLabel, 1, MANY, TEXT)],
    DCTERMS.LicenseDocument: [Shape(DCTERMS.title, 1, MANY, TEXT)],
    DCTERMS.Location: [
        Shape(DCAT.bbox, 1, 1, GSP.wktLiteral),
        Shape(LOCN.geometry, 0, 1, GSP.wktLiteral),
    ],
    DCTERMS.PeriodOfTime: [
        Shape(DCAT.startDate, 0, 1, XSD.dateTime),
        Shape(DCAT.endDate, 0, 1, XSD.dateTime),
    ],
    PROV.Activity: [Shape(PROV.used, 0, MANY, IRI), Shape(PROV.generated, 0, MANY, IRI)],
}


def broken(graph: Graph) -> list[str]:
    """Everything that the profile does not allow."""
    found = [
        problem
        for kind, shapes in SHAPES.items()
        for node in graph.subjects(RDF.type, kind)
        for shape in shapes
        for problem in _check(graph, node, shape)
    ]
    both = set(graph.subjects(RDF.type, PROV.Activity)) & set(
        graph.subjects(RDF.type, DCAT.Dataset)
    )
    return found + [f"{node} is a dataset and an activity" for node in both]


def _check(graph: Graph, node: Any, shape: Shape) -> Iterator[str]:
    values = list(graph.objects(node, shape.property))
    if not shape.least <= len(values) <= shape.most:
        yield f"{node} has {len(values)} of {shape.property}"
    for value in values:
        if not _fits(graph, value, shape.range):
            yield f"{node}: {shape.property} is {value!r}, not {shape.range}"


def _fits(graph: Graph, value: Any, wanted: Any) -> bool:
    if wanted is TEXT:
        return isinstance(value, Literal) and bool(value.language) and bool(str(value).strip())
    if wanted is IRI:
        return isinstance(value, URIRef)
    if wanted in (XSD.string, XSD.dateTime, XSD.anyURI, GSP.wktLiteral):
        return isinstance(value, Literal) and (value.datatype or XSD.string) == wanted
    return (value, RDF.type, wanted) in graph
