"""The indexes of the Items: what is done about them before a load and after it."""

import sys
from collections.abc import Sequence

from earthcode_common.ogc import indexes

from catalog_api import store
from catalog_api.loading.progress import Progress

ITEMS = indexes.Table("catalog_api", store.items.name)
ANALYSED = 1000  # loaded Items from which on the planner should know about them at once
ANALYSE = f"analyze {ITEMS.name}"
# Of fewer rows, which takes a fraction of the time; all the rest is known when all indexes are.
ROUGHLY = ["set default_statistics_target = 30", ANALYSE]


async def prepare(url: str, build_after: bool) -> None:
    if build_after:
        await indexes.drop(url, ITEMS)
    elif left := await indexes.missing(url, ITEMS):
        await _build(url, left)
        await _analyse(url, [ANALYSE])


async def finish(url: str, progress: Progress, at_once: int) -> None:
    """First what most searches need, and the planner, so that they are fast while the rest is made.

    What indexes compute is analysed with their table, and only once they are there: so twice.
    """
    many = progress.report.stored >= ANALYSED
    waiting = await indexes.missing(url, ITEMS)
    first = indexes.needed_first(ITEMS, waiting)
    await _build(url, first, at_once, [f"analyze {ITEMS.name}_doc"] if many else [])
    if more := [name for name in waiting if name not in first]:
        await _analyse(url, ROUGHLY if many else [])
        print(progress.searchable(len(more)), file=sys.stderr, flush=True)
        await indexes.build(url, ITEMS, more, at_once)
    await _analyse(url, [ANALYSE] if many else [])


async def _build(
    url: str, names: Sequence[str], at_once: int = 2, also: Sequence[str] = ()
) -> None:
    if names:
        print(f"Making {len(names)} indexes ...", file=sys.stderr, flush=True)
    if names or also:
        await indexes.build(url, ITEMS, names, at_once, also)


async def _analyse(url: str, statements: Sequence[str]) -> None:
    if statements:
        await indexes.build(url, ITEMS, [], 1, statements)
