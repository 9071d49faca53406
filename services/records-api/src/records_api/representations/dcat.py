"""Records as DCAT-AP 3.0 with properties of GeoDCAT-AP 3.0 and PROV-O.

Every record is a dcat:Dataset, the one class that harvesters of DCAT-AP read; what it is besides
(a plan, an activity's outcome) is said with PROV-O.
"""

from collections.abc import Iterator

from earthcode_common.ogc.datetimes import Interval

from records_api.representations import agents, places, rdf
from records_api.representations.agents import Agent
from records_api.representations.facts import DOI, Facts, License, Linked
from records_api.representations.rdf import Node, listed, node, ref, typed, words

AUTHORITY = "http://publications.europa.eu/resource/authority"
LANGUAGES = {
    **{"bg": "BUL", "cs": "CES", "da": "DAN", "de": "DEU", "el": "ELL", "en": "ENG", "es": "SPA"},
    **{"et": "EST", "fi": "FIN", "fr": "FRA", "ga": "GLE", "hr": "HRV", "hu": "HUN", "it": "ITA"},
    **{"lt": "LIT", "lv": "LAV", "mt": "MLT", "nl": "NLD", "no": "NOR", "pl": "POL", "pt": "POR"},
    **{"ro": "RON", "sk": "SLK", "sl": "SLV", "sv": "SWE"},
}
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS_KIND = "http://inspire.ec.europa.eu/glossary/SpatialReferenceSystem"
CLASSES = {"workflow": ["dcat:Dataset", "prov:Plan"]}
NEEDED = ("input", "environment", "platform")
RELATED = ("project", "product", "workflow", "experiment", "reproduction")


def described(said: Facts, catalogue: Agent) -> list[Node]:
    """A record, and the activity that it tells of; ``catalogue`` publishes what names nobody."""
    publisher = agents.publisher(said.agents) or catalogue
    license = _license(said.license)
    found = node(
        dct_identifier=said.here,
        adms_identifier=_doi(said.doi),
        dct_title=words(said.title, said.language),
        dct_description=words(said.description, said.language),
        dct_type=_kind(said.kind),
        dct_language=language(said.language),
        dcat_keyword=[words(one, said.language) for one in said.keywords],
        dcat_theme=listed(_concepts(said, "theme")),
        dct_subject=listed(_concepts(said, "variable", "mission")),
        dct_issued=rdf.instant(said.created),
        dct_modified=rdf.instant(said.updated),
        dcat_version=said.version,
        dct_publisher=agent(publisher),
        dct_creator=[agent(one) for one in agents.creators(said.agents)],
        dcat_contactPoint=[_contact(one) for one in said.agents or [publisher]],
        dct_license=license,
        dct_spatial=_place(said),
        dct_temporal=period(said.interval),
        dct_conformsTo=ref(CRS84, "dct:Standard", dct_type=ref(CRS_KIND)) if said.shape else None,
        dcat_landingPage=ref(f"{said.here}?f=html", "foaf:Document"),
        foaf_page=listed(_document(one) for one in said.linked("document")),
        dct_isReferencedBy=listed(ref(one.href) for one in said.linked("publication")),
        dct_requires=listed(ref(one.href) for one in said.linked(*NEEDED)),
        dct_relation=listed(ref(one.href) for one in said.relatives(*RELATED)),
        dcat_distribution=listed(_distributions(said, license)),
        owl_sameAs=ref(DOI + said.doi if said.doi else None),
        prov_wasGeneratedBy=listed(_generation(said)),
    )
    about = {"@id": said.here, "@type": CLASSES.get(said.kind, ["dcat:Dataset"])} | found
    return [about, *listed(_activity(said))]


def _kind(kind: str) -> Node:
    return {"@type": "skos:Concept"} | node(skos_prefLabel=words(kind.capitalize(), "en"))


def _doi(doi: str | None) -> Node | None:
    """dct:identifier is that of the record here: one more, with who gave it."""
    if doi is None:
        return None
    notation = typed(DOI + doi, "xsd:anyURI")
    return {"@type": "adms:Identifier"} | node(skos_notation=notation, adms_schemaAgency="DataCite")


