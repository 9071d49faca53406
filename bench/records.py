"""`make bench-records`: records-api beside pygeoapi 0.21 with TinyDB, one worker each.

Both hold the same records and are asked in alternation on this machine: the ratios are the figures
to read. Also what facets add to a search, and what a hundred times as many records cost.
Results: bench/results/records.md and records.json.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

from earthcode_local.servers import Postgres

from bench import records_data, records_servers
from bench.records_load import ask, load

ROOT = Path(__file__).parents[1]
RESULTS, BUILD = ROOT / "bench/results", ROOT / "build/bench/pygeoapi"
FACETS = "&facets=keywords,themes,license,year"
TARGETS = {"times_the_peer": 20, "facets_add_percent": 30, "growth": 1.5}
Paths = Callable[[int], list[str]]


def _listing(number: int) -> list[str]:
    return ["/items?limit=10"]


def _text(number: int) -> list[str]:
    return [f"/items?limit=10&q={quote(word)}" for word in records_data.words()]


def _fresh_text(number: int) -> list[str]:
    return [f"/items?limit=10&q={quote(word)}" for word in records_data.fresh_words(4000)]


def _one(number: int) -> list[str]:
    return [f"/items/workflow-{index:06}" for index in range(0, number, max(1, number // 100))]


CELLS: dict[str, Paths] = {
    "listing": _listing,
    "text search": _text,
    "text search, never asked before": _fresh_text,
    "one record": _one,
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--few", type=int, default=200, help="records to compare with (200)")
    parser.add_argument("--seconds", type=float, default=0.5, help="per window (0.5)")
    parser.add_argument("--rounds", type=int, default=15, help="windows that count (15)")
    parser.add_argument("--connections", type=int, default=2, help="at once (2)")


def main(options: argparse.Namespace) -> int:
    report = measured(options)
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "records.json").write_text(json.dumps(report, indent=1) + "\n")
    (RESULTS / "records.md").write_text(described(report))
    print(described(report))
    return 0


def measured(options: argparse.Namespace) -> dict[str, Any]:
    many = list(records_data.records(options.records))
    few = list(records_data.records(options.few))
    BUILD.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        folder.chmod(0o755)
        server = stack.enter_context(Postgres(folder / "pg"))
        urls = [
            asyncio.run(records_servers.fill(server.dsn("postgres"), name, documents))
            for name, documents in (("many", many), ("few", few))
        ]
        large, small = (stack.enter_context(records_servers.ours(url)) for url in urls)
        peer = stack.enter_context(records_servers.pygeoapi(BUILD, many))
        return asyncio.run(_measured(options, large, small, peer))


async def _measured(
    options: argparse.Namespace, large: str, small: str, peer: str
) -> dict[str, Any]:
    report: dict[str, Any] = {"records": options.records, "few": options.few, "targets": TARGETS}
    report["hits"] = await _hits(large, peer)
    report["cells"] = [
        await _cell(options, name, paths, large, small, peer) for name, paths in CELLS.items()
    ]
    report["facets"] = await _facets(options, large)
    return report


async def _hits(large: str, peer: str) -> dict[str, int]:
    """How many each word finds; raises RuntimeError where the two disagree."""
    found = {}
    for word in records_data.words()[::6]:  # the peer takes seconds for each
        path = f"/items?limit=1&q={quote(word)}"
        ours, theirs = [(await ask(root, path))["numberMatched"] for root in (large, peer)]
        if ours != theirs:
            raise RuntimeError(f"{word}: {ours} records here, {theirs} at the peer")
        found[word] = ours
    return found


async def _cell(
    options: argparse.Namespace, name: str, paths: Paths, large: str, small: str, peer: str
) -> dict[str, Any]:
    asked = [
        (large, paths(options.records)), (small, paths(options.few)), (peer, paths(options.records))
    ]  # fmt: skip
    ours, few, theirs = await _rounds(options, asked)
    cell = {
        "name": name, "rate": ours[0], "p50_ms": ours[1], "peer_rate": theirs[0],
        "peer_p50_ms": theirs[1], "few_p50_ms": few[1],
        "times_the_peer": ours[0] / theirs[0], "growth": ours[1] / few[1],
    }  # fmt: skip
    print({key: round(value, 2) if key != "name" else value for key, value in cell.items()})
    return cell


async def _facets(options: argparse.Namespace, large: str) -> dict[str, Any]:
    """Searches that were not asked before, and the same ones again and again."""
    fresh, again = records_data.searches(2400), records_data.searches(24)
    report = {}
    for name, each in (("new searches", fresh), ("searches asked again", again)):
        plain = [f"/items?limit=10&{one}" for one in each]
        counted = [path + FACETS for path in plain]
        without, with_ = await _rounds(options, [(large, plain), (large, counted)])
        report[name] = {
            "p50_ms": without[1], "facets_p50_ms": with_[1], "rate": without[0],
            "facets_rate": with_[0], "facets_add_percent": (without[0] / with_[0] - 1) * 100,
        }  # fmt: skip
        print(name, {key: round(value, 2) for key, value in report[name].items()})
    return report


async def _rounds(
    options: argparse.Namespace, asked: Sequence[tuple[str, list[str]]]
) -> list[tuple[float, float]]:
    """The medians over rounds of rate and p50, of each; the first round warms up.

    The third, whose answers take seconds, has a turn in every fifth round, from the second on.
    """
    turns: list[Iterator[str]] = [itertools.cycle(paths) for _, paths in asked]
    seen: list[list[Any]] = [[] for _ in asked]
    for number in range(options.rounds + 1):
        for place, (root, _) in enumerate(asked):
            if place < 2 or number % 5 == 1:
                found = await load(root, turns[place], options.seconds, options.connections)
                seen[place] += [found] if number else []
    return [
        (statistics.median(one.rate for one in each), statistics.median(one.p50 for one in each))
        for each in seen
    ]


def described(report: dict[str, Any]) -> str:
    least, add, most = TARGETS.values()
    facets = [
        f"| {name} | {one['p50_ms']:.2f} | {one['facets_p50_ms']:.2f} |"
        f" {one['facets_add_percent']:.0f} |"
        for name, one in report["facets"].items()
    ]
    rows = [
        f"| {one['name']} | {one['rate']:.0f} | {one['peer_rate']:.2f} |"
        f" {one['times_the_peer']:.0f} | {one['p50_ms']:.2f} | {one['few_p50_ms']:.2f} |"
        f" {one['growth']:.2f} |"
        for one in report["cells"]
    ]
    lines = [
        "# records-api beside pygeoapi 0.21 (TinyDB)",
        "",
        f"{report['records']} records, one worker each, asked in alternation; the numbers of hits",
        f"agree for all of {len(report['hits'])} words. Ratios count: rates are this machine's.",
        "",
        f"| request | ours/s | peer/s | times (>= {least}) | p50 ms | p50 ms at {report['few']} |"
        f" growth (<= {most}) |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *rows,
        "",
        "Facets (four of them) beside a search with text and time:",
        "",
        f"| | p50 ms | with facets | added percent (< {add}) |",
        "| --- | --- | --- | --- |",
        *facets,
    ]
    return "\n".join(lines) + "\n"
