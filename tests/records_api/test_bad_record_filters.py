"""Filters that make no sense are refused, with the place, by GET and by POST."""

import json
from typing import Any

import pytest

from tests.common.cql2 import bad_filters as bad
from tests.records_api.record_samples import workflow

ITEMS = "/records/collections/workflows/items"
SENT = {"content-type": "application/json"}


@pytest.fixture
async def melting(records: Any) -> Any:
    await records.publish("workflow", workflow("a", gsd=1, a="x", created="2020-01-01T00:00:00Z"))
    return records.client


def _flaw(answer: Any, **wanted: str) -> Any:
    """What is wrong with a refusal; None when it is a problem that names the place."""
    if answer.status_code != 400:
        return answer.status_code, answer.text[:200]
    if not answer.headers["content-type"].startswith("application/problem+json"):
        return answer.headers["content-type"]
    found = answer.json().get("errors", [{}])[0]
    return None if all(found.get(n) == v for n, v in wanted.items()) else answer.json()


async def test_addresses(melting: Any) -> None:
    asked = [{"filter": text} for text in bad.TEXTS]
    written = [bad.written(node) for node, _ in bad.JSON] + bad.RAW
    asked += [{"filter": text[:9000], "filter-lang": "cql2-json"} for text in written]
    flaws = []
    for one in asked:
        answer = await melting.get(ITEMS, params=one)
        flaws.append((one["filter"][:80], _flaw(answer, parameter="filter")))
    flaws += [(str(one), _flaw(await melting.get(ITEMS, params=one))) for one in bad.OTHERS]
    assert not [one for one in flaws if one[1]]


async def test_bodies(melting: Any) -> None:
    flaws = []
    for node, place in bad.JSON:
        answer = await melting.post(ITEMS, content=bad.written(node), headers=SENT)
        flaws.append((bad.written(node)[:120], _flaw(answer, pointer=place)))
    for raw in (*bad.RAW, *map(json.dumps, bad.TEXTS)):
        answer = await melting.post(ITEMS, content=raw, headers=SENT)
        flaws.append((raw[:80], _flaw(answer)))
    assert not [one for one in flaws if one[1]]
