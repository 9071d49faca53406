"""Answers of OAI-PMH 2.0 as XML, and the metadata formats in them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from records_api.domain.harvest import datestamp
from records_api.representations import datacite, datacite_xml, oai_dc, xml
from records_api.representations.facts import Facts, facts
from records_api.representations.xml import Element, child, element

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
SCHEMA = "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
OAI_DATACITE = "http://schema.datacite.org/oai/oai-1.1/"


class Metadata(NamedTuple):
    """``make``: the element that stands for a record."""

    schema: str
    namespace: str
    make: Callable[[Facts], Element]


class Header(NamedTuple):
    identifier: str
    updated: datetime
    sets: Sequence[str]


def _datacite(said: Facts) -> Element:
    return datacite_xml.resource(datacite.metadata(said))


def _oai_datacite(said: Facts) -> Element:
    """DataCite's own wrapper, which OpenAIRE and others ask for."""
    root = element("oai_datacite", xmlns=OAI_DATACITE, xmlns_xsi=xml.XSI)
    root.set("xsi:schemaLocation", f"{OAI_DATACITE} {OAI_DATACITE}oai.xsd")
    child(root, "schemaVersion", "4.6")
    child(root, "datacentreSymbol", "EARTHCODE")
    child(root, "payload").append(_datacite(said))
    return root


FORMATS: Mapping[str, Metadata] = {
    "oai_dc": Metadata(oai_dc.SCHEMA, oai_dc.NAMESPACE, oai_dc.resource),
    "oai_datacite": Metadata(f"{OAI_DATACITE}oai.xsd", OAI_DATACITE, _oai_datacite),
    "datacite": Metadata(datacite_xml.SCHEMA, datacite_xml.NAMESPACE, _datacite),
}


def answer(here: str, moment: datetime, asked: Mapping[str, str], content: Element) -> bytes:
    """``asked``: the arguments, empty when they are not valid (section 3.2 of the protocol)."""
    root = element("OAI-PMH", xmlns=NAMESPACE, xmlns_xsi=xml.XSI)
    root.set("xsi:schemaLocation", f"{NAMESPACE} {SCHEMA}")
    child(root, "responseDate", datestamp(moment))
    child(root, "request", here, **asked)
    root.append(content)
    return xml.document(root)


def error(code: str, message: str) -> Element:
    return element("error", message, code=code)


def identify(here: str, host: str, earliest: datetime) -> Element:
    """``adminEmail`` is mandatory: the mailbox that a web server's host has by RFC 2142."""
    said = {
        "repositoryName": "EarthCODE Records",
        "baseURL": here,
        "protocolVersion": "2.0",
        "adminEmail": f"webmaster@{host}",
        "earliestDatestamp": datestamp(earliest),
        "deletedRecord": "no",
        "granularity": "YYYY-MM-DDThh:mm:ssZ",
    }
    root = element("Identify")
    for name, text in said.items():
        child(root, name, text)
    return root


def metadata_formats() -> Element:
    root = element("ListMetadataFormats")
    for prefix, one in FORMATS.items():
        about = child(root, "metadataFormat")
        child(about, "metadataPrefix", prefix)
        child(about, "schema", one.schema)
        child(about, "metadataNamespace", one.namespace)
    return root


def sets(found: Iterable[tuple[str, str]]) -> Element:
    root = element("ListSets")
    for spec, name in found:
        about = child(root, "set")
        child(about, "setSpec", spec)
        child(about, "setName", name)
    return root


def header(one: Header) -> Element:
    root = element("header")
    child(root, "identifier", one.identifier)
    child(root, "datestamp", datestamp(one.updated))
    for spec in one.sets:
        child(root, "setSpec", spec)
    return root


def record(one: Header, document: Mapping[str, Any], prefix: str, public_url: str) -> Element:
    root = element("record")
    root.append(header(one))
    child(root, "metadata").append(FORMATS[prefix].make(facts(document, public_url)))
    return root


def listed(verb: str, found: Iterable[Element]) -> Element:
    root = element(verb)
    root.extend(found)
    return root


def resume(root: Element, token: str, cursor: int, size: int) -> None:
    """An empty token says that the list, which came in parts, is complete (section 3.5)."""
    child(root, "resumptionToken", token, completeListSize=str(size), cursor=str(cursor))
