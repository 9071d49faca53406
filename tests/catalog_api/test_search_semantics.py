"""What is found where and when, as tables over HTTP; pages while Items come and go."""

import itertools
import json
import random

import pytest

from tests.catalog_api.samples import collection_of, item, product

PUBLIC = "https://catalogue.test"
ITEMS = "/stac/collections/sea/items"


def square(west, south, size=2):
    ring = [[west, south], [west + size, south], [west + size, south + size], [west, south + size]]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def parts(*boxes):
    return {"type": "MultiPolygon", "coordinates": [square(*box)["coordinates"] for box in boxes]}


PLACES = {
    "zero": {"type": "Point", "coordinates": [0, 0]},
    "east": {"type": "Point", "coordinates": [179, 10]},
    "west": {"type": "Point", "coordinates": [-179, 10]},
    "line": {"type": "Point", "coordinates": [180, 10]},
    "over": square(179, 20),  # to 181
    "both": parts((178, 30), (-180, 30)),
    "pole": {"type": "Point", "coordinates": [45, 90]},
    "apart": parts((-50, -50), (50, -50)),
    "nowhere": None,
}
BOXES = [
    ("170,0,-170,15", "east line west"),
    ("178,-90,-178,90", "both east line over west"),
    ("180,0,-180,15", "line"),
    ("-180,0,-178,15", "west"),  # shapes are plane: 180 is not -180
    ("178,0,180,15", "east line"),
    ("-180,20,-179.5,22", "over"),
    ("179.5,20,180,22", "over"),
    ("-180,30,-179,31", "both"),
    ("-178.5,-90,177.5,90", "apart pole zero both"),
    ("-180,-90,180,90", "apart both east line over pole west zero"),
    ("0,0,0,0", "zero"),
    ("-180,89.9,180,90", "pole"),
    ("-40,-50,40,-48", ""),  # between the two parts
    ("-49,-49,-48.5,-48.5", "apart"),
    ("0,-10,-5,0,10,5", "zero"),  # heights are passed over
    ("-1,1,-2,2", ""),  # all around, but for where zero is
]
WITHIN = [
    (square(178, 9), "east line"),
    (square(179, 9), "east line west"),  # beyond 180
    (square(-181, 9), "east line west"),
    ({"type": "Point", "coordinates": [180, 10]}, "line"),
    ({"type": "LineString", "coordinates": [[-30, -49], [30, -49]]}, ""),
    ({"type": "LineString", "coordinates": [[-60, -49], [30, -49]]}, "apart"),
    ({"type": "GeometryCollection", "geometries": [PLACES["zero"], PLACES["pole"]]}, "pole zero"),
]


@pytest.fixture
async def writer(catalogue, identity):
    """Writes Items of the product "sea"."""
    await catalogue.publish("product", product("sea"))
    headers = identity.headers("catalog-api", roles=["operator"]) | {"if-match": "*"}

    async def write(*items):
        body = collection_of(*items)
        answer = await catalogue.client.post(ITEMS, json=body, headers=headers)
        assert answer.status_code == 201, answer.text

    async def delete(id):
        answer = await catalogue.client.delete(f"{ITEMS}/{id}", headers=headers)
        assert answer.status_code == 204, answer.text

    catalogue.write, catalogue.drop = write, delete
    return catalogue


def placed(id, geometry, **properties):
    made = item(id, geometry=geometry, properties={"datetime": "2020-01-01T00:00:00Z"} | properties)
    del made["bbox"]  # so that the geometry alone says where it is
    if geometry is not None:
        made["bbox"] = [-180, -90, 180, 90]
    return made


async def ids(catalogue, path="/stac/search", **asked):
    page = await catalogue.get(path, params={"limit": 100} | asked)
    members = page.get("features", page.get("collections"))
    assert page["numberMatched"] == len(members)
    return {one["id"] for one in members}


async def test_places_are_found_across_the_antimeridian_and_by_their_parts(writer):
    await writer.write(*(placed(id, geometry) for id, geometry in PLACES.items()))
    for box, expected in BOXES:
        assert await ids(writer, bbox=box) == set(expected.split()), box
        numbers = [float(number) for number in box.split(",")]
        answer = await writer.client.post("/stac/search", json={"bbox": numbers, "limit": 100})
        assert {one["id"] for one in answer.json()["features"]} == set(expected.split()), box
    for geometry, expected in WITHIN:
        found = await ids(writer, intersects=json.dumps(geometry))
        assert found == set(expected.split()), geometry
    assert "nowhere" in await ids(writer)
    assert await ids(writer, filter="geometry IS NULL") == {"nowhere"}


DAY = "2020-0{}-01T00:00:00Z"
TIMES = {  # (start, end) by months; None is open
    "moment": (3, 3),
    "spring": (3, 5),
    "since": (4, None),
    "until": (None, 2),
}
INTERVALS = [
    ("3", "moment spring"),
    ("1", "until"),
    ("2/3", "until moment spring"),
    ("../2", "until"),
    ("../1", "until"),
    ("5/..", "spring since"),
    ("6/..", "since"),
    ("4/4", "spring since"),
    ("2/2", "until"),
    ("6/9", "since"),
]


def _timed(id, start, end):
    begin, finish = (at and DAY.format(at) for at in (start, end))
    if start == end:
        return placed(id, None, datetime=begin)
    # STAC has no open Items: an end that nobody will live to see is open to people.
    begin, finish = begin or "0001-01-01T00:00:00Z", finish or "9999-12-31T23:59:59Z"
    return placed(id, None, datetime=None, start_datetime=begin, end_datetime=finish)


