"""OAI-PMH 2.0: six verbs, all errors, and lists that lose nothing while records change."""

import asyncio
import json
import re
import time
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from earthcode_common.ogc.entities import Key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from records_api.domain import harvest
from records_api.domain.harvest import Refused
from records_api.domain.records import entity
from records_api.operations import projection
from records_api.routes import oai

from tests.records_api.exchange_world import tree
from tests.records_api.hostile_records import ADDRESSES, NASTY
from tests.records_api.oai_harvester import HERE, OAI, Failed, Harvester, identifier
from tests.records_api.record_samples import experiment, workflow
from tests.records_api.test_records_datacite import ELEMENTS, KERNEL

DC = "{http://purl.org/dc/elements/1.1/}"
THEME = [{"scheme": "https://x.test/themes", "concepts": [{"id": "oceans"}, {"id": "a b"}]}]


@pytest.fixture
async def harvester(records: Any) -> Harvester:
    await records.publish("theme", {"type": "Catalog", "id": "oceans", "title": "Oceans"})
    await records.publish("workflow", workflow(), workflow("a/b:c d", themes=THEME))
    await records.publish("experiment", experiment())
    return Harvester(records.client)


async def names(harvester: Harvester, **asked: str) -> list[str]:
    found = [identifier(one) async for one in harvester.each(**asked)]
    assert len(found) == len(set(found))
    return [one.removeprefix("oai:records.test:") for one in found]


async def test_identify(harvester: Harvester) -> None:
    said = {one.tag.removeprefix(OAI): one.text for one in await harvester.ask(verb="Identify")}
    assert said["baseURL"] == "https://records.test/records/oai"
    assert said["protocolVersion"] == "2.0"
    assert said["deletedRecord"] == "no"
    assert re.fullmatch(r"\S+@(\S+\.)+\S+", said["adminEmail"])
    stamps = [one.findtext(f"{OAI}datestamp") async for one in harvester.each("ListIdentifiers")]
    assert said["earliestDatestamp"] == stamps[0]


async def test_formats_and_sets(harvester: Harvester) -> None:
    content = await harvester.ask(
        verb="ListMetadataFormats", identifier="oai:records.test:workflows/melt"
    )
    prefixes = [one.text for one in content.iter(f"{OAI}metadataPrefix")]
    assert prefixes == ["oai_dc", "oai_datacite", "datacite"]
    content = await harvester.ask(verb="ListSets")
    sets = {one.findtext(f"{OAI}setSpec"): one.findtext(f"{OAI}setName") for one in content}
    assert set(sets) == {
        *("workflows", "experiments", "reproductions", "products"),
        *("theme", "theme:oceans"),
    }
    assert sets["theme:oceans"] == "Theme: Oceans"
    assert await names(harvester, set="workflows") == ["workflows/a%2Fb:c%20d", "workflows/melt"]
    for spec in ("theme", "theme:oceans"):
        assert await names(harvester, set=spec) == ["workflows/a%2Fb:c%20d"]


@pytest.mark.parametrize("by", ["GET", "POST"])
async def test_a_record_in_each_format(harvester: Harvester, by: str) -> None:
    for prefix, title in (
        ("oai_dc", f"{DC}title"),
        ("datacite", f"{KERNEL}title"),
        ("oai_datacite", f"{KERNEL}title"),
    ):
        id = "oai:records.test:workflows/a%2Fb:c%20d"
        content = await harvester.ask(by, verb="GetRecord", identifier=id, metadataPrefix=prefix)
        header, metadata = content[0]
        assert [one.text for one in header.findall(f"{OAI}setSpec")] == [
            "workflows",
            "theme:oceans",
        ]
        assert next(metadata.iter(title)).text == "Workflow a/b:c d"
        assert len(metadata) == 1
        for resource in metadata.iter(f"{KERNEL}resource"):
            found = [one.tag.removeprefix(KERNEL) for one in resource]
            assert found == [name for name in ELEMENTS if name in found]


