from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from reproducer.domain.states import Verdict

Array = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]
Format = Literal["netcdf", "geotiff", "csv", "json", "other"]

MAX_CELLS = 400_000_000
MAX_CHUNK_BYTES = 256 * 1024 * 1024
BLOCK_CELLS = 1 << 20


class NotComparable(ValueError):
    """Why two files cannot be set side by side."""


@dataclass(frozen=True)
class Options:
    """``None`` takes the default of the data type; ``pixel_tolerance`` is in percent of cells."""

    rtol: float | None = None
    atol: float | None = None
    pixel_tolerance: float = 0.0

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Options":
        known = {k: float(given[k]) for k in ("rtol", "atol", "pixel_tolerance") if k in given}
        return cls(**known)


@dataclass(frozen=True)
class Block:
    """The same cells of both sides; ``missing`` marks fill values, nodata and NaN."""

    published: Array
    produced: Array
    published_missing: Mask
    produced_missing: Mask


@dataclass(frozen=True)
class Pair:
    """A variable, band or column that both files have, readable as often as needed.

    ``plane(index)`` gives the two-dimensional slice around a flat cell index, for the picture.
    ``fixed`` replaces the tolerances (coordinates must agree to a thousandth of a step).
    ``one_scale``: the values are of one kind, so their range says what a small difference is.
    """

    name: str
    dtypes: tuple[np.dtype[Any], np.dtype[Any]]
    blocks: Callable[[], Iterator[Block]]
    plane: Callable[[int], tuple[Array, Array]] | None = None
    fixed: tuple[float, float] | None = None
    one_scale: bool = True


@dataclass(frozen=True)
class Figures:
    """Differences are produced minus published, over the ``n`` cells that both sides have.

    ``cells`` counts those that at least one side has; ``missing_mismatches`` those that only one
    side has (they count as outside). None where a figure is not defined.
    """

    n: int
    cells: int
    missing_mismatches: int = 0
    outside: int = 0
    outside_percent: float = 0.0
    bias: float | None = None
    rmse: float | None = None
    max_abs: float | None = None
    p99_abs: float | None = None
    correlation: float | None = None
    range: tuple[float, float] | None = None
    rtol: float = 0.0
    atol: float = 0.0


@dataclass(frozen=True)
class Compared:
    """One variable, judged. ``at`` is the flat index of the largest difference."""

    name: str
    verdict: Verdict
    figures: Figures
    at: int = 0
    plane: Callable[[int], tuple[Array, Array]] | None = field(
        default=None, compare=False, repr=False
    )

    def document(self) -> dict[str, Any]:
        return {"name": self.name, "verdict": self.verdict, "figures": asdict(self.figures)}


@dataclass(frozen=True)
class Comparison:
    verdict: Verdict
    format: Format
    reason: str | None = None
    variables: tuple[Compared, ...] = ()
    notes: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict,
            "format": self.format,
            "reason": self.reason,
            "variables": [variable.document() for variable in self.variables],
            "notes": list(self.notes),
        }
