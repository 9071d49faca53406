"""Items read many at a time are the same as Items read one by one, and so are their errors."""

import json
from dataclasses import replace

import orjson
import pytest
from catalog_api.domain import items, lean
from catalog_api.domain.links import Place
from catalog_api.domain.text import etag_of
from earthcode_common.ogc import jsontext
from earthcode_common.ogc.entities import OSC, Key
from earthcode_common.ogc.footprints import footprints
from earthcode_common.ogc.geometry import footprint
from earthcode_common.ogc.words import packed_vector, places, vector
from earthcode_common.ogc.write import box_of
from earthcode_common.problems import BadRequest

from tests.catalog_api.samples import item

PUBLIC = "https://catalogue.example"
RING = [[0, 0], [4, 0], [4, 3], [0, 0]]
HOLE = [[1, 0.2], [2, 0.2], [2, 0.5], [1, 0.2]]
BOW = [[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]
FAR = [[[179, 0], [180, 0], [180, 1], [179, 0]]], [[[-180, 0], [-179, 0], [-179, 1], [-180, 0]]]
SHAPES = [
    {"type": "Polygon", "coordinates": [RING]},
    {"type": "Polygon", "coordinates": [RING, HOLE]},
    {"type": "MultiPolygon", "coordinates": [[RING, HOLE], [[[9, 9], [10, 9], [9, 10], [9, 9]]]]},
    {"type": "MultiPolygon", "coordinates": list(FAR)},
    {"type": "Polygon", "coordinates": [BOW]},
    {"type": "Polygon", "coordinates": [[[170, 0], [190, 0], [190, 5], [170, 0]]]},
    {"type": "Polygon", "coordinates": [[[*one, 7.5] for one in RING]]},
    {"type": "Polygon", "coordinates": [[[-180, -90], [180, -90], [180, 90], [-180, -90]]]},
    {"type": "Point", "coordinates": [1, 2]},
    {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}]},
]
WRONG = [
    {"type": "Polygon", "coordinates": [RING[:3]]},
    {"type": "Polygon", "coordinates": [[*RING[:3], [5, 5]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, True], [1, 1], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], ["1", 0], [1, 1], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [400, 0], [1, 1], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 91], [1, 1], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[0, 0], [1, 0], [1, 1], [0, 0]]},
    {"type": "Polygon", "coordinates": []},
    {"type": "MultiPolygon", "coordinates": [[]]},
    {"type": ["Polygon"], "coordinates": [RING]},
    {"coordinates": [RING]},
    [RING],
    "POLYGON((0 0, 1 0, 1 1, 0 0))",
]
THEME = f"{OSC}themes/x/catalog.json"
ODD = [
    item("a", collection="p"),
    item("b c+é", geometry=None, bbox=None),
    item("t", title="Été [1] \\ \"quoted\" {", n=[1e-7, 1e22, -0.0, 12345678901234567890]),
    item("l", links=[
        {"rel": "self", "href": "https://else.example/x"}, {"rel": "via", "href": "./x.json"},
        {"rel": "about", "href": f"{PUBLIC}/stac/collections/q"},
    ]),
    item("r", assets={"a": {"href": "./a.nc", "v": 1.0}, "b": {"href": THEME}}),
    item("base", note="\x01/not an address", assets={"a": {"href": "http://x/\x01"}}),
    item("deep", deep=json.loads("[" * 62 + "]" * 62)),
]  # fmt: skip
BAD = [
    item("c", collection="q"), item("d/e"), item("deep", deep=json.loads("[" * 70 + "]" * 70)),
    item("nul", title="a\0b"), item("x", bbox=[1, 2]), item("y", properties={}), [], None, 7,
    item("z", assets={"a": {}}), item("v", stac_version="2"),
    {name: value for name, value in item().items() if name != "geometry"},
    *(item("g", geometry=one, bbox=[0, 0, 1, 1]) for one in WRONG),
]  # fmt: skip


def ways(value):
    """The same value as different programs write it."""
    return [
        json.dumps(value).encode(),
        json.dumps(value, ensure_ascii=False, indent=None, separators=(",", ":")).encode(),
        json.dumps(value, indent=1).replace("\n", " ").encode(),
    ]


def careful(text):
    given = jsontext.parse(text)
    if errors := items.errors_of(given.value, "p"):
        raise items.invalid(errors)
    made = items.item(given, Place(Key("product", "p"), PUBLIC))
    return items.searchable(made, "p", version=1, etag=etag_of(made.doc))


def known(document):
    """What must be the same, however it was read."""
    return replace(document, doc="", etag="", geometry=None, updated=None)


@pytest.mark.parametrize(
    "value", [*ODD, *(item("g", geometry=s, bbox=[0, 0, 1, 1]) for s in SHAPES)]
)
def test_read_at_once_is_read_one_by_one(value):
    for text in [*ways(value), *([orjson.dumps(value)] if "n" not in value else [])]:
        read = lean.read([(7, text)], PUBLIC, "p")
        assert read.errors == []
        [(line, found)] = read.documents
        wanted = careful(text)
        assert (line, known(found)) == (7, known(wanted))
        assert json.loads(found.doc.replace("\x01", "!")) == json.loads(
            wanted.doc.replace("\x01", "!")
        )
        assert box_of(found) == box_of(wanted)


@pytest.mark.parametrize("value", BAD)
def test_what_is_refused_one_by_one_is_refused_at_once(value):
    for text in ways(value):
        read = lean.read([(3, text)], PUBLIC, "p")
        with pytest.raises(BadRequest) as refused:
            careful(text)
        assert read.documents == []
        assert read.errors[0]["detail"] == refused.value.detail
        assert read.errors[0]["errors"] == refused.value.errors


@pytest.mark.parametrize(
    "text",
    [b'{"id":"a","id":"b"}', b"{", b"\xff", b'{"a":1e999}', b'"\\ud800"', b'{"a" :1,"a":2}'],
)
def test_what_is_no_json_is_refused(text):
    whole = orjson.dumps(item())[:-1] + b"," + text[1:] if text.startswith(b'{"') else text
    assert lean.read([(1, whole)], PUBLIC, "p").documents == []


def test_footprints_of_many_are_those_of_each():
    found = footprints([*SHAPES, *WRONG])
    assert found[: len(SHAPES)] == [footprint(shape) for shape in SHAPES]
    assert all(isinstance(one, BadRequest) for one in found[len(SHAPES) :])


def test_words_are_packed_as_they_are_written():
    told = ("Sea ice", ["sea", "Été"], "of the sea " * 400)
    found = places(*told)
    assert list(found)[:4] == [b"sea", b"ice", b"ete", b"of"]
    assert vector(*told).startswith("sea:1A,4B,")
    assert len(found[b"sea"]) == 3 + 2 * 255  # more places of a word PostgreSQL does not keep
    assert packed_vector(*told).startswith(b"\0\0\0\5sea\0\0\xff\xc0\x01")
