"""The demonstration: a project, a workflow, two experiments and their products, as documents.

Pure functions. Whoever uses them runs the platform's process first (``executions``) and hands the
bytes in; so the products really are what the process gave. The second product was made with other
settings than its experiment says: its reproduction comes out ``different``.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CREATED = "2026-01-15T09:00:00Z"
PROCESS = "sst-anomaly"
PROJECT = "sst-anomalies-demonstration"
WORKFLOW = "sst-anomaly-workflow"
OUTPUT = "anomaly"
FILE = "sst-anomaly.nc"
MEDIA_TYPE = "application/x-netcdf"
PLATFORM = "local"

Document = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """An experiment and its product. ``made_with`` is what the product was really made with."""

    experiment: str
    product: str
    title: str
    year: int
    made_with: Mapping[str, Any]

    @property
    def parameters(self) -> dict[str, Any]:
        return {"year": self.year, "baseline_start": 1991, "baseline_end": 2020}


FAITHFUL = Case(
    "sst-anomaly-2020-experiment",
    "sst-anomaly-2020",
    "Sea surface temperature anomaly of 2020",
    2020,
    {},
)
CHANGED = Case(
    "sst-anomaly-2016-experiment",
    "sst-anomaly-2016",
    "Sea surface temperature anomaly of 2016",
    2016,
    {"sst_scale": 1.01},
)
CASES = (FAITHFUL, CHANGED)


@dataclass(frozen=True)
class Execution:
    """Run ``process`` with ``inputs``; the file of ``output`` is handed in."""

    product: str
    process: str
    inputs: dict[str, Any]
    output: str


def executions() -> list[Execution]:
    return [
        Execution(case.product, PROCESS, {**case.parameters, **case.made_with}, OUTPUT)
        for case in CASES
    ]


def bundle(
    platform_endpoint: str, data: Mapping[str, bytes], *, public_url: str = "http://127.0.0.1:8080"
) -> Document:
    """``data``: the NetCDF file of each product, by product id.

    Returns ``{"submission": {"title", "members"}, "items": {product: [Item, ...]}}``: the first is
    for POST /publish/submissions, the others for the catalogue once the submission is published.
    """
    members = [_member("project", project()), _member("workflow", workflow(platform_endpoint))]
    for case in CASES:
        members += [_product_member(case, data[case.product]), _experiment_member(case)]
    title = "Demonstration: sea surface temperature anomalies and their reproduction"
    items = {case.product: [item(case, data[case.product], public_url)] for case in CASES}
    return {"submission": {"title": title, "members": members}, "items": items}


def _member(kind: str, document: Document, *attachments: Document) -> Document:
    return {"kind": kind, "document": document, "attachments": list(attachments)}


def _text(name: str, content: str) -> Document:
    kept = {"name": name, "media_type": "application/yaml", "encoding": "utf-8"}
    return kept | {"content": content}


def _product_member(case: Case, content: bytes) -> Document:
    encoded = base64.b64encode(content).decode("ascii")
    kept = {"name": FILE, "media_type": MEDIA_TYPE, "encoding": "base64", "content": encoded}
    return _member("product", product(case), kept)


def _experiment_member(case: Case) -> Document:
    return _member(
        "experiment",
        experiment(case),
        _text("input.yaml", input_yaml(case)),
        _text("environment.yaml", ENVIRONMENT),
    )


ENVIRONMENT = """\
$comment: >-
  The process runs in the environment of the platform. These are the versions that it was made with.
name: sst-anomaly
dependencies:
  - python=3.11
  - numpy>=2.4
  - netcdf4>=1.7
