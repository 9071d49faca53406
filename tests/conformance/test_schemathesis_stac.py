"""schemathesis with all its checks on the catalogue: what the OpenAPI document says is so.

Reads and writes, as an operator, on a catalogue that holds something to find.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
from catalog_api.reactions import rebuild
from catalog_api.service import SERVICE

from tests.catalog_api.ledger import Ledger
from tests.catalog_api.samples import catalog, collection_of, item, product
from tests.profile import NAME, examples

ROOT = Path(__file__).parents[2]
HOOKS = Path(__file__).with_name("spoken_formats.py")
KNOWN = {"collection_id": "sea-ice", "catalog_id": "cryosphere", "kind": "themes"}


def _ledger() -> Ledger:
    ledger = Ledger()
    for kind, document in (
        ("theme", catalog("cryosphere")),
        ("variable", catalog("ice-thickness")),
        ("mission", catalog("cryosat-2")),
        ("product", product("sea-ice")),
        ("project", product("arctic", **{"osc:type": "project"})),
    ):
        ledger.publish(kind, document)
    return ledger


@pytest.fixture
async def url(make_database: Any, make_settings: Any, serve: Any, identity: Any) -> Any:
    async with serve(_ledger().app()) as publisher:
        database = await make_database(SERVICE)
        settings = make_settings(SERVICE, database_url=database, publisher_url=publisher)
        await rebuild(settings)
        async with serve(SERVICE.create_app(settings)) as found:
            settings.public_url = found
            await _fill(found, identity)
            yield found


async def _fill(url: str, identity: Any) -> None:
    headers = identity.headers("catalog-api", roles=["operator"])
    items = [item(f"i{n}", properties={"datetime": f"202{n}-01-01T00:00:00Z"}) for n in range(5)]
    async with httpx2.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        path = "/stac/collections/sea-ice/items"
        answer = await client.post(path, json=collection_of(*items))
    assert answer.status_code == 201, answer.text


async def test_the_openapi_document_is_true_for_a_stranger(url: str) -> None:
    """As anybody runs it in the project's folder."""
    await _passes(url)


async def test_the_openapi_document_is_true_for_a_writer(
    url: str, identity: Any, tmp_path: Path
) -> None:
    config = tmp_path / "schemathesis.toml"
    known = "".join(f'"path.{name}" = "{value}"\n' for name, value in KNOWN.items())
    config.write_text(f'hooks = "{HOOKS}"\n[parameters]\n{known}')
    token = identity.token("catalog-api", roles=["operator"], exp=2**32)
    await _passes(url, "-H", f"Authorization: Bearer {token}", config=config)


async def _passes(url: str, *more: str, config: Path = ROOT / "schemathesis.toml") -> None:
    words = ["--seed", "7"] if NAME == "quick" else []
    done = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("schemathesis"),
        *("--config-file", str(config), "run", f"{url}/stac/api", "--checks", "all"),
        *("--max-examples", str(examples(2)), *words, *more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
    )
    said = (await done.communicate())[0].decode()
    assert done.returncode == 0, said[-6000:]
    assert " passed" in said, said[-2000:]
