"""Request bodies: read strictly, documents cut out as text; refusals say where and how to mend."""

from publisher.bodies.entries import Draft, Failure, Import, bundle, draft, legacy, read_draft
from publisher.bodies.envelope import Raw, options, words
from publisher.bodies.refs import Ref, refs

__all__ = [
    "Draft",
    "Failure",
    "Import",
    "Raw",
    "Ref",
    "bundle",
    "draft",
    "legacy",
    "options",
    "read_draft",
    "refs",
    "words",
]
