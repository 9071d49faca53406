"""Published entities, for anyone."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from earthcode_common.db import Reading
from earthcode_common.ogc.entities import BASE, Key, address
from earthcode_common.problems import NotFound
from fastapi import APIRouter, Path, Query, Request, Response

from publisher.domain.kinds import KINDS, VOCABULARIES
from publisher.openapi import routes as shown
from publisher.routes import files, views
from publisher.store import entities

router = APIRouter(prefix="/publish", tags=["entities"])
MAX_VERSION = 2**31 - 1
MAX_SEQUENCE = 2**63 - 1
Kind = Literal[KINDS]  # type: ignore[valid-type]
PUBLIC = {"Cache-Control": "no-cache"}
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("/entities", **shown.list_entities)
async def list_entities(
    session: Reading,
    kind: Kind | None = None,
    after: Annotated[int, Query(ge=0, le=MAX_SEQUENCE)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> Response:
    """Current versions in the order of the ledger. `next` goes into `after`; null is the end."""
    rows = await entities.page(session, kind, after, limit)
    following = rows[-1].sequence if len(rows) == limit else None
    return views.json_response({"entities": [dict(r._mapping) for r in rows], "next": following})


@router.get("/entities/{kind}/{id}", **shown.read_entity)
async def read_entity(request: Request, kind: str, id: str, session: Reading) -> Response:
    """The current document, exactly as it was submitted."""
    found = await _found(session, kind, id)
    return files.document(
        request, kind, found.document, found.digest, PUBLIC | _headers(request, found)
    )


@router.get("/entities/{kind}/{id}/versions", **shown.list_versions)
async def list_versions(request: Request, kind: str, id: str, session: Reading) -> Response:
    """All versions, oldest first."""
    rows = await entities.versions(session, kind, id)
    if not rows:
        raise _missing(kind, id)
    url = _url(request, kind, id)
    return views.json_response(
        {"kind": kind, "id": id, "versions": [_listed(r, url) for r in rows]}
    )


@router.get("/entities/{kind}/{id}/versions/{version}", **shown.read_entity)
async def read_version(
    request: Request,
    kind: str,
    id: str,
    version: Annotated[int, Path(ge=1, le=MAX_VERSION)],
    session: Reading,
) -> Response:
    """One version of a document, for ever the same."""
    found = await _found(session, kind, id, version)
    headers = FOREVER | _headers(request, found)
    return files.document(request, kind, found.document, found.digest, headers)


@router.get("/entities/{kind}/{id}/findings", **shown.read_findings)
async def read_findings(request: Request, kind: str, id: str, session: Reading) -> Response:
    """What the checks found when it was published, and references that lead nowhere now."""
    found = await _found(session, kind, id)
    dangling = [_dangling(kind, id, row) for row in await entities.dangling(session, kind, id)]
    findings = found.findings + dangling
    return views.json_response(
        {"kind": kind, "id": id, "version": found.version, "findings": findings}
    )


@router.get("/entities/{kind}/{id}/attachments/{name}", **shown.read_attachment)
async def read_attachment(
    request: Request, kind: str, id: str, name: str, session: Reading
) -> Response:
    """A file beside the current version."""
    found = await _found(session, kind, id)
    return await files.attachment(request, session, found.attachments, name, PUBLIC)


@router.get("/entities/{kind}/{id}/versions/{version}/attachments/{name}", **shown.read_attachment)
async def read_version_attachment(
    request: Request,
    kind: str,
    id: str,
    version: Annotated[int, Path(ge=1, le=MAX_VERSION)],
    name: str,
    session: Reading,
) -> Response:
    """A file beside one version."""
    found = await _found(session, kind, id, version)
    return await files.attachment(request, session, found.attachments, name, FOREVER)


@router.get("/vocabularies/{kind}", **shown.read_vocabulary)
async def read_vocabulary(kind: str, session: Reading) -> Response:
    """Ids and titles of all projects, themes, variables or missions, for pick lists."""
    if kind not in VOCABULARIES:
        raise NotFound(f"{kind[:50]} is no vocabulary", hint=f"one of {', '.join(VOCABULARIES)}")
    rows = await entities.vocabulary(session, kind)
    return views.json_response({"kind": kind, "terms": [dict(r._mapping) for r in rows]})


async def _found(session: Any, kind: str, id: str, version: int | None = None) -> Any:
    found = await entities.version(session, kind, id, version)
    if found is None:
        raise _missing(kind, id, version)
    return found


def _missing(kind: str, id: str, version: int | None = None) -> NotFound:
    if kind not in KINDS:
        return NotFound(f"{kind[:50]} is not a kind", hint=f"one of: {', '.join(KINDS)}")
    said = f"There is no {kind} {id[:200]}"
    return NotFound(f"{said} in version {version}" if version else said)


def _url(request: Request, kind: str, id: str) -> str:
    return f"{views.base(request)}/entities/{kind}/{quote(id)}"


def _headers(request: Request, found: Any) -> dict[str, str]:
    url, number = _url(request, found.kind, found.id), found.version
    links = {
        "version-history": f"{url}/versions",
        "latest-version": url,
        "alternate": _served(request, found),
    }
    if number > 1:
        links["predecessor-version"] = f"{url}/versions/{number - 1}"
    if number < found.current:
        links["successor-version"] = f"{url}/versions/{number + 1}"
    link = ", ".join(f'<{href}>; rel="{rel}"' for rel, href in links.items())
    return {"EarthCODE-Version": str(number), "Link": link}


def _served(request: Request, found: Any) -> str:
    """Where its projection serves it, with links and in the form of its standard."""
    root = str(request.app.state.runtime.settings.public_url).rstrip("/")
    # A product may have a project's id; only the address within its catalog is surely its own.
    return address(Key(found.kind, found.id), twin=found.kind == "project").replace(BASE, root)


def _listed(row: Any, url: str) -> dict[str, Any]:
    href = f"{url}/versions/{row.version}"
    attachments = [
        file | {"href": f"{href}/attachments/{quote(file['name'])}"} for file in row.attachments
    ]
    return {
        "version": row.version,
        "title": row.title,
        "digest": row.digest,
        "owner": row.owner,
        "submission": str(row.submission) if row.submission else None,
        "source": row.source,
        "published": row.published.isoformat(),
        "attachments": attachments,
        "href": href,
    }


def _dangling(kind: str, id: str, row: Any) -> dict[str, Any]:
    return {
        "rule": "reference.exists",
        "severity": "error",
        "kind": kind,
        "id": id,
        "pointer": row.pointer,
        "message": f"There is no {row.target_kind} {row.target_id!r}",
        "hint": f"publish that {row.target_kind}, or correct the id",
        "fix": None,
    }
