"""Records for people: every page is valid, holds every link of its JSON, and leads somewhere."""

import re
from typing import Any
from urllib.parse import urljoin

import pytest

from tests.pages import ACCEPT, read
from tests.records_api.record_samples import collection, experiment, workflow

BASE = "https://records.test"
ITEMS = "/records/collections/experiments/items"
PATHS = (
    *("/records", "/records/conformance", "/records/api", "/records/collections"),
    *("/records/collections-queryables", "/records/collections-sortables", "/records/catalogs"),
    *("/records/collections/experiments", "/records/catalogs/experiments", ITEMS),
    *(f"/records/collections/experiments/{name}" for name in ("queryables", "sortables", "facets")),
)
NASTY = (
    '\x7f\x85\ufdd0</script><script>alert(1)</script><img src=x onerror="alert(2)"> & \u2028 <!--'
)


@pytest.fixture
async def filled(records: Any) -> Any:
    await records.publish("product", collection("ice", [[10, 50, 20, 60]]))
    await records.publish(
        "experiment",
        experiment("a/b:c d ü", title="Glacier retreat", keywords=["ice, snow", "drift"])
        | {"time": {"interval": ["2000-01-01", ".."], "resolution": "P1D"}},
        experiment("nasty", title=NASTY, description=NASTY, keywords=[NASTY], version=NASTY),
        experiment("ice-2010", **{"osc:product": "ice", "osc:workflow": "melt"}),
    )
    await records.publish("workflow", workflow("melt"))
    return records


async def page(records: Any, path: str, status: int = 200) -> Any:
    answer = await records.client.get(path.removeprefix(BASE), headers=ACCEPT)
    assert answer.status_code == status, (path, answer.text[:300])
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return read(answer.text)


async def test_every_resource_is_a_page_with_all_its_links(filled: Any) -> None:
    found = await filled.get("/collections/experiments/items")
    records = [link_of(one, "self") for one in found["features"]]
    for path in [*PATHS, *(one.removeprefix(BASE) for one in records)]:
        shown = await page(filled, path)
        missing = set(hrefs((await filled.client.get(path)).json())) - shown.links
        assert not missing, (path, missing)


def link_of(document: dict[str, Any], rel: str) -> str:
    return next(one["href"] for one in document["links"] if one["rel"] == rel)


def hrefs(value: Any) -> list[str]:
    """Of all links anywhere in a document."""
    if isinstance(value, list):
        return [href for one in value for href in hrefs(one)]
    if not isinstance(value, dict):
        return []
    own = [value["href"]] if "rel" in value and isinstance(value.get("href"), str) else []
    return own + [href for one in value.values() for href in hrefs(one)]


async def test_every_internal_link_of_every_page_leads_somewhere(filled: Any) -> None:
    """From the landing page on, through forms' targets and facets too."""
    seen, waiting = set(), {"/records"}
    while waiting - seen:
        path = (waiting - seen).pop()
        answer = await filled.client.get(path, headers=ACCEPT)
        assert answer.status_code == 200, path
        seen.add(path)
        if "?" not in path and answer.headers["content-type"].startswith("text/html"):
            found = {urljoin(f"{BASE}{path}", one) for one in read(answer.text).links}
            waiting |= {one.removeprefix(BASE).partition("#")[0] for one in found if is_here(one)}
    assert len(seen) > 100
    assert "/records/sitemap.xml" in seen


def is_here(href: str) -> bool:
    return href.startswith(f"{BASE}/records")


async def test_a_page_says_all_that_the_record_says(filled: Any) -> None:
    record = await filled.record("experiments", "a/b:c d ü")
    path = link_of(record, "self")
    shown = await page(filled, path)
    for word in ("Glacier retreat", "ice, snow", "drift", "P1D", "since 2000-01-01", record["id"]):
        assert word in shown.text, word
    for value in values(record["properties"]):
        assert " ".join(value.split()) in shown.text, value


