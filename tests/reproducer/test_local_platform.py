"""Experiments run again on the real local platform, from the plan to the published record."""

import json
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


OTHERS = [
    ("zonal-mean", {"year": 2001, "band_height": 10}, "zonal_mean", "text/csv"),
    (
        "threshold-class-map",
        {"year": 2020, "month": 8, "thresholds": [0, 10, 20]},
        "classes",
        "image/tiff; application=geotiff; profile=cloud-optimized",
    ),
]


def publish_on(
    published: Any, url: str, process: str, inputs: Any, content: bytes, kind: str
) -> str:
    """An experiment with one attached product file, which has the name of the output."""
    link = {"rel": "application", "href": f"{url}/processes/{process}", "type": "application/json"}
    published.put("workflow", {"id": f"{process}-workflow", "links": [link]})
    experiment = {
        "id": f"{process}-experiment",
        "properties": {"osc:workflow": f"{process}-workflow"},
        "links": [
            {"rel": "input", "href": "./input.json"},
            {"rel": "child", "href": f"../../products/{process}-product/collection.json"},
        ],
    }
    given = json.dumps({"parameters": inputs}).encode()
    published.put("experiment", experiment, **{"input.json": given})
    asset = {"href": "./data", "roles": ["data"], "type": kind}
    product = {"id": f"{process}-product", "assets": {"data": asset}}
    published.put("product", product, data=content)
    return experiment["id"]  # type: ignore[return-value]


@pytest.fixture
async def on_platform(local_platform: Any, make_reproducer: Any) -> Any:
    entry = {"id": "local", "title": "Local", "kind": "ogc-api-processes"}
    return await make_reproducer([entry | {"url": local_platform.url}])


@pytest.mark.parametrize("case", OTHERS, ids=[case[0] for case in OTHERS])
async def test_tables_and_maps_are_reproduced(
    on_platform: Any, local_platform: Any, published: Any, work: Any, case: Any
) -> None:
    process, inputs, output, kind = case
    content = local_platform.execute(process, inputs, output)
    key = publish_on(published, local_platform.url, process, inputs, content, kind)
    async with work(SERVICE, on_platform.settings):
        own = {name: inputs[name] for name in list(inputs)[:1]}
        same = await on_platform.start(key, parameters=own)
        other = await on_platform.start(key, parameters={"year": 1990})
        assert (await on_platform.until(same, "done"))["verdict"] == "identical"
        changed = await on_platform.until(other, "done")
        assert changed["verdict"] == "different"
        records = (await on_platform.client.get("/reproduce/reproductions")).json()
        assert [r["id"] for r in records["reproductions"]] == [same]
        assert "reproduction" not in {link["rel"] for link in changed["links"]}
        report = await on_platform.client.get(f"/reproduce/runs/{other}/report")
        assert report.json()["verdict"] == "different"
        record = await on_platform.client.get(f"/reproduce/reproductions/{other}")
        assert record.status_code == 404


async def test_a_long_job_is_watched_and_cancelled(
    on_platform: Any, local_platform: Any, published: Any, work: Any
) -> None:
    inputs = {"year": 2001, "delay_seconds": 120}
    key = publish_on(published, local_platform.url, "zonal-mean", inputs, b"a\n1\n", "text/csv")
    async with work(SERVICE, on_platform.settings):
        run = await on_platform.start(key)
        await on_platform.until(run, "running")
        mine = on_platform.as_(roles=["contributor"])
        answer = await on_platform.client.delete(f"/reproduce/runs/{run}", headers=mine)
        assert answer.status_code == 202
        await on_platform.until(run, "cancelled")
    (job,) = [j for j in local_platform.jobs() if f"earthcode:{run}" in str(j)]
    assert job["status"] == "dismissed"


async def test_what_the_platform_refuses_is_told(
    on_platform: Any, local_platform: Any, published: Any, work: Any
) -> None:
    inputs = {"year": 1066}
    key = publish_on(published, local_platform.url, "zonal-mean", inputs, b"a\n1\n", "text/csv")
    async with work(SERVICE, on_platform.settings):
        run = await on_platform.until(await on_platform.start(key), "failed")
    assert "year" in run["reason"]