def _asked(text):
    return "/".join(part if part == ".." else DAY.format(part) for part in text.split("/"))


async def test_times_meet(writer):
    await writer.write(*(_timed(id, *ends) for id, ends in TIMES.items()))
    for text, expected in INTERVALS:
        assert await ids(writer, datetime=_asked(text)) == set(expected.split()), text


def _extent(boxes, *intervals):
    return {"spatial": {"bbox": boxes}, "temporal": {"interval": intervals}}


EXTENTS = {
    "several": _extent([[0, 0, 40, 40], [0, 0, 5, 5], [35, 35, 40, 40]], [None, DAY.format(2)]),
    "across": _extent([[170, -10, -170, 10]], [DAY.format(3), DAY.format(5)]),
    "high": _extent([[60, 0, -100, 70, 10, 100]], [DAY.format(4), None]),
    "open": _extent([[-180, -90, 180, 90]], [None, None]),
}
COLLECTIONS = [
    ({"bbox": "1,1,2,2"}, "several open"),
    ({"bbox": "36,36,37,37"}, "several open"),
    ({"bbox": "175,0,176,1"}, "across open"),
    ({"bbox": "-176,0,-175,1"}, "across open"),
    ({"bbox": "160,0,169,1"}, "open"),
    ({"bbox": "160,0,-160,1"}, "across open"),
    ({"bbox": "65,5,66,6"}, "high open"),
    ({"datetime": _asked("1")}, "several open"),
    ({"datetime": _asked("6/..")}, "high open"),
    ({"datetime": _asked("5")}, "across high open"),
    ({"datetime": _asked("../2")}, "several open"),
    ({"datetime": _asked("3"), "bbox": "175,0,176,1"}, "across open"),
]


async def test_extents_of_collections_are_met_by_each_of_their_boxes(catalogue):
    for id, extent in EXTENTS.items():
        await catalogue.publish("product", product(id, extent=extent))
    for asked, expected in COLLECTIONS:
        found = await ids(catalogue, "/stac/collections", **asked)
        assert found == set(expected.split()), asked


async def test_what_is_between_the_boxes_is_not_covered(catalogue):
    """Of several boxes the first encloses the others, unless it does not (STAC 1.1)."""
    await catalogue.publish("product", product("several", extent=EXTENTS["several"]))
    boxes = [[0, 0, 16, 16], [30, 30, 40, 40]]
    await catalogue.publish("product", product("other", extent=_extent(boxes, [None, None])))
    assert await ids(catalogue, "/stac/collections", bbox="15,15,20,20") == {"other"}
    assert await ids(catalogue, "/stac/collections", bbox="4,4,36,36") == {"several", "other"}


async def test_a_box_that_is_wider_than_the_world_is_no_place(catalogue):
    extent = _extent([[-181, 0, 359, 1]], [None, None])
    await catalogue.publish("product", product("wide", extent=extent))
    assert (await catalogue.get("/stac/collections/wide"))["extent"]["spatial"] == extent["spatial"]
    assert await ids(catalogue, "/stac/collections") == {"wide"}


SORTS = ("", "id", "-datetime,id", "-properties.n", "n,-id", "collection,-n", "-gsd", "gsd,id")
METHODS = ("GET", "POST")


def numbered(number):
    """Dates that repeat, numbers that some lack."""
    more = {"gsd": number % 4} if number % 3 else {}
    at = f"2020-01-{number % 9 + 1:02}T00:00:00Z"
    return placed(f"i{number:03}", None, datetime=at, n=number % 7, **more)


@pytest.mark.parametrize(("sortby", "method"), list(itertools.product(SORTS, METHODS)))
async def test_pages_hold_while_items_come_and_go(writer, sortby, method):
    """What is there all the while comes once, and in the order that was asked for."""
    dice = random.Random(f"{sortby} {method}")
    there, gone, come = set(range(40)), set(), 100
    await writer.write(*map(numbered, there))
    before = await _all(writer, sortby, method, 40)
    seen, page = [], await _first(writer, sortby, method, 3)
    while page is not None:
        seen += [one["id"] for one in page["features"]]
        # The very Item that the token is made of, and one that is ahead or behind.
        for id in {seen[-1], f"i{dice.choice(sorted(there)):03}"}:
            if int(id[1:]) in there:
                await writer.drop(id)
                there.remove(int(id[1:]))
                gone.add(id)
        await writer.write(numbered(come))
        come += 1
        page = await _next(writer, page)
    assert len(seen) == len(set(seen))
    kept = [id for id in before if id not in gone]
    assert [id for id in seen if id in kept] == kept
    assert len(kept) > 3


def _keys(sortby):
    each = [(key.lstrip("-"), "desc" if key[0] == "-" else "asc") for key in sortby.split(",")]
    return [{"field": field, "direction": direction} for field, direction in each]


async def _first(catalogue, sortby, method, limit):
    if method == "GET":
        return await catalogue.get(
            "/stac/search", params={"limit": limit} | ({"sortby": sortby} if sortby else {})
        )
    body = {"limit": limit} | ({"sortby": _keys(sortby)} if sortby else {})
    answer = await catalogue.client.post("/stac/search", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _next(catalogue, page):
    link = next((one for one in page["links"] if one["rel"] == "next"), None)
    if link is None:
        return None
    path = link["href"].removeprefix(PUBLIC)
    body = {"json": link["body"]} if "body" in link else {}
    answer = await catalogue.client.request(link.get("method", "GET"), path, **body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def _all(catalogue, sortby, method, limit):
    page = await _first(catalogue, sortby, method, limit)
    assert page["numberMatched"] == len(page["features"])
    return [one["id"] for one in page["features"]]