def values(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in values(one)]
    if isinstance(value, list):
        return [text for one in value for text in values(one)]
    return [value] if isinstance(value, str) else []


async def test_what_strangers_wrote_stays_text(filled: Any) -> None:
    for path in (f"{ITEMS}/nasty", ITEMS, f"{ITEMS}?q=alert", f"{ITEMS}?keywords=%3Cimg"):
        shown = await page(filled, path)
        assert "<script>alert" in shown.text or "?" in path
    (data,) = (await page(filled, f"{ITEMS}/nasty")).data
    assert data["name"] == NASTY.strip()
    assert "\ufffd" in (await page(filled, f"{ITEMS}/nasty")).text


async def test_a_search_without_scripts(filled: Any) -> None:
    """Empty fields of the form are dropped, what was asked stays in the form."""
    asked = {"q": "glacier", "bbox": "", "datetime": "", "sortby": ""}
    answer = await filled.client.get(ITEMS, params=asked, headers=ACCEPT)
    assert answer.status_code == 303
    assert answer.headers["location"] == "items?q=glacier"
    answer = await filled.client.get(f"{ITEMS}?q=glacier", headers=ACCEPT)
    assert 'value="glacier"' in answer.text
    shown = read(answer.text)
    assert "Glacier retreat" in shown.text
    assert "1 record" in shown.text


async def test_facets_lead_to_their_records(filled: Any) -> None:
    shown = await page(filled, ITEMS)
    facet = next(one for one in shown.links if "keywords=ice" in one)
    narrowed = await page(filled, facet)
    assert "1 record" in narrowed.text
    years = [one for one in shown.links if "datetime=" in one]
    assert "1 record" in (await page(filled, min(years))).text


async def test_pages_follow_one_another(filled: Any) -> None:
    path, titles = f"{ITEMS}?limit=1", []
    for _ in range(3):
        answer = await filled.client.get(path.removeprefix(BASE), headers=ACCEPT)
        read(answer.text)
        titles += re.findall(r'<h2 class="name"><a href="([^"]+)"', answer.text)
        following = re.search(r'rel="next" href="([^"]+)"', answer.text)
        path = following[1].replace("&amp;", "&") if following else ""
    assert len(set(titles)) == 3
    assert path == ""


async def test_problems_are_pages_for_browsers_alone(filled: Any) -> None:
    for path, status in ((f"{ITEMS}?limit=abc", 400), (f"{ITEMS}/none", 404), ("/records/x", 404)):
        shown = await page(filled, path, status)
        assert f"{BASE}/records" in shown.links
        plain = await filled.client.get(path)
        assert plain.headers["content-type"] == "application/problem+json"
    assert "limit is a whole number" in (await page(filled, f"{ITEMS}?limit=abc", 400)).text


async def test_pages_are_made_for_those_who_ask(filled: Any) -> None:
    for path in PATHS:
        assert "json" in (await filled.client.get(path)).headers["content-type"]
        named = await filled.client.get(path, params={"f": "html"})
        assert named.headers["content-type"].startswith("text/html")
        tag = named.headers["etag"]
        again = await filled.client.get(f"{path}?f=html", headers={"If-None-Match": tag})
        assert again.status_code == 304
        assert "script-src" not in named.headers["content-security-policy"]
        assert "default-src 'none'" in named.headers["content-security-policy"]


async def test_searches_are_not_for_search_engines(filled: Any) -> None:
    robots = '<meta name="robots" content="noindex, follow">'
    plain = await filled.client.get(f"{ITEMS}/ice-2010", headers=ACCEPT)
    assert robots not in plain.text
    assert read(plain.text).head["canonical"] == f"{BASE}{ITEMS}/ice-2010"
    found = await filled.client.get(f"{ITEMS}?q=ice", headers=ACCEPT)
    assert robots in found.text
    assert (await page(filled, "/records")).head["sitemap"] == f"{BASE}/records/sitemap.xml"
