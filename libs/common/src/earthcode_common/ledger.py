"""What projections are made from, over HTTP: the ledger and the records of reproductions."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

import httpx2

from earthcode_common.http import MEBIBYTE, Outbound
from earthcode_common.ogc import jsontext
from earthcode_common.ogc.entities import Key
from earthcode_common.ogc.links import address
from earthcode_common.problems import Unavailable

PAGE = 500
BATCH = 100
MAX_BYTES = 256 * MEBIBYTE
HEAD = ("kind", "id", "version", "digest", "owner")


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

    @property
    def ref(self) -> Ref:
        return Ref(self.key, self.version)


async def documents(http: Outbound, base: str, refs: Sequence[Ref]) -> list[Published]:
    """Raises Unavailable when the publisher is away, LookupError when it lacks one of ``refs``."""
    found: list[Published] = []
    for start in range(0, len(refs), BATCH):
        found += await _documents(http, f"{base}/publish/documents", refs[start : start + BATCH])
    missing = set(refs) - {one.ref for one in found}
    if missing:
        raise LookupError(f"the publisher does not have {sorted(missing)[:10]}")
    return found


async def _documents(http: Outbound, url: str, refs: Sequence[Ref]) -> list[Published]:
    wanted = [{"kind": r.key.kind, "id": r.key.id, "version": r.version} for r in refs]
    answer = await http.request("POST", url, json={"refs": wanted}, max_bytes=MAX_BYTES)
    if answer.status_code == 413 and len(refs) > 1:  # together they are too large
        half = len(refs) // 2
        first = await _documents(http, url, refs[:half])
        return first + await _documents(http, url, refs[half:])
    return _published(_checked(answer))


def _published(answer: httpx2.Response) -> list[Published]:
    """The documents' texts stay as they are."""
    parts = jsontext.members(answer.content.decode())
    found = []
    for each in jsontext.elements(parts["documents"].text):
        one = jsontext.members(each.text)
        kind, id, version, digest, owner = (one[name].value for name in HEAD)
        found.append(Published(Key(kind, id), version, digest, owner, one["document"].text))
    return found


async def current(http: Outbound, base: str) -> AsyncIterator[list[Ref]]:
    """All entities of the ledger in their current versions, page by page."""
    async for page in _pages(http, f"{base}/publish/entities"):
        yield [Ref(Key(one["kind"], one["id"]), one["version"]) for one in page["entities"]]


async def reproductions(http: Outbound, base: str) -> AsyncIterator[Ref]:
    async for page in _pages(http, f"{base}/reproduce/reproductions"):
        for one in page["reproductions"]:
            yield Ref(Key("reproduction", one["id"]), one["version"])


async def reproduction(http: Outbound, base: str, id: str) -> str:
    """The text of its record; raises Unavailable or LookupError."""
    url = address(f"{base}/reproduce/reproductions", id)
    return _checked(await http.get(url, max_bytes=MAX_BYTES)).content.decode()


async def _pages(http: Outbound, url: str) -> AsyncIterator[Any]:
    asked: dict[str, Any] = {"limit": PAGE}
    while True:
        page = _checked(await http.get(url, params=asked, max_bytes=MAX_BYTES)).json()
        yield page
        if page.get("next") is None:
            return
        asked["after"] = page["next"]


def _checked(answer: httpx2.Response) -> httpx2.Response:
    """Raises Unavailable when asking again later may help, else LookupError."""
    status, said = answer.status_code, f"{answer.url} answered {answer.status_code}"
    if status >= 500 or status == 429:
        raise Unavailable(said)
    if status != 200:
        raise LookupError(said)
    return answer
