"""Collecting what is published about an experiment, and making the plan of it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from earthcode_common.problems import NotFound

from reproducer.clients.documents import Documents, Fetched
from reproducer.domain.plan import File, Plan, Platform, Product, Sources, resolve
from reproducer.domain.plan.reading import attachment_name, is_absolute
from reproducer.domain.plan.references import (
    cannot_be_a_file,
    file_link,
    incoming_references,
    product_ids,
    workflow_id,
)

MAX_PRODUCTS = 20


async def plan_experiment(
    documents: Documents, key: str, platforms: Sequence[Platform], wanted: str | None = None
) -> Plan:
    """Raises NotFound (no such experiment) or Unavailable (a neighbour does not answer)."""
    found = await documents.entity("experiment", key)
    if found is None:
        raise NotFound(f"There is no published experiment {key}")
    return resolve(await _collect(documents, key, found), platforms, wanted)


async def _collect(documents: Documents, key: str, found: Fetched) -> Sources:
    experiment: Mapping[str, Any] = found.document if isinstance(found.document, dict) else {}
    graph, workflow, inputs, environment = await asyncio.gather(
        documents.graph("experiment", key),
        _workflow(documents, workflow_id(experiment)),
        _linked_file(documents, key, experiment, "input"),
        _linked_file(documents, key, experiment, "environment"),
    )
    ids = product_ids(experiment, incoming_references(graph, "experiment", key))
    found_products = (_product(documents, product) for product in ids[:MAX_PRODUCTS])
    products = await asyncio.gather(*found_products)
    return Sources(
        id=key,
        experiment=experiment,
        digest=found.digest,
        workflow=_mapping(workflow),
        workflow_digest=workflow.digest if workflow else None,
        inputs=inputs,
        environment=environment,
        products=products,
        more_products=len(ids) > MAX_PRODUCTS,
    )


async def _workflow(documents: Documents, key: str | None) -> Fetched | None:
    return await documents.entity("workflow", key) if key else None


async def _product(documents: Documents, key: str) -> Product:
    found, (items, more) = await asyncio.gather(
        documents.entity("product", key), documents.items(key)
    )
    return Product(key, _mapping(found), found.digest if found else None, items, more)


async def _linked_file(
    documents: Documents, key: str, experiment: Mapping[str, Any], rel: str
) -> File | None:
    link = file_link(experiment, rel)
    if link is None:
        return None
    href = link[1]
    if cannot_be_a_file(href):
        return File(href, "not-a-file")
    if is_absolute(href):
        return await documents.file(href)
    name = attachment_name(href)
    if name is None:
        return File(href, "not-a-file", detail="only files beside the experiment are read")
    return await documents.attachment("experiment", key, name)


def _mapping(found: Fetched | None) -> Mapping[str, Any] | None:
    if found is None:
        return None
    return found.document if isinstance(found.document, dict) else {}
