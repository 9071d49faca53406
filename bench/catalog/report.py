"""The report: what was compared, which targets hold, and the figures of each kind of query."""

import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from bench.catalog.judge import Found, Target, p50_growth, p95_ratio
from bench.catalog.settings import Run

SIDES = {
    "ours_searched": "ours, searched by place, time, Collection and id",
    "ours": "ours, with words and orders by properties",
}
TOLD = {True: "holds", False: "does not hold", None: "?"}
ABOUT = """# The catalogue's search and bulk load, measured

{items:,} synthetic STAC Items (about 2.8 kB each), POST /search. *ours* is catalog-api; *peer* is
stac-fastapi-pgstac with its defaults; *bare* is a search over the same kind of tables without
checks and links: the practical limit. One worker per server, PostgreSQL with the same settings for
all, client and servers on one machine ({cores} cores, {system}, {day}). The servers of a
pair were asked in alternation, {rounds} windows of {duration} s each per cell; a ratio is the
median over the windows of requests per second of ours / of the other. Read the ratios.
"""


def text(found: Found, targets: Sequence[Target], run: Run) -> str:
    head = ABOUT.format(
        items=run.items,
        cores=os.cpu_count(),
        system=f"{platform.system()} {platform.machine()}",
        day=datetime.now(UTC).date(),
        rounds=run.rounds,
        duration=run.duration,
    )
    parts = [head, "## Targets\n", table(targets)]
    for side in ("peer", "bare"):
        if cells := found.get(f"run-{side}", {}).get("cells"):
            parts += [f"\n## Ours beside the {side}\n", _pairs(cells, side)]
    if cells := found.get("growth", {}).get("cells"):
        parts += [f"\n## Growth from 10,000 to {run.items:,} Items\n", _growth(cells)]
    if took := found.get("load"):
        parts += ["\n## Loading all Items\n", _loads(took, run.items)]
    return "\n".join(parts) + "\n"


def table(targets: Sequence[Target]) -> str:
    rows = [
        (one.name, one.wanted, one.measured, TOLD[one.holds] if one.wanted else "")
        for one in targets
    ]
    return _table(("target", "wanted", "measured", ""), rows)


def _pairs(cells: Sequence[Found], side: str) -> str:
    """A row for each kind: its cells are page size / clients."""
    columns = list(dict.fromkeys((cell["limit"], cell["concurrency"]) for cell in cells))
    head = ["kind", *(f"limit {limit}, {clients} cl." for limit, clients in columns)]
    rows = []
    for kind, of_kind in _by_kind(cells):
        rows.append(
            [kind, *(_ratio(cell) for cell in of_kind), _mean(of_kind), _p95(of_kind, side)]
        )
    return _table([*head, "geometric mean", "largest p95 ratio"], rows)


def _ratio(cell: Found) -> str:
    return f"{cell['ratio_rps']:.2f}" if cell["ratio_rps"] else "no ratio"


def _mean(cells: Sequence[Found]) -> str:
    ratios = [cell["ratio_rps"] for cell in cells if cell["ratio_rps"]]
    return f"{statistics.geometric_mean(ratios):.2f}" if ratios else "-"


def _p95(cells: Sequence[Found], side: str) -> str:
    return f"{max(p95_ratio(cell, side) for cell in cells):.2f}"


def _growth(cells: Sequence[Found]) -> str:
    rows = [
        [
            cell["kind"],
            f"{cell['servers']['few']['p50_ms']:.2f}",
            f"{cell['servers']['all']['p50_ms']:.2f}",
            f"{p50_growth(cell):.2f}",
            f"{cell['servers']['few']['features_mean']:.1f}",
            f"{cell['servers']['all']['features_mean']:.1f}",
        ]
        for cell in cells
    ]
    head = ["kind", "p50 ms, 10,000", "p50 ms, all", "ratio", "found, 10,000", "found, all"]
    return _table(head, rows)


def _loads(took: Found, items: int) -> str:
    """With the indexes that each has; the peer's loader does one file after the other."""
    rows = [
        [SIDES.get(side, side), f"{seconds:.0f} s", f"{items / seconds:,.0f}"]
        for side, seconds in took.items()
        if seconds
    ]
    return _table(["side", "took", "Items per second"], rows) if rows else "Loaded before."


def _by_kind(cells: Sequence[Found]) -> Iterable[tuple[str, list[Found]]]:
    kinds: dict[str, list[Found]] = {}
    for cell in cells:
        kinds.setdefault(cell["kind"], []).append(cell)
    return kinds.items()


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)
