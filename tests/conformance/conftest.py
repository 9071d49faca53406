"""The records service with the real records (or some made ones), for the abstract tests."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from earthcode_common import migrate
from records_api.service import SERVICE

from tests.conformance.records_ats.catalogue import Catalogue
from tests.records_api import record_samples as samples
from tests.records_api.records_world import Neighbours, real_ledger, served_records
from tests.serving import served


@pytest.fixture(scope="session")
async def catalogue(
    postgres_url: Callable[[str], str], identity: Any, request: pytest.FixtureRequest
) -> AsyncIterator[Catalogue]:
    database = await _database(postgres_url)
    shared = {"environment": "local", "jwks": identity.jwks, "allow_private_networks": True}

    def settings_of(**known: Any) -> Any:
        return SERVICE.settings(database_url=database, **shared, **known)

    async with served_records(_ledger(request), served, settings_of) as service:
        service.settings.public_url = str(service.client.base_url).rstrip("/")
        await service.rebuild()
        await service.reproduce(_reproduction(service.neighbours))
        yield await Catalogue.of(service.client)


async def _database(postgres_url: Callable[[str], str]) -> str:
    import asyncpg
    from earthcode_common.db import plain_url

    name = f"records_{uuid4().hex}"
    connection = await asyncpg.connect(plain_url(postgres_url("postgres")))
    await connection.execute(f'create database "{name}"')
    await connection.close()
    await migrate.migrate(postgres_url(name), SERVICE.package)
    return postgres_url(name)


def _ledger(request: pytest.FixtureRequest) -> Neighbours:
    try:
        found = real_ledger(request.getfixturevalue("real_catalogue"))
    except pytest.skip.Exception:
        found = _made(Neighbours())
    found.publish("experiment", samples.experiment("own place", **OWN) | EVERYWHEN)
    return found


OWN: dict[str, Any] = {
    "externalIds": [{"scheme": "https://doi.org/", "value": "10.1234/abc"}],
    "license": "proprietary",
    "contacts": [{"organization": "Somebody", "emails": [{"value": "a@example.org"}]}],
}
EVERYWHEN = {
    "geometry": {"type": "Point", "coordinates": [7.5, 46.5]},
    "time": {"interval": ["2001-01-01T00:00:00Z", ".."], "resolution": "P1D"},
    "linkTemplates": [
        {
            "rel": "related",
            "uriTemplate": "https://example.org/tiles/{year}.tif",
            "varBase": "https://example.org/vars/",
            "variables": {"year": {"type": "integer"}},
        }
    ],
}


def _made(found: Neighbours) -> Neighbours:
    found.publish("project", samples.collection("arctic"))
    found.publish("theme", {"id": "cryosphere", "title": "Cryosphere"})
    for number in range(1, 13):
        id, year = f"melt-{number}", 2000 + number
        box = [[number, 50, number + 2, 60]]
        time = [[f"{year}-01-01T00:00:00Z", f"{year}-12-31T23:59:59Z"]]
        theme = [{"scheme": "osc", "concepts": [{"id": "cryosphere"}]}]
        more = {"themes": theme, "license": "MIT", "created": f"{year}-05-01T00:00:00Z"}
        found.publish("product", samples.collection(f"ice-{number}", box, time, **more))
        found.publish("workflow", samples.workflow(id, **more))
        asked = {"osc:workflow": id, "osc:product": f"ice-{number}"}
        found.publish("experiment", samples.experiment(id, **asked, **more))
    return found


def _reproduction(neighbours: Neighbours) -> dict[str, Any]:
    experiment = next(one.id for one in neighbours.versions if one.kind == "experiment")
    made = samples.record("run-1", "reproduction", **{"osc:experiment": experiment})
    return made | {"time": None}


@pytest.fixture(scope="session")
def schemas() -> Path:
    from tests.conformance.records_ats.schemas import folder

    found = folder()
    if found is None:
        pytest.skip("the OGC schemas are not here: set EARTHCODE_SCHEMAS to their folder")
    return found
