"""The folder layout of the Open Science Catalog: where each kind of entity lives."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

# kind -> folder, file name (README of the Open Science Catalog metadata repository)
PLACES = {
    "theme": ("themes", "catalog.json"),
    "mission": ("eo-missions", "catalog.json"),
    "variable": ("variables", "catalog.json"),
    "project": ("projects", "collection.json"),
    "workflow": ("workflows", "record.json"),
    "experiment": ("experiments", "record.json"),
    "product": ("products", "collection.json"),
}
KIND_OF_FOLDER = {folder: kind for kind, (folder, _) in PLACES.items()}
MEDIA_TYPES = {
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".webp": "image/webp",
    ".png": "image/png",
    ".json": "application/json",
    ".csv": "text/csv",
    ".nc": "application/x-netcdf",
    ".tif": "image/tiff; application=geotiff",
}


class TreeError(Exception):
    """The folder is not a catalogue tree."""


@dataclass(frozen=True)
class Entity:
    kind: str
    id: str  # the folder's name, which the document's id must repeat
    path: Path
    attachments: tuple[Path, ...] = ()
    items: tuple[Path, ...] = field(default=())

    @property
    def text(self) -> str:
        """The document as it stands in the file; raises UnicodeDecodeError when it is not UTF-8."""
        return self.path.read_bytes().decode("utf-8")


def read(root: Path) -> list[Entity]:
    """Every entity below ``root``, referenced kinds before those that refer to them."""
    if not any((root / folder).is_dir() for folder, _ in PLACES.values()):
        raise TreeError(
            f"{root} holds none of the folders {', '.join(f for f, _ in PLACES.values())}"
        )
    return [entity for kind in PLACES for entity in _of_kind(root, kind)]


def _of_kind(root: Path, kind: str) -> Iterator[Entity]:
    folder, name = PLACES[kind]
    for place in sorted(path for path in (root / folder).glob("*") if path.is_dir()):
        document = place / name
        if document.is_file():
            yield _entity(kind, place, document)


def _entity(kind: str, place: Path, document: Path) -> Entity:
    others = sorted(path for path in place.iterdir() if path.is_file() and path != document)
    items = [path for path in others if kind == "product" and path.suffix == ".json"]
    attachments = [path for path in others if path not in items]
    return Entity(kind, place.name, document, tuple(attachments), tuple(items))


def place_of(kind: str, id: str) -> PurePosixPath:
    folder, name = PLACES[kind]
    return PurePosixPath(folder, id, name)


def entity_of(path: str) -> tuple[str, str] | None:
    """(kind, id) of the entity that a file of the tree belongs to; None for the catalogues."""
    parts = PurePosixPath(path).parts
    if len(parts) < 3 or parts[-3] not in KIND_OF_FOLDER:
        return None
    return KIND_OF_FOLDER[parts[-3]], parts[-2]


def media_type(path: Path) -> str:
    return MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")
