"""`python -m bench gateway`: what the gateway costs, on a deployment that runs here (`make run`).

The same address is asked through the gateway and directly at its service, in alternation; the
ratio is the figure to read, absolute rates depend on the machine. Results go to bench/results/.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import aiohttp
from earthcode_local.state import NotRunning, find

RESULTS = Path(__file__).parent / "results"
PATHS = {
    "landing": ("catalog-api", "/stac"),
    "one theme": ("publisher", "/publish/entities?kind=theme&limit=1"),
    "collections": ("catalog-api", "/stac/collections?limit=10"),
    "text search": ("catalog-api", "/stac/collections?q=sea&limit=10"),
    "records": ("records-api", "/records/collections/workflows/items?limit=10"),
}


@dataclass(frozen=True)
class Cell:
    """Requests per second and milliseconds, gateway and direct, over all rounds."""

    name: str
    gateway_rate: float
    direct_rate: float
    gateway_p50: float
    direct_p50: float

    @property
    def ratio(self) -> float:
        return self.gateway_rate / self.direct_rate


async def load(url: str, seconds: float, connections: int) -> list[float]:
    """Milliseconds of each answer; raises RuntimeError for anything but a 200."""
    took: list[float] = []
    until = time.perf_counter() + seconds

    async def one(session: aiohttp.ClientSession) -> None:
        while (started := time.perf_counter()) < until:
            async with session.get(url) as answer:
                await answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{url}: {answer.status}")
            took.append((time.perf_counter() - started) * 1000)

    connector = aiohttp.TCPConnector(limit=connections)
    async with aiohttp.ClientSession(connector=connector) as session:
        await asyncio.gather(*(one(session) for _ in range(connections)))
    return took


async def measure(name: str, urls: Sequence[str], options: argparse.Namespace) -> Cell:
    took: list[list[float]] = [[], []]
    for number in range(options.rounds + 1):
        for side, url in enumerate(urls):
            found = await load(url, options.seconds, options.connections)
            took[side] += found if number else []  # the first round warms up
    total = options.rounds * options.seconds
    rates = [len(one) / total for one in took]
    middles = [statistics.median(one) for one in took]
    return Cell(name, rates[0], rates[1], middles[0], middles[1])


async def run(options: argparse.Namespace) -> list[Cell]:
    deployment = find()
    direct = {process.name: process.url for process in deployment.processes}
    cells = []
    for name, (service, path) in PATHS.items():
        cell = await measure(name, [deployment.url + path, direct[service] + path], options)
        print(
            f"{name:12} gateway/direct {cell.ratio:5.2f} of the rate,"
            f" +{cell.gateway_p50 - cell.direct_p50:5.2f} ms at the median",
            flush=True,
        )
        cells.append(cell)
    return cells


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = __doc__
    parser.add_argument("--seconds", type=float, default=2, help="per window (2)")
    parser.add_argument("--rounds", type=int, default=3, help="windows that count (3)")
    parser.add_argument("--connections", type=int, default=4, help="at once (4)")


def main(options: argparse.Namespace) -> int:
    try:
        cells = asyncio.run(run(options))
    except NotRunning as error:
        print(error, file=sys.stderr)
        return 1
    RESULTS.mkdir(exist_ok=True)
    report = [asdict(cell) | {"ratio": cell.ratio} for cell in cells]
    (RESULTS / "gateway.json").write_text(json.dumps(report, indent=1) + "\n")
    return 0
