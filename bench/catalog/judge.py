"""What the figures say about the targets."""

import statistics
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Found = Mapping[str, Any]
# No index serves a condition on a property of the Items: the cost of such a query grows with what
# else is found.
UNINDEXED = ("bbox_medium_cloud",)


class Target(NamedTuple):
    """``holds`` is None when it was not measured, or when there is no target."""

    name: str
    wanted: str
    measured: str
    holds: bool | None


def targets(found: Found, items: int) -> list[Target]:
    return [
        _same(found, "peer"),
        _same(found, "bare"),
        _mean(found, "peer", 8),
        _least(found, "peer", 2),
        _mean(found, "bare", 0.6),
        _p95(found),
        _ingest(found, items),
        _whole(found, items),
        _limit(found),
        _growth(found),
    ]


def _same(found: Found, side: str) -> Target:
    name = f"same ids as the {side}"
    kinds = found.get("check", {}).get(side)
    if not kinds:
        return _unknown(name, "all")
    some, every = (sum(pair[n] for pair in kinds.values()) for n in (0, 1))
    return Target(name, "all", f"{some} of {every} queries of {len(kinds)} kinds", some == every)


def _mean(found: Found, side: str, least: float) -> Target:
    name = f"requests per second, ours / {side}: geometric mean"
    ratios = [cell["ratio_rps"] for cell in _cells(found, side) if cell["ratio_rps"]]
    if not ratios:
        return _unknown(name, f">= {least}")
    mean = statistics.geometric_mean(ratios)
    return Target(name, f">= {least}", f"{mean:.2f} over {len(ratios)} cells", mean >= least)


def _least(found: Found, side: str, least: float) -> Target:
    name = f"requests per second, ours / {side}: least cell"
    cells = _cells(found, side)
    if not cells:
        return _unknown(name, f">= {least}")
    bad = [cell for cell in cells if cell["ratio_rps"] is None]
    if bad:
        told = f"{len(bad)} cells with errors or different answers"
        return Target(name, f">= {least}", told, False)
    worst = min(cells, key=lambda cell: cell["ratio_rps"])
    measured = f"{worst['ratio_rps']:.2f} ({cell_name(worst)})"
    return Target(name, f">= {least}", measured, worst["ratio_rps"] >= least)


def _p95(found: Found) -> Target:
    name, wanted = "p95, ours / bare: largest cell", "<= 2"
    cells = _cells(found, "bare")
    if not cells:
        return _unknown(name, wanted)
    worst = max(cells, key=lambda cell: p95_ratio(cell, "bare"))
    ratio = p95_ratio(worst, "bare")
    mean = statistics.geometric_mean(p95_ratio(cell, "bare") for cell in cells)
    measured = f"{ratio:.2f} ({cell_name(worst)}); mean {mean:.2f}"
    return Target(name, wanted, measured, ratio <= 2)


def _ingest(found: Found, items: int) -> Target:
    name, wanted = (
        "bulk load, Items per second until they are searched as the peer's are"
        " (place, time, Collection, id), ours / peer",
        ">= 3",
    )
    if (rates := _rates(found, items, "ours_searched")) is None:
        return _unknown(name, wanted)
    ratio, measured = rates
    return Target(name, wanted, measured, ratio >= 3)


def _whole(found: Found, items: int) -> Target:
    """Nobody asked for a ratio here: the peer does less."""
    name = (
        "the same until words and orders by properties have their indexes too (the peer has none)"
    )
    rates = _rates(found, items, "ours")
    return Target(name, "", rates[1], None) if rates else _unknown(name, "")


def _rates(found: Found, items: int, moment: str) -> tuple[float, str] | None:
    """Ours / peer, until then, and how it is told; None as long as it was not measured."""
    for phase in ("ingest", "load"):
        took = found.get(phase, {})
        if took.get("ours_searched") and took.get("peer"):  # else it was kept before there was one
            number, ratio = took.get("items", items), took["peer"] / took[moment]
            rates = f"{number / took[moment]:,.0f} / {number / took['peer']:,.0f}"
            return ratio, f"{ratio:.2f} ({rates}; {number:,} Items)"
    return None


def _limit(found: Found) -> Target:
    """Nobody asked for a ratio here: it tells what can be had at all, without checks and words."""
    name, took = "bulk load, ours / bare; peer / bare", found.get("ingest", {})
    if not all(took.get(side) for side in ("bare", "ours_searched", "peer")):
        return _unknown(name, "")
    ours, peer = (took["bare"] / took[side] for side in ("ours_searched", "peer"))
    rate = f"{took['items'] / took['bare']:,.0f}"
    return Target(name, "", f"{ours:.2f}; {peer:.2f} (the bare one: {rate})", None)


def _growth(found: Found) -> Target:
    name, wanted = "p50 with all Items / with 10,000: largest indexed kind", "<= 2"
    cells = [cell for cell in _cells(found, "growth") if cell["kind"] not in UNINDEXED]
    if not cells:
        return _unknown(name, wanted)
    worst = max(cells, key=p50_growth)
    ratio = p50_growth(worst)
    return Target(name, wanted, f"{ratio:.2f} ({worst['kind']})", ratio <= 2)


def _cells(found: Found, side: str) -> list[dict[str, Any]]:
    phase = side if side == "growth" else f"run-{side}"
    cells: Iterable[dict[str, Any]] = found.get(phase, {}).get("cells", [])
    return list(cells)


def p95_ratio(cell: Found, side: str) -> float:
    servers = cell["servers"]
    return float(servers["ours"]["p95_ms"] / servers[side]["p95_ms"])


def p50_growth(cell: Found) -> float:
    return float(cell["servers"]["all"]["p50_ms"] / cell["servers"]["few"]["p50_ms"])


def cell_name(cell: Found) -> str:
    return f"{cell['kind']}, limit {cell['limit']}, {cell['concurrency']} clients"


def _unknown(name: str, wanted: str) -> Target:
    return Target(name, wanted, "not measured", None)
