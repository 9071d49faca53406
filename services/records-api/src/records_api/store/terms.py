"""The terms that records are filed under, and how often they occur among some records.

A search decides which records; counting the terms of thousands of them takes SQL ten times as long
as the search. So the terms of a part are kept in memory as arrays while no record of it changes;
parts that are too large for that are counted by SQL.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from earthcode_common.db import ReadSession, WriteSession
from earthcode_common.ogc import scan
from earthcode_common.ogc.entities import Key
from earthcode_common.ogc.facets import Facets
from earthcode_common.ogc.projected import KEYS, arrays
from earthcode_common.ogc.query import Query
from earthcode_common.ogc.shape import asked
from earthcode_common.ogc.statements import quoted
from sqlalchemy.dialects.postgresql import ARRAY

from records_api.domain.facets import Counts
from records_api.store import records

term = sa.table("term", *map(sa.column, ("id", "facet", "value")))
record_terms = sa.table("record_terms", sa.column("seq"), sa.column("terms", ARRAY(sa.Integer)))
EVERY = 2_000_000_000
MANY = 200_000  # records of a part that are kept in memory at most: some 15 MB


async def file_terms(
    session: WriteSession, filed: Sequence[tuple[Key, Collection[tuple[str, str]]]]
) -> None:
    """Replace what these records are filed under: (facet, value) each."""
    pairs = sorted({pair for _, terms in filed for pair in terms})
    new = "insert into term (facet, value) select * from unnest(cast(:facets as text[]),"
    new += " cast(:values as text[])) on conflict do nothing"
    await session.execute(sa.text(new), _terms(pairs))
    keys = [key for key, terms in filed for _ in terms]
    gone = "delete from record_terms using record r join " + KEYS
    gone += " on r.part = k.kind and r.id = k.id where record_terms.seq = r.seq"
    await session.execute(sa.text(gone), arrays(key for key, _ in filed))
    statement = sa.text("""
        insert into record_terms (seq, terms)
        select r.seq, array_agg(t.id order by t.id)
        from unnest(cast(:kinds as text[]), cast(:ids as text[]), cast(:facets as text[]),
                    cast(:values as text[])) as f(kind, id, facet, value)
        join record r on r.part = f.kind and r.id = f.id
        join term t on t.facet = f.facet and t.value = f.value
        group by r.seq""")
    every = [pair for _, terms in filed for pair in terms]
    await session.execute(statement, arrays(keys) | _terms(every))


def _terms(pairs: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    return {"facets": [facet for facet, _ in pairs], "values": [value for _, value in pairs]}


class Filed(NamedTuple):
    """Terms of all records of a part: those of the record ``seqs[i]`` are ``values[terms[k]]`` for
    ``ends[i] <= k < ends[i + 1]``. The values of a facet are in order from its first to its end."""

    version: int
    seqs: Any
    ends: Any
    terms: Any
    values: list[str]
    facets: Mapping[str, tuple[int, int]]


async def filed(session: ReadSession, kind: str) -> Filed | None:
    """None when there are too many records for that."""
    query = f"select r.seq, t.terms, ({version(kind)}) from record r join record_terms t"
    query += " using (seq) where r.part = $1::text order by r.seq limit $2::int"
    rows = await session.fetch(query, [kind, MANY + 1])
    if len(rows) > MANY:
        return None
    sizes = np.fromiter((len(row[1]) for row in rows), np.int64, len(rows))
    ids = np.fromiter(chain.from_iterable(row[1] for row in rows), np.int32, sizes.sum())
    used, places = np.unique(ids, return_inverse=True)
    seqs = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    ends = np.concatenate(([0], np.cumsum(sizes)))
    names = await _names(session, used.tolist())
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    facets, values = zip(*(names[one] for one in order), strict=True) if names else ((), ())
    spans = {one: (bisect_left(facets, one), bisect_right(facets, one)) for one in set(facets)}
    return Filed(rows[0][2] if rows else -1, seqs, ends, rank[places], list(values), spans)


@cache
def version(kind: str) -> str:
    """SQL of a number that changes with any record of a kind."""
    return f"select coalesce((select version from part_state where part = {quoted(kind)}), 0)"


async def _names(session: ReadSession, used: list[int]) -> list[tuple[str, str]]:
    wanted = sa.select(term).where(term.c.id == sa.any_(sa.literal(used, ARRAY(sa.Integer))))
    known = {row[0]: (row[1], row[2]) for row in await session.execute(wanted)}
    return [known[id] for id in used]


async def matching(session: ReadSession, query: Query) -> Any:
    """The numbers of all records that a query finds, whatever page it asks for."""
    if query.refine is None:
        sql, values = scan.unordered(records.tables, asked(query), EVERY)
        each = "select array_agg(seq) filter (where wkb is null), count(wkb)"
        certain, doubtful = (await session.fetch(f"{each} from ({sql}) as a", values))[0]
        if not doubtful:
            return np.array(certain or [], np.int64)
    decided = await Facets.of(session, records.name, query)
    every = sa.select(sa.func.array_agg(records.table.c.seq)).where(*decided.where)
    return np.array((await decided.execute(every)).scalar_one() or [], np.int64)


def counted(among: Filed, found: Any, facets: Collection[str]) -> Counts:
    """How many of the records with the numbers ``found`` have which value of each facet."""
    counts = np.bincount(_terms_of(among, found))
    some = np.flatnonzero(counts)
    places, numbers = some.tolist(), counts[some].tolist()
    each: dict[str, list[tuple[str, int]]] = {}
    for facet in facets:
        first, end = (bisect_left(places, one) for one in among.facets.get(facet, (0, 0)))
        values = [among.values[place] for place in places[first:end]]
        each[facet] = list(zip(values, numbers[first:end], strict=True))
    return each


def _terms_of(among: Filed, found: Any) -> Any:
    """The terms of these records, one after another; of records without terms there are none."""
    if not len(among.seqs):
        return among.terms
    at = np.minimum(np.searchsorted(among.seqs, found), len(among.seqs) - 1)
    at = at[among.seqs[at] == found]
    first, sizes = among.ends[at], among.ends[at + 1] - among.ends[at]
    starts = np.cumsum(sizes) - sizes  # among all that are returned
    return among.terms[np.repeat(first - starts, sizes) + np.arange(sizes.sum())]


async def counted_by_sql(session: ReadSession, found: Any, facets: Collection[str]) -> Counts:
    wanted = sa.literal(found.tolist(), ARRAY(sa.BigInteger))
    each = sa.select(sa.func.unnest(record_terms.c.terms).label("term"))
    some = each.where(record_terms.c.seq == sa.any_(wanted)).subquery()
    counts = sa.select(some.c.term, sa.func.count().label("n")).group_by(some.c.term).subquery()
    named = sa.select(term.c.facet, term.c.value, counts.c.n)
    named = named.join_from(counts, term, term.c.id == counts.c.term)
    grouped: dict[str, list[tuple[str, int]]] = {facet: [] for facet in facets}
    for facet, value, number in await session.execute(named):
        if facet in grouped:
            grouped[facet].append((value, number))
    return grouped
