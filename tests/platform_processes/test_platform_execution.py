import base64
import csv
import hashlib
import io
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import rasterio
import requests

from tests.platform_processes.platform_server import PlatformServer

REFERENCE = {"transmissionMode": "reference"}
RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "sst-anomaly": ("anomaly", {"year": 2015}),
    "zonal-mean": ("zonal_mean", {"year": 2015, "band_height": 10}),
    "threshold-class-map": ("classes", {"year": 2015, "month": 8}),
}


def test_asynchronous_from_the_request_to_the_file(platform: PlatformServer) -> None:
    accepted = platform.execute(
        "sst-anomaly",
        {"year": 2015},
        {"Prefer": "respond-async, wait=1"},
        outputs={"anomaly": REFERENCE},
    )
    assert accepted.status_code == 201
    assert accepted.headers["Preference-Applied"] == "respond-async"
    told = accepted.json()
    assert accepted.headers["Location"] == f"{platform.url}/jobs/{told['jobID']}"
    assert told["id"] == told["jobID"]
    assert told["type"] == "process"
    assert told["status"] in ("accepted", "running")

    status = platform.ended(told["jobID"])
    assert status["status"] == "successful"
    assert status["progress"] == 100
    assert status["created"] <= status["started"] <= status["finished"]
    assert None not in status.values()

    result = platform.get(f"/jobs/{told['jobID']}/results").json()["anomaly"]
    assert result["href"] == f"{platform.url}/jobs/{told['jobID']}/results/anomaly"
    file = requests.get(result["href"], timeout=30)
    assert file.headers["Content-Type"] == result["type"] == "application/x-netcdf"
    assert int(file.headers["Content-Length"]) == len(file.content) == result["file:size"]
    digest = hashlib.sha256(file.content).hexdigest()
    assert result["file:checksum"] == "1220" + digest
    assert file.headers["ETag"] == f'"{digest}"'


def test_a_file_can_be_asked_for_in_parts_and_by_head(platform: PlatformServer) -> None:
    job = platform.submit("zonal-mean", {"year": 2015}, outputs={"zonal_mean": REFERENCE})
    platform.ended(job)
    url = f"{platform.url}/jobs/{job}/results/zonal_mean"
    whole = requests.get(url, timeout=30)
    head = requests.head(url, timeout=30)
    assert head.headers["Content-Length"] == str(len(whole.content))
    part = requests.get(url, headers={"Range": "bytes=0-4"}, timeout=30)
    assert (part.status_code, part.content) == (206, b"month")


@pytest.mark.parametrize("process", RUNS)
def test_two_runs_give_the_same_bytes(platform: PlatformServer, process: str) -> None:
    output, inputs = RUNS[process]
    first = platform.execute(process, inputs, outputs={output: {}})
    # The same numbers, told in another way.
    qualified = {name: {"value": float(value)} for name, value in inputs.items()}
    job = platform.submit(process, qualified, outputs={output: {}})
    platform.ended(job)
    again = platform.get(f"/jobs/{job}/results")
    assert first.status_code == again.status_code == 200
    assert first.headers["Content-Type"] == again.headers["Content-Type"]
    assert len(first.content) > 500
    assert first.content == again.content


def test_a_document_holds_values_and_references(platform: PlatformServer) -> None:
    wanted = {"anomaly": {}, "statistics": REFERENCE}
    answer = platform.execute("sst-anomaly", {"year": 2015}, response="document", outputs=wanted)
    document = answer.json()
    assert document["anomaly"]["encoding"] == "base64"
    assert base64.b64decode(document["anomaly"]["value"]).startswith(b"\x89HDF")
    assert requests.get(document["statistics"]["href"], timeout=30).json()["unit"] == "K"


def test_several_outputs_by_value_are_a_document(platform: PlatformServer) -> None:
    document = platform.execute("sst-anomaly", {"year": 2015}).json()
    assert set(document) == {"anomaly", "statistics"}
    assert document["statistics"]["value"]["count"] > 0


def test_the_anomaly_is_cf_and_right(platform: PlatformServer, tmp_path: Path) -> None:
    plain = anomaly(platform, tmp_path / "plain.nc")
    shifted = anomaly(platform, tmp_path / "shifted.nc", sst_offset=1.0)
    assert plain.shape == (12, 72, 144)
    assert np.isnan(plain).any()
    assert np.nanmax(np.abs(shifted - plain - 1.0)) < 1e-5
    own_baseline = {"baseline_start": 2015, "baseline_end": 2015}
    assert np.nanmax(np.abs(anomaly(platform, tmp_path / "own.nc", **own_baseline))) == 0


def anomaly(platform: PlatformServer, path: Path, **inputs: float) -> np.ndarray:
    wanted = {"anomaly": {}}
    answer = platform.execute("sst-anomaly", {"year": 2015, **inputs}, outputs=wanted)
    path.write_bytes(answer.content)
    with netCDF4.Dataset(path) as dataset:
        variable = dataset["sst_anomaly"]
        assert dataset.Conventions == "CF-1.11"
        assert variable.units == "K"
        assert variable.dtype == np.float32
        assert dataset["time"].units == "days since 1981-01-01 00:00:00"
        return np.ma.filled(variable[:], np.nan).astype(np.float64)


def test_the_zonal_mean_is_a_table(platform: PlatformServer) -> None:
    answer = platform.execute("zonal-mean", {"year": 2015, "band_height": 30})
    assert answer.headers["Content-Type"] == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == 12 * 6
    january = {int(row["latitude_south"]): row for row in rows if row["month"] == "1"}
    assert float(january[0]["sst_mean"]) > float(january[30]["sst_mean"])
    assert int(january[0]["sea_cells"]) > 0


def test_the_class_map_is_georeferenced(platform: PlatformServer, tmp_path: Path) -> None:
    inputs = {"year": 2015, "month": 8, "thresholds": [0, 10, 20, 25]}
    answer = platform.execute("threshold-class-map", inputs)
    assert answer.headers["Content-Type"].startswith("image/tiff; application=geotiff")
    path = tmp_path / "classes.tif"
    path.write_bytes(answer.content)
    with rasterio.open(path) as raster:
        assert raster.crs.to_epsg() == 4326
        assert tuple(raster.bounds) == (-180.0, -90.0, 180.0, 90.0)
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert set(np.unique(raster.read(1))) == {0, 1, 2, 3, 4, 255}


def test_a_page_is_never_made_of_an_answer_to_an_execution(platform: PlatformServer) -> None:
    page = {"Accept": "text/html"}
    answer = platform.execute("zonal-mean", {"year": 2015}, page, response="document")
    assert answer.headers["Content-Type"] == "application/json"
