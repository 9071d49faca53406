"""Writing Items, of which the catalogue is the source of truth."""

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from earthcode_common.db import ReadSession, WriteSession
from earthcode_common.etags import quoted
from earthcode_common.ogc.query import Document
from earthcode_common.principal import Principal
from earthcode_common.problems import Conflict, NotFound

from catalog_api import store
from catalog_api.domain import access
from catalog_api.domain.items import Item, of_member, searchable
from catalog_api.domain.text import etag_of

MAX_ERRORS = 1000
OnConflict = Literal["error", "replace", "skip"]
Numbered = tuple[int, Document]  # the line it is from
Check = Callable[[str], None]  # gets the quoted ETag of what is there, and may raise


class Written(NamedTuple):
    id: str
    etag: str  # quoted


@dataclass
class Report:
    """What became of the lines of a bulk load; of many errors the first ones."""

    received: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    failed: int = 0
    errors: list[dict[str, Any]] = field(default_factory=list)

    @property
    def stored(self) -> int:
        return self.inserted + self.updated + self.unchanged

    def add(self, batch: "Report") -> None:
        self.inserted += batch.inserted
        self.updated += batch.updated
        self.unchanged += batch.unchanged
        self.fail(batch.errors)

    def fail(self, errors: Sequence[dict[str, Any]]) -> None:
        self.failed += len(errors)
        self.errors += sorted(errors, key=lambda one: one["line"])[: MAX_ERRORS - len(self.errors)]


async def authorise(session: ReadSession, product: str, who: Principal) -> None:
    """Raises NotFound (no such product) or Forbidden."""
    owner = await store.owner(session, "product", product)
    if owner is None:
        raise NotFound(f"There is no product {product!r} to hold Items")
    access.check_writer(owner, (who.sub, who.platform), who.roles)


async def create(
    session: WriteSession, product: str, who: Principal, items: Sequence[Item], *, many: bool
) -> list[Written]:
    """All or none; raises NotFound, Forbidden, or Conflict that names what is there already."""
    await authorise(session, product, who)
    await store.lock_items(session, product)
    there = await store.item_versions(session, product, [one.id for one in items])
    if there:
        _refuse_known(items, there, many)
    return await _put(session, product, [(one, 1) for one in items])


def _refuse_known(items: Sequence[Item], there: dict[str, tuple[int, str]], many: bool) -> None:
    known = [(place, one.id) for place, one in enumerate(items) if one.id in there]
    errors = [(place, _known(id)) for place, id in known]
    raise Conflict(
        errors[0][1]["detail"] if len(known) == 1 else f"{len(known)} Items are there already",
        errors=[of_member(error, place) if many else error for place, error in errors],
    )


def _known(id: str) -> dict[str, Any]:
    detail = f"The Item {id!r} is there already"
    return {"pointer": "/id", "detail": detail, "hint": "replace it with PUT"}


async def replace(
    session: WriteSession, product: str, who: Principal, item: Item, check: Check
) -> Written:
    """Raises NotFound, Forbidden, or what ``check`` raises."""
    held = await _hold(session, product, who, item.id, check)
    return (await _put(session, product, [(item, held.version + 1)]))[0]


async def patch(
    session: WriteSession,
    product: str,
    who: Principal,
    id: str,
    change: Callable[[str], Item],
    check: Check,
) -> tuple[Item, Written]:
    """``change`` makes the new Item of the text of the old one, which nobody changes meanwhile."""
    held = await _hold(session, product, who, id, check)
    item = await asyncio.to_thread(change, held.doc)
    return item, (await _put(session, product, [(item, held.version + 1)]))[0]


async def delete(
    session: WriteSession, product: str, who: Principal, id: str, check: Check
) -> None:
    """What is not there is as good as deleted; raises NotFound only for the product."""
    try:
        await _hold(session, product, who, id, check)
    except NoItem:
        return
    await store.items.delete(session, product, [id])


class NoItem(NotFound):
    """The product is there, the Item is not."""


async def _hold(
    session: WriteSession, product: str, who: Principal, id: str, check: Check
) -> store.Held:
    """What is there, which ``check`` agreed to change; it stays until the transaction ends."""
    await authorise(session, product, who)
    held = await store.lock_item(session, product, id)
    if held is None:
        raise NoItem(f"There is no Item {id!r} in the Collection {product!r}")
    check(quoted(held.etag))
    return held


async def load(
    session: WriteSession,
    product: str,
    who: Principal,
    documents: Sequence[Numbered],
    report: Report,
    *,
    replacing: bool,
) -> None:
    """Store what the lines of a bulk load hold, and count it."""
    await authorise(session, product, who)
    await store.lock_items(session, product)
    report.add(await store_all(session, documents, "replace" if replacing else "error"))


async def store_all(
    session: WriteSession,
    documents: Sequence[Numbered],
    conflict: OnConflict,
    *,
    all_new: bool = False,
) -> Report:
    """Of equal ids the last one counts when it replaces the others, else the first one.

    Nobody else may write these Items meanwhile, or asyncpg raises UniqueViolationError; so it does
    when they are ``all_new``, as the caller thinks, and one is there.
    """
    keys = [] if all_new else [(d.part, d.id) for _, d in documents]
    there = await store.versions_of_items(session, keys) if keys else {}
    report = Report()
    chosen: dict[tuple[str, str], Document] = {}
    for line, one in documents:
        key = (one.part, one.id)
        version, etag = there.get(key, (0, ""))
        if conflict != "replace" and (version or key in chosen):
            _count_known(report, line, one.id, conflict)
        elif etag == one.etag:
            report.unchanged += 1
            chosen.pop(key, None)
        else:
            report.updated += bool(version) or key in chosen
            report.inserted += not version and key not in chosen
            chosen[key] = _after(one, version)
    await store.items.insert(session, [chosen[key] for key in sorted(chosen) if key not in there])
    await store.items.put(session, [one for key, one in chosen.items() if key in there])
    return report


def _count_known(report: Report, line: int, id: str, conflict: OnConflict) -> None:
    if conflict == "skip":
        report.unchanged += 1
    else:
        detail = f"The Item {id!r} is there already"
        report.errors.append({"line": line, "id": id, "detail": detail})


def _after(one: Document, version: int) -> Document:
    return dataclasses.replace(one, version=version + 1) if version else one


async def _put(
    session: WriteSession, product: str, items: Sequence[tuple[Item, int]]
) -> list[Written]:
    documents = [
        searchable(one, product, version=version, etag=etag_of(one.doc)) for one, version in items
    ]
    await store.items.put(session, documents)
    return [Written(one.id, quoted(one.etag)) for one in documents]
