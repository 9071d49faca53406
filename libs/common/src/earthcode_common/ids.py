"""Identifiers: time-ordered UUIDs (RFC 9562 section 5.7) and content digests (multihash)."""

import hashlib
import os
import time
from uuid import UUID


def uuid7() -> UUID:
    value = int(time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def multihash(content: bytes) -> str:
    """sha2-256 as a hex multihash, the form of STAC's ``file:checksum``: ``1220`` + 64 digits."""
    return "1220" + hashlib.sha256(content).hexdigest()