GET = {"verb": "GetRecord", "metadataPrefix": "oai_dc"}
LIST = {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
MELT = "oai:records.test:workflows/melt"
REFUSED: list[tuple[Any, str]] = [
    ({}, "badVerb"),
    ({"verb": "Nonsense"}, "badVerb"),
    ({"verb": "identify"}, "badVerb"),
    ([("verb", "Identify"), ("verb", "Identify")], "badVerb"),
    ({"verb": "Identify", "set": "x"}, "badArgument"),
    ({"verb": "Identify", "resumptionToken": "x"}, "badArgument"),
    (GET, "badArgument"),
    ({"verb": "GetRecord", "identifier": MELT}, "badArgument"),
    ({"verb": "ListRecords"}, "badArgument"),
    (LIST | {"resumptionToken": "x"}, "badArgument"),
    (LIST | {"from": "2020"}, "badArgument"),
    (LIST | {"from": "2020-02-30"}, "badArgument"),
    (LIST | {"from": "2020-01-01T00:00:00+00:00"}, "badArgument"),
    (LIST | {"from": "2021-01-01", "until": "2020-01-01"}, "badArgument"),
    (LIST | {"from": "2020-01-01", "until": "2021-01-01T00:00:00Z"}, "badArgument"),
    ([*LIST.items(), ("metadataPrefix", "oai_dc")], "badArgument"),
    (LIST | {"metadataPrefix": "marc21"}, "cannotDisseminateFormat"),
    (GET | {"metadataPrefix": "x", "identifier": MELT}, "cannotDisseminateFormat"),
    (GET | {"identifier": "oai:records.test:workflows/none"}, "idDoesNotExist"),
    (GET | {"identifier": "oai:elsewhere.test:workflows/melt"}, "idDoesNotExist"),
    (GET | {"identifier": "oai:records.test:workflows/%00"}, "idDoesNotExist"),
    ({"verb": "ListMetadataFormats", "identifier": "melt"}, "idDoesNotExist"),
    ({"verb": "ListRecords", "resumptionToken": "made-up"}, "badResumptionToken"),
    ({"verb": "ListSets", "resumptionToken": "x"}, "badResumptionToken"),
    (LIST | {"until": "1999-12-31"}, "noRecordsMatch"),
    (LIST | {"from": "9999-12-31", "until": "9999-12-31"}, "noRecordsMatch"),
    (LIST | {"set": "nothing"}, "noRecordsMatch"),
    (LIST | {"set": "products"}, "noRecordsMatch"),
]


@pytest.mark.parametrize("by", ["GET", "POST"])
async def test_errors_of_the_protocol(harvester: Harvester, by: str, subtests: Any) -> None:
    for asked, code in REFUSED:
        with subtests.test(asked=asked):
            pairs = list(asked.items()) if isinstance(asked, dict) else asked
            more = {"params": pairs} if by == "GET" else {"content": urlencode(pairs)}
            answer = await harvester.client.request(by, HERE, **more)
            with pytest.raises(Failed) as failed:
                harvester.read(answer, dict(pairs))
            assert failed.value.code == code


async def test_lists_by_date(records: Any, harvester: Harvester) -> None:
    """Both ends belong to the list; a change moves a record to its end."""
    headers = [one async for one in harvester.each("ListIdentifiers")]
    stamps = [one.findtext(f"{OAI}datestamp") for one in headers]
    assert stamps == sorted(stamps)
    last = stamps[-1]
    everything = await names(harvester, verb="ListIdentifiers")
    assert await names(harvester, **{"from": stamps[0], "until": last}) == everything
    assert await names(harvester, **{"from": stamps[0][:10], "until": last[:10]}) == everything
    before = datetime.fromisoformat(stamps[0]) - timedelta(seconds=1)
    with pytest.raises(Failed, match="Nothing changed"):
        await names(harvester, until=harvest.datestamp(before))
    await records.publish("workflow", workflow(title="Anew"))
    changed = await names(harvester, verb="ListIdentifiers")
    assert sorted(changed) == sorted(everything)
    assert changed[0] == "workflows/a%2Fb:c%20d"


async def test_tokens_survive_what_happens_meanwhile(
    records: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records that stay are harvested exactly once, new and changed ones too, gone ones never."""
    monkeypatch.setitem(oai.PART, "ListRecords", 7)
    await records.publish("workflow", *(workflow(f"w{n:02}") for n in range(40)))
    harvester, seen = Harvester(records.client), []
    async for one in harvester.each():
        seen.append(identifier(one).rpartition("/")[2])
        if len(seen) == 10:
            await records.publish("workflow", workflow("new"), workflow("w01", title="Changed"))
            await forget(records, [*seen[4:7], "w39", "w38"])
    assert set(seen) == {f"w{n:02}" for n in range(38)} | {"new"}
    again = [id for id in set(seen) if seen.count(id) > 1]
    assert again == ["w01"], "what changed while it was harvested comes again with its change"
    assert harvester.pages == 6


async def forget(records: Any, ids: list[str]) -> None:
    async with records.runtime.db.write() as session:
        await projection.remove(session, [Key("workflow", id) for id in ids])


async def test_resumption_tokens_tell_how_far_it_is(
    records: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(oai.PART, "ListIdentifiers", 2)
    await records.publish("workflow", *(workflow(f"w{n}") for n in range(5)))
    harvester = Harvester(records.client)
    asked, told = {"metadataPrefix": "datacite", "set": "workflows"}, []
    while asked:
        content = await harvester.ask(verb="ListIdentifiers", **asked)
        token = content.find(f"{OAI}resumptionToken")
        told.append((token.get("completeListSize"), token.get("cursor"), bool(token.text)))
        asked = {"resumptionToken": token.text} if token.text else {}
        if token.text:
            changed = ("B" if token.text[0] == "A" else "A") + token.text[1:]
            with pytest.raises(Failed, match="not given out"):
                await harvester.ask(verb="ListIdentifiers", resumptionToken=changed)
            with pytest.raises(Failed, match="not given out"):
                await harvester.ask(verb="ListRecords", resumptionToken=token.text)
    assert told == [("5", "0", True), ("5", "2", True), ("5", "4", False)]


async def project(session: Any, id: str) -> None:
    text = json.dumps(workflow(id))
    await projection.project(session, [entity(Key("workflow", id), 1, "", text, "https://x.test")])


async def test_an_answer_waits_for_changes_that_are_under_way(records: Any) -> None:
    """Else they would show later, dated before the answer: who goes on from there misses them."""
    waiting = sa.text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
    harvester = Harvester(records.client)
    async with records.runtime.db.write() as session:
        await project(session, "slow")
        asked = asyncio.create_task(names(harvester, verb="ListIdentifiers"))
        deadline = time.monotonic() + 60
        while not (await session.execute(waiting)).scalar_one():
            assert time.monotonic() < deadline, "nobody waits"
            assert not asked.done(), "it was answered without what is under way"
    assert await asked == ["workflows/slow"]


async def test_changes_are_dated_in_the_order_in_which_they_show(records: Any) -> None:
    """The one whose transaction is older may be the later one."""
    async with records.runtime.db.write() as older:
        await older.execute(sa.text("select 1"))
        await records.publish("workflow", workflow("first"))
        await project(older, "second")
    found = await names(Harvester(records.client), verb="ListIdentifiers")
    assert found == ["workflows/first", "workflows/second"]


@pytest.mark.real_data
async def test_the_real_catalogue_is_harvested_whole(all_catalogues: Any) -> None:
    harvester = Harvester(all_catalogues.client)
    for prefix in ("oai_dc", "oai_datacite", "datacite"):
        found = [one async for one in harvester.each(metadataPrefix=prefix)]
        assert all(one.find(f"{OAI}metadata") is not None for one in found)
        folders = [identifier(one).split(":")[2].split("/")[0] for one in found]
        assert (folders.count("workflows"), folders.count("experiments")) == (14, 7)
        assert folders.count("reproductions") == 1
        assert folders.count("products") > 15
        for one in found:
            identifiers = [x.text for x in one.iter(f"{DC}identifier", f"{KERNEL}identifier")]
            assert all(identifiers), identifier(one)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["verb", *("from", "until", "set", "identifier", "resumptionToken")]),
            st.one_of(st.sampled_from([*harvest.VERBS, *NASTY, *ADDRESSES]), st.text(max_size=9)),
        ),
        max_size=4,
    )
)
def test_no_arguments_break_it(given: list[tuple[str, str]]) -> None:
    assert _code(given) in {None, *(code for _, code in REFUSED)}


def _code(given: list[tuple[str, str]]) -> str | None:
    try:
        _, asked = harvest.arguments(given)
        harvest.wanted(asked)
        harvest.key_of("records.test", asked.get("identifier", ""))
    except Refused as refused:
        return refused.code
    return None


async def test_hostile_records_and_arguments_are_answered(records: Any) -> None:
    odd = [one.replace("\x00", "").encode("utf-8", "ignore").decode() for one in NASTY]
    await records.publish(
        "workflow",
        *(
            workflow(f"w{n}", title=text, description=text, keywords=[text])
            | {"links": [{"rel": "via", "href": ADDRESSES[n], "title": text}]}
            for n, text in enumerate(odd)
        ),
    )
    harvester = Harvester(records.client)
    for prefix in ("oai_dc", "datacite", "oai_datacite"):
        found = [one async for one in harvester.each(metadataPrefix=prefix)]
        assert len(found) == len(odd)
    for text in [*NASTY, *ADDRESSES]:
        strange = text.encode("utf-8", "replace")
        answer = await records.client.post(HERE, content=b"verb=GetRecord&identifier=" + strange)
        assert answer.status_code == 200
        tree(answer.content)
    answer = await records.client.post(HERE, content=b"\xff&&&=&verb")
    assert tree(answer.content).find(f"{OAI}error").get("code") == "badVerb"
