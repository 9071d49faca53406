"""Relations between entities, as their reference fields say."""

from typing import Annotated, Any

from earthcode_common.db import Reading
from earthcode_common.problems import NotFound
from fastapi import APIRouter, Query, Response

from publisher.openapi import routes as shown
from publisher.routes import views
from publisher.store import entities

router = APIRouter(prefix="/publish", tags=["graph"])
MAX_EDGES = 5000
Node = tuple[str, str]


@router.get("/graph/{kind}/{id}", **shown.graph)
async def read_graph(
    kind: str, id: str, session: Reading, depth: Annotated[int, Query(ge=1, le=3)] = 1
) -> Response:
    """Entities up to `depth` references away, in both directions; `truncated` says if cut off."""
    edges: dict[tuple[Node, str, Node], None] = {}
    nodes: dict[Node, None] = {(kind, id): None}
    border = [(kind, id)]
    for _ in range(depth):
        rows = await entities.edges(session, border, MAX_EDGES - len(edges))
        edges |= {((r.kind, r.id), r.rel, (r.target_kind, r.target_id)): None for r in rows}
        reached = {end: None for source, _, target in edges for end in (source, target)}
        border = [node for node in reached if node not in nodes]
        nodes |= reached
        if not border or len(edges) >= MAX_EDGES:
            break
    known = {(r.kind, r.id): r for r in await entities.titles(session, list(nodes))}
    if (kind, id) not in known:
        raise NotFound(f"There is no {kind[:50]} {id[:200]}")
    return views.json_response(
        {
            "nodes": [_node(node, known.get(node)) for node in nodes],
            "edges": [_edge(*edge) for edge in edges],
            "truncated": len(edges) >= MAX_EDGES,
        }
    )


def _node(node: Node, row: Any) -> dict[str, Any]:
    """An entity; one that is only referred to has no version."""
    kind, id = node
    title, version = (row.title, row.version) if row else (None, None)
    return {"kind": kind, "id": id, "title": title, "version": version}


def _edge(source: Node, rel: str, target: Node) -> dict[str, Any]:
    return {
        "from": {"kind": source[0], "id": source[1]},
        "rel": rel,
        "to": {"kind": target[0], "id": target[1]},
    }
