"""What crawlers and harvesters find: schema.org, FAIR Signposting, the sitemap."""

import gzip
import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from earthcode_common.html.render import data_block
from hypothesis import given
from hypothesis import strategies as st

from tests.pages import ACCEPT, read
from tests.records_api.record_samples import collection, experiment, workflow

BASE = "https://records.test"
ITEMS = "/records/collections/experiments/items"
HERE = f"{BASE}{ITEMS}/melt%201"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
JSONLD = 'application/ld+json;profile="https://schema.org/"'
PERSON = {
    "name": "Ada Lovelace",
    "organization": "Analytical Engines",
    "identifier": "https://orcid.org/0000-0002-1825-0097",
    "roles": ["principal_investigator"],
}
ENDINGS = [
    "</script>",
    "<!--",
    "<script",
    "]]>",
    "&",
    "\u2028",
    "\u2029",
    "\x85\ufffe",
    "\U0001ffff",
]
TEXTS = st.text() | st.sampled_from(ENDINGS)
VALUES = st.recursive(
    TEXTS | st.integers(-(2**53), 2**53) | st.none() | st.booleans(),
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=8,
)


@pytest.fixture
async def filled(records: Any) -> Any:
    await records.publish("project", collection("arctic"))
    await records.publish("product", collection("ice", [[10, 50, 20, 60]], license="CC-BY-4.0"))
    await records.publish("workflow", workflow("melt", **{"osc:project": "arctic"}))
    said = {"contacts": [PERSON], "license": "MIT", "DOI": "10.5281/zenodo.1"}
    made = experiment("melt 1", **{"osc:workflow": "melt", "osc:product": "ice"}, **said)
    made["links"].append({"rel": "input", "href": "https://example.org/in put.yaml"})
    made["links"].append({"rel": "enclosure", "href": "https://example.org/ü.nc", "type": "a/b"})
    await records.publish("experiment", made)
    return records


@given(VALUES)
def test_no_text_ends_the_script_it_is_in(value: Any) -> None:
    text = str(data_block({"value": value}))
    assert not set(text) & set("<>&\u2028\u2029\x7f\x85\ufffe\U0001ffff")
    assert json.loads(text) == {"value": value}


async def test_schema_org_is_in_the_page_and_beside_it(filled: Any) -> None:
    for path in (f"{ITEMS}/melt%201", "/records", "/records/collections/products"):
        alone = await filled.client.get(f"{path}?f=jsonld")
        assert alone.headers["content-type"] == JSONLD
        same = await filled.client.get(path, headers={"Accept": "application/ld+json"})
        assert same.content == alone.content
        page = read((await filled.client.get(path, headers=ACCEPT)).text)
        assert page.data == [alone.json()]
    root = (await filled.client.get("/records?f=jsonld")).json()
    assert root["@type"] == "DataCatalog"
    assert f"{BASE}/records/collections/products" in [one["@id"] for one in root["hasPart"]]


async def test_a_product_is_a_dataset(filled: Any) -> None:
    found = (await filled.client.get("/records/collections/products/items/ice?f=jsonld")).json()
    assert found["@type"] == "Dataset"
    assert found["license"] == "https://spdx.org/licenses/CC-BY-4.0"
    assert found["spatialCoverage"]["geo"] == {"@type": "GeoShape", "box": "50 10 60 20"}
    assert found["includedInDataCatalog"]["@id"] == f"{BASE}/records/collections/products"
    assert {one["@id"] for one in found["isBasedOn"]} == {HERE}
    assert all(one["contentUrl"].startswith("http") for one in found["distribution"])


async def test_an_experiment_is_about_an_action(filled: Any) -> None:
    found = (await filled.client.get(f"{ITEMS}/melt%201?f=jsonld")).json()
    assert found["@type"] == "CreativeWork"
    assert found["sameAs"] == "https://doi.org/10.5281/zenodo.1"
    assert found["creator"][0]["@id"] == PERSON["identifier"]
    action = found["about"]
    assert action["@type"] == "CreateAction"
    assert action["instrument"][0]["@id"] == f"{BASE}/records/collections/workflows/items/melt"
    assert action["result"][0]["@id"] == f"{BASE}/records/collections/products/items/ice"
    assert action["object"][0]["contentUrl"] == "https://example.org/in%20put.yaml"


def signs(header: str) -> dict[str, list[str]]:
    """Addresses by relation; every one has the form of RFC 8288."""
    found: dict[str, list[str]] = {}
    for one in re.split(r", (?=<)", header):
        match = re.fullmatch(r'<([!-~]+)>; rel="([a-z-]+)"((?:; [a-z]+="[!-~]+")*)', one)
        assert match, one
        found.setdefault(match[2], []).append(match[1])
    return found


