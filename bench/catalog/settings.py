"""What a run is asked to do, and where its files are."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "bench" / "results"
SMALL = 10_000  # items of the store that growth is measured from


class Unable(RuntimeError):
    """Something that the measurement needs is not there; the text says how to get it."""


@dataclass(frozen=True)
class Run:
    items: int
    work: Path
    tools: Path
    data: Path
    ours: str  # folder of a cluster, or the address of a server that runs
    peer: str
    names: tuple[str, str, str]  # databases: ours, bare, peer
    kinds: str
    limits: str
    concurrency: str
    duration: float
    rounds: int
    load_arguments: tuple[str, ...]

    @property
    def kept(self) -> Path:
        """What the phases found so far."""
        return self.work / f"found-{self.items}.json"

    @property
    def queries(self) -> Path:
        return self.data / "queries.json"

    @property
    def files(self) -> list[Path]:
        return sorted(self.data.glob("items-*.ndjson"))

    def tool(self, name: str) -> Path:
        path = self.tools / name
        if not path.is_file():
            raise Unable(
                f"{name} is not in {self.tools}. Its folder is that of the benchmark scripts"
                " (gen_items.py, http_bench.py, plain_store.py): --tools or EARTHCODE_BENCH_TOOLS"
            )
        return path


def arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    tools = os.environ.get("EARTHCODE_BENCH_TOOLS", ROOT.parent / "shared" / "bench")
    add("--items", type=int, default=1_000_000, help="how many are loaded (1,000,000)")
    add("--tools", type=Path, default=tools, metavar="DIR",
        help="gen_items.py, http_bench.py, plain_store.py (../shared/bench)")  # fmt: skip
    add("--work", type=Path, default=ROOT / "build" / "bench", metavar="DIR",
        help="clusters, data, the peer's environment, results of phases (build/bench)")  # fmt: skip
    add("--data", type=Path, metavar="DIR", help="generated items and queries.json (below --work)")
    add("--ours", metavar="DIR|ADDRESS", help="cluster of ours and bare, when it is elsewhere; an"
        " address (postgresql://postgres@/?host=/folder) when it runs already")  # fmt: skip
    add("--peer", metavar="DIR|ADDRESS", help="the same of the peer")
    add("--names", metavar="OURS,BARE,PEER", help="databases (made and loaded when absent)")
    add("--kinds", default="all", help="of queries (all)")
    add("--limits", default="10,100", help="page sizes (10,100)")
    add("--concurrency", default="1,16", help="clients at once (1,16)")
    add("--duration", type=float, default=1.5, help="seconds of a window (1.5)")
    add("--rounds", type=int, default=3, help="windows of each server and cell (3)")
    add("--load-arguments", default="--workers 2 --build-indexes-after", help="of our load command")


def run_of(options: argparse.Namespace) -> Run:
    work = options.work.resolve()
    names = options.names or f"catalog_{options.items},plain_{options.items},pgstac_{options.items}"
    ours, bare, peer = names.split(",")
    return Run(
        items=options.items,
        work=work,
        tools=Path(options.tools).resolve(),
        data=(options.data or work / f"data-{options.items}").resolve(),
        ours=options.ours or str(work / "pg-ours"),
        peer=options.peer or str(work / "pg-peer"),
        names=(ours, bare, peer),
        kinds=options.kinds,
        limits=options.limits,
        concurrency=options.concurrency,
        duration=options.duration,
        rounds=options.rounds,
        load_arguments=tuple(options.load_arguments.split()),
    )
