"""The ledger's documents and list, from the publisher."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import NamedTuple

from earthcode_common.http import MEBIBYTE, Outbound
from earthcode_common.ogc import jsontext
from earthcode_common.ogc.entities import Key
from earthcode_common.problems import Unavailable

PAGE = 500
BATCH = 100
MAX_BYTES = 256 * MEBIBYTE


class Ref(NamedTuple):
    key: Key
    version: int


class Published(NamedTuple):
    """A version of an entity; ``document`` is its text."""

    key: Key
    version: int
    digest: str
    owner: str
    document: str


async def documents(http: Outbound, base: str, refs: Sequence[Ref]) -> list[Published]:
    """Raises Unavailable when the publisher is away, LookupError when it lacks one of ``refs``."""
    found: list[Published] = []
    for start in range(0, len(refs), BATCH):
        found += await _batch(http, base, refs[start : start + BATCH])
    return found


async def _batch(http: Outbound, base: str, refs: Iterable[Ref]) -> list[Published]:
    wanted = [{"kind": r.key.kind, "id": r.key.id, "version": r.version} for r in refs]
    url = f"{base}/publish/documents"
    answer = await http.request("POST", url, json={"refs": wanted}, max_bytes=MAX_BYTES)
    check(answer.status_code, url)
    parts = jsontext.members(answer.content.decode())
    missing = parts["missing"].value if "missing" in parts else []
    if missing:
        raise LookupError(f"the publisher does not know {missing[:10]}")
    return [_published(one.text) for one in jsontext.elements(parts["documents"].text)]


def _published(text: str) -> Published:
    one = jsontext.members(text)
    key = Key(one["kind"].value, one["id"].value)
    digest, owner = one["digest"].value, one["owner"].value
    return Published(key, one["version"].value, digest, owner, one["document"].text)


async def current(http: Outbound, base: str) -> AsyncIterator[list[Ref]]:
    """All entities of the ledger in their current versions, page by page."""
    after: str | int | None = 0
    while after is not None:
        url = f"{base}/publish/entities"
        answer = await http.get(url, params={"after": after, "limit": PAGE}, max_bytes=MAX_BYTES)
        check(answer.status_code, url)
        page = answer.json()
        yield [Ref(Key(one["kind"], one["id"]), one["version"]) for one in page["entities"]]
        after = page.get("next")


def check(status: int, url: str) -> None:
    """Raises Unavailable when asking again later may help, else LookupError."""
    if status >= 500 or status == 429:
        raise Unavailable(f"{url} answered {status}")
    if status != 200:
        raise LookupError(f"{url} answered {status}")
