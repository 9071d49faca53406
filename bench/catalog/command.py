"""The catalogue with a million Items beside stac-fastapi-pgstac, and beside a bare search.

Everything is made here: Items, clusters with the same settings, the peer in an environment of its
own (PostGIS from Debian is needed). Steps whose result is there are skipped, so it can be stopped
and started again, and databases that hold the Items already are used. The servers of a pair are
always asked in alternation; the ratio is the figure to read. All Items are loaded twice by each
side, the second time (phase ingest) one side right after the other, for the ratios of bulk loads:
ours is compared when it says that all can be searched as the peer's and the bare one's can, and
with the peer's once more when its other indexes are there too. An hour or more in all; for a look:
--items 20000 --duration 0.3 --rounds 2.
"""

import argparse
import json
import sys
import time

from bench.catalog import judge, report, settings
from bench.catalog.phases import PHASES, Found
from bench.catalog.settings import RESULTS, Run, Unable


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = __doc__
    settings.arguments(parser)
    names = ",".join(PHASES)
    parser.add_argument("--phases", default=names, help=f"only these ({names}); then the report")
    parser.add_argument("--again", default="", metavar="PHASES", help="though a result is there")


def main(options: argparse.Namespace) -> int:
    run = settings.run_of(options)
    run.work.mkdir(parents=True, exist_ok=True)
    again = [name for name in options.again.split(",") if name]
    wanted = [*dict.fromkeys([*options.phases.split(","), *again])]
    if unknown := [name for name in wanted if name not in PHASES]:
        print(f"There is no phase {unknown[0]}: {', '.join(PHASES)}", file=sys.stderr)
        return 2
    try:
        for name in (name for name in PHASES if name in wanted):
            _do(run, name, name in again)
    except Unable as error:
        print(error, file=sys.stderr)
        return 2
    return _report(run)


def _do(run: Run, name: str, again: bool) -> None:
    kept = _kept(run)
    if name in kept and not again:
        print(f"{name}: done before (--again {name})", flush=True)
        return
    print(f"{name} ...", end=" ", flush=True)
    started = time.perf_counter()
    found = PHASES[name](run)
    print(f"{time.perf_counter() - started:.0f} s", flush=True)
    kept[name] = found
    run.kept.write_text(json.dumps(kept, indent=1) + "\n")


def _kept(run: Run) -> dict[str, Found]:
    return json.loads(run.kept.read_text()) if run.kept.exists() else {}


def _report(run: Run) -> int:
    found = _kept(run)
    targets = judge.targets(found, run.items)
    RESULTS.mkdir(exist_ok=True)
    text = report.text(found, targets, run)
    (RESULTS / "catalog.md").write_text(text)
    told = {"items": run.items, "targets": [one._asdict() for one in targets], "phases": found}
    (RESULTS / "catalog.json").write_text(json.dumps(told, indent=1) + "\n")
    print(report.table(targets))
    return 0 if all(one.holds for one in targets if one.wanted) else 1
