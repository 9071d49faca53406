"""Documents are cut out of a body without changing a character; digests ignore layout only."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from publisher import bodies
from publisher.domain import documents, slices
from publisher.domain.digests import document_digest, multihash

SPACES = st.text(" \t\n\r", max_size=3)
ESCAPES = st.sampled_from(
    ["\\u00e4", "\\/", '\\"', "\\\\", "\\ud83d\\ude00", "}", "]", "{", ",", ":"]
)
STRINGS = st.lists(
    ESCAPES | st.characters(blacklist_characters='"\\', blacklist_categories=["Cc", "Cs"]),
    max_size=6,
).map(lambda parts: '"' + "".join(parts) + '"')
NUMBERS = st.sampled_from(
    ["0", "-0", "1.0", "1.10", "1e5", "1E+05", "-180.0", "0.1000", "12345678901234567890"]
)


@st.composite
def objects(draw: Any, inner: Any) -> str:
    def spaced(text: str) -> str:
        return draw(SPACES) + text + draw(SPACES)

    names = draw(st.lists(STRINGS, max_size=4, unique_by=json.loads))
    parts = [spaced(name) + ":" + spaced(draw(inner)) for name in names]
    return "{" + (",".join(parts) or draw(SPACES)) + "}"


@st.composite
def arrays(draw: Any, inner: Any) -> str:
    parts = [draw(SPACES) + part + draw(SPACES) for part in draw(st.lists(inner, max_size=4))]
    return "[" + (",".join(parts) or draw(SPACES)) + "]"


VALUES = st.recursive(
    STRINGS | NUMBERS | st.sampled_from(["true", "false", "null"]),
    lambda inner: objects(inner) | arrays(inner),
    max_leaves=20,
)
OBJECTS = objects(VALUES)


@given(OBJECTS)
def test_the_fields_of_an_object_are_where_they_are_said_to_be(text: str) -> None:
    value = json.loads(text)
    found = slices.fields(text, slices.first(text))
    assert [name for name, _ in found] == list(value)
    for name, (start, end) in found:
        assert json.loads(text[start:end]) == value[name]
        assert text[start:end] == text[start:end].strip()


@given(SPACES, arrays(VALUES))
def test_the_items_of_an_array_are_where_they_are_said_to_be(space: str, text: str) -> None:
    text = space + text
    spans = slices.items(text, slices.first(text))
    assert [json.loads(text[start:end]) for start, end in spans] == json.loads(text)


@given(st.lists(OBJECTS, min_size=1, max_size=4), SPACES)
def test_a_document_leaves_a_body_as_it_came(texts: list[str], space: str) -> None:
    whole = [_with_id(text, f"d{index}") for index, text in enumerate(texts)]
    members = [
        f'{{{space}"attachments"{space}:[],"document":{space}{text}{space},"kind":"theme"}}'
        for text in whole
    ]
    body = f'{space}{{"members"{space}:[{(space + ",").join(members)}{space}], "title": "t"}}'
    entries = bodies.draft(body.encode()).members
    assert [entry.document.text for entry in entries] == whole


def _with_id(text: str, id: str) -> str:
    """The id goes last and counts, whatever the object holds already."""
    inside = text[1:-1]
    return "{" + (inside + "," if inside.strip() else inside) + f'"id":"{id}"' + "}"


@given(OBJECTS)
def test_layout_and_key_order_do_not_change_a_digest(text: str) -> None:
    document = documents.read(text)
    try:
        canonical = rfc8785.dumps(json.loads(text))
    except ValueError:
        assert document_digest(document) == multihash(text.encode())
        return
    assert document_digest(document) == multihash(canonical)
    turned = dict(reversed(json.loads(text).items()))
    again = documents.read(json.dumps(turned, indent=3))
    assert document_digest(again) == document_digest(document)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1e999}',
        '{"a": 9007199254740993}',
        '{"a": "\\ud800"}',
        '{"a": 1, "a": 2}',
        '{"\\udfff": 1}',
    ],
)
def test_what_has_no_canonical_form_is_digested_as_text(text: str) -> None:
    assert document_digest(documents.read(text)) == multihash(text.encode())
    assert document_digest(documents.read(text + " ")) != document_digest(documents.read(text))


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('{"a": 1, "b": 2}', []),
        ('{"a": 1, "a": 2}', ["/a"]),
        ('{"x": [{"a/b": 1, "a/b": 2}], "~": {"c": 1, "c": 1}}', ["/x/0/a~1b", "/~0/c"]),
    ],
)
def test_repeated_names_are_found(text: str, places: list[str]) -> None:
    found = [documents.pointer(path) for path in documents.read(text).repeated_at]
    assert found == places


@pytest.mark.parametrize("levels", [64, 65, 900, 100_000])
def test_depth_is_limited_without_recursion(levels: int) -> None:
    text = "[" * levels + "]" * levels
    if levels <= documents.MAX_DEPTH:
        assert documents.read(text).text == text
    else:
        with pytest.raises(documents.Malformed, match="nested"):
            documents.read(text)


def test_the_number_of_values_is_limited() -> None:
    with pytest.raises(documents.Malformed, match="values"):
        documents.read(f"[{'0,' * documents.MAX_VALUES}0]")


@given(st.recursive(st.none() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)))
def test_walking_visits_every_value_once_with_its_pointer(value: Any) -> None:
    seen = {documents.pointer(path): found for path, found in documents.walk(value)}
    for pointer, found in seen.items():
        assert _at(value, pointer) is found
    assert len(seen) == _count(value)


def _at(value: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name]
    return value


def _count(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_count, inside))
