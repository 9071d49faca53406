"""New documents into a search store by COPY, in PostgreSQL's binary format.

The format is in PostgreSQL's documentation of COPY ("Binary Format"); that of a value is what the
type's receive function takes.
"""

import struct
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from earthcode_common.db import WriteSession
from earthcode_common.ogc import words, write
from earthcode_common.ogc.query import Document
from earthcode_common.ogc.tables import part_key

CHUNK = 1 << 18  # bytes handed to the connection at once
COLUMNS = (
    *("seq", "part", "part_key", "id", "version", "etag", "updated", "timed", "t0", "t1"),
    *("x0", "y0", "x1", "y1", "wkb", "props", "words"),
)
_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LENGTH = struct.Struct(">i")
_START = struct.Struct(">hiq")
_PART = struct.Struct(">ii")
_VERSION = struct.Struct(">iqi")  # and the length of the etag
_TIMES = struct.Struct(">iq ib iq iq")
_BOX = struct.Struct(">id id id id i")  # and the length of the WKB
_NO_BOX = _LENGTH.pack(-1) * 5
_JSONB = struct.Struct(">ib")


async def insert(session: WriteSession, name: str, documents: Sequence[Document]) -> None:
    """Raises asyncpg's UniqueViolationError when one of them is there already."""
    given = await session.fetch(
        "select array(select nextval(pg_get_serial_sequence($1, 'seq'))"
        " from generate_series(1, $2))",
        (name, len(documents)),
    )
    numbered = list(zip(given[0][0], documents, strict=True))
    now = _micros(datetime.now(UTC))
    await _copy(session, name, COLUMNS, (_row(seq, one, now) for seq, one in numbered))
    docs = (_doc(seq, one) for seq, one in numbered)
    await _copy(session, f"{name}_doc", ("seq", "doc"), docs)


async def _copy(
    session: WriteSession, table: str, columns: Sequence[str], rows: Iterable[bytes]
) -> None:
    connection = await session.driver()
    await connection.copy_to_table(table, source=_chunks(rows), columns=columns, format="binary")


async def _chunks(rows: Iterable[bytes]) -> AsyncIterator[bytes]:
    kept, size = [_HEADER], 0
    for row in rows:
        kept.append(row)
        size += len(row)
        if size >= CHUNK:
            yield b"".join(kept)
            kept, size = [], 0
    yield b"".join([*kept, _END])


def _row(seq: int, one: Document, now: int) -> bytes:
    id = write.encoded(one.id, "id")
    etag, props = write.encoded(one.etag, "etag"), write.storable_json(one.props).encode()
    timed, start, end = write.time_of(one)
    first = _micros(start)
    last = first if end is start else _micros(end)
    updated = _micros(one.updated) if one.updated else now
    vector = words.packed_vector(one.title, one.keywords, one.text)
    return b"".join(
        (
            _START.pack(len(COLUMNS), 8, seq),
            _part(one.part),
            _LENGTH.pack(len(id)),
            id,
            _VERSION.pack(8, one.version, len(etag)),
            etag,
            _TIMES.pack(8, updated, 1, timed, 8, first, 8, last),
            *_place(one),
            _JSONB.pack(len(props) + 1, 1),
            props,
            _LENGTH.pack(len(vector)),
            vector,
        )
    )


@lru_cache(maxsize=1000)
def _part(part: str) -> bytes:
    text = write.encoded(part, "part")
    return _LENGTH.pack(len(text)) + text + _PART.pack(4, part_key(part))


def _place(one: Document) -> tuple[bytes, ...]:
    x0, y0, x1, y1, wkb = write.box_of(one)
    if x0 is None:
        return (_NO_BOX,)
    return _BOX.pack(8, x0, 8, y0, 8, x1, 8, y1, len(wkb)), wkb


def _doc(seq: int, one: Document) -> bytes:
    doc = write.encoded(one.doc, "doc")
    return _START.pack(2, 8, seq) + _LENGTH.pack(len(doc)) + doc


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