"""


def input_yaml(case: Case) -> str:
    lines = [f"  {name}: {value}" for name, value in case.parameters.items()]
    return "\n".join(["parameters:", *lines, ""])


def project() -> Document:
    return {
        "type": "Collection",
        "id": PROJECT,
        "stac_version": "1.0.0",
        "stac_extensions": [
            "https://stac-extensions.github.io/osc/v1.0.0/schema.json",
            "https://stac-extensions.github.io/themes/v1.0.0/schema.json",
            "https://stac-extensions.github.io/contacts/v0.1.1/schema.json",
        ],
        "title": "Sea surface temperature anomalies (demonstration)",
        "description": "Shows on synthetic data how an experiment is published and run again.",
        "license": "CC-BY-4.0",
        "extent": _extent("1981-01-01T00:00:00Z", "2024-12-31T23:59:59Z"),
        "osc:status": "completed",
        "osc:type": "project",
        "created": CREATED,
        "updated": CREATED,
        "themes": _themes(),
        "contacts": [{"name": "EarthCODE demonstration", "roles": ["technical_officer"]}],
        "links": [
            {"rel": "root", "href": "../../catalog.json", "type": "application/json"},
            {"rel": "parent", "href": "../catalog.json", "type": "application/json"},
            _theme_link(),
        ],
    }


def workflow(platform_endpoint: str) -> Document:
    endpoint = platform_endpoint.rstrip("/")
    return {
        "id": WORKFLOW,
        "type": "Feature",
        "conformsTo": ["http://www.opengis.net/spec/ogcapi-records-1/1.0/req/record-core"],
        "geometry": None,
        "time": None,
        "properties": {
            "type": "workflow",
            "title": "Sea surface temperature anomaly",
            "description": "The months of one year minus their mean over a baseline.",
            "created": CREATED,
            "updated": CREATED,
            "osc:project": PROJECT,
            "license": "Apache-2.0",
            "keywords": ["sea surface temperature", "anomaly"],
            "formats": [{"name": "NetCDF"}],
            "themes": _themes(),
            "version": "1.0.0",
        },
        "links": [
            {"rel": "root", "href": "../../catalog.json", "type": "application/json"},
            {"rel": "parent", "href": "../catalog.json", "type": "application/json"},
            {
                "rel": "process",
                "href": f"{endpoint}/processes/{PROCESS}",
                "type": "application/json",
                "title": "OGC API process",
                "earthcode:platform": PLATFORM,
            },
            _related("projects", PROJECT, "collection", "Project"),
            _theme_link(),
        ],
    }


def experiment(case: Case) -> Document:
    return {
        "id": case.experiment,
        "type": "Feature",
        "conformsTo": ["http://www.opengis.net/spec/ogcapi-records-1/1.0/req/record-core"],
        "geometry": None,
        "time": None,
        "properties": {
            "type": "experiment",
            "title": f"{case.title}: experiment",
            "description": f"The anomaly of {case.year} against the years 1991 to 2020.",
            "created": CREATED,
            "updated": CREATED,
            "osc:project": PROJECT,
            "osc:workflow": WORKFLOW,
            "license": "CC-BY-4.0",
            "keywords": ["sea surface temperature", "anomaly"],
            "formats": [{"name": "NetCDF"}],
            "themes": _themes(),
            "version": "1",
        },
        "links": [
            {"rel": "root", "href": "../../catalog.json", "type": "application/json"},
            {"rel": "parent", "href": "../catalog.json", "type": "application/json"},
            _file("input", "./input.yaml", "Input parameters"),
            _file("environment", "./environment.yaml", "Execution environment"),
            _related("workflows", WORKFLOW, "record", "Workflow"),
            _related("projects", PROJECT, "collection", "Project"),
            _related("products", case.product, "collection", "Product"),
            _theme_link(),
        ],
    }


def product(case: Case) -> Document:
    return {
        "type": "Collection",
        "id": case.product,
        "stac_version": "1.0.0",
        "stac_extensions": [
            "https://stac-extensions.github.io/osc/v1.0.0/schema.json",
            "https://stac-extensions.github.io/themes/v1.0.0/schema.json",
        ],
        "title": case.title,
        "description": f"Monthly anomaly of {case.year} on a 2.5 degree grid. Synthetic data.",
        "license": "CC-BY-4.0",
        "keywords": ["sea surface temperature", "anomaly"],
        "extent": _extent(f"{case.year}-01-01T00:00:00Z", f"{case.year}-12-31T23:59:59Z"),
        "osc:project": PROJECT,
        "osc:experiment": case.experiment,
        "osc:type": "product",
        "osc:status": "completed",
        "osc:region": "Global",
        "osc:variables": [],
        "osc:missions": [],
        "created": CREATED,
        "updated": CREATED,
        "themes": _themes(),
        "links": [
            {"rel": "root", "href": "../../catalog.json", "type": "application/json"},
            {"rel": "parent", "href": "../catalog.json", "type": "application/json"},
            _related("projects", PROJECT, "collection", "Project"),
            _related("experiments", case.experiment, "record", "Experiment"),
            _theme_link(),
        ],
    }


def item(case: Case, content: bytes, public_url: str) -> Document:
    """The Item that says where the file is, how large, and with what checksum."""
    entity = f"{public_url.rstrip('/')}/publish/entities/product/{case.product}"
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "stac_extensions": ["https://stac-extensions.github.io/file/v2.1.0/schema.json"],
        "id": f"{case.product}-data",
        "collection": case.product,
        "geometry": {"type": "Polygon", "coordinates": [_WORLD]},
        "bbox": [-180.0, -90.0, 180.0, 90.0],
        "properties": {
            "title": case.title,
            "datetime": None,
            "start_datetime": f"{case.year}-01-01T00:00:00Z",
            "end_datetime": f"{case.year}-12-31T23:59:59Z",
        },
        "assets": {
            OUTPUT: {
                "href": f"{entity}/attachments/{FILE}",
                "type": MEDIA_TYPE,
                "title": "Anomaly",
                "roles": ["data"],
                "file:size": len(content),
                "file:checksum": "1220" + hashlib.sha256(content).hexdigest(),
            }
        },
        "links": [],
    }


_WORLD = [[-180.0, -90.0], [180.0, -90.0], [180.0, 90.0], [-180.0, 90.0], [-180.0, -90.0]]


def _extent(start: str, end: str) -> Document:
    return {
        "spatial": {"bbox": [[-180.0, -90.0, 180.0, 90.0]]},
        "temporal": {"interval": [[start, end]]},
    }


def _themes() -> list[Document]:
    scheme = "https://github.com/stac-extensions/osc#theme"
    return [{"scheme": scheme, "concepts": [{"id": "oceans"}]}]


def _theme_link() -> Document:
    return _related("themes", "oceans", "catalog", "Theme")


def _related(folder: str, key: str, file: str, word: str) -> Document:
    href = f"../../{folder}/{key}/{file}.json"
    return {"rel": "related", "href": href, "type": "application/json", "title": f"{word}: {key}"}


def _file(rel: str, href: str, title: str) -> Document:
    return {"rel": rel, "href": href, "type": "application/yaml", "title": title}
