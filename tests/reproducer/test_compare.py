"""The ladder of verdicts: laws that hold for all arrays, and files of every kind and quality."""

import json
import random
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from rasterio.transform import from_origin
from reproducer.clients.comparison import compare_apart
from reproducer.comparing import request_of
from reproducer.domain.compare import Options, compare_files
from reproducer.domain.compare.model import Block, Pair
from reproducer.domain.compare.slabs import missing, slabs
from reproducer.domain.compare.statistics import judge
from reproducer.domain.states import VERDICTS, worst

from tests.profile import trying

FLOATS = st.floats(width=32) | st.sampled_from([0.0, -0.0, 1.0, float("nan"), float("inf")])
INTEGERS = st.integers(-(2**62), 2**62) | st.integers(-3, 3)


@st.composite
def array_pairs(draw: Any) -> tuple[Any, Any]:
    """Two arrays of one shape and type; the second is often the first, a little changed."""
    dtype = draw(st.sampled_from(["f4", "f8", "i8", "u1"]))
    values = {"f4": FLOATS, "f8": FLOATS, "i8": INTEGERS, "u1": st.integers(0, 255)}[dtype]
    first = draw(st.lists(values, min_size=1, max_size=12))
    if draw(st.booleans()):
        second = draw(st.lists(values, min_size=len(first), max_size=len(first)))
    else:
        second = list(first)
        second[draw(st.integers(0, len(first) - 1))] = draw(values)
    return np.array(first, dtype=dtype), np.array(second, dtype=dtype)


def pair_of(first: Any, second: Any) -> Pair:
    (a, no_a), (b, no_b) = missing(first), missing(second)
    return Pair("x", (first.dtype, second.dtype), lambda: iter([Block(a, b, no_a, no_b)]))


def verdict_of(first: Any, second: Any, options: Options | None = None) -> str:
    return judge(pair_of(first, second), options or Options()).verdict


@given(array_pairs())
def test_an_array_is_its_own_reproduction(pair: Any) -> None:
    for array in pair:
        assert verdict_of(array, array.copy()) == "content-identical"


@given(array_pairs(), st.floats(0, 1), st.floats(0, 10), st.floats(0, 100))
def test_the_verdict_is_symmetric(pair: Any, rtol: float, atol: float, pixels: float) -> None:
    first, second = pair
    for options in (Options(), Options(rtol, atol, pixels)):
        assert verdict_of(first, second, options) == verdict_of(second, first, options)


@given(array_pairs(), st.floats(0, 2), st.floats(0, 10), st.floats(0, 100), st.data())
def test_a_larger_tolerance_never_makes_it_worse(
    pair: Any, rtol: float, atol: float, pixels: float, data: Any
) -> None:
    wider = Options(
        rtol + data.draw(st.floats(0, 1)),
        atol + data.draw(st.floats(0, 10)),
        min(100.0, pixels + data.draw(st.floats(0, 100))),
    )
    narrow = VERDICTS.index(verdict_of(*pair, Options(rtol, atol, pixels)))
    assert VERDICTS.index(verdict_of(*pair, wider)) <= narrow


@given(array_pairs())
def test_figures_agree_with_a_plain_computation(pair: Any) -> None:
    first, second = pair
    figures = judge(pair_of(first, second), Options(0, 0)).figures
    a, b = first.astype("f8"), second.astype("f8")
    both = np.isfinite(a) & np.isfinite(b)
    assert figures.n == both.sum()
    assert figures.missing_mismatches == (np.isnan(a) != np.isnan(b)).sum()
    unequal = (first != second) & ~(np.isnan(a) & np.isnan(b))
    assert figures.outside == unequal.sum()
    if both.any():
        with np.errstate(over="ignore"):
            difference = np.abs(b[both] - a[both])
        if np.isfinite(difference).all():
            assert figures.max_abs == pytest.approx(difference.max())


def test_defaults_follow_the_type() -> None:
    values = np.linspace(250, 310, 5000)
    noise = values * (1 + 3e-6)
    assert verdict_of(values.astype("f4"), noise.astype("f4")) == "within-tolerance"
    assert verdict_of(values.astype("f4"), noise) == "within-tolerance"
    assert verdict_of(values, noise) == "different"
    assert verdict_of(np.array([1, 2]), np.array([1, 3])) == "different"
    assert verdict_of(np.array([2**60]), np.array([2**60 + 1])) == "different"
    assert verdict_of(values.astype("f4"), values.astype("f4").astype("f8")) == "within-tolerance"


