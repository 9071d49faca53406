"""The real catalogue: counts against the files, words with accents and prefixes, facets, orders."""

import json
import unicodedata
from collections import Counter
from datetime import UTC, datetime

import pytest

PUBLIC = "https://catalogue.test"
NAMES = {
    "theme_frequency": lambda one: {c["id"] for t in one["themes"] for c in t["concepts"]},
    "variable_frequency": lambda one: set(one.get("osc:variables", [])),
    "mission_frequency": lambda one: set(one.get("osc:missions", [])),
    "project_frequency": lambda one: {one["osc:project"]} if "osc:project" in one else set(),
    "status_frequency": lambda one: {one["osc:status"]},
    "type_frequency": lambda one: {one["osc:type"]},
    "license_frequency": lambda one: {one["license"]},
    "region_frequency": lambda one: {one["osc:region"]} if "osc:region" in one else set(),
    "keyword_frequency": lambda one: set(one.get("keywords", [])),
}


@pytest.fixture(scope="session")
def files(real_catalogue):
    """Products and projects, straight from the files."""
    paths = [
        path
        for kind in ("products", "projects")
        for path in sorted(real_catalogue.glob(f"{kind}/*/collection.json"))
    ]
    return [json.loads(path.read_text("utf-8")) for path in paths]


def _plain(text):
    marks = unicodedata.normalize("NFKD", text)
    return "".join(c for c in marks if not unicodedata.combining(c)).casefold()


async def _found(real, **asked):
    page = await real.get("/stac/collections", params={"limit": 1000} | asked)
    assert page["numberMatched"] == len(page["collections"])
    return page["collections"]


async def test_facet_counts_are_those_of_the_files(real, files):
    await _same_counts(real, files)
    products = [one for one in files if one["osc:type"] == "product"]
    await _same_counts(real, products, filter="\"osc:type\" = 'product'")
    ongoing = [one for one in files if one["osc:status"] == "ongoing"]
    await _same_counts(real, ongoing, query='{"osc:status": {"eq": "ongoing"}}')
    oceans = [one for one in files if "oceans" in NAMES["theme_frequency"](one)]
    await _same_counts(real, oceans, filter="A_CONTAINS(themes, ('oceans'))")


async def _same_counts(real, documents, **asked):
    names = ",".join(["total_count", *NAMES])
    answer = await real.get("/stac/collections-aggregate", params={"aggregations": names} | asked)
    total, *rest = answer["aggregations"]
    assert total["value"] == len(documents) > 0
    for one in rest:
        values = [NAMES[one["name"]](document) for document in documents]
        expected = Counter(value for each in values for value in each)
        counted = {bucket["key"]: bucket["frequency"] for bucket in one["buckets"]}
        assert len(counted) == min(len(expected), 1000)
        assert counted.items() <= expected.items(), one["name"]
        named = [each for each in values if each & counted.keys()]
        assert one["overflow"] == len(documents) - len(named), one["name"]
        numbers = [bucket["frequency"] for bucket in one["buckets"]]
        assert numbers == sorted(expected.values(), reverse=True)[: len(numbers)]


async def test_each_theme_and_mission_counts_what_a_filter_finds(real):
    names = {"theme_frequency": "themes", "mission_frequency": "osc:missions"}
    answer = await real.get("/stac/collections-aggregate", params={"aggregations": ",".join(names)})
    for one in answer["aggregations"]:
        for bucket in one["buckets"][:15]:
            value = bucket["key"].replace("'", "''")
            filter = f"A_CONTAINS(\"{names[one['name']]}\", ('{value}'))"
            page = await real.get("/stac/collections", params={"filter": filter, "limit": 1})
            assert page["numberMatched"] == bucket["frequency"], filter


async def _counted(real, name, **asked):
    answer = await real.get(
        "/stac/collections-aggregate", params={"aggregations": f"total_count,{name}"} | asked
    )
    total, one = answer["aggregations"]
    return total["value"], {bucket["key"]: bucket["frequency"] for bucket in one["buckets"]}


def _but(odd):
    """A filter that leaves these documents out, when there are any."""
    ids = ",".join(f"'{one['id']}'" for one in odd)
    return {"filter": f"NOT id IN ({ids})"} if odd else {}


def _years(one, now):
    """From the first to the last year; None when it is not known or makes no sense."""
    ends = [end for pair in one["extent"]["temporal"]["interval"] for end in pair]
    known = sorted(int(end[:4]) for end in ends if end)
    if len(ends) != 2 or not known or ends[0] is None:
        return None
    return range(known[0], (known[-1] if ends[1] else max(now, known[-1])) + 1)


async def test_a_year_counts_the_files_that_have_a_part_in_it(real, files):
    before = datetime.now(UTC).year
    odd = [one for one in files if _years(one, before) is None]
    assert len(odd) < 60
    left_out = {one["id"] for one in odd}  # with what has the same id
    plain = [one for one in files if one["id"] not in left_out]
    total, found = await _counted(real, "year_frequency", **_but(odd))
    assert total == len(plain)
    assert found in [
        Counter(f"{year:04}" for one in plain for year in _years(one, now))
        for now in (before, datetime.now(UTC).year)
    ]


