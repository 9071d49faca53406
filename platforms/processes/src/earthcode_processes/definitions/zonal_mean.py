from .definition import Definition, Output
from .inputs import OF_EVERY_JOB, SST_OFFSET, SST_SCALE, described, year

ZONAL_MEAN = Definition(
    id="zonal-mean",
    title="Zonal mean of the sea surface temperature of one year",
    description="Mean of the monthly sea surface temperature of one year over bands of latitude, "
    "sea cells only, unweighted. The temperatures are synthetic: made by arithmetic, not measured. "
    "The same inputs give the same bytes.",
    version="1.0.0",
    keywords=("sea surface temperature", "zonal mean", "synthetic"),
    inputs={
        "year": year("Year"),
        "band_height": described(
            "Height of a band of latitude, in degrees",
            "Bands start at 90 degrees south.",
            {"type": "integer", "enum": [5, 10, 15, 30], "x-ogc-unit": "deg"},
            5,
        ),
        "sst_scale": SST_SCALE,
        "sst_offset": SST_OFFSET,
        **OF_EVERY_JOB,
    },
    outputs={
        "zonal_mean": Output(
            title="Zonal mean",
            description="CSV with the columns month, latitude_south, latitude_north, sea_cells, "
            "sst_mean (degrees Celsius, six decimals, empty where there is no sea).",
            media_type="text/csv",
            file="zonal-mean.csv",
        )
    },
    example={"inputs": {"year": 2020, "band_height": 10}},
    computation="earthcode_processes.computations.zonal_mean",
)
