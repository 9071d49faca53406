from itertools import pairwise

from .definition import Definition, Inputs, Output
from .inputs import OF_EVERY_JOB, described, year


def thresholds_ascend(inputs: Inputs) -> list[str]:
    if all(low < high for low, high in pairwise(inputs["thresholds"])):
        return []
    return ["thresholds: must ascend, without repeats"]


THRESHOLD_CLASS_MAP = Definition(
    id="threshold-class-map",
    title="Classes of the sea surface temperature of one month",
    description="A class per grid cell: the number of thresholds that the sea surface temperature "
    "of the month reaches. The temperatures are synthetic: made by arithmetic, not measured. "
    "The same inputs give the same bytes.",
    version="1.0.0",
    keywords=("sea surface temperature", "classification", "synthetic"),
    inputs={
        "year": year("Year"),
        "month": described(
            "Month",
            "1 is January.",
            {"type": "integer", "minimum": 1, "maximum": 12, "x-ogc-unit": "mo"},
        ),
        "thresholds": described(
            "Thresholds, in degrees Celsius",
            "Ascending. A cell is in class k when it reaches k of them.",
            {
                "type": "array",
                "minItems": 1,
                "maxItems": 20,
                "items": {"type": "number", "minimum": -10, "maximum": 60, "x-ogc-unit": "Cel"},
            },
            [0.0, 10.0, 20.0],
        ),
        **OF_EVERY_JOB,
    },
    outputs={
        "classes": Output(
            title="Classes",
            description="Cloud-optimised GeoTIFF, one byte per cell, EPSG:4326, 255 over land.",
            media_type="image/tiff; application=geotiff; profile=cloud-optimized",
            file="threshold-class-map.tif",
            encoding="base64",
        )
    },
    example={"inputs": {"year": 2020, "month": 8, "thresholds": [0, 10, 20]}},
    computation="earthcode_processes.computations.threshold_class_map",
    check=thresholds_ascend,
)
