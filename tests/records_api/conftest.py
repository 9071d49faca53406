"""Services that project what a publisher and a reproducer tell them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from records_api.service import SERVICE

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
