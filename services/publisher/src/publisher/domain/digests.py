"""Digests: sha2-256 as a hex multihash (``1220`` + 64 digits), the form of ``file:checksum``."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import rfc8785

from publisher.domain.documents import Document


def multihash(content: bytes) -> str:
    return "1220" + hashlib.sha256(content).hexdigest()


def document_digest(document: Document) -> str:
    """Of the canonical form (RFC 8785), so that layout and key order do not count.

    RFC 8785 is for I-JSON (RFC 7493) only. What is not (integers beyond 2^53, numbers beyond
    double precision, halves of surrogate pairs, repeated names) is digested as the text it is.
    """
    if not document.repeats:
        try:
            return multihash(rfc8785.dumps(document.value))
        except (ValueError, RecursionError):
            pass
    return multihash(document.text.encode())


def revision_digest(members: Iterable[Mapping[str, Any]]) -> str:
    """Of a list of members: ``kind``, ``id``, ``digest`` and ``attachments``; order counts."""
    manifest = [
        {
            "kind": member["kind"],
            "id": member["id"],
            "digest": member["digest"],
            "attachments": [
                {name: attachment[name] for name in ("name", "media_type", "digest")}
                for attachment in member["attachments"]
            ],
        }
        for member in members
    ]
    return multihash(rfc8785.dumps(manifest))
