"""`python -m catalog_api load`: what it takes, and the order in which things are done."""

import argparse
import sys
from contextlib import nullcontext
from multiprocessing.connection import Connection

from earthcode_common import migrate
from earthcode_common.db import flush
from earthcode_common.ogc import indexes
from earthcode_common.tool import Tool

from catalog_api.loading.errors import LoadFailed
from catalog_api.loading.files import STDIN, blocks, is_there, total_size
from catalog_api.loading.indexing import ITEMS, finish, prepare
from catalog_api.loading.pool import outcomes, processes
from catalog_api.loading.progress import Progress
from catalog_api.loading.vacuum import kept_away
from catalog_api.loading.worker import Options
from catalog_api.settings import CatalogSettings

TABLES = (ITEMS.name, f"{ITEMS.name}_doc")
ABOUT = """
Store Items from files with an Item a line (newline-delimited JSON), - or nothing for standard
input; files that end in .gz are unpacked. It may run beside a service that serves, and be killed:
every batch is stored whole or not at all. To go on, run it again with --on-conflict skip.
Nobody waits for the disk batch by batch: when the database server itself breaks down, the last
batches that the progress told may be gone. The summary comes when all is on the disk.

Lines that are not fine are told (file:line, what is wrong) and the others are stored. Exit
status: 0 all lines were stored or were there, 1 some were not, 2 wrong use, 3 the load ended early.
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = ABOUT
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    add = parser.add_argument
    add("files", nargs="*", default=[STDIN], metavar="ITEMS.ndjson[.gz]")
    add("--collection", metavar="ID", help="the product of all Items; else each names its own")
    add("--on-conflict", choices=["error", "replace", "skip"], default="error",
        help="what to do with Items that are there already (error)")  # fmt: skip
    add("--workers", type=_number, default=2, metavar="N", help="processes (2)")
    add("--errors", metavar="FILE", help="write the errors there, as JSON a line, and all of them")
    add("--build-indexes-after", action="store_true",
        help="only for a store without Items: drop its indexes first and make them at the end,"
        " which is faster; until then searches are slow. Those by place, time, Collection and id"
        " come first. If it is killed, the next load of any kind makes them")  # fmt: skip


def _number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError("it is a number from 1 to 64")
    return int(text)


async def load(settings: CatalogSettings, given: argparse.Namespace) -> int:
    if absent := [name for name in given.files if not is_there(name)]:
        print(f"There is no file {absent[0]}", file=sys.stderr)
        return 2
    url = settings.database_url
    try:
        with processes(given.workers, _options(settings, given)) as pipes:
            await migrate.check(url, "catalog_api")
            await prepare(url, given.build_indexes_after)
            async with kept_away(url, TABLES) if given.build_indexes_after else nullcontext():
                progress = _load(given, settings.max_body_bytes, pipes)
        await flush(url)
        print(progress.summary(), file=sys.stderr, flush=True)
        await finish(url, progress, given.workers)
    except indexes.NotEmpty as error:
        print(f"{error}: leave out --build-indexes-after", file=sys.stderr)
        return 2
    except LoadFailed as error:
        print(f"The load ended early: {error}\n--on-conflict skip goes on", file=sys.stderr)
        return 3
    return 1 if progress.report.failed else 0


def _options(settings: CatalogSettings, given: argparse.Namespace) -> Options:
    return Options(
        settings.database_url,
        settings.public_url.rstrip("/"),
        given.collection,
        given.on_conflict,
        settings.max_body_bytes,
    )


def _load(given: argparse.Namespace, longest: int, pipes: list[Connection]) -> Progress:
    progress = Progress(total_size(given.files), given.errors)
    for outcome in outcomes(blocks(given.files, longest), pipes):
        progress.add(outcome)
    return progress


LOAD = Tool("store Items from files of lines", arguments, load)
