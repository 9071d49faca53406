"""OAI-PMH 2.0 for harvesters: errors of the protocol are answers, with status 200."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from earthcode_common.db import Reading, ReadSession
from earthcode_common.ogc import tokens
from earthcode_common.ogc.entities import BASE, FOLDERS, Key
from earthcode_common.problems import BadRequest
from fastapi import APIRouter, Request, Response

from records_api.domain import harvest
from records_api.domain.catalog import COLLECTIONS
from records_api.domain.harvest import TOKEN, Refused, Wanted
from records_api.representations import oai
from records_api.representations.format import parsed
from records_api.representations.oai import Header
from records_api.representations.xml import Element
from records_api.routes import formats, pages
from records_api.store import harvest as store
from records_api.store.harvest import Changed, Place

router = APIRouter()
MEDIA = "text/xml; charset=utf-8"
PART = {"ListRecords": 100, "ListIdentifiers": 1000}
ECHOED = ("badVerb", "badArgument")  # the protocol wants no arguments repeated with these
MANY = 100  # arguments
WINDOW = ("from", "until", "set")


class List(NamedTuple):
    """What is listed, and from where on: all that a resumption token carries."""

    prefix: str
    window: dict[str, str]
    after: Place | None = None
    cursor: int = 0
    size: int | None = None

    @property
    def wanted(self) -> Wanted:
        return harvest.wanted(self.window)


@router.get("/oai")
async def harvested(request: Request, session: Reading) -> Response:
    return await _answer(request, session, request.query_params.multi_items())


@router.post("/oai")
async def harvested_by_form(request: Request, session: Reading) -> Response:
    text = (await request.body()).decode("utf-8", "replace")
    try:
        given = parse_qsl(text, keep_blank_values=True, max_num_fields=MANY)
    except ValueError:
        given = []
    return await _answer(request, session, given)


async def _answer(
    request: Request, session: ReadSession, given: Sequence[tuple[str, str]]
) -> Response:
    here = f"{pages.public_url(request)}/records/oai"
    moment = await store.settled(session)
    echoed = dict(given)
    try:
        verb, asked = harvest.arguments(given)
        content = await _content(request, session, verb, asked, moment)
    except Refused as refused:
        content = oai.error(refused.code, str(refused))
        echoed = {} if refused.code in ECHOED else echoed
    headers = {"Content-Type": MEDIA, "Cache-Control": "no-store"}
    return Response(oai.answer(here, moment, echoed, content), headers=headers)


async def _content(
    request: Request, session: ReadSession, verb: str, asked: dict[str, str], moment: datetime
) -> Element:
    if verb == "Identify":
        here = f"{pages.public_url(request)}/records/oai"
        return oai.identify(here, _host(request), await store.earliest(session) or moment)
    if verb == "ListSets":
        return await _sets(session, asked)
    if verb == "ListMetadataFormats":
        if "identifier" in asked:
            await _one(request, session, asked["identifier"])
        return oai.metadata_formats()
    if verb == "GetRecord":
        prefix = _prefix(asked["metadataPrefix"])
        found = await _one(request, session, asked["identifier"])
        return oai.listed(verb, [_record(request, found, prefix)])
    return await _list(request, session, verb, asked)


async def _sets(session: ReadSession, asked: dict[str, str]) -> Element:
    """All of them fit into one answer, so that no token is ever given out."""
    if TOKEN in asked:
        raise Refused("badResumptionToken", "No list of sets was ever interrupted")
    catalogues = [(FOLDERS[kind], about.title) for kind, about in COLLECTIONS.items()]
    named = await store.themes(session)
    themes = [(f"theme:{id}", f"Theme: {title}") for id, title in named]
    valid = [one for one in themes if harvest.SET_NAME.fullmatch(one[0].partition(":")[2])]
    return oai.sets([*catalogues, (harvest.THEME, "Records that have a theme"), *valid])


async def _one(request: Request, session: ReadSession, identifier: str) -> Changed:
    found = await store.one(session, harvest.key_of(_host(request), identifier))
    if found is None:
        raise Refused("idDoesNotExist", "There is no record of that identifier here")
    return found


def _host(request: Request) -> str:
    return urlsplit(pages.public_url(request)).hostname or "localhost"


def _prefix(name: str) -> str:
    if name not in oai.FORMATS:
        known = ", ".join(oai.FORMATS)
        raise Refused("cannotDisseminateFormat", f"metadataPrefix is one of {known}")
    return name


async def _list(
    request: Request, session: ReadSession, verb: str, asked: dict[str, str]
) -> Element:
    key, resumed = await store.secret(session), TOKEN in asked
    one = _resumed(key, verb, asked[TOKEN]) if resumed else _begun(asked)
    wanted, limit, docs = one.wanted, PART[verb], verb == "ListRecords"
    found = await store.changed(session, wanted, one.after, limit + 1, docs=docs)
    if not found:
        raise Refused("noRecordsMatch", "Nothing changed then, or nothing of that set")
    size = await store.count(session, wanted) if one.size is None else one.size
    shown = found[:limit]
    make = _record if docs else _header
    root = oai.listed(verb, [make(request, each, one.prefix) for each in shown])
    more = len(found) > limit
    if more or resumed:
        following = one._replace(after=shown[-1].place, cursor=one.cursor + len(shown), size=size)
        token = _token(key, verb, following) if more else ""
        oai.resume(root, token, one.cursor, max(size, one.cursor + len(found)))
    return root


def _begun(asked: dict[str, str]) -> List:
    window = {name: text for name, text in asked.items() if name in WINDOW}
    harvest.wanted(window)
    return List(_prefix(asked["metadataPrefix"]), window)


def _token(key: bytes, verb: str, one: List) -> str:
    assert one.after is not None
    updated, part, id = one.after
    values = [one.prefix, one.window, updated.isoformat(), part, id, one.cursor, one.size]
    return tokens.sign(key, tokens.query_digest("oai", verb), values)


def _resumed(key: bytes, verb: str, token: str) -> List:
    try:
        said = tokens.read(key, tokens.query_digest("oai", verb), token)
    except BadRequest as error:
        raise Refused("badResumptionToken", "The token was not given out for this") from error
    prefix, window, updated, part, id, cursor, size = said
    return List(prefix, window, Place(datetime.fromisoformat(updated), part, id), cursor, size)


def _header(request: Request, one: Changed, prefix: str) -> Element:
    return oai.header(_about(request, one))


def _record(request: Request, one: Changed, prefix: str) -> Element:
    base = pages.public_url(request)
    text = formats.with_alternates(one.doc or "").replace(BASE, base)
    return oai.record(_about(request, one), parsed(text), prefix, base)


def _about(request: Request, one: Changed) -> Header:
    key = Key(*one.key)
    specs = harvest.set_specs(key, one.themes)
    return Header(harvest.identifier(_host(request), key), one.updated, specs)
