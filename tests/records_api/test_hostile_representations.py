"""Whatever is published, every representation that a record links to is answered."""

import json
from typing import Any

import pytest

from tests.records_api.hostile_records import ADDRESSES, NASTY
from tests.records_api.record_samples import experiment, workflow


def documents() -> list[str]:
    """Strange text and addresses in what is searched, half characters in what is not."""
    searched = [one.encode("utf-8", "ignore").decode().replace("\x00", "") for one in NASTY]
    found = []
    for n, address in enumerate(ADDRESSES):
        text = searched[n % len(searched)]
        links = [
            {"rel": rel, "href": address, "title": NASTY[n % len(NASTY)].replace("\x00", "")}
            for rel in ("enclosure", "application", "cite-as", "license", "related", "x y")
        ]
        contacts = [{"name": text, "roles": [text], "links": [{"rel": "about", "href": address}]}]
        made = workflow(f"w{n}", title=text, keywords=[text, ""], contacts=contacts, license=text)
        found.append(json.dumps(made | {"links": links, "time": {"interval": [text, ".."]}}))
    return found


@pytest.fixture
async def hostile_service(records: Any) -> Any:
    await records.publish("workflow", *documents())
    await records.publish("experiment", experiment("e", **{"osc:workflow": "w0"}))
    return records


async def test_all_representations_are_answered(hostile_service: Any) -> None:
    page = await hostile_service.client.get("/records/collections/workflows/items?limit=100")
    features = json.loads(page.content)["features"]
    assert len(features) == len(ADDRESSES)
    for record in features:
        offered = [one for one in record["links"] if one["rel"] == "alternate"]
        assert len(offered) >= 9
        for one in offered:
            path = one["href"].removeprefix("https://records.test")
            answer = await hostile_service.client.get(path)
            assert answer.status_code == 200, (record["id"], path, answer.text)
            assert answer.headers["content-type"].startswith(one["type"])


async def test_so_are_all_of_pages_and_catalogues(hostile_service: Any) -> None:
    for href in ("workflows/items?limit=100", "workflows", "experiments/items"):
        here = await hostile_service.client.get(f"/records/collections/{href}")
        for one in json.loads(here.content)["links"]:
            if one["rel"] == "alternate":
                path = one["href"].removeprefix("https://records.test")
                answer = await hostile_service.client.get(path)
                assert answer.status_code == 200, (path, answer.text)
