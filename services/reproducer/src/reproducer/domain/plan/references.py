"""What an experiment refers to: its workflow, its files, its products."""

from collections.abc import Iterable, Mapping
from typing import Any

from reproducer.domain.plan.reading import (
    entity_of,
    links,
    mapping,
    path_of,
    properties,
    text,
    texts,
)

# An input that is itself a product is not what the experiment made.
NOT_OUTCOMES = {"input", "root", "parent", "self", "collection", "derived_from"}


def workflow_id(experiment: Mapping[str, Any]) -> str | None:
    """The reference field is the truth; a link to exactly one workflow serves without it."""
    named = text(properties(experiment).get("osc:workflow"))
    if named:
        return named
    linked = {found[1] for found in _entities(experiment) if found[0] == "workflow"}
    return linked.pop() if len(linked) == 1 else None


def product_ids(
    experiment: Mapping[str, Any], incoming: Iterable[tuple[str, str]] = ()
) -> list[str]:
    """Products named by field, by link, or that name the experiment themselves (``incoming``)."""
    fields = properties(experiment)
    found = texts(fields.get("osc:product")) + texts(fields.get("osc:products"))
    found += [key for kind, key in _entities(experiment) if kind == "product"]
    found += [key for kind, key in incoming if kind == "product"]
    return list(dict.fromkeys(found))


def _entities(experiment: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for _, link, href in links(experiment):
        found = entity_of(href)
        if found and text(link.get("rel")) not in NOT_OUTCOMES:
            yield found


def file_link(experiment: Mapping[str, Any], rel: str) -> tuple[int, str] | None:
    """(index, href) of the first link with this relation."""
    return next(
        ((index, href) for index, link, href in links(experiment) if link.get("rel") == rel), None
    )


def cannot_be_a_file(href: str) -> bool:
    """A repository or another entity's document where a file of parameters was asked for."""
    return path_of(href).endswith(".git") or entity_of(href) is not None


def incoming_references(graph: Any, kind: str, key: str) -> list[tuple[str, str]]:
    """(kind, id) of what refers to an entity, by the edges of the publisher's graph document."""
    edges = graph.get("edges") if isinstance(graph, Mapping) else None
    found = [mapping(edge) for edge in edges] if isinstance(edges, list) else []
    ends = [(mapping(edge.get("from")), mapping(edge.get("to"))) for edge in found]
    sources = [a for a, b in ends if (b.get("kind"), b.get("id")) == (kind, key)]
    pairs = [(text(source.get("kind")), text(source.get("id"))) for source in sources]
    return [(kind, key) for kind, key in pairs if kind and key]
