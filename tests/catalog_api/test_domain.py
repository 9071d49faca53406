"""Decisions on values: what links point at, what references are, odd extents, odd Items."""

import json

import pytest
from catalog_api.domain import entities, items, kinds, links
from catalog_api.domain.links import Place
from earthcode_common.ogc import jsontext
from earthcode_common.ogc.entities import Key, target_of
from earthcode_common.ogc.jsontext import Value
from hypothesis import given
from hypothesis import strategies as st

from tests.catalog_api.samples import item

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


HERE = Place(Key("product", "p"), "https://here.test")
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
    assert target_of(href) == target


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("./a.nc", "\x01/publish/entities/product/p/attachments/a.nc"),
        ("a b.nc", "\x01/publish/entities/product/p/attachments/a%20b.nc"),
        ("../../themes/land/catalog.json", "\x01/stac/catalogs/themes/catalogs/land"),
        ("10.1109/X.1", "10.1109/X.1"),
        ("s3://bucket/a", "s3://bucket/a"),
        ("https://x.test/a", "https://x.test/a"),
        ("https://here.test/stac/collections/x", "\x01/stac/collections/x"),
        ("https://here.test.evil.test/x", "https://here.test.evil.test/x"),
        ("/a", "/a"),
        ("./", "./"),
        ("", ""),
    ],
)
def test_addresses_beside_a_document_become_absolute(href, expected):
    assert links.absolute_href(HERE, href) == expected


def test_references_are_read_from_fields_and_odd_values_passed_over():
    product = {
        "id": "p",
        "osc:project": "a",
        "osc:variables": ["v", 5, None, "", "\ud800", "x\0", "y" * 301],
        "osc:missions": "m",
        "themes": [
            {"concepts": [{"id": "land"}, {"id": 5}, "x"]},
            {"scheme": "https://other.test", "concepts": [{"id": "oceans"}]},
            *("x", {"concepts": "x"}, {}),
        ],
    }
    assert kinds.references("product", product) == {
        Key("project", "a"), Key("variable", "v"), Key("mission", "m"), Key("theme", "land"),
    }  # fmt: skip
    experiment = {"id": "e", "osc:project": "a", "properties": {"osc:workflow": "w"}}
    assert kinds.references("experiment", experiment) == {
        Key("workflow", "w"), Key("project", "a"),
    }  # fmt: skip
    assert kinds.references("experiment", {"id": "e", "properties": None}) == set()


@given(JSON)
def test_no_extent_keeps_a_document_from_being_stored(extent):
    document = json.dumps({"id": "x", "extent": extent, "title": extent, "keywords": extent,
                           "themes": extent, "links": extent, "assets": extent,
                           "contacts": extent})  # fmt: skip
    made = entities.entity(HERE, 1, "", "o", document)
    doc = entities.rendered(made.body, made.links, made.key, (), twin=False)
    stored = entities.searchable(made.key, 1, made.body, doc, "", None)
    assert json.loads(doc.replace("\x01", ""))["links"][0]["rel"] == "self"
    assert stored.id == "p"


@given(st.dictionaries(st.sampled_from([*item(), "properties", "bbox", "x"]), JSON))
def test_any_object_is_an_item_or_has_errors_with_places(members):
    document = item(**members)
    errors = items.errors_of(document, "p")
    assert all(error["detail"] and error["pointer"] is not None for error in errors)
    if not errors:
        text = jsontext.dump(document)
        made = items.item(Value(document, text), HERE)
        items.searchable(made, "p", version=1, etag="")
        served = json.loads(made.doc.replace("\x01", ""))
        assert served["properties"] == document["properties"]
