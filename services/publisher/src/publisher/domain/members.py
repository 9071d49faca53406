"""Values that travel between a request and the store: entries with their attachments."""

from dataclasses import dataclass, field
from typing import Any

from publisher.domain.digests import document_digest, multihash
from publisher.domain.documents import Document
from publisher.domain.kinds import title_of


@dataclass(frozen=True)
class Attachment:
    """A file beside a document, addressed by its content."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    digest: str = ""

    @classmethod
    def of(cls, name: str, media_type: str, content: bytes) -> "Attachment":
        return cls(name, media_type, content, multihash(content))

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "media_type": self.media_type,
            "size": len(self.content),
            "digest": self.digest,
        }


@dataclass(frozen=True)
class Entry:
    """An entity as somebody sent it; ``document.value`` is an object with a usable id."""

    kind: str
    id: str
    title: str
    document: Document = field(repr=False)
    digest: str
    files: tuple[Attachment, ...] = ()

    @classmethod
    def of(cls, kind: str, document: Document, files: tuple[Attachment, ...] = ()) -> "Entry":
        title = title_of(kind, document.value)
        return cls(kind, document.value["id"], title, document, document_digest(document), files)

    @property
    def attachments(self) -> list[dict[str, Any]]:
        return [file.as_dict() for file in self.files]
