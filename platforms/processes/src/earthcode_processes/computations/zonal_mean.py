import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from earthcode_processes.definitions.definition import Inputs

from .cube import STEP, temperatures
from .progress import Progress

HEADER = "month,latitude_south,latitude_north,sea_cells,sst_mean"


def run(inputs: Inputs, folder: Path, progress: Progress) -> None:
    values = temperatures(inputs["year"]) * inputs["sst_scale"] + inputs["sst_offset"]
    progress(50, "Computing the means")
    lines = [HEADER, *rows(values, inputs["band_height"])]
    (folder / "zonal-mean.csv").write_text("\n".join(lines) + "\n")


def rows(values: np.ndarray, band_height: int) -> Iterator[str]:
    cells = int(band_height / STEP)
    for month, field in enumerate(values, start=1):
        for first in range(0, field.shape[0], cells):
            south = -90 + int(first * STEP)
            band = field[first : first + cells]
            sea = band[~np.isnan(band)].tolist()
            yield f"{month},{south},{south + band_height},{len(sea)},{mean(sea)}"


def mean(sea: list[float]) -> str:
    return f"{math.fsum(sea) / len(sea):.6f}" if sea else ""