def _box(one):
    """The only box, when it is one that everybody understands."""
    boxes = one["extent"]["spatial"]["bbox"]
    if len(boxes) != 1 or len(boxes[0]) != 4:
        return None
    west, south, east, north = boxes[0]
    return boxes[0] if -180 <= west <= east <= 180 and -90 <= south <= north <= 90 else None


def _geohash(lon, lat, length):
    """Bits of longitude and latitude in turns, five a letter."""
    ends, bits = [[-180.0, 180.0], [-90.0, 90.0]], ""
    for turn in range(5 * length):
        low, high = ends[turn % 2]
        middle, at = (low + high) / 2, (lon, lat)[turn % 2]
        bits += "01"[at >= middle]
        ends[turn % 2] = [middle, high] if at >= middle else [low, middle]
    letters = "0123456789bcdefghjkmnpqrstuvwxyz"
    return "".join(letters[int(bits[n : n + 5], 2)] for n in range(0, len(bits), 5))


@pytest.mark.parametrize("length", [1, 2, 3, 4])
async def test_cells_count_the_middles_of_the_boxes_in_the_files(real, files, length):
    odd = [one for one in files if _box(one) is None]
    left_out = {one["id"] for one in odd}
    boxes = [_box(one) for one in files if one["id"] not in left_out]
    assert len(boxes) > 450
    name = "centroid_geohash_grid_frequency"
    asked = _but(odd) | {f"{name}_precision": length}
    total, found = await _counted(real, name, **asked)
    assert total == len(boxes)
    middles = [((w + e) / 2, (s + n) / 2) for w, s, e, n in boxes]
    assert found == Counter(_geohash(lon, lat, length) for lon, lat in middles)


def _searched(one):
    contacts = [contact.get("name", "") for contact in one.get("contacts", [])]
    return " ".join([one["title"], one["description"], *one.get("keywords", []), *contacts])


async def test_words_are_found_with_and_without_accents_and_by_their_beginning(real, files):
    accented = sorted(
        (one["id"], word)
        for one in files
        for word in set("".join(c if c.isalnum() else " " for c in _searched(one)).split())
        if len(word) > 3 and word.isalpha() and _plain(word) != word.casefold()
    )
    assert len(accented) > 5
    for id, word in accented:
        for q in (word, _plain(word), _plain(word).upper(), _plain(word)[:-1]):
            assert id in [one["id"] for one in await _found(real, q=q)], (id, q)


async def test_titles_are_found_by_their_beginning(real, files):
    for one in files[::20]:
        start = one["title"].replace(",", " ")[: max(4, len(one["title"]) * 2 // 3)].strip()
        assert one["id"] in [found["id"] for found in await _found(real, q=start)], start


WORDS = ("ice", "soil moisture", "ocean", "glaci", "sea surface", "arctic,permafrost", "fire")


async def test_hits_in_titles_come_first(real):
    for q in WORDS:
        titles = [_plain(one["title"]) for one in await _found(real, q=q)]
        hits = [any(_in(phrase, title) for phrase in q.split(",")) for title in titles]
        assert True in hits
        assert False in hits
        assert hits == sorted(hits, reverse=True), [
            t for t, h in zip(titles, hits, strict=True) if h
        ]


def _in(phrase, title):
    """The words one after the other, the last one as a prefix."""
    words = "".join(c if c.isalnum() else " " for c in title).split()
    asked = phrase.split()
    runs = (words[n : n + len(asked)] for n in range(len(words) - len(asked) + 1))
    return any(run[:-1] == asked[:-1] and run[-1].startswith(asked[-1]) for run in runs)


async def test_queryables_of_collections_are_what_the_files_have(real, files):
    page = await real.get("/stac/collections?limit=1")
    rels = {one["rel"].rpartition("/")[2]: one["href"] for one in page["links"]}
    schema = await real.get(rels["queryables"].removeprefix(PUBLIC))
    assert schema["$id"] == rels["queryables"]
    assert schema["additionalProperties"] is True
    unsearched = {"links", "extent", "description", "stac_extensions", "assets", "item_assets"}
    missing = {name for one in files for name in one} - set(schema["properties"]) - unsearched
    assert not missing
    for name in ("sortables", "aggregate", "aggregations"):
        path = rels[name].removeprefix(PUBLIC)
        asked = {"aggregations": "total_count"} if name == "aggregate" else None
        assert (await real.client.get(path, params=asked)).status_code == 200


async def test_collections_are_sorted_over_pages(real, files):
    for sortby, key in (("-updated", "updated"), ("created,id", "created"), ("title", "title")):
        found, page = [], await real.get(f"/stac/collections?sortby={sortby}&limit=100")
        while True:
            found += page["collections"]
            following = [one["href"] for one in page["links"] if one["rel"] == "next"]
            if not following:
                break
            page = await real.get(following[0].removeprefix(PUBLIC))
        assert Counter(one["id"] for one in found) == Counter(one["id"] for one in files)
        values = [one.get(key) for one in found]
        there = [value for value in values if value is not None]
        assert values[: len(there)] == there
        if key != "title":
            assert there == sorted(there, reverse=sortby.startswith("-"))
