"""What a file is: by its first bytes, else by what it is said to be."""

from pathlib import Path

from reproducer.domain.compare.model import Format

MAGIC: tuple[tuple[bytes, Format], ...] = (
    (b"\x89HDF\r\n\x1a\n", "netcdf"),
    (b"CDF\x01", "netcdf"),
    (b"CDF\x02", "netcdf"),
    (b"CDF\x05", "netcdf"),
    (b"II*\x00", "geotiff"),
    (b"MM\x00*", "geotiff"),
    (b"II+\x00", "geotiff"),
    (b"MM\x00+", "geotiff"),
)
TYPES: dict[str, Format] = {
    "application/x-netcdf": "netcdf",
    "application/netcdf": "netcdf",
    "application/x-hdf5": "netcdf",
    "image/tiff": "geotiff",
    "text/csv": "csv",
    "application/json": "json",
    "application/geo+json": "json",
}


def format_of(path: Path, media_type: str | None) -> Format:
    with path.open("rb") as file:
        head = file.read(16)
    for magic, found in MAGIC:
        if head.startswith(magic):
            return found
    declared = TYPES.get((media_type or "").partition(";")[0].strip().lower(), "other")
    if declared in ("netcdf", "geotiff"):
        return declared  # The reader will say what is wrong with it.
    if declared == "other" and head.lstrip()[:1] in (b"{", b"["):
        return "json"
    return declared
