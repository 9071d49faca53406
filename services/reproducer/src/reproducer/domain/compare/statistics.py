"""Judging one pair of arrays in two passes over its blocks."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from reproducer.domain.compare.model import (
    Array,
    Block,
    Compared,
    Figures,
    Mask,
    NotComparable,
    Options,
    Pair,
)
from reproducer.domain.states import Verdict

SAMPLE = 1_000_000
# Relative to the value, and to the range of all values. float32 has 24 bits: sums in another order
# differ by some 1e-6; for float64 it is noise of 1e-15, and 1e-9 leaves room for long sums.
DEFAULT_TOLERANCE = {"f4": 1e-5, "f8": 1e-9, "exact": 0.0}


@dataclass
class Sums:
    """What the first pass knows."""

    n: int = 0
    cells: int = 0
    mismatches: int = 0
    equal: bool = True
    low: float = np.inf
    high: float = -np.inf
    published: float = 0.0
    produced: float = 0.0
    difference: float = 0.0
    squares: float = 0.0
    largest: float = -1.0
    at: int = 0
    seen: int = 0


@dataclass
class Deviations:
    """What the second pass adds."""

    outside: int = 0
    covariance: float = 0.0
    published: float = 0.0
    produced: float = 0.0


def judge(pair: Pair, options: Options) -> Compared:
    if any(dtype.kind not in "biufSUO" for dtype in pair.dtypes):
        raise NotComparable(f"{pair.name} has the type {pair.dtypes[0]}, which is not compared")
    if any(dtype.kind in "SUO" for dtype in pair.dtypes):
        return _judge_texts(pair, options)
    sums = _first_pass(pair)
    rtol, atol = pair.fixed or tolerances(pair, options, sums)
    deviations, sample = _second_pass(pair, sums, rtol, atol)
    figures = _figures(sums, deviations, sample, rtol, atol)
    same_type = pair.dtypes[0].newbyteorder("=") == pair.dtypes[1].newbyteorder("=")
    verdict = _verdict(sums.equal and same_type, figures, options)
    return Compared(pair.name, verdict, figures, sums.at, pair.plane)


def tolerances(pair: Pair, options: Options, sums: Sums) -> tuple[float, float]:
    default = DEFAULT_TOLERANCE[_precision(pair)]
    spread = sums.high - sums.low if sums.n and pair.one_scale else 0.0
    atol = default * spread if np.isfinite(spread) else 0.0
    return (
        default if options.rtol is None else options.rtol,
        atol if options.atol is None else options.atol,
    )


def _precision(pair: Pair) -> str:
    floats = [dtype for dtype in pair.dtypes if dtype.kind == "f"]
    if not floats:
        return "exact"
    return "f4" if min(dtype.itemsize for dtype in floats) < 8 else "f8"


def _verdict(same: bool, figures: Figures, options: Options) -> Verdict:
    if same:
        return "content-identical"
    return "within-tolerance" if figures.outside_percent <= options.pixel_tolerance else "different"


def _first_pass(pair: Pair) -> Sums:
    sums = Sums()
    for block in pair.blocks():
        _add(sums, block)
    return sums


def _add(sums: Sums, block: Block) -> None:
    both, single = _present(block)
    sums.mismatches += int(single.sum())
    sums.cells += int(both.sum()) + int(single.sum())
    published, produced = block.published[both], block.produced[both]
    sums.equal = sums.equal and not single.any() and bool((published == produced).all())
    _add_values(sums, published.astype("f8"), produced.astype("f8"), np.flatnonzero(both))
    sums.seen += both.size


def _add_values(sums: Sums, published: Array, produced: Array, where: Array) -> None:
    finite = np.isfinite(published) & np.isfinite(produced)
    a, b = published[finite], produced[finite]
    if not a.size:
        return
    difference = b - a
    sums.n += a.size
    sums.low = min(sums.low, float(a.min()), float(b.min()))
    sums.high = max(sums.high, float(a.max()), float(b.max()))
    sums.published += float(a.sum())
    sums.produced += float(b.sum())
    sums.difference += float(difference.sum())
    sums.squares += float(np.square(difference).sum())
    farthest = int(np.argmax(np.abs(difference)))
    if abs(float(difference[farthest])) > sums.largest:
        sums.largest = abs(float(difference[farthest]))
        sums.at = sums.seen + int(where[np.flatnonzero(finite)[farthest]])


def _second_pass(pair: Pair, sums: Sums, rtol: float, atol: float) -> tuple[Deviations, Array]:
    deviations, sample = Deviations(outside=sums.mismatches), [np.zeros(0)]
    step = -(-max(sums.n, 1) // SAMPLE)
    for raw_a, raw_b in _values(pair):
        a, b = raw_a.astype("f8"), raw_b.astype("f8")
        # Large integers are equal as floats before they are equal.
        close = is_close(a, b, rtol, atol) if rtol or atol else raw_a == raw_b
        deviations.outside += int(close.size - np.count_nonzero(close))
        finite = np.isfinite(a) & np.isfinite(b)
        _add_deviations(deviations, a[finite], b[finite], sums)
        sample.append(np.abs(b[finite] - a[finite])[::step].copy())  # a view keeps it all
    return deviations, np.concatenate(sample)


def _values(pair: Pair) -> Iterator[tuple[Array, Array]]:
    for block in pair.blocks():
        both, _ = _present(block)
        yield block.published[both], block.produced[both]


def is_close(a: Array, b: Array, rtol: float, atol: float) -> Mask:
    """Symmetric, unlike ``numpy.isclose``: neither side is the reference."""
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(a - b) <= atol + rtol * np.maximum(np.abs(a), np.abs(b))
    finite = np.isfinite(a) & np.isfinite(b)
    return (a == b) | (near & finite)


def _add_deviations(deviations: Deviations, a: Array, b: Array, sums: Sums) -> None:
    if not a.size:
        return
    da, db = a - sums.published / sums.n, b - sums.produced / sums.n
    deviations.covariance += float((da * db).sum())
    deviations.published += float(np.square(da).sum())
    deviations.produced += float(np.square(db).sum())


def _present(block: Block) -> tuple[Mask, Mask]:
    """Cells that both sides have, and cells that only one has."""
    has_a, has_b = ~block.published_missing, ~block.produced_missing
    return has_a & has_b, has_a ^ has_b


def _figures(
    sums: Sums, deviations: Deviations, sample: Array, rtol: float, atol: float
) -> Figures:
    n = sums.n
    return Figures(
        n=n,
        cells=sums.cells,
        missing_mismatches=sums.mismatches,
        outside=deviations.outside,
        outside_percent=_percent(deviations.outside, sums.cells),
        bias=_finite(sums.difference / n) if n else None,
        rmse=_finite(float(np.sqrt(sums.squares / n))) if n else None,
        max_abs=_finite(sums.largest) if n else None,
        p99_abs=_finite(float(np.quantile(sample, 0.99))) if sample.size else None,
        correlation=_correlation(deviations),
        range=(sums.low, sums.high) if n else None,
        rtol=rtol,
        atol=atol,
    )


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / whole if whole else 0.0


def _correlation(deviations: Deviations) -> float | None:
    with np.errstate(all="ignore"):
        spread = np.sqrt(deviations.published) * np.sqrt(deviations.produced)
        found = _finite(float(deviations.covariance / spread)) if spread > 0 else None
    return None if found is None else min(max(found, -1.0), 1.0)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _judge_texts(pair: Pair, options: Options) -> Compared:
    cells = outside = 0
    for block in pair.blocks():
        cells += block.published.size
        outside += int(np.count_nonzero(block.published != block.produced))
    figures = Figures(
        n=cells, cells=cells, outside=outside, outside_percent=_percent(outside, cells)
    )
    return Compared(pair.name, _verdict(outside == 0, figures, options), figures)
