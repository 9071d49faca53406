"""What cannot be served keeps nothing else from being served."""

import asyncio
import json
import time

import pystac
import pytest
from catalog_api.domain import entities, intervals
from catalog_api.domain.links import Place
from catalog_api.service import SERVICE
from earthcode_common import consumer, messaging, streams
from earthcode_common.contracts import ENTITY_PUBLISHED
from earthcode_common.ogc import jsontext
from earthcode_common.ogc.entities import Key
from earthcode_common.settings import ServiceSettings

from tests.catalog_api.samples import catalog, product

NINES = "9" * 5000
TOO_LARGE = [NINES, "1e400", f"-{NINES}"]


def holding(number, id="odd"):
    return json.dumps(product(id, x=[0])).replace('"x": [0]', f'"x": [{number}]')


@pytest.mark.parametrize("number", TOO_LARGE)
async def test_a_rebuild_skips_and_names_what_cannot_be_projected(catalogue, capsys, number):
    for entry in (product("one"), product("two"), catalog("cryosphere")):
        catalogue.ledger.publish("theme" if "extent" not in entry else "product", entry)
    catalogue.ledger.publish("product", holding(number))
    await catalogue.rebuild()
    said = capsys.readouterr().out
    assert "3 projected, 1 skipped" in said
    assert "skipped: product/odd: /x/0 is a number too large for any client" in said
    assert (await catalogue.get("/stac/collections"))["numberMatched"] == 2


async def test_a_rebuild_keeps_what_was_served_of_what_it_skips(catalogue, capsys):
    await catalogue.publish("product", product("odd"))
    catalogue.ledger.publish("product", holding("1e400"))
    await catalogue.rebuild()
    assert "1 skipped" in capsys.readouterr().out
    assert (await catalogue.get("/stac/collections/odd"))["id"] == "odd"


async def test_an_event_of_what_cannot_be_projected_is_buried_and_its_neighbours_pass(
    make_catalogue, clean_streams, announce_to, work, monkeypatch
):
    monkeypatch.setattr(consumer, "BACKOFF", (0.05,))
    catalogue = await make_catalogue(nats_url=clean_streams)
    told = [
        catalogue.ledger.publish("product", product("one")),
        catalogue.ledger.publish("product", holding(NINES)),
        catalogue.ledger.publish("product", product("two")),
    ]
    client = await messaging.connect(ServiceSettings(nats_url=clean_streams), "operator")
    async with work(SERVICE, catalogue.settings), announce_to(clean_streams) as announce:
        for entry in told:
            await announce(ENTITY_PUBLISHED, entry.event())
        deadline = time.monotonic() + 60
        while not (await client.jetstream().stream_info(streams.DEAD_STREAM)).state.messages:
            assert time.monotonic() < deadline, "it was not buried in time"
            await asyncio.sleep(0.05)
    await client.close()
    assert (await catalogue.get("/stac/collections"))["numberMatched"] == 2


def extent(*interval):
    value = {"spatial": {"bbox": [[0, 0, 1, 1]]}, "temporal": {"interval": list(interval)}}
    return jsontext.Value(value, json.dumps(value))


@pytest.mark.parametrize(
    ("given", "served"),
    [
        ("2020-01-01T00:00:00+05:30:30", None),
        ("2020-W01-1T00:00:00Z", None),
        ("2020-01-01T000000+00:00", None),
        ("2020-13-01", None),
        ("x", None),
        (5, None),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        *(
            (same, same)
            for same in (None, "2020-01-01", "2020-01-01T00:00:00", "2020-01-01t00:00z")
        ),
        *((same, same) for same in ("2020-01-01T00:00:00.5+01:00", "2020-01-01 00:00:00Z")),
    ],
)
def test_intervals_are_served_as_clients_read_them(given, served):
    made = intervals.served(extent([given, None], ["2020-01-01T00:00:00Z", given]))
    expected = [[served, None], ["2020-01-01T00:00:00Z", served]]
    assert made.value["temporal"]["interval"] == expected
    assert json.loads(made.text) == made.value
    pystac.TemporalExtent.from_dict(made.value["temporal"])


def test_good_extents_stay_as_they_were_written():
    given = extent(["2020-01-01T00:00:00Z", None])
    assert intervals.served(given) is given
    for odd in (None, [], "x", {}, {"temporal": None}, {"temporal": {"interval": 5}}):
        value = jsontext.Value(odd, json.dumps(odd))
        assert intervals.served(value) is value


async def test_a_client_reads_the_catalogue_around_an_odd_interval(catalogue):
    odd = extent(["2020-01-01T00:00:00+05:30:30", "2016-12-31T23:59:60Z"]).value
    await catalogue.publish("product", product("odd", extent=odd))
    served = await catalogue.get("/stac/collections/odd")
    assert pystac.Collection.from_dict(served).extent.temporal.to_dict() == {
        "interval": [[None, "2017-01-01T00:00:00Z"]]
    }


def test_thousands_of_boxes_are_projected_soon():
    boxes = [[n % 170, n % 80, n % 170 + 9, n % 80 + 9] for n in range(30_000)]
    document = product(
        extent={"spatial": {"bbox": boxes}, "temporal": {"interval": [[None, None]]}}
    )
    place = Place(Key("product", "p"), "https://here.test")
    made = entities.entity(place, 1, "", "", json.dumps(document))
    started = time.thread_time()  # what it costs, however busy the machine is
    assert entities.geometry(json.loads(made.body)["extent"])["type"] == "Polygon"
    assert time.thread_time() - started < 20


def test_intervals_of_the_real_catalogue_are_served_as_they_are(real_catalogue):
    files = sorted(real_catalogue.glob("pro*/*/collection.json"))
    assert len(files) > 300
    for path in files:
        found = jsontext.members(path.read_text("utf-8"))["extent"]
        assert intervals.served(found) is found, path