def agent(one: Agent) -> Node:
    about = node(
        foaf_name=one.label,
        foaf_homepage=ref(one.url),
        org_memberOf=_organization(one) if one.name and one.organization else None,
    )
    kind = ["foaf:Agent", "foaf:Person" if one.name else "foaf:Organization"]
    known = ref(one.orcid if one.name else one.ror) or {}
    return known | {"@type": kind} | about


def _organization(one: Agent) -> Node:
    known = ref(one.ror) or {}
    return known | {"@type": ["foaf:Agent", "foaf:Organization"], "foaf:name": one.organization}


def _contact(one: Agent) -> Node:
    kind = "vcard:Individual" if one.name else "vcard:Organization"
    return {"@type": ["vcard:Kind", kind]} | node(
        vcard_fn=one.label,
        vcard_hasEmail=ref(f"mailto:{one.email}" if one.email else None),
        vcard_hasURL=ref(one.url),
        **{"vcard_organization-name": one.organization if one.name else ""},
    )


def _license(license: License | None) -> Node | None:
    if license is None:
        return None
    known = ref(license.href) or {}
    return known | {"@type": "dct:LicenseDocument", "dct:title": words(license.name, "en")}


def language(tag: str) -> Node | None:
    code = LANGUAGES.get(tag.partition("-")[0].lower())
    return ref(f"{AUTHORITY}/language/{code}", "dct:LinguisticSystem") if code else None


def _concepts(said: Facts, *kinds: str) -> Iterator[Node | None]:
    for one in said.relatives(*kinds):
        label = words(one.title, said.language)
        scheme = ref(one.href.rpartition("/catalogs/")[0], "skos:ConceptScheme")
        yield ref(one.href, "skos:Concept", skos_prefLabel=label, skos_inScheme=scheme)


def _place(said: Facts) -> Node | None:
    if said.shape is None:
        return None
    shape, box = places.wkt(said.shape), places.box_wkt(places.box_of(said.shape))
    return {"@type": "dct:Location"} | node(
        dcat_bbox=typed(box, "gsp:wktLiteral"), locn_geometry=typed(shape, "gsp:wktLiteral")
    )


def period(interval: Interval | None) -> Node | None:
    if interval is None:
        return None
    start, end = (rdf.instant(one) for one in interval)
    return {"@type": "dct:PeriodOfTime"} | node(dcat_startDate=start, dcat_endDate=end)


def _document(one: Linked) -> Node | None:
    return ref(one.href, "foaf:Document", dct_title=words(one.title, "en"))


def _distributions(said: Facts, license: Node | None) -> Iterator[Node | None]:
    """Data and code that is linked, and the STAC Collection of a product."""
    for one in said.links:
        if (one.role in ("data", "code") or one.rel == "describes") and ref(one.href):
            yield {"@type": "dcat:Distribution"} | node(
                dct_title=words(one.title or one.rel, "en"),
                dcat_accessURL=ref(one.href),
                dcat_downloadURL=ref(one.href) if one.rel in ("download", "enclosure") else None,
                dcat_mediaType=rdf.media_iri(one.type),
                dct_format=None if one.type else _format(said),
                dct_license=license,
            )


def _format(said: Facts) -> Node | None:
    """Where the link does not say its type and all files are of one format."""
    if len(said.formats) != 1:
        return None
    return {"@type": "dct:MediaTypeOrExtent", "rdfs:label": said.formats[0].name}


def _generation(said: Facts) -> Iterator[Node | None]:
    """The activity that a product or the record of a reproduction came out of."""
    if said.kind == "product":
        for one in said.relatives("experiment"):
            yield ref(f"{one.href}#activity", "prov:Activity")
    elif said.kind == "reproduction":
        yield ref(f"{said.here}#activity", "prov:Activity")


def _activity(said: Facts) -> Iterator[Node | None]:
    """What happened, apart from the record that was used for it (PROV-O keeps them disjoint)."""
    if said.kind not in ("experiment", "reproduction"):
        return
    used = [ref(one.href) for one in said.relatives("workflow", "experiment")]
    made = [ref(one.href) for one in said.relatives("product")]
    is_first = said.kind == "experiment"
    yield ref(
        f"{said.here}#activity",
        "prov:Activity",
        dct_title=words(said.title, said.language),
        prov_used=listed(iter([*used, ref(said.here) if is_first else None])),
        prov_generated=listed(iter(made)) if is_first else None,
    )
