"""Services that project what a publisher and a reproducer tell them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from records_api.service import SERVICE

from tests.records_api.exchange_world import polaris_again, with_some_products
from tests.records_api.records_world import (
    Neighbours,
    RecordsService,
    real_ledger,
    served_records,
)


@pytest.fixture
async def make_records(
    make_database: Any, make_settings: Any, serve: Any
) -> AsyncIterator[Callable[..., Any]]:
    """``await make_records(neighbours)`` -> RecordsService that is served on a real port."""
    async with AsyncExitStack() as stack:

        async def make(neighbours: Neighbours | None = None, **values: Any) -> RecordsService:
            database = await make_database(SERVICE)

            def settings_of(**known: Any) -> Any:
                return make_settings(SERVICE, **({"database_url": database} | known | values))

            world = served_records(neighbours or Neighbours(), serve, settings_of)
            return await stack.enter_async_context(world)

        yield make


@pytest.fixture
async def records(make_records: Any) -> RecordsService:
    return await make_records()


@pytest.fixture(scope="session")
def real_neighbours(real_catalogue: Path) -> Neighbours:
    return real_ledger(real_catalogue)


@pytest.fixture
async def all_catalogues(make_records: Any, real_neighbours: Neighbours) -> RecordsService:
    """The real records with some products, and one of the experiments run again."""
    # Of its own, as a reproduction comes to it.
    neighbours = Neighbours(list(real_neighbours.versions))
    service: RecordsService = await make_records(neighbours)
    told = [one.event() for one in with_some_products(neighbours)]
    for start in range(0, len(told), 200):
        await service.react(told[start : start + 200])
    await service.reproduce(await polaris_again(service))
    return service
