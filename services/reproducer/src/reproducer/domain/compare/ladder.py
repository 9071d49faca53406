"""The verdict on two files."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from reproducer.domain.compare import geotiff, netcdf, table, tree
from reproducer.domain.compare.formats import format_of
from reproducer.domain.compare.model import (
    Compared,
    Comparison,
    Format,
    NotComparable,
    Options,
    Pair,
)
from reproducer.domain.compare.picture import draw
from reproducer.domain.compare.statistics import judge
from reproducer.domain.states import VERDICTS, worst

CHUNK = 1 << 20
NEEDS_SAME_GRID = "the coordinates differ: "


def compare_files(
    published: Path,
    produced: Path,
    options: Options,
    *,
    media_type: str | None = None,
    picture: Path | None = None,
) -> Comparison:
    """Never raises for what is in the files. ``picture``: where to draw the differences (PNG)."""
    kind = format_of(published, media_type)
    same = same_bytes(published, produced)
    try:
        compared = _compare(kind, published, produced, options, media_type, picture)
    except NotComparable as error:
        compared = Comparison("not-comparable", kind, reason=str(error))
    if not same:
        return compared
    return Comparison("identical", kind, None, compared.variables, compared.notes)


def same_bytes(published: Path, produced: Path) -> bool:
    if published.stat().st_size != produced.stat().st_size:
        return False
    with published.open("rb") as first, produced.open("rb") as second:
        while chunk := first.read(CHUNK):
            if chunk != second.read(CHUNK):
                return False
    return True


def _compare(
    kind: Format,
    published: Path,
    produced: Path,
    options: Options,
    media_type: str | None,
    picture: Path | None,
) -> Comparison:
    other = format_of(produced, media_type)
    if kind != other:
        raise NotComparable(f"the published file is {kind}, the produced one {other}")
    with ExitStack() as stack:
        pairs, notes = _pairs(stack, kind, published, produced)
        compared = _judged(pairs, options)
        if picture:
            draw(_most_telling(compared), picture)
    verdict = worst([variable.verdict for variable in compared])
    return Comparison(verdict, kind, None, tuple(compared), tuple(notes))


def _pairs(
    stack: ExitStack, kind: Format, published: Path, produced: Path
) -> tuple[list[Pair], list[str]]:
    if kind == "netcdf":
        return netcdf.open_pairs(stack, published, produced)
    if kind == "geotiff":
        return geotiff.open_pairs(stack, published, produced)
    if kind == "csv":
        return table.open_pairs(published, produced)
    if kind == "json":
        return tree.open_pairs(published, produced)
    raise NotComparable("files of this kind are compared byte by byte only, and the bytes differ")


def _judged(pairs: Iterable[Pair], options: Options) -> list[Compared]:
    compared = []
    for pair in pairs:
        found = judge(pair, Options() if pair.fixed else options)
        if pair.fixed and found.verdict == "different":
            raise NotComparable(NEEDS_SAME_GRID + pair.name)
        compared.append(found)
    return compared


def _most_telling(compared: list[Compared]) -> Compared | None:
    """The worst variable; among equals the one with most cells."""
    drawable = [variable for variable in compared if variable.plane]
    return max(
        drawable,
        key=lambda v: (VERDICTS.index(v.verdict), v.figures.outside_percent, v.figures.cells),
        default=None,
    )
