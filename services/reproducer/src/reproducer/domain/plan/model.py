"""The values that a plan is made from and made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Document = Mapping[str, Any]
Found = Literal["found", "missing", "not-a-file", "refused", "unreachable", "too-large"]


@dataclass(frozen=True)
class Reason:
    """Why an experiment cannot be run; ``pointer`` (RFC 6901) is into the document (kind, id)."""

    code: str
    message: str
    hint: str
    pointer: str = ""
    kind: str = "experiment"
    id: str = ""


@dataclass(frozen=True)
class File:
    """What a link led to. ``text`` is set when ``found``."""

    href: str
    found: Found
    text: str = ""
    digest: str | None = None
    detail: str = ""


@dataclass(frozen=True)
class Product:
    id: str
    document: Document | None
    digest: str | None = None
    items: Sequence[Document] = ()
    more_items: bool = False


@dataclass(frozen=True)
class Platform:
    id: str
    title: str
    kind: str
    url: str


@dataclass(frozen=True)
class Sources:
    """All that is known about an experiment; ``None`` where there was nothing to fetch."""

    id: str
    experiment: Document
    digest: str | None = None
    workflow: Document | None = None
    workflow_digest: str | None = None
    inputs: File | None = None
    environment: File | None = None
    products: Sequence[Product] = ()
    more_products: bool = False


@dataclass(frozen=True)
class Output:
    """A file that was published, and that a run must give again under the name ``name``."""

    name: str
    media_type: str | None
    product: str
    href: str
    item: str | None = None
    checksum: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class Backend:
    """How the workflow is run: ``process`` at ``endpoint`` (a platform's base address)."""

    kind: str
    endpoint: str | None = None
    process: str | None = None
    platform: str | None = None
    href: str | None = None


@dataclass(frozen=True)
class Plan:
    experiment: str
    title: str
    reasons: Sequence[Reason] = ()
    warnings: Sequence[Reason] = ()
    backend: Backend | None = None
    platform: Platform | None = None
    inputs: Mapping[str, Any] | None = None
    environment: Mapping[str, Any] = field(default_factory=dict)
    outputs: Sequence[Output] = ()
    comparison: Mapping[str, Any] = field(default_factory=dict)
    workflow: str | None = None
    documents: Sequence[Mapping[str, Any]] = ()

    @property
    def executable(self) -> bool:
        return not self.reasons
