"""Lines of a body that is read as it comes."""

from collections.abc import AsyncIterator

MAX_LINES = 1000
MAX_BYTES = 4 * 1024 * 1024
Line = tuple[int, bytes | None]  # None: longer than allowed


async def batches(chunks: AsyncIterator[bytes], longest: int) -> AsyncIterator[list[Line]]:
    """Numbered lines that are not empty, so many at a time as memory may hold."""
    batch: list[Line] = []
    size = 0
    async for number, line in _lines(chunks, longest):
        if line is not None and not line.strip():
            continue
        batch.append((number, line))
        size += len(line or b"")
        if len(batch) >= MAX_LINES or size >= MAX_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


async def _lines(chunks: AsyncIterator[bytes], longest: int) -> AsyncIterator[Line]:
    number, size = 1, 0
    kept: list[bytes] = []
    async for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            size += len(part)
            yield number, b"".join([*kept, part]) if size <= longest else None
            number, kept, size = number + 1, [], 0
        size += len(rest)
        kept.append(rest)
        if size > longest:
            kept.clear()
    if size:
        yield number, b"".join(kept) if size <= longest else None
