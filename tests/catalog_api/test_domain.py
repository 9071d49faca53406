"""Decisions on values: JSON as text, what links point at, what references are, odd extents."""

import json

import pytest
from catalog_api.domain import entities, items, jsontext, kinds, links
from catalog_api.domain.jsontext import Value
from catalog_api.domain.kinds import Key
from earthcode_common.problems import BadRequest
from hypothesis import given
from hypothesis import strategies as st

from tests.catalog_api.samples import item

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(st.text(), JSON), st.sampled_from([None, 1, "\t"]), st.booleans())
def test_an_object_is_taken_apart_and_joined_without_change(document, indent, ascii):
    text = json.dumps(document, indent=indent, ensure_ascii=ascii)
    parsed = jsontext.parse(text)
    assert parsed.value == document
    parts = jsontext.members(parsed.text)
    assert {name: part.value for name, part in parts.items()} == document
    joined = jsontext.join({name: part.text for name, part in parts.items()})
    assert json.loads(joined) == document
    assert list(json.loads(joined)) == list(document)


@given(st.lists(JSON))
def test_an_array_is_taken_apart(values):
    for text in (json.dumps(values), json.dumps(values, indent=2)):
        assert [one.value for one in jsontext.elements(text)] == values
        assert json.loads(jsontext.array(one.text for one in jsontext.elements(text))) == values


def test_only_white_space_between_values_is_dropped():
    assert jsontext.compact('{ "a  b" : [ 1.0 ,\n"\\" x" ] }') == '{"a  b":[1.0,"\\" x"]}'


@pytest.mark.parametrize("text", ["", "NaN", "[1,]", "{'a':1}", "[Infinity]", '{"a":1}}', "\x00"])
def test_what_is_not_json_is_refused(text):
    with pytest.raises(BadRequest):
        jsontext.parse(text)


@given(JSON)
def test_flaws_are_found_or_the_value_can_be_sent(value):
    if not jsontext.flaws(value):
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()


OSC = "https://esa-earthcode.github.io/open-science-catalog-metadata/"


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ("../../products/a/collection.json", Key("product", "a")),
        ("../themes/land/catalog.json", Key("theme", "land")),
        (f"{OSC}eo-missions/smos/catalog.json", Key("mission", "smos")),
        ("../../workflows/glambie-v1.0/record.json", Key("workflow", "glambie-v1.0")),
        ("../../projects/a%20b/collection.json", Key("project", "a b")),
        ("https://else.test/products/a/collection.json", None),
        ("../../products/a/item.json", None),
        ("../../planets/a/catalog.json", None),
        ("../../products/../collection.json", None),
        ("./collection.json", None),
        ("/products/a/collection.json", None),
        ("mailto:x", None),
        ("", None),
    ],
)
def test_what_an_address_points_at(href, target):
    assert links.target_of(href) == target


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("./a.nc", "\x01/publish/entities/product/p/attachments/a.nc"),
        ("a b.nc", "\x01/publish/entities/product/p/attachments/a%20b.nc"),
        ("../../themes/land/catalog.json", "\x01/stac/catalogs/themes/catalogs/land"),
        ("10.1109/X.1", "10.1109/X.1"),
        ("s3://bucket/a", "s3://bucket/a"),
        ("https://x.test/a", "https://x.test/a"),
        ("/a", "/a"),
        ("./", "./"),
        ("", ""),
    ],
)
def test_addresses_beside_a_document_become_absolute(href, expected):
    assert links.absolute_href(Key("product", "p"), href) == expected


def test_references_are_read_from_fields_and_odd_values_passed_over():
    product = {
        "id": "p",
        "osc:project": "a",
        "osc:variables": ["v", 5, None, "", "\ud800", "x\0", "y" * 301],
        "osc:missions": "m",
        "themes": [{"concepts": [{"id": "land"}, {"id": 5}, "x"]}, "x", {"concepts": "x"}, {}],
    }
    assert kinds.references("product", product) == {
        Key("project", "a"), Key("variable", "v"), Key("mission", "m"), Key("theme", "land"),
    }  # fmt: skip
    experiment = {"id": "e", "osc:workflow": "no", "properties": {"osc:workflow": "w"}}
    assert kinds.references("experiment", experiment) == {Key("workflow", "w")}
    assert kinds.references("experiment", {"id": "e", "properties": None}) == set()


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ([1, 2, 3, 4], [1, 2, 3, 4]),
        ([1, 2, 0, 3, 4, 9], [1, 2, 3, 4]),
        ([5, 5, 5, 5], [5, 5, 5, 5]),
        ([170, 0, -170, 10], [170, 0, -170, 10]),
        ([280, 25, 349, 49], [280, 25, 349, 49]),
        ([180, -53, -180, -90], [-180, -90, 180, -53]),
        ([-90, -180, 90, 180], [-180, -90, 180, 90]),
        ([90, 180, -90, -180], [-180, -90, 180, 90]),
        ([-25, 71, 66, 36], [-25, 36, 66, 71]),
        ([-6111475, -5477531, 7566442, 4114895], None),
        ([1, 2, 3], None),
        ([1, 2, 3, None], None),
        ([1, 2, 3, True], None),
        ("1,2,3,4", None),
        (None, None),
    ],
)
def test_boxes_are_understood_as_they_were_meant(box, expected):
    assert entities.sensible_box(box) == expected


@given(JSON)
def test_no_extent_keeps_a_document_from_being_stored(extent):
    document = json.dumps({"id": "x", "extent": extent, "title": extent, "keywords": extent,
                           "themes": extent, "links": extent, "assets": extent,
                           "contacts": extent})  # fmt: skip
    made = entities.entity(Key("product", "x"), 1, "", "o", document)
    doc = entities.rendered(made.body, made.links, made.key, (), twin=False)
    stored = entities.searchable(made.key, 1, made.body, doc, "", None)
    assert json.loads(doc.replace("\x01", ""))["links"][0]["rel"] == "self"
    assert stored.id == "x"


@given(st.dictionaries(st.sampled_from([*item(), "properties", "bbox", "x"]), JSON))
def test_any_object_is_an_item_or_has_errors_with_places(members):
    document = item(**members)
    errors = items.errors_of(document, "p")
    assert all(error["detail"] and error["pointer"] is not None for error in errors)
    if not errors:
        text = jsontext.dump(document)
        made = items.item(Value(document, text), "p")
        items.searchable(made, "p", version=1, etag="")
        served = json.loads(made.doc.replace("\x01", ""))
        assert served["properties"] == document["properties"]
