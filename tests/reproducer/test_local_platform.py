"""Experiments run again on the real local platform, from the plan to the published record."""

from typing import Any

import pytest
from earthcode_local import sample
from reproducer.service import SERVICE


@pytest.fixture(scope="session")
def data(local_platform: Any) -> dict[str, bytes]:
    return {
        e.product: local_platform.execute(e.process, e.inputs, e.output)
        for e in sample.executions()
    }


@pytest.fixture
async def demonstration(
    local_platform: Any, data: dict[str, bytes], published: Any, make_reproducer: Any
) -> Any:
    published.submit(sample.bundle(local_platform.url, data, public_url=published.url))
    entry = {"id": "local", "title": "Local", "kind": "ogc-api-processes"}
    return await make_reproducer([entry | {"url": local_platform.url}])


async def test_the_plan_is_exact(demonstration: Any, local_platform: Any) -> None:
    case = sample.FAITHFUL
    plan = (await demonstration.client.get(f"/reproduce/experiments/{case.experiment}/plan")).json()
    assert plan["executable"] is True
    assert (plan["kind"], plan["platform"]) == ("ogc-api-processes", "local")
    assert (plan["endpoint"], plan["process"]) == (local_platform.url, "sst-anomaly")
    assert plan["inputs"] == {"year": 2020, "baseline_start": 1991, "baseline_end": 2020}
    (output,) = plan["outputs"]
    assert (output["name"], output["product"]) == ("anomaly", case.product)
    assert output["checksum"].startswith("1220")


async def test_a_faithful_product_is_reproduced_identically(
    demonstration: Any, work: Any, local_platform: Any
) -> None:
    async with work(SERVICE, demonstration.settings):
        key = await demonstration.start(sample.FAITHFUL.experiment)
        run = await demonstration.until(key, "done")
    assert run["verdict"] == "identical"
    assert [t["state"] for t in run["transitions"]][:3] == ["planned", "submitting", "queued"]
    assert [t["state"] for t in run["transitions"]][-3:] == ["collecting", "comparing", "done"]
    assert {output["name"] for output in run["outputs"]} == {"anomaly", "statistics"}
    markers = [job.get("parameters", {}).get("marker") for job in local_platform.jobs()]
    assert markers.count(f"earthcode:{key}") == 1


async def test_a_changed_product_is_told_apart(demonstration: Any, work: Any) -> None:
    async with work(SERVICE, demonstration.settings):
        key = await demonstration.start(sample.CHANGED.experiment)
        run = await demonstration.until(key, "done")
    assert run["verdict"] == "different"
    report = (await demonstration.client.get(f"/reproduce/runs/{key}/report")).json()
    (output,) = report["outputs"]
    assert output["figures"]["variable"] == "sst_anomaly"
    assert output["figures"]["outside_percent"] > 50
    assert output["published"]["checksum_matches"] is True
