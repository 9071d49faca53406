"""Writing Items, of which the catalogue is the source of truth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from earthcode_common.auth import Principal
from earthcode_common.db import ReadSession, WriteSession
from earthcode_common.etags import quoted
from earthcode_common.problems import Conflict, NotFound

from catalog_api import store
from catalog_api.domain import access
from catalog_api.domain.items import Item, searchable
from catalog_api.domain.text import etag_of


class Written(NamedTuple):
    id: str
    etag: str  # quoted


@dataclass
class Report:
    """What became of the lines of a bulk load."""

    received: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)


async def authorise(session: ReadSession, product: str, who: Principal) -> None:
    """Raises NotFound (no such product) or Forbidden."""
    owner = await store.owner(session, "product", product)
    if owner is None:
        raise NotFound(f"There is no product {product!r} to hold Items")
    access.check_writer(owner, (who.sub, who.platform), who.roles)


async def create(
    session: WriteSession, product: str, who: Principal, items: Sequence[Item]
) -> list[Written]:
    """All or none; raises NotFound, Forbidden, or Conflict that names what is there already."""
    await authorise(session, product, who)
    await store.lock_items(session, product)
    there = await store.item_versions(session, product, [one.id for one in items])
    if there:
        _refuse_known(items, there)
    return await _put(session, product, [(one, 1) for one in items])


def _refuse_known(items: Sequence[Item], there: dict[str, tuple[int, str]]) -> None:
    known = [(place, one.id) for place, one in enumerate(items) if one.id in there]
    pointer = "/id" if len(items) == 1 else "/features/{}/id"
    errors = [
        {"pointer": pointer.format(place), "detail": f"The Item {id!r} is there already"}
        for place, id in known
    ]
    raise Conflict(
        errors[0]["detail"] if len(known) == 1 else f"{len(known)} Items are there already",
        errors=[error | {"hint": "replace it with PUT"} for error in errors],
    )


async def replace(
    session: WriteSession, product: str, who: Principal, item: Item, check: Callable[[str], None]
) -> Written:
    """``check`` gets the quoted ETag of what is there and may raise; raises NotFound, Forbidden."""
    version = await _seen(session, product, who, item.id, check)
    return (await _put(session, product, [(item, version + 1)]))[0]


async def delete(
    session: WriteSession, product: str, who: Principal, id: str, check: Callable[[str], None]
) -> None:
    await _seen(session, product, who, id, check)
    await store.items.delete(session, product, [id])


async def _seen(
    session: WriteSession, product: str, who: Principal, id: str, check: Callable[[str], None]
) -> int:
    """The version that is there, which ``check`` agreed to; it stays until the transaction ends."""
    await authorise(session, product, who)
    await store.lock_items(session, product)
    there = await store.item_versions(session, product, [id])
    if id not in there:
        raise NotFound(f"There is no Item {id!r} in the Collection {product!r}")
    version, etag = there[id]
    check(quoted(etag))
    return version


async def load(
    session: WriteSession,
    product: str,
    who: Principal,
    items: Sequence[tuple[int, Item]],
    report: Report,
    *,
    replacing: bool,
) -> None:
    """Store (line, Item) pairs and count them; of equal ids the last line counts."""
    await authorise(session, product, who)
    await store.lock_items(session, product)
    there = await store.item_versions(session, product, [one.id for _, one in items])
    chosen: dict[str, tuple[Item, int]] = {}
    for line, one in items:
        version, etag = there.get(one.id, (0, ""))
        if version and not replacing:
            detail = f"The Item {one.id!r} is there already"
            report.errors.append({"line": line, "id": one.id, "detail": detail})
        elif etag == etag_of(one.doc):
            report.unchanged += 1
            chosen.pop(one.id, None)
        else:
            report.updated += bool(version) or one.id in chosen
            report.inserted += not version and one.id not in chosen
            chosen[one.id] = (one, version + 1)
    await _put(session, product, list(chosen.values()))


async def _put(
    session: WriteSession, product: str, items: Sequence[tuple[Item, int]]
) -> list[Written]:
    documents = [
        searchable(one, product, version=version, etag=etag_of(one.doc)) for one, version in items
    ]
    await store.items.put(session, documents)
    return [Written(one.id, quoted(one.etag)) for one in documents]
