from .definition import Definition, Inputs, Output
from .inputs import OF_EVERY_JOB, SST_OFFSET, SST_SCALE, year


def baseline_is_ordered(inputs: Inputs) -> list[str]:
    if inputs["baseline_start"] <= inputs["baseline_end"]:
        return []
    return ["baseline_start: is after baseline_end"]


NUMBER = {"type": "number", "x-ogc-unit": "K"}

SST_ANOMALY = Definition(
    id="sst-anomaly",
    title="Anomaly of the sea surface temperature of one year",
    description="Monthly sea surface temperature of one year minus the monthly climatology of the "
    "baseline years, on a global 2.5 degree grid. The temperatures are synthetic: made by "
    "arithmetic, not measured. The same inputs give the same bytes.",
    version="1.0.0",
    keywords=("sea surface temperature", "anomaly", "climatology", "synthetic"),
    inputs={
        "year": year("Year of the anomaly"),
        "baseline_start": year("First year of the climatology", 1991),
        "baseline_end": year("Last year of the climatology", 2020),
        "sst_scale": {**SST_SCALE, "description": "Applied to the year, not to the climatology."},
        "sst_offset": {
            **SST_OFFSET,
            "description": "Added to the year after the scale, not to the climatology.",
        },
        **OF_EVERY_JOB,
    },
    outputs={
        "anomaly": Output(
            title="Anomaly",
            description="NetCDF-4, CF conventions: sst_anomaly(time=12, lat=72, lon=144), float32, "
            "kelvin, NaN over land.",
            media_type="application/x-netcdf",
            file="sst-anomaly.nc",
            encoding="base64",
        ),
        "statistics": Output(
            title="Statistics of the anomaly",
            description="Over the sea cells of all months, unweighted.",
            media_type="application/json",
            file="sst-anomaly-statistics.json",
            schema={
                "type": "object",
                "required": ["count", "mean", "minimum", "maximum", "unit"],
                "properties": {
                    "count": {"type": "integer"},
                    "mean": NUMBER,
                    "minimum": NUMBER,
                    "maximum": NUMBER,
                    "unit": {"const": "K"},
                },
            },
        ),
    },
    example={"inputs": {"year": 2020}, "response": "document"},
    computation="earthcode_processes.computations.sst_anomaly",
    check=baseline_is_ordered,
)
