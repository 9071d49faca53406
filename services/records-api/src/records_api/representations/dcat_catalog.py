"""DCAT-AP 3.0 of a record, of a page of records, and of a catalogue; what is offered of it."""

from collections.abc import Callable, Mapping
from typing import Any

from records_api.representations import dcat, places, rdf, values
from records_api.representations.agents import Agent
from records_api.representations.facts import facts
from records_api.representations.format import Context, Format, of_json
from records_api.representations.rdf import Node, listed, node, ref, typed, words

PROFILE = "http://data.europa.eu/r5r/"
JSONLD = f'application/ld+json;profile="{PROFILE}"'
Describe = Callable[[dict[str, Any], Context], list[Node]]


def publisher(public_url: str) -> Agent:
    """Who publishes the catalogues, and what names no publisher."""
    return Agent("", "EarthCODE", None, values.web(public_url), None, None, ("publisher",))


def record(document: dict[str, Any], context: Context) -> list[Node]:
    base = context.public_url
    return dcat.described(facts(document, base), publisher(base))


def page(document: dict[str, Any], context: Context) -> list[Node]:
    """A part of a catalogue: its records, and where the next part is (Hydra Core)."""
    base, hrefs = context.public_url, _hrefs(document)
    found = [dcat.described(facts(one, base), publisher(base)) for one in document["features"]]
    title = values.text(hrefs.get("collection")).rpartition("/")[2].capitalize()
    about = _catalogue(hrefs.get("collection") or context.here, title, title, base)
    total = document.get("numberMatched")
    about["@type"] = ["dcat:Catalog", "hydra:Collection"]
    return [
        about
        | node(
            dcat_dataset=[{"@id": nodes[0]["@id"]} for nodes in found],
            hydra_totalItems=typed(None if total is None else str(total), "xsd:integer"),
            hydra_view=_view(hrefs.get("self") or context.here, hrefs.get("next")),
        ),
        *(one for nodes in found for one in nodes),
    ]


def catalog(document: dict[str, Any], context: Context) -> list[Node]:
    """A catalogue: of records, or of catalogues."""
    links, base = values.mappings(document.get("links")), context.public_url
    title, text = values.text(document["title"]), values.text(document["description"])
    items = [values.iri(one.get("href")) for one in links if one["rel"] == "item"]
    children = [values.iri(one.get("href")) for one in links if one["rel"] == "child"]
    pages = values.first(values.iri(x.get("href")) for x in links if x["rel"] == "items")
    hrefs = _hrefs(document)
    about = _catalogue(hrefs.get("self") or context.here, title, text, base) | node(
        dcat_keyword=[words(one, "en") for one in values.texts(document.get("keywords"))],
        dcat_dataset=listed(map(ref, items)),
        dcat_catalog=listed(map(ref, children)),
        dct_spatial=_spatial(document),
        dct_temporal=_temporal(document),
        hydra_view=_view(f"{pages}?f={_name(context)}" if pages else None, None)
        or (_view(context.here, hrefs["next"]) if "next" in hrefs else None),
    )
    return [about]


def _hrefs(document: Mapping[str, Any]) -> dict[str, str]:
    """The first address of each relation; that of a catalogue is without its query."""
    found: dict[str, str] = {}
    for one in values.mappings(document.get("links")):
        if href := values.iri(one.get("href")):
            found.setdefault(values.text(one.get("rel")), href)
    return found


def _catalogue(here: str, title: str, text: str, public_url: str) -> Node:
    api = node(
        dct_title=words("OGC API - Records", "en"),
        dcat_endpointURL=ref(f"{public_url}/records"),
        dcat_endpointDescription=ref(f"{public_url}/records/api"),
    )
    return {"@id": here, "@type": ["dcat:Catalog"]} | node(
        dct_title=words(title, "en"),
        dct_description=words(text, "en"),
        dct_publisher=dcat.agent(publisher(public_url)),
        dct_language=dcat.language("en"),
        foaf_homepage=ref(here, "foaf:Document"),
        dcat_service={"@id": f"{public_url}/records#service", "@type": "dcat:DataService"} | api,
    )


def _view(here: str | None, following: str | None) -> Node | None:
    return ref(here, "hydra:PartialCollectionView", hydra_next=ref(following))


def _name(context: Context) -> str:
    asked = dict(context.asked).get("f", "")
    return asked if asked in [one.name for one in PAGE] else PAGE[0].name


def _spatial(document: Mapping[str, Any]) -> Node | None:
    try:
        west, south, east, north = document["extent"]["spatial"]["bbox"][0]
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    box = places.box_wkt((west, south, east, north))
    return {"@type": "dct:Location"} | node(dcat_bbox=typed(box, "gsp:wktLiteral"))


def _temporal(document: Mapping[str, Any]) -> Node | None:
    try:
        found = places.interval_of({"interval": document["extent"]["temporal"]["interval"][0]})
    except (KeyError, IndexError, TypeError):
        return None
    return dcat.period(found)


def _formats(describe: Describe, title: str) -> list[Format]:
    def turtle(document: dict[str, Any], context: Context) -> bytes:
        return rdf.turtle(describe(document, context))

    def jsonld(document: dict[str, Any], context: Context) -> bytes:
        return rdf.jsonld(describe(document, context))

    return [
        Format("turtle", "text/turtle", f"{title} (Turtle)", of_json(turtle), encoding="utf-8"),
        Format("dcat", JSONLD, f"{title} (JSON-LD)", of_json(jsonld)),
    ]


RECORD = _formats(record, "DCAT-AP 3")
PAGE = _formats(page, "DCAT-AP 3")
CATALOG = _formats(catalog, "DCAT-AP 3")
