"""References come from fields, with a pointer to each, whatever else the document holds."""

from typing import Any

from earthcode_common.contracts import ENTITY_KINDS
from hypothesis import given
from hypothesis import strategies as st
from publisher.domain.kinds import KINDS, VOCABULARIES
from publisher.domain.references import FIELDS, Reference, references

ids = st.text("abc-.", min_size=1, max_size=8)
junk = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
)


def test_the_kinds_are_those_of_the_contracts() -> None:
    assert set(KINDS) == set(ENTITY_KINDS)
    assert set(VOCABULARIES) < set(KINDS)


def test_a_product_refers_to_its_neighbours(documents: Any) -> None:
    product = documents.product(
        **{"osc:variables": ["salinity", "ice"], "osc:missions": ["smos"], "osc:experiment": "run"}
    )
    assert references("product", product) == [
        Reference("osc:project", "project", "sea", "/osc:project"),
        Reference("osc:experiment", "experiment", "run", "/osc:experiment"),
        Reference("osc:variables", "variable", "salinity", "/osc:variables/0"),
        Reference("osc:variables", "variable", "ice", "/osc:variables/1"),
        Reference("osc:missions", "mission", "smos", "/osc:missions/0"),
        Reference("themes", "theme", "oceans", "/themes/0/concepts/0/id"),
    ]


def test_records_say_it_in_their_properties(documents: Any) -> None:
    experiment = documents.experiment()
    experiment["links"][1]["href"] = "../../products/in.put-1/collection.json"
    assert references("experiment", experiment) == [
        Reference("osc:workflow", "workflow", "salinity-workflow", "/properties/osc:workflow"),
        Reference("input", "product", "in.put-1", "/links/1/href"),
    ]
    experiment["links"][1]["href"] = "https://example.org/stac/collections/other"
    assert references("experiment", experiment)[-1].id == "other"


def test_concepts_of_other_schemes_are_no_themes() -> None:
    themes = [{"scheme": "https://example.org/other", "concepts": [{"id": "x"}]}]
    assert references("product", {"themes": themes}) == []


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from(list(FIELDS)), ids | st.lists(ids)))
def test_every_id_in_a_field_is_found_where_it_is(kind: str, fields: dict[str, Any]) -> None:
    found = references(kind, fields)
    expected = [
        (FIELDS[name], id)
        for name, value in fields.items()
        for id in ([value] if isinstance(value, str) else value)
    ]
    assert sorted((r.kind, r.id) for r in found) == sorted(expected)
    for reference in found:
        name, _, index = reference.pointer[1:].partition("/")
        value = fields[name]
        assert (value[int(index)] if index else value) == reference.id


@given(st.sampled_from(KINDS), junk)
def test_any_value_is_survived(kind: str, value: Any) -> None:
    assert isinstance(references(kind, value), list)
    document = {"themes": value, "links": value, "properties": value, "osc:variables": value}
    assert all(isinstance(r.id, str) and r.id for r in references(kind, document))
