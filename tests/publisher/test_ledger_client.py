"""The client of the ledger that projections use, against the publisher itself."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from earthcode_common import ledger
from earthcode_common.http import Outbound
from earthcode_common.ledger import Ref
from earthcode_common.ogc.entities import Key
from publisher.routes import documents as served

THEMES = [f"theme-{number}" for number in range(7)]


@pytest.fixture
async def http(publisher: Any, documents: Any) -> AsyncIterator[Outbound]:
    await publisher.load(theme=[documents.theme(id) for id in THEMES])
    outbound = Outbound(trusted=[publisher.url])
    yield outbound
    await outbound.client.aclose()


async def test_all_that_is_current_is_listed_and_read(publisher: Any, http: Outbound) -> None:
    refs = [ref async for page in ledger.current(http, publisher.url) for ref in page]
    assert refs == [Ref(Key("theme", id), 1) for id in THEMES]
    found = await ledger.documents(http, publisher.url, refs)
    assert [one.ref for one in found] == refs
    document = await publisher.anyone.get("/entities/theme/theme-3")
    assert found[3].document == document.text
    assert f'"{found[3].digest}"' == document.headers["etag"]


async def test_what_is_too_large_at_once_is_asked_for_in_parts(
    publisher: Any, http: Outbound, monkeypatch: Any
) -> None:
    size = len((await publisher.anyone.get("/entities/theme/theme-0")).content)
    refs = [Ref(Key("theme", id), 1) for id in THEMES]
    monkeypatch.setattr(served, "MAX_BYTES", 2 * size)
    found = await ledger.documents(http, publisher.url, refs)
    assert [one.ref for one in found] == refs
    monkeypatch.setattr(served, "MAX_BYTES", size - 1)
    with pytest.raises(LookupError, match="413"):
        await ledger.documents(http, publisher.url, refs)


async def test_what_the_ledger_lacks_is_named(publisher: Any, http: Outbound) -> None:
    absent = Ref(Key("theme", "theme-0"), 2)
    with pytest.raises(LookupError, match="theme-0"):
        await ledger.documents(http, publisher.url, [Ref(Key("theme", "theme-1"), 1), absent])
