"""Records as Atom: valid by RFC 4287 section 4, and pages that feed readers can follow."""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from records_api.representations import atom
from records_api.representations.format import Context

from tests.records_api.exchange_world import each, tree
from tests.records_api.hostile_records import HERE, hostile

A = "{http://www.w3.org/2005/Atom}"
GEORSS = "{http://www.georss.org/georss}"
CONTEXT = Context("https://records.test", f"{HERE}/items", [("q", "\x00 <é>&"), ("f", "atom")])


def check_common(one: Any) -> None:
    """4.1.1 and 4.1.2: exactly one id, title and updated; links that differ."""
    for name in ("id", "title", "updated"):
        assert len(one.findall(f"{A}{name}")) == 1, name
    assert one.findtext(f"{A}id").startswith("https://")
    assert datetime.fromisoformat(one.findtext(f"{A}updated")).tzinfo
    links = [(x.get("type"), x.get("hreflang")) for x in rel(one, "alternate")]
    assert len(set(links)) == len(links), "two alternates of one type"
    for link in one.findall(f"{A}link"):
        assert link.get("href")
        assert " " not in link.get("href")


def rel(one: Any, name: str) -> list[Any]:
    return [link for link in one.findall(f"{A}link") if link.get("rel") == name]


def check_entry(one: Any) -> None:
    check_common(one)
    assert one.findall(f"{A}author/{A}name")
    assert all(name.text for name in one.findall(f"{A}author/{A}name"))
    assert len(one.findall(f"{A}summary")) == 1
    assert len(rel(one, "alternate")) == 1
    assert len(one.findall(f"{A}published")) <= 1
    assert all(category.get("term") for category in one.findall(f"{A}category"))
    for name, numbers in (("point", 2), ("box", 4)):
        for place in one.findall(f"{GEORSS}{name}"):
            latitudes = [float(n) for n in place.text.split()][::2]
            assert len(place.text.split()) == numbers
            assert all(-90 <= n <= 90 for n in latitudes)


def check_feed(feed: Any) -> list[Any]:
    check_common(feed)
    assert feed.findall(f"{A}author/{A}name")
    assert len(rel(feed, "self")) == 1
    entries: list[Any] = feed.findall(f"{A}entry")
    for one in entries:
        check_entry(one)
    newest = max((one.findtext(f"{A}updated") for one in entries), default=None)
    assert newest in (None, feed.findtext(f"{A}updated"))
    return entries


@pytest.mark.real_data
async def test_the_real_records(all_catalogues: Any) -> None:
    async for record, data in each(all_catalogues, "atom"):
        entry = tree(data)
        assert entry.tag == f"{A}entry"
        check_entry(entry)
        assert entry.findtext(f"{A}title") == record["properties"]["title"].strip()
        assert rel(entry, "self")[0].get("href").endswith("?f=atom")


@pytest.mark.real_data
async def test_a_feed_is_followed_to_its_end(all_catalogues: Any) -> None:
    page, ids, feeds = "/records/collections/workflows/items?f=atom&limit=4", [], set()
    while page:
        answer = await all_catalogues.client.get(page)
        assert answer.headers["content-type"] == "application/atom+xml"
        feed = tree(answer.content)
        ids += [one.findtext(f"{A}id") for one in check_feed(feed)]
        feeds.add(feed.findtext(f"{A}id"))
        following = [one.get("href") for one in rel(feed, "next")]
        page = following[0].removeprefix("https://records.test") if following else ""
    assert len(ids) == len(set(ids)) == 14
    assert len(feeds) == 1, "all pages are of one feed"


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(hostile)
def test_whatever_a_record_holds(record: dict[str, Any]) -> None:
    check_entry(tree(atom.RECORD[0].render(json.dumps(record), CONTEXT)))
    links = [{"rel": "self", "href": f"{HERE}/items?f=atom", "type": atom.FEED}]
    page = json.dumps({"features": [record], "links": links})
    assert len(check_feed(tree(atom.PAGE[0].render(page, CONTEXT)))) == 1


async def test_a_feed_without_entries_is_one_too(records: Any) -> None:
    answer = await records.client.get("/records/collections/workflows/items?f=atom")
    assert check_feed(tree(answer.content)) == []
