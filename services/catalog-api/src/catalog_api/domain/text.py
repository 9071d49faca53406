"""Digests of what is served."""

import hashlib


def etag_of(doc: str) -> str:
    """The ETag (unquoted) of a stored text: the same text, the same tag."""
    return hashlib.sha256(doc.encode()).hexdigest()[:32]
