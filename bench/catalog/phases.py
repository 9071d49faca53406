"""The steps of a measurement, in their order; what each found is kept by ``command``."""

import asyncio
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from bench.catalog import bare, ours, peer
from bench.catalog.clusters import cluster, drop, peer_programs
from bench.catalog.serving import program
from bench.catalog.settings import SMALL, Run, Unable

Found = dict[str, Any]
SAME = re.compile(r"^(\w+) +(\d+)/(\d+) same$", re.MULTILINE)


def data(run: Run) -> Found:
    script, log = run.tool("gen_items.py"), run.work / "data.log"
    run.data.mkdir(parents=True, exist_ok=True)
    if not run.queries.exists():  # written last, so the rest is whole when it is there
        options = ["--out", run.data, "--items", str(run.items)]
        program([sys.executable, script, "items", *options], log)
        program([sys.executable, script, "queries", "--out", run.queries], log)
    return {"bytes": sum(file.stat().st_size for file in run.files)}


def load(run: Run) -> Found:
    """Each alone on the machine, one after the other; null: it was loaded before."""
    mine, plain, theirs = run.names
    found: Found = {}
    with cluster(run.ours) as dsn:
        found |= _ours(asyncio.run(ours.load(run, dsn, mine, run.files, run.items)))
        found["bare"] = asyncio.run(bare.load(run, dsn, plain, run.data, run.items))
    with cluster(run.peer, peer_programs()) as dsn:
        found["peer"] = asyncio.run(peer.load(run, dsn, theirs, run.files, run.items))
    return found


def ingest(run: Run) -> Found:
    """All files again, one side after the other, into databases that are made for it and dropped.

    All are read first, so that no side finds more of them in memory than another.
    """
    files, name = run.files, "bench_ingest"
    items = sum(map(_lines, files))
    found: Found = {"items": items}
    for side, where, programs in (
        ("peer", run.peer, peer_programs()),
        ("ours", run.ours, None),
        ("bare", run.ours, None),
    ):
        with cluster(where, programs) as dsn:
            asyncio.run(drop(dsn, name))
            if side == "ours":
                found |= _ours(asyncio.run(ours.load(run, dsn, name, files, items)))
            elif side == "peer":
                found[side] = asyncio.run(peer.load(run, dsn, name, files, items))
            else:
                found[side] = asyncio.run(bare.load(run, dsn, name, run.data, items))
            asyncio.run(drop(dsn, name))
    return found


def _ours(took: ours.Took | None) -> Found:
    """Both its moments; of the others, who tell nothing before their end, there is one."""
    return {"ours_searched": took and took.searched, "ours": took and took.whole}


def check(run: Run) -> Found:
    """Of how many queries of each kind we return the ids that the others return."""
    found: Found = {}
    with our_servers(run) as (mine, plain), peer_server(run) as theirs:
        for name, other in (("peer", theirs), ("bare", plain)):
            log = run.work / f"check-{name}.log"
            log.unlink(missing_ok=True)
            command = [*_bench(run, "check", mine, other), "--kinds", "all", "--limits", "10"]
            program(command, log, told=True)
            same = SAME.findall(log.read_text())
            found[name] = {kind: [int(some), int(every)] for kind, some, every in same}
    return found


def run_peer(run: Run) -> Found:
    with our_servers(run) as (mine, _), peer_server(run) as theirs:
        return _measure(run, "peer", mine, theirs)


def run_bare(run: Run) -> Found:
    with our_servers(run) as (mine, plain):
        return _measure(run, "bare", mine, plain)


def growth(run: Run) -> Found:
    """The same server program on the first items alone, beside that on all of them."""
    small = run.work / "small.ndjson"
    with run.files[0].open("rb") as lines, small.open("wb") as kept:
        kept.writelines(islice(lines, SMALL))
    name = f"catalog_{SMALL}_of_{run.names[0]}"
    with cluster(run.ours) as dsn:
        asyncio.run(ours.load(run, dsn, name, [small], min(SMALL, run.items)))
        with ours.served(run, dsn(run.names[0])) as every, ours.served(run, dsn(name)) as few:
            return _measure(run, "growth", f"all={every}", f"few={few}", limits="10", at_once="1")


@contextmanager
def our_servers(run: Run) -> Iterator[tuple[str, str]]:
    with (
        cluster(run.ours) as dsn,
        ours.served(run, dsn(run.names[0])) as mine,
        bare.served(run, dsn(run.names[1])) as plain,
    ):
        yield f"ours={mine}", f"bare={plain}"


@contextmanager
def peer_server(run: Run) -> Iterator[str]:
    with cluster(run.peer, peer_programs()) as dsn, peer.served(run, dsn(run.names[2])) as url:
        yield f"peer={url}"


def _bench(run: Run, word: str, *servers: str) -> list[object]:
    named = [part for server in servers for part in ("--server", server)]
    return [sys.executable, run.tool("http_bench.py"), word, *named, "--queries", run.queries]


def _measure(
    run: Run, name: str, *servers: str, limits: str | None = None, at_once: str | None = None
) -> Found:
    out, log = run.work / f"http-{name}.json", run.work / f"http-{name}.log"
    command = [
        *_bench(run, "run", *servers),
        *("--kinds", run.kinds, "--limits", limits or run.limits),
        *("--concurrency", at_once or run.concurrency, "--duration", str(run.duration)),
        *("--rounds", str(run.rounds), "--out", out),
    ]
    program(command, log)
    if not out.exists():
        raise Unable(f"{log.name} tells why nothing was measured")
    found: Found = json.loads(out.read_text())
    return {"cells": found["cells"], "geomean": found.get("ratio_geomean")}


def _lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for _ in lines)


PHASES: dict[str, Callable[[Run], Found]] = {
    "data": data,
    "load": load,
    "check": check,
    "run-peer": run_peer,
    "run-bare": run_bare,
    "growth": growth,
    "ingest": ingest,
}