def test_a_share_of_cells_may_be_tolerated() -> None:
    first = np.zeros(1000, dtype="u1")
    second = first.copy()
    second[:10] = 1
    assert verdict_of(first, second, Options(pixel_tolerance=0.9)) == "different"
    assert verdict_of(first, second, Options(pixel_tolerance=1.0)) == "within-tolerance"


def test_the_worst_verdict_counts() -> None:
    assert worst(["identical", "within-tolerance"]) == "within-tolerance"
    assert worst(["different", "not-comparable"]) == "not-comparable"
    assert worst([]) == "not-comparable"


@given(st.lists(st.integers(0, 7), max_size=4), st.integers(1, 40))
def test_slabs_cover_every_cell_once(shape: list[int], limit: int) -> None:
    seen = np.zeros(shape, dtype=int)
    order = []
    numbers = np.arange(seen.size).reshape(shape)
    for slab in slabs(tuple(shape), limit):
        seen[slab] += 1
        order += numbers[slab].ravel().tolist()
    assert (seen == 1).all()
    assert order == sorted(order)


def write_netcdf(path: Path, values: Any, *, name: str = "sst", **how: Any) -> Path:
    attributes, lat0 = how.pop("attributes", {}), how.pop("lat0", 0.0)
    with netCDF4.Dataset(path, "w") as dataset:
        dataset.setncatts(attributes)
        rows = dataset.createDimension("lat", values.shape[0])
        dataset.createDimension("lon", values.shape[1])
        latitude = dataset.createVariable("lat", "f8", ("lat",))
        latitude.units = "degrees_north"
        latitude[:] = lat0 + np.arange(len(rows))
        variable = dataset.createVariable(name, how.pop("dtype", "f4"), ("lat", "lon"), **how)
        variable[:] = values
    return path


FIELD = np.linspace(0, 30, 600, dtype="f4").reshape(20, 30)


def compare(a: Path, b: Path, media_type: str | None = None, **options: float) -> Any:
    picture = a.with_suffix(".png")
    return compare_files(a, b, Options(**options), media_type=media_type, picture=picture)


def test_netcdf_ladder(tmp_path: Path) -> None:
    a = write_netcdf(tmp_path / "a.nc", FIELD)
    same = tmp_path / "same.nc"
    same.write_bytes(a.read_bytes())
    assert compare(a, same).verdict == "identical"
    packed = write_netcdf(tmp_path / "b.nc", FIELD, zlib=True, attributes={"history": "now"})
    assert compare(a, packed).verdict == "content-identical"
    near = write_netcdf(tmp_path / "c.nc", FIELD * np.float32(1 + 3e-7))
    assert compare(a, near).verdict == "within-tolerance"
    far = write_netcdf(tmp_path / "d.nc", FIELD + 1)
    found = compare(a, far)
    assert found.verdict == "different"
    (sst,) = [v for v in found.variables if v.name == "sst"]
    assert sst.figures.bias == pytest.approx(1, abs=1e-5)
    assert sst.figures.outside_percent == 100
    assert compare(a, far, atol=1.5).verdict == "within-tolerance"
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_netcdf_that_cannot_be_compared(tmp_path: Path) -> None:
    a = write_netcdf(tmp_path / "a.nc", FIELD)
    cases = {
        "only published: sst": write_netcdf(tmp_path / "n.nc", FIELD, name="tos"),
        "different dimensions": write_netcdf(tmp_path / "s.nc", FIELD[:10]),
        "coordinates differ": write_netcdf(tmp_path / "g.nc", FIELD, lat0=0.5),
    }
    for said, other in cases.items():
        found = compare(a, other)
        assert found.verdict == "not-comparable"
        assert said in (found.reason or "")


def test_missing_values_are_compared(tmp_path: Path) -> None:
    holes = FIELD.copy()
    holes[3, 4] = np.nan
    a = write_netcdf(tmp_path / "a.nc", FIELD)
    b = write_netcdf(tmp_path / "b.nc", np.ma.masked_invalid(holes), fill_value=-999.0)
    c = write_netcdf(tmp_path / "c.nc", holes)
    assert compare(b, c).verdict == "content-identical"
    found = compare(a, b)
    assert found.verdict == "different"
    assert found.variables[-1].figures.missing_mismatches == 1


def write_geotiff(path: Path, values: Any, *, east: float = 0.0, **how: Any) -> Path:
    height, width = values.shape
    grid = {"crs": "EPSG:4326", "transform": from_origin(east, 50, 0.1, 0.1)} | how
    with rasterio.open(
        path, "w", driver="GTiff", height=height, width=width, count=1, dtype=values.dtype, **grid
    ) as raster:
        raster.write(values, 1)
    return path


