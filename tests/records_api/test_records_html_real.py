"""The real workflows and experiments as pages: valid, complete, and no link within is dead."""

from typing import Any

import pytest

from tests.pages import ACCEPT, read

pytestmark = pytest.mark.real_data
BASE = "https://records.test"
TYPES = {
    "workflows": ["SoftwareSourceCode", "ComputationalWorkflow"],
    "experiments": "CreativeWork",
    "products": "Dataset",
}


async def test_every_real_record_is_a_valid_page(make_records: Any, real_neighbours: Any) -> None:
    service = await make_records(real_neighbours)
    await service.rebuild()
    inside: set[str] = set()
    for name in ("workflows", "experiments", "products"):
        found = await service.get(f"/collections/{name}/items", params={"limit": 1000})
        for record in found["features"]:
            led = await check_page(service, name, record)
            inside |= led if name != "products" else set()
    assert len(inside) > 21
    for path in sorted(inside):
        assert (await service.client.head(path, headers=ACCEPT)).status_code == 200, path


async def check_page(service: Any, name: str, record: dict[str, Any]) -> set[str]:
    """The addresses within the records service that the page leads to, but other formats."""
    here = next(one["href"] for one in record["links"] if one["rel"] == "self")
    answer = await service.client.get(here.removeprefix(BASE), headers=ACCEPT)
    assert answer.status_code == 200
    shown = read(answer.text)
    missing = {one["href"] for one in record["links"]} - shown.links
    assert not missing, (here, missing)
    assert " ".join(record["properties"]["title"].split()) in shown.text
    (data,) = shown.data
    assert data["@type"] == TYPES[name]
    assert data["@id"] == here
    assert 50 <= len(data["description"]) <= 5000
    paths = {one.removeprefix(BASE) for one in shown.links if one.startswith(f"{BASE}/records")}
    return {one for one in paths if "?f=" not in one}
