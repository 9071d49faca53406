"""Writing into a search store: bulk upserts in which the newer version wins."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import sqlalchemy as sa

from earthcode_common.db import WriteSession
from earthcode_common.ogc import words
from earthcode_common.ogc.datetimes import NO_TIME, OPEN_END, OPEN_START
from earthcode_common.ogc.geometry import Footprint, footprint
from earthcode_common.ogc.query import Document
from earthcode_common.ogc.tables import part_key
from earthcode_common.problems import BadRequest

CHUNK = 1000
COLUMNS = {
    "part": "text",
    "part_key": "int",
    "id": "text",
    "version": "bigint",
    "etag": "text",
    "updated": "timestamptz",
    "timed": "boolean",
    "t0": "timestamptz",
    "t1": "timestamptz",
    "x0": "float8",
    "y0": "float8",
    "x1": "float8",
    "y1": "float8",
    "wkb": "bytea",
    "props": "jsonb",
    "words": "tsvector",
    "doc": "text",
}
_AS_TEXT = ("jsonb", "tsvector")


def upsert(name: str) -> sa.TextClause:
    stored = [column for column in COLUMNS if column != "doc"]
    arrays = ", ".join(f"cast(:{c} as {_wire(t)}[])" for c, t in COLUMNS.items())
    values = ", ".join(f"cast({c} as {t})" if t in _AS_TEXT else c for c, t in COLUMNS.items())
    changed = ", ".join(f"{c} = excluded.{c}" for c in stored if c not in ("part", "id"))
    return sa.text(f"""
        with given as (
            select {values} from unnest({arrays}) as u({", ".join(COLUMNS)})),
        kept as (
            insert into {name} as old ({", ".join(stored)})
            select {", ".join(stored)} from given order by part, id
            on conflict (part, id) do update set {changed} where old.version <= excluded.version
            returning seq, part, id)
        insert into {name}_doc (seq, doc)
        select kept.seq, given.doc from kept join given using (part, id)
        on conflict (seq) do update set doc = excluded.doc""")


def _wire(type_: str) -> str:
    return "text" if type_ in _AS_TEXT else type_


async def put(session: WriteSession, name: str, documents: Iterable[Document]) -> None:
    rows = [_row(document) for document in _newest(documents)]
    statement = upsert(name)
    for start in range(0, len(rows), CHUNK):
        chunk = rows[start : start + CHUNK]
        columns = zip(*chunk, strict=True)
        await session.execute(statement, dict(zip(COLUMNS, map(list, columns), strict=True)))


def _newest(documents: Iterable[Document]) -> list[Document]:
    """One document per key; one order of locking for all writers."""
    found: dict[tuple[str, str], Document] = {}
    for document in documents:
        key = (document.part, document.id)
        if key not in found or found[key].version <= document.version:
            found[key] = document
    return [found[key] for key in sorted(found)]


def _row(document: Document) -> Sequence[Any]:
    for member in ("part", "id", "doc", "etag"):
        encoded(getattr(document, member), member)
    vector = words.vector(document.title, document.keywords, document.text)
    return (
        document.part,
        part_key(document.part),
        document.id,
        document.version,
        document.etag,
        document.updated or datetime.now(UTC),
        *time_of(document),
        *box_of(document),
        storable_json(document.props),
        vector,
        document.doc,
    )


def box_of(document: Document) -> Sequence[Any]:
    """West, south, east, north and WKB; of each None when there is no geometry."""
    if document.geometry is None:
        return (None,) * 5
    if isinstance(document.geometry, Footprint):
        return document.geometry
    return footprint(document.geometry)


def time_of(document: Document) -> tuple[bool, datetime, datetime]:
    if document.start is None and document.end is None:
        return False, NO_TIME, NO_TIME
    start, end = document.start or OPEN_START, document.end or OPEN_END
    if start > end:
        raise BadRequest(f"{document.part}/{document.id} ends before it starts")
    return True, max(start, OPEN_START), min(end, OPEN_END)


def encoded(text: str, member: str) -> bytes:
    """Raises BadRequest for what PostgreSQL cannot hold."""
    if "\0" in text:
        raise BadRequest(f"The {member} holds a NUL character")
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BadRequest(f"The {member} holds half a character (a lone surrogate)") from None


def storable_json(value: Any) -> str:
    """JSON that PostgreSQL's jsonb takes: NUL characters and lone surrogates become U+FFFD.

    Raises BadRequest for what is nested deeper than about 250 levels.
    """
    try:
        text = orjson.dumps(value).decode()
    except (TypeError, ValueError):  # Lone surrogates, integers over 64 bits, deep nesting.
        text = "\\u0000"
    return text if "\\u0000" not in text else _dumps_clean(value)


def _dumps_clean(value: Any) -> str:
    try:
        return orjson.dumps(_clean(value)).decode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadRequest(f"The properties cannot be stored as JSON: {error}") from error


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        text = value.replace("\0", "\ufffd")
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_clean(key): _clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(inner) for inner in value]
    if isinstance(value, int) and abs(value) >= 1 << 63:
        return float(value) if abs(value) < 1 << 1000 else None
    return value