def test_geotiff_ladder(tmp_path: Path) -> None:
    values = (np.arange(600) % 4).astype("u1").reshape(20, 30)
    a = write_geotiff(tmp_path / "a.tif", values, nodata=255)
    b = write_geotiff(tmp_path / "b.tif", values, nodata=255, compress="deflate", tiled=True)
    assert compare(a, b).verdict == "content-identical"
    changed = values.copy()
    changed[0, :3] = 3
    c = write_geotiff(tmp_path / "c.tif", changed, nodata=255)
    found = compare(a, c)
    assert found.verdict == "different"
    assert found.variables[0].figures.outside_percent == pytest.approx(0.5)
    assert compare(a, c, pixel_tolerance=0.5).verdict == "within-tolerance"
    shifted = write_geotiff(tmp_path / "d.tif", values, east=0.05)
    assert "grids differ" in (compare(a, shifted).reason or "")
    other = write_geotiff(tmp_path / "e.tif", values, crs="EPSG:3857")
    assert "reference systems" in (compare(a, other).reason or "")


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ("a,b\n1,x\n", "a,b\r\n1,x\r\n", "content-identical"),
        ("a,b\n1.50,x\n", 'a,b\n"1.5",x\n', "content-identical"),
        ("a\n1.0\n", "a\n1.0000000001\n", "within-tolerance"),
        ("a\n1\n\n", "a\n1\n\n", "identical"),
        ("a\n1\n", "a\n2\n", "different"),
        ("a\nx\n", "a\ny\n", "different"),
        ("a\n1.5\n", "a\nx\n", "different"),
        ("a\n1\n", "b\n1\n", "not-comparable"),
        ("a\n1\n", "a\n1\n2\n", "not-comparable"),
        ("a,a\n1,1\n", "a,a\n1,2\n", "not-comparable"),
        ("a,b\n1\n", "a,b\n2\n", "not-comparable"),
        ("", "a\n", "not-comparable"),
    ],
)
def test_csv(tmp_path: Path, first: str, second: str, verdict: str) -> None:
    (tmp_path / "a").write_bytes(first.encode())
    (tmp_path / "b").write_bytes(second.encode())
    assert compare(tmp_path / "a", tmp_path / "b", "text/csv").verdict == verdict


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ('{"a":1,"b":[2]}', '{ "b": [2.0], "a": 1 }', "content-identical"),
        ('{"a":1.0}', '{"a":1.0000000001}', "within-tolerance"),
        ('{"n":87504,"m":-0.1}', '{"n":87504,"m":-0.10001}', "different"),
        ('{"a":"x"}', '{"a":"y"}', "different"),
        ('{"a":1}', '{"a":null}', "different"),
        ('{"a":1}', '{"b":1}', "not-comparable"),
        ('{"a":', "{}", "not-comparable"),
        ("[" * 100000, "[", "not-comparable"),
        ('{"a":1e999}', '{"a":2}', "different"),
    ],
)
def test_json(tmp_path: Path, first: str, second: str, verdict: str) -> None:
    (tmp_path / "a").write_text(first)
    (tmp_path / "b").write_text(second)
    assert compare(tmp_path / "a", tmp_path / "b", "application/json").verdict == verdict


VRT = b"""<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1">
<SimpleSource><SourceFilename>/etc/passwd</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"""


