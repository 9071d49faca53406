"""The catalogue for people: its pages are valid and hold the links of their JSON."""

import pytest

from tests.catalog_api.samples import product
from tests.pages import ACCEPT, read

PATHS = (
    *("", "/conformance", "/collections", "/collections/sea-ice", "/search", "/catalogs"),
    *("/catalogs/products", "/collections/sea-ice/items", "/queryables"),
)


@pytest.fixture
async def small(catalogue):
    await catalogue.publish("product", product("sea-ice"))
    return catalogue


async def test_every_page_is_valid(small):
    for path in PATHS:
        answer = await small.client.get(f"/stac{path}", headers=ACCEPT)
        assert answer.status_code == 200, path
        shown = read(answer.text)
        plain = await small.get(f"/stac{path}")
        children = {one["href"] for one in plain.get("links", []) if one["rel"] == "child"}
        assert children <= shown.links, path


async def test_problems_are_pages_for_browsers(small):
    answer = await small.client.get("/stac/collections/none", headers=ACCEPT)
    assert answer.status_code == 404
    assert "https://catalogue.test/stac" in read(answer.text).links
    plain = await small.client.get("/stac/collections/none")
    assert plain.headers["content-type"] == "application/problem+json"


async def test_a_form_sends_its_empty_fields(small):
    asked = {"q": "ice", "bbox": "", "datetime": ""}
    answer = await small.client.get("/stac/collections", params=asked, headers=ACCEPT)
    assert (answer.status_code, answer.headers["location"]) == (303, "collections?q=ice")
