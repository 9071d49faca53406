from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin

from earthcode_processes.definitions.definition import Inputs

from .cube import STEP, temperature
from .progress import Progress

LAND = 255


def run(inputs: Inputs, folder: Path, progress: Progress) -> None:
    values = temperature(inputs["year"], inputs["month"])
    progress(50, "Classifying")
    classes = classify(values, inputs["thresholds"])
    write(folder / "threshold-class-map.tif", classes, inputs)


def classify(values: np.ndarray, thresholds: list[float]) -> np.ndarray:
    classes = np.zeros(values.shape, dtype=np.uint8)
    for threshold in thresholds:
        classes += (values >= threshold).astype(np.uint8)
    classes[np.isnan(values)] = LAND
    return classes


def write(path: Path, classes: np.ndarray, inputs: Inputs) -> None:
    height, width = classes.shape
    with rasterio.open(
        path,
        "w",
        driver="COG",
        height=height,
        width=width,
        count=1,
        dtype="uint8",
        crs="EPSG:4326",
        transform=from_origin(-180.0, 90.0, STEP, STEP),
        nodata=LAND,
        compress="DEFLATE",
        blocksize=128,
        overviews="NONE",
    ) as raster:
        raster.write(np.flipud(classes), 1)
        raster.set_band_description(1, "class of the sea surface temperature")
        raster.update_tags(1, **tags(inputs))


def tags(inputs: Inputs) -> dict[str, str]:
    return {
        "thresholds_celsius": ",".join(repr(float(value)) for value in inputs["thresholds"]),
        "month": f"{inputs['year']}-{inputs['month']:02d}",
        "source": "synthetic, made by arithmetic, not measured",
    }