async def test_signposting_of_a_record(filled: Any) -> None:
    for headers in (ACCEPT, {}):
        for method in ("HEAD", "GET"):
            answer = await filled.client.request(method, f"{ITEMS}/melt%201", headers=headers)
            found = signs(answer.headers["link"])
            assert found["cite-as"] == ["https://doi.org/10.5281/zenodo.1"]
            assert found["license"] == ["https://spdx.org/licenses/MIT"]
            assert found["author"] == [PERSON["identifier"]]
            assert found["collection"] == [f"{BASE}/records/collections/experiments"]
            assert "https://schema.org/AboutPage" in found["type"]
            items = {"https://example.org/in%20put.yaml", "https://example.org/%C3%BC.nc"}
            assert items <= set(found["item"])
            assert f"{HERE}?f=jsonld" in found["describedby"]
            assert found["linkset"] == [f"{HERE}?f=linkset"]
            assert len(found["profile"]) >= 1


async def test_the_link_set_says_the_same_and_the_way_back(filled: Any) -> None:
    answer = await filled.client.get(f"{ITEMS}/melt%201?f=linkset")
    assert answer.headers["content-type"] == "application/linkset+json"
    own, *others = answer.json()["linkset"]
    assert own.pop("anchor") == HERE
    head = await filled.client.head(f"{ITEMS}/melt%201")
    told = signs(head.headers["link"])
    assert {rel: [one["href"] for one in links] for rel, links in own.items()} == {
        rel: hrefs for rel, hrefs in told.items() if rel not in ("linkset", "profile")
    }
    for one in others:
        (back,) = one.get("describes") or one["collection"]
        assert back == {"href": HERE, "type": "text/html"}
    for one in own["describedby"]:
        described = await filled.client.get(one["href"].removeprefix(BASE))
        assert described.headers["content-type"].startswith(one["type"])


async def addresses(service: Any, path: str) -> list[str]:
    answer = await service.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/xml"
    tree = ElementTree.fromstring(answer.content)
    return [one.text or "" for one in tree.iter(f"{SITEMAP}loc")]


async def test_the_sitemap_has_every_record(filled: Any) -> None:
    found = await addresses(filled, "/records/sitemap.xml")
    assert sorted(found) == sorted(
        [
            HERE,
            f"{BASE}/records/collections/products/items/ice",
            f"{BASE}/records/collections/workflows/items/melt",
        ]
    )
    for one in found:
        page = await filled.client.get(one.removeprefix(BASE), headers=ACCEPT)
        assert page.headers["content-type"].startswith("text/html")
    text = (await filled.client.get("/records/sitemap.xml")).text
    moments = re.findall(r"<lastmod>(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z)</lastmod>", text)
    assert len(moments) == len(found)
    for page, status in (("0", 400), ("x", 400), ("2", 404)):
        path = f"/records/sitemap.xml?page={page}"
        assert (await filled.client.get(path)).status_code == status


async def test_a_sitemap_of_more_than_one_file_holds_may(filled: Any) -> None:
    await crowd(filled, 50_001)
    index = await addresses(filled, "/records/sitemap.xml")
    assert index == [f"{BASE}/records/sitemap.xml?page={number}" for number in (1, 2)]
    found = [await addresses(filled, one.removeprefix(BASE)) for one in index]
    assert [len(one) for one in found] == [50_000, 4]
    assert len({*found[0], *found[1]}) == 50_004


async def crowd(service: Any, number: int) -> None:
    """So many records more, copied where they are stored."""
    async with service.runtime.db.write() as session:
        named = await session.execute(
            sa.text(
                "select string_agg(quote_ident(column_name), ', ') from information_schema.columns"
                " where table_name = 'record' and is_generated = 'NEVER'"
                " and is_identity = 'NO' and column_name not in ('seq', 'id')"
            )
        )
        columns = named.scalar_one()
        await session.execute(
            sa.text(
                f"insert into record (id, {columns}) select 'copy-' || n, {columns} from record,"
                " generate_series(1, :number) n where id = 'melt' and part = 'workflow'"
            ),
            {"number": number},
        )


async def test_the_sitemap_travels_compressed(filled: Any) -> None:
    await crowd(filled, 20)
    headers = {"Accept-Encoding": "gzip"}
    async with filled.client.stream("GET", "/records/sitemap.xml", headers=headers) as answer:
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw).count(b"<url>") == 23
