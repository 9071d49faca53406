"""The community's own checker over all classes that we declare, with schemas from a folder.

Needs stac-api-validator (or EARTHCODE_STAC_API_VALIDATOR, a Python that has it) and the schemas
(EARTHCODE_SCHEMAS, or ../shared/schemas beside the project).
"""

import asyncio
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import httpx2
import pytest
from catalog_api.reactions import project_entities
from catalog_api.service import SERVICE
from earthcode_common.app import open_runtime
from earthcode_common.consumer import Event
from earthcode_common.contracts import ENTITY_PUBLISHED
from earthcode_common.ids import uuid7

from tests.catalog_api.ledger import Ledger
from tests.catalog_api.samples import catalog, item, product

TOOL = Path(__file__).with_name("offline_validator.py")
CORE = ("collections", "features", "item-search", "children", "browseable", "transaction")
SEARCH = ("filter", "item-search#sort", "item-search#fields", "item-search#query")
AROUND = {
    "type": "Polygon",
    "coordinates": [[[-50, -50], [60, -50], [60, 60], [-50, 60], [-50, -50]]],
}
QUERY = {
    "comparison-field": "gsd", "eq-value": "10", "neq-value": "10", "lt-value": "20",
    "lte-value": "20", "gt-value": "5", "gte-value": "5", "substring-field": "platform",
    "starts-with-value": "sentinel", "ends-with-value": "2a", "contains-value": "nel",
    "in-field": "grade", "in-values": "a,b",  # taken for sets of letters
}  # fmt: skip


@pytest.fixture(scope="module")
def schemas() -> Path:
    beside = Path(__file__).parents[3] / "shared/schemas"
    folder = Path(os.environ.get("EARTHCODE_SCHEMAS") or beside)
    if not folder.is_dir():
        pytest.skip("the JSON Schemas are not here: set EARTHCODE_SCHEMAS to their folder")
    return folder.resolve()


@pytest.fixture(scope="module")
def python() -> str:
    given = os.environ.get("EARTHCODE_STAC_API_VALIDATOR")
    if not given and find_spec("stac_api_validator") is None:
        pytest.skip("stac-api-validator is not installed")
    return given or sys.executable


def items():
    for n in range(40):
        place = [n - 20, n - 20]
        found = {"datetime": f"2020-01-{n % 28 + 1:02}T00:00:00Z", "gsd": 10 + n % 3 * 10}
        found |= {
            "grade": "abc"[n % 3],
            "platform": f"sentinel-2{'abc'[n % 3]}",
            "title": f"Item {n}",
        }
        yield item(
            f"item-{n}", bbox=[*place, *place], properties=found,
            geometry={"type": "Point", "coordinates": place},
            assets={"data": {"href": "https://data.example/one.nc", "roles": ["data"]}},
        )  # fmt: skip


def entries(ledger: Ledger):
    yield ledger.publish("theme", catalog("cryosphere"))
    yield ledger.publish("variable", catalog("ice-thickness"))
    yield ledger.publish("mission", catalog("cryosat-2"))
    yield ledger.publish("project", product("arctic", **{"osc:type": "project"}))
    for id in ("sea-ice", "sea-level", "snow"):
        yield ledger.publish("product", product(id))


@pytest.fixture
async def api(make_database, make_settings, serve, identity):
    """The address of a catalogue with Items, and a token that may write them."""
    ledger = Ledger()
    async with serve(ledger.app()) as publisher:
        settings = make_settings(
            SERVICE, database_url=await make_database(SERVICE), publisher_url=publisher,
            require_if_match=False,
        )  # fmt: skip
        async with serve(SERVICE.create_app(settings)) as url:
            settings.public_url = url
            async with open_runtime(settings, "catalog-api") as runtime:
                told = [Event(uuid7(), ENTITY_PUBLISHED.type, e.event()) for e in entries(ledger)]
                reaction = project_entities(runtime)
                loaded = await reaction.load(told)
                async with runtime.db.write() as session:
                    await reaction.apply(session, told, loaded)
            token = identity.token("catalog-api", roles=["steward"])
            await fill(url, token)
            yield url, token


async def fill(url: str, token: str) -> None:
    headers = {"authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        body = {"type": "FeatureCollection", "features": list(items())}
        for id in ("sea-ice", "sea-level"):
            made = await client.post(f"/stac/collections/{id}/items", json=body)
            assert made.status_code == 201, made.text


async def validate(python: str, schemas: Path, api: tuple[str, str], *classes: str) -> str:
    url, token = api
    words = [f"--conformance={one}" for one in classes]
    words += [f"--query-{name}={value}" for name, value in QUERY.items()]
    words += ["--collection=sea-ice", f"--geometry={json.dumps(AROUND)}", "--validate-pagination"]
    words += ["--fields-nested-property=properties.gsd", "--transaction-collection=snow"]
    words += [f"--root-url={url}/stac", f"--auth-bearer-token={token}", "--log-level=INFO"]
    done = await asyncio.to_thread(
        subprocess.run, [python, TOOL, schemas, *words],
        capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    return done.stdout[-80000:] + done.stderr[-40000:]


# As the tool names what it looks at; of the classes on Features it has only these.
PARTS = (
    *("Core", "Browseable", "Children", "Collections", "Features", "Item Search"),
    "Features - Transaction extension",
    *(f"Item Search - {name} extension" for name in ("Fields", "Sort", "Query", "Filter")),
    "Item Search - Filter Extension - Basic CQL2",
    "Item Search - Filter Extension - CQL2-Text",
    "Item Search - Filter Extension - CQL2-JSON",
    "Item Search - Filter Extension - Advanced Comparison Operators",
)


async def test_every_class_is_valid(python, schemas, api):
    told = await validate(python, schemas, api, "core", *CORE, *SEARCH)
    # The exit status says nothing: it is 0 after an exception too.
    assert "Errors: none" in told, told[-8000:]
    for part in PARTS:
        assert f"STAC API - {part} conformance class".lower() in told.lower(), part
