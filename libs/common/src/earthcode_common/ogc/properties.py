"""Which properties the documents of a search store have."""

from collections.abc import Sequence

import sqlalchemy as sa

from earthcode_common.db import ReadSession
from earthcode_common.ogc import filters
from earthcode_common.ogc.tables import tables

SAMPLE = 3000  # documents, newest and oldest; all of them in most stores
OF_EACH = 5  # newest of each part, so that small parts are seen beside large ones
SCALARS = ("string", "number", "boolean")


async def stored(
    session: ReadSession, name: str, parts: Sequence[str] | None = None
) -> dict[str, set[str]]:
    """JSON types by property name, from a sample that is all of a small store."""
    asked: dict[str, object] = {"sample": SAMPLE}
    if parts is None:
        text, asked["each"] = _ALL, OF_EACH
    else:
        text, asked["parts"] = _PARTS, filters.storable(parts)
    statement = sa.text(text.replace("{name}", tables(name).main.name))
    rows = await session.execute(statement, asked)
    found: dict[str, set[str]] = {}
    for key, kind in rows:
        found.setdefault(key, set()).add(kind)
    return found


_TYPES = """
    select distinct key, jsonb_typeof(value) from (
        {sample}) as doc, jsonb_each(doc.props) as each
    where jsonb_typeof(doc.props) = 'object'"""
_ALL = _TYPES.replace(
    "{sample}",
    """(select props from {name} order by t0 desc, seq desc limit :sample)
        union all (select props from {name} order by t0, seq limit :sample)
        union all (select one.props
            from (select distinct part from {name}) as every,
            lateral (select props from {name} where part = every.part
                     order by t0 desc, seq desc limit :each) as one)""",
)
_PARTS = _TYPES.replace(
    "{sample}",
    """select one.props from unnest(cast(:parts as text[])) as every(part),
            lateral (select props from {name} where part = every.part
                     order by t0 desc, seq desc limit :sample) as one""",
)


async def has_scalar(
    session: ReadSession, name: str, prop: str, parts: Sequence[str] | None = None
) -> bool:
    """Whether any document has a string, a number or a boolean under that name."""
    table = tables(name).main
    where = [
        table.c.props.has_key(prop),
        sa.func.jsonb_typeof(table.c.props[prop]).in_(SCALARS),
    ]
    if parts is not None:
        where.append(filters.of_parts(table, filters.storable(parts)))
    there = sa.select(sa.exists(sa.select(table.c.seq).where(*where)))
    return bool((await session.execute(there)).scalar_one())