def hostile(tmp_path: Path) -> dict[str, tuple[bytes, str | None]]:
    noise = random.Random("noise").randbytes
    netcdf = write_netcdf(tmp_path / "whole.nc", FIELD).read_bytes()
    tiff = write_geotiff(tmp_path / "whole.tif", np.zeros((64, 64), "u1")).read_bytes()
    return {
        "half a netcdf": (netcdf[: len(netcdf) // 2], None),
        "noise in a netcdf": (netcdf[:600] + noise(3000), None),
        "half a tiff": (tiff[:100], None),
        "noise in a tiff": (b"II*\x00" + noise(500), None),
        "a virtual raster": (VRT, "image/tiff"),
        "nothing": (b"", "application/x-netcdf"),
        "text": (b"hello", "application/x-netcdf"),
        "unknown": (noise(100), None),
        "nul": (b"a\n\x00\n", "text/csv"),
    }


def test_broken_files_are_not_comparable(tmp_path: Path) -> None:
    good = write_netcdf(tmp_path / "good.nc", FIELD)
    for what, (content, media_type) in hostile(tmp_path).items():
        bad, worse = tmp_path / "bad", tmp_path / "worse"
        bad.write_bytes(content)
        worse.write_bytes(content + b" ")
        for first, second in ((bad, good), (good, bad), (bad, worse)):
            found = compare(first, second, media_type)
            assert found.verdict == "not-comparable", what
            assert found.reason, what
        assert compare(bad, bad, media_type).verdict == "identical", what


def test_a_small_file_may_claim_to_be_enormous(tmp_path: Path) -> None:
    for name in "ab":
        with netCDF4.Dataset(tmp_path / name, "w") as dataset:
            dataset.createDimension("x", 1_000_000)
            dataset.createDimension("y", 1_000_000)
            dataset.createVariable("v", "f8", ("x", "y"), zlib=True, chunksizes=(1000, 1000))
            dataset.title = name
    found = compare(tmp_path / "a", tmp_path / "b")
    assert found.verdict == "not-comparable"
    assert "cells" in (found.reason or "")


def test_a_chunk_may_unfold_to_gigabytes(tmp_path: Path) -> None:
    for name in "ab":
        with netCDF4.Dataset(tmp_path / name, "w") as dataset:
            dataset.createDimension("x", 100_000_000)
            dataset.createVariable("v", "f8", ("x",), zlib=True, chunksizes=(100_000_000,))
            dataset.title = name
    found = compare(tmp_path / "a", tmp_path / "b")
    assert "chunks" in (found.reason or "")


async def test_the_comparison_runs_apart(tmp_path: Path) -> None:
    a = write_netcdf(tmp_path / "a.nc", FIELD)
    b = write_netcdf(tmp_path / "b.nc", FIELD + 1)
    found = await apart(a, b)
    assert found["verdict"] == "different"
    assert (tmp_path / "p.png").exists()


async def apart(a: Path, b: Path, seconds: float = 120) -> dict[str, Any]:
    picture = a.parent / "p.png"
    return await compare_apart(a, b, options={}, media_type=None, picture=picture, seconds=seconds)


async def test_a_comparison_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_bytes(b"x")
    b.write_bytes(b"y")
    found = await apart(a, b, seconds=0.01)
    assert found["verdict"] == "not-comparable"
    assert "seconds" in found["reason"]


async def test_a_reader_that_dies_takes_nobody_along(tmp_path: Path, monkeypatch: Any) -> None:
    dying = tmp_path / "python"
    dying.write_text("#!/bin/sh\nkill -SEGV $$\n")
    dying.chmod(0o755)
    monkeypatch.setattr("reproducer.clients.comparison.sys.executable", str(dying))
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_bytes(b"CDF\x01")
    b.write_bytes(b"CDF\x02")
    assert (await apart(a, a))["verdict"] == "identical"
    found = await apart(a, b)
    assert found["verdict"] == "not-comparable"
    assert "status -11" in found["reason"]


@trying(60)
@given(st.binary(max_size=300), st.sampled_from([None, "text/csv", "application/json"]))
def test_no_bytes_break_the_comparison(tmp_path_factory: Any, content: bytes, kind: Any) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "a").write_bytes(content)
    (folder / "b").write_bytes(b"a,b\n1,2\n")
    found = compare(folder / "a", folder / "b", kind)
    assert found.verdict in VERDICTS


def test_the_picture_is_a_valid_png(tmp_path: Path) -> None:
    a = write_netcdf(tmp_path / "a.nc", FIELD)
    compare(a, write_netcdf(tmp_path / "b.nc", FIELD * 2))
    content = (tmp_path / "a.png").read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    length = struct.unpack(">I", content[33:37])[0]
    pixels = zlib.decompress(content[41 : 41 + length])
    assert len(pixels) == height * (1 + 3 * width)


# Not ru_maxrss: that survives exec, so it would tell the size of whoever started the process.
MEASURED = """
import sys
from reproducer.comparing import main
main()
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(peak.split()[1], file=sys.stderr)
"""


def test_memory_does_not_grow_with_the_files(tmp_path: Path) -> None:
    """160 MB of values a side; as float64, and all at once, they would be 320 MB each."""
    for name, value in (("a", 1.0), ("b", 1.5)):
        with netCDF4.Dataset(tmp_path / name, "w") as dataset:
            dataset.createDimension("t", 40)
            dataset.createDimension("x", 1_000_000)
            variable = dataset.createVariable("v", "f4", ("t", "x"), zlib=True, complevel=1)
            for step in range(40):
                variable[step] = np.full(1_000_000, value + step, dtype="f4")
    request = request_of(tmp_path / "a", tmp_path / "b", {}, None, tmp_path / "p.png", 600)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["verdict"] == "different"
    assert int(done.stderr.split()[-1]) < 500_000  # kB
