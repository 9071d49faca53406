import json
import math
from datetime import date
from pathlib import Path
from typing import Any

import netCDF4
import numpy as np

from earthcode_processes.definitions.definition import Inputs

from .cube import LATITUDES, LONGITUDES, temperatures
from .progress import Progress

EPOCH = date(1981, 1, 1)


def run(inputs: Inputs, folder: Path, progress: Progress) -> None:
    values = temperatures(inputs["year"]) * inputs["sst_scale"] + inputs["sst_offset"]
    progress(30, "Computing the climatology")
    anomaly = values - climatology(inputs["baseline_start"], inputs["baseline_end"])
    progress(80, "Writing the results")
    write(folder / "sst-anomaly.nc", anomaly, inputs)
    text = json.dumps(statistics(anomaly), indent=2, sort_keys=True) + "\n"
    (folder / "sst-anomaly-statistics.json").write_text(text)


def climatology(first: int, last: int) -> np.ndarray:
    # Year after year, so that the order of the sums, and with it the last bit, is fixed.
    total = np.zeros((12, len(LATITUDES), len(LONGITUDES)))
    for year in range(first, last + 1):
        total = total + temperatures(year)
    return total / (last - first + 1)


def statistics(anomaly: np.ndarray) -> dict[str, object]:
    sea = anomaly[~np.isnan(anomaly)].tolist()
    return {
        "count": len(sea),
        "mean": math.fsum(sea) / len(sea),
        "minimum": min(sea),
        "maximum": max(sea),
        "unit": "K",
    }


def write(path: Path, anomaly: np.ndarray, inputs: Inputs) -> None:
    with netCDF4.Dataset(path, "w", format="NETCDF4") as dataset:
        # No history: a time of writing would make two equal runs differ.
        dataset.setncatts(
            {
                "Conventions": "CF-1.11",
                "title": f"Anomaly of the sea surface temperature of {inputs['year']}",
                "source": "synthetic, made by arithmetic, not measured",
                "comment": f"climatology of {inputs['baseline_start']}-{inputs['baseline_end']}, "
                f"scale {inputs['sst_scale']!r}, offset {inputs['sst_offset']!r} K",
            }
        )
        write_axes(dataset, inputs["year"])
        write_anomaly(dataset, anomaly)


def write_axes(dataset: netCDF4.Dataset, year: int) -> None:
    middles = [(date(year, month, 15) - EPOCH).days for month in range(1, 13)]
    time = axis(dataset, "time", np.array(middles, dtype="f8"), standard_name="time", axis="T")
    time.setncatts({"units": f"days since {EPOCH} 00:00:00", "calendar": "standard"})
    latitude = axis(dataset, "lat", LATITUDES, standard_name="latitude", axis="Y")
    latitude.units = "degrees_north"
    longitude = axis(dataset, "lon", LONGITUDES, standard_name="longitude", axis="X")
    longitude.units = "degrees_east"
    crs = dataset.createVariable("crs", "i4")
    crs.setncatts(
        {
            "grid_mapping_name": "latitude_longitude",
            "semi_major_axis": 6378137.0,
            "inverse_flattening": 298.257223563,
        }
    )


def axis(dataset: netCDF4.Dataset, name: str, values: np.ndarray, **attributes: str) -> Any:
    dataset.createDimension(name, len(values))
    variable = dataset.createVariable(name, "<f8", (name,))
    variable.setncatts(attributes)
    variable[:] = values
    return variable


def write_anomaly(dataset: netCDF4.Dataset, anomaly: np.ndarray) -> None:
    variable = dataset.createVariable(
        "sst_anomaly",
        "<f4",
        ("time", "lat", "lon"),
        compression="zlib",
        complevel=4,
        shuffle=True,
        chunksizes=(1, len(LATITUDES), len(LONGITUDES)),
        fill_value=np.float32(np.nan),
    )
    variable.setncatts(
        {
            "standard_name": "surface_temperature_anomaly",
            "long_name": "anomaly of the sea surface temperature",
            "units": "K",
            "cell_methods": "time: mean",
            "grid_mapping": "crs",
        }
    )
    variable[:] = anomaly.astype(np.float32)
