"""The tables of a search store (``store.sql``) for SQLAlchemy Core."""

import zlib
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.types import UserDefinedType


class Cube(UserDefinedType[Any]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "cube"


class Place(UserDefinedType[Any]):
    """PostgreSQL's own box, which has two dimensions."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "box"


class Tables(NamedTuple):
    main: sa.Table
    doc: sa.Table


@cache
def tables(name: str) -> Tables:
    if not name.isidentifier():
        raise ValueError(f"not a table name: {name!r}")
    metadata = sa.MetaData()
    moment = sa.DateTime(timezone=True)
    main = sa.Table(
        name,
        metadata,
        sa.Column("seq", sa.BigInteger, primary_key=True),
        *(sa.Column(c, sa.Text) for c in ("part", "id", "etag")),
        sa.Column("part_key", sa.Integer),
        sa.Column("version", sa.BigInteger),
        sa.Column("timed", sa.Boolean),
        *(sa.Column(c, moment) for c in ("updated", "t0", "t1")),
        *(sa.Column(c, sa.Double) for c in ("x0", "y0", "x1", "y1")),
        sa.Column("box", Cube),
        sa.Column("wkb", sa.LargeBinary),
        sa.Column("props", JSONB),
        sa.Column("words", TSVECTOR),
    )
    doc = sa.Table(
        f"{name}_doc", metadata, sa.Column("seq", sa.BigInteger), sa.Column("doc", sa.Text)
    )
    return Tables(main, doc)


def part_key(part: str) -> int:
    """CRC-32 as a signed 32-bit number."""
    value = zlib.crc32(part.encode("utf-8", "surrogatepass"))
    return value - (1 << 32) if value >= 1 << 31 else value
