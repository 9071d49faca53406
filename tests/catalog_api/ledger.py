"""The ledger as projections see it: the publisher and the reproducer, on a real port."""

import json
from dataclasses import dataclass, field
from typing import Any

from earthcode_common.contracts import EntityPublished
from earthcode_common.ids import multihash
from earthcode_common.ogc import jsontext
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PUBLIC = "https://catalogue.test"
FOLDERS = {
    "product": ("products", "collection.json"),
    "project": ("projects", "collection.json"),
    "theme": ("themes", "catalog.json"),
    "variable": ("variables", "catalog.json"),
    "mission": ("eo-missions", "catalog.json"),
    "workflow": ("workflows", "record.json"),
    "experiment": ("experiments", "record.json"),
}


@dataclass
class Entry:
    kind: str
    id: str
    version: int
    text: str
    owner: str
    sequence: int

    @property
    def title(self) -> str:
        document = jsontext.parse(self.text).value
        return str(document.get("title") or document.get("properties", {}).get("title") or self.id)

    def event(self, submission: str | None = None) -> EntityPublished:
        digest = multihash(self.text.encode())
        return EntityPublished(
            kind=self.kind, id=self.id, version=self.version, digest=digest, title=self.title,
            owner=self.owner, submission=submission, href=f"{PUBLIC}/publish/entities/{self.kind}",
        )  # fmt: skip


@dataclass
class Ledger:
    """What was published; every version is kept, the last one is current."""

    entries: list[Entry] = field(default_factory=list)
    answers: int = 200  # the status of documents, to be away
    reproductions: dict[str, Any] = field(default_factory=dict)

    def publish(self, kind: str, document: Any, *, id: str = "", owner: str = "deepesdl") -> Entry:
        """``document`` may be text, so that odd spellings of JSON stay."""
        text = document if isinstance(document, str) else json.dumps(document)
        id = id or jsontext.parse(text).value["id"]
        version = 1 + sum(e.kind == kind and e.id == id for e in self.entries)
        self.entries.append(Entry(kind, id, version, text, owner, len(self.entries) + 1))
        return self.entries[-1]

    def current(self) -> list[Entry]:
        latest = {(e.kind, e.id): e for e in self.entries}
        return sorted(latest.values(), key=lambda e: e.sequence)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/publish/documents", self._documents, methods=["POST"]),
                Route("/publish/entities", self._entities),
                Route("/reproduce/reproductions", self._reproductions),
                Route("/reproduce/reproductions/{id}", self._reproduction),
            ]
        )

    async def _documents(self, request: Request) -> Response:
        if self.answers != 200:
            return Response(status_code=self.answers)
        refs = [(r["kind"], r["id"], r["version"]) for r in (await request.json())["refs"]]
        index = {(e.kind, e.id, e.version): e for e in self.entries}
        found = [self._member(index[ref]) for ref in refs if ref in index]
        missing = [{"kind": k, "id": i, "version": v} for k, i, v in refs if (k, i, v) not in index]
        content = f'{{"documents": [{", ".join(found)}], "missing": {json.dumps(missing)}}}'
        return Response(content, media_type="application/json")

    def _member(self, entry: Entry) -> str:
        head = {"kind": entry.kind, "id": entry.id, "version": entry.version}
        head |= {"digest": multihash(entry.text.encode()), "owner": entry.owner}
        return f'{json.dumps(head)[:-1]}, "document": {entry.text}}}'

    async def _entities(self, request: Request) -> Response:
        after, limit = (int(request.query_params.get(name, 0)) for name in ("after", "limit"))
        page = [e for e in self.current() if e.sequence > after]
        members = [
            {
                "kind": e.kind, "id": e.id, "version": e.version, "digest": "", "owner": e.owner,
                "title": e.title, "sequence": e.sequence,
            }
            for e in page[:limit]
        ]  # fmt: skip
        following = page[limit - 1].sequence if len(page) > limit else None
        return JSONResponse({"entities": members, "next": following})

    async def _reproductions(self, request: Request) -> Response:
        """A page of one, so that pages are followed."""
        ids = sorted(self.reproductions)
        start = int(request.query_params.get("after", 0))
        listed = [{"id": id, "version": 1} for id in ids[start : start + 1]]
        following = start + 1 if start + 1 < len(ids) else None
        return JSONResponse({"reproductions": listed, "next": following})

    async def _reproduction(self, request: Request) -> Response:
        return JSONResponse(self.reproductions[request.path_params["id"]])
