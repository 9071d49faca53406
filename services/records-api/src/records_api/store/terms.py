"""The terms that records are filed under, and how often they occur among some records.

A search decides which records; counting the terms of thousands of them takes SQL ten times as long
as the search. So the terms of a part are kept in memory as arrays while no record of it changes;
parts that are too large for that are counted by SQL.
"""

from collections.abc import Collection, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from earthcode_common.db import ReadSession, WriteSession
from earthcode_common.ogc.entities import Key
from earthcode_common.ogc.facets import Facets
from earthcode_common.ogc.query import Query
from sqlalchemy.dialects.postgresql import ARRAY

from records_api.domain.facets import Counted
from records_api.store import KEYS, arrays, records

term = sa.table("term", *map(sa.column, ("id", "facet", "value")))
record_terms = sa.table("record_terms", sa.column("seq"), sa.column("terms", ARRAY(sa.Integer)))
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
    """Terms of all records of a part: ``owner[i]`` is the place in ``seqs`` of what has term
    ``names[terms[i]]``."""

    version: int
    seqs: Any
    owner: Any
    terms: Any
    names: list[tuple[str, str]]


async def filed(session: ReadSession, kind: str, version: int) -> Filed | None:
    """None when there are too many records for that."""
    part = {"part": kind, "many": MANY + 1}
    query = "select r.seq, t.terms from record r join record_terms t using (seq)"
    query += " where r.part = :part order by r.seq limit :many"
    rows = (await session.execute(sa.text(query), part)).all()
    if len(rows) > MANY:
        return None
    sizes = [len(row[1]) for row in rows]
    ids = np.fromiter(chain.from_iterable(row[1] for row in rows), np.int32, sum(sizes))
    used, places = np.unique(ids, return_inverse=True)
    seqs = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    owner = np.repeat(np.arange(len(rows)), sizes)
    return Filed(version, seqs, owner, places, await _names(session, used.tolist()))


async def version(session: ReadSession, kind: str) -> int:
    """A number that changes with any record of a kind."""
    found = await session.execute(
        sa.text("select version from part_state where part = :part"), {"part": kind}
    )
    return found.scalar_one_or_none() or 0


async def _names(session: ReadSession, used: list[int]) -> list[tuple[str, str]]:
    wanted = sa.select(term).where(term.c.id == sa.any_(sa.literal(used, ARRAY(sa.Integer))))
    known = {row[0]: (row[1], row[2]) for row in await session.execute(wanted)}
    return [known[id] for id in used]


async def matching(session: ReadSession, query: Query) -> list[int]:
    """The numbers of all records that a query finds, whatever page it asks for."""
    table = records.table
    decided = await Facets.of(session, records.name, query)
    every = sa.select(sa.func.array_agg(table.c.seq)).where(*decided.where)
    return list((await session.execute(every)).scalar_one() or ())


def counted(among: Filed, seqs: Sequence[int]) -> list[Counted]:
    hit = np.isin(among.seqs, np.asarray(seqs, np.int64), assume_unique=True)
    counts = np.bincount(among.terms[hit[among.owner]], minlength=len(among.names))
    return [
        Counted(facet, value, number)
        for (facet, value), number in zip(among.names, counts.tolist(), strict=True)
        if number
    ]


async def counted_by_sql(session: ReadSession, seqs: Sequence[int]) -> list[Counted]:
    wanted = sa.literal(list(seqs), ARRAY(sa.BigInteger))
    each = sa.select(sa.func.unnest(record_terms.c.terms).label("term"))
    some = each.where(record_terms.c.seq == sa.any_(wanted)).subquery()
    counts = sa.select(some.c.term, sa.func.count().label("n")).group_by(some.c.term).subquery()
    named = sa.select(term.c.facet, term.c.value, counts.c.n)
    named = named.join_from(counts, term, term.c.id == counts.c.term)
    return [Counted(*row) for row in await session.execute(named)]
