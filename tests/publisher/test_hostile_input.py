"""Whatever arrives is answered clearly: 4xx with a place and a hint, never 5xx."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.profile import trying

PRODUCT = '{"type": "Collection", "id": "x", "title": "t", "links": []%s}'


def bundle(document: str, rest: str = "") -> bytes:
    text = f'{{"title": "t", "members": [{{"kind": "product", "document": {document}{rest}}}]}}'
    return text.encode()


REFUSED = {
    "not JSON": b"{",
    "empty": b"",
    "not an object": b"[]",
    "a number": b"12",
    "not UTF-8": b'{"title": "\xff"}',
    "UTF-16": '{"title": "t"}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + bundle(PRODUCT % ""),
    "NaN": bundle(PRODUCT % ', "a": NaN'),
    "Infinity": bundle(PRODUCT % ', "a": -Infinity'),
    "raw control character": bundle(PRODUCT % ', "a": "\x01"'),
    "nested in the body": b'{"title": "t", "members": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "nested in the document": bundle(PRODUCT % (', "a": ' + "[" * 65 + "]" * 65)),
    "nested a lot": bundle(PRODUCT % (', "a": ' + '{"a":' * 5000 + "1" + "}" * 5000)),
    "no members": b'{"title": "t", "members": []}',
    "members missing": b'{"title": "t"}',
    "members an object": b'{"title": "t", "members": {}}',
    "a member is null": b'{"title": "t", "members": [null]}',
    "too many members": orjson.dumps({"title": "t", "members": [{}] * 501}),
    "title missing": b'{"members": []}',
    "title a number": b'{"title": 1, "members": []}',
    "title with NUL": b'{"title": "a\\u0000", "members": []}',
    "title with half a pair": b'{"title": "a\\ud800", "members": []}',
    "title too long": orjson.dumps({"title": "x" * 301, "members": []}),
    "unknown kind": b'{"title": "t", "members": [{"kind": "planet", "document": {"id": "x"}}]}',
    "kind a list": b'{"title": "t", "members": [{"kind": [], "document": {"id": "x"}}]}',
    "kind missing": b'{"title": "t", "members": [{"document": {"id": "x"}}]}',
    "document missing": b'{"title": "t", "members": [{"kind": "product"}]}',
    "document a text": b'{"title": "t", "members": [{"kind": "product", "document": "{}"}]}',
    "document a list": b'{"title": "t", "members": [{"kind": "product", "document": []}]}',
    "document twice": b'{"title": "t", "members": [{"kind": "product", "document": {"id": "a"},'
    b' "document": {"id": "b"}}]}',
    "id missing": bundle("{}"),
    "id a number": bundle('{"id": 1}'),
    "id empty": bundle('{"id": ""}'),
    "id with a slash": bundle('{"id": "a/b"}'),
    "id with NUL": bundle('{"id": "a\\u0000"}'),
    "id of dots": bundle('{"id": ".."}'),
    "id with a line end": bundle('{"id": "a\\n"}'),
    "id too long": bundle(json.dumps({"id": "a" * 201})),
    "same member twice": orjson.dumps(
        {"title": "t", "members": [{"kind": "theme", "document": {"id": "a"}}] * 2}
    ),
    "attachments an object": bundle('{"id": "x"}', ', "attachments": {}'),
    "attachment a text": bundle('{"id": "x"}', ', "attachments": ["a"]'),
    "attachment named like a path": bundle(
        '{"id": "x"}', ', "attachments": [{"name": "../a", "content": ""}]'
    ),
    "attachment without content": bundle('{"id": "x"}', ', "attachments": [{"name": "a"}]'),
    "attachment not base64": bundle(
        '{"id": "x"}', ', "attachments": [{"name": "a", "content": "a b!"}]'
    ),
    "attachment base64 not ASCII": bundle(
        '{"id": "x"}', ', "attachments": [{"name": "a", "content": "\u00e4\u00e4\u00e4="}]'
    ),
    "attachment utf-8 with half a pair": bundle(
        '{"id": "x"}',
        ', "attachments": [{"name": "a", "content": "\\ud800", "encoding": "utf-8"}]',
    ),
    "attachment of unknown encoding": bundle(
        '{"id": "x"}', ', "attachments": [{"name": "a", "content": "", "encoding": "gzip"}]'
    ),
    "attachment with a split header": bundle(
        '{"id": "x"}',
        ', "attachments": [{"name": "a", "content": "", "media_type": "text/html\\r\\nX: 1"}]',
    ),
    "attachment twice": bundle(
        '{"id": "x"}',
        ', "attachments": [{"name": "a", "content": ""}, {"name": "a", "content": ""}]',
    ),
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
async def test_a_bad_submission_is_refused_with_a_place(shared: Any, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await shared.author.call("POST", "/submissions", content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert "pointer" in problem["errors"][0], problem


TWICE = ", ".join(f'"{number % 20000}": 1' for number in range(40_000))
MANY = ", ".join(["9999999999999999999"] * 60_000)
ACCEPTED = {
    "integer of 5000 digits": PRODUCT % (', "a": ' + "9" * 5000),
    "number beyond double": PRODUCT % ', "a": 1e999',
    "integer beyond 2^53": PRODUCT % ', "a": 9007199254740993',
    "NUL in a text": PRODUCT % ', "osc:project": "a\\u0000b"',
    "half a pair": PRODUCT % ', "osc:project": "\\ud800", "description": "\\udfff"',
    "half a pair as a name": PRODUCT % ', "\\ud800": {"\\u0000": "\\u0001"}',
    "same name twice": PRODUCT % ', "title": "u", "a": {"b": 1, "b": 2}',
    "wrong types": PRODUCT
    % ', "extent": [], "themes": {}, "osc:variables": {"a": 1}, "keywords": 7, "license": null',
    "wrong types inside": PRODUCT
    % ', "links": [1, null, [], {"rel": 1, "href": {}}], "extent": {"spatial": {"bbox": [[{}]]},'
    ' "temporal": {"interval": [["x", 1]]}}, "themes": [1, {"concepts": [1, {"id": []}]}]',
    "long reference": PRODUCT % f', "osc:project": "{"x" * 100_000}"',
    "many references": PRODUCT % f', "osc:variables": {json.dumps(["v"] * 20_000)}',
    "long title": PRODUCT % f', "title": "{"x" * 100_000}"',
    "odd addresses": PRODUCT
    % ', "links": [{"rel": "via", "href": "http://[::1"}, {"rel": "via", "href": "//a:b"}]',
    "like an address": PRODUCT % f', "a": "{"http:" * 50_000}", "b": "{"x://" * 30_000}"',
    "many names twice": PRODUCT % f', "a": {{{TWICE}}}',
    "many values under a long name": PRODUCT % f', "{"n" * 500_000}": [{MANY}]',
    "deep, but allowed": PRODUCT % (', "a": ' + "[" * 60 + "]" * 60),
}


@pytest.mark.parametrize("document", ACCEPTED.values(), ids=ACCEPTED.keys())
async def test_an_odd_document_is_kept_as_it_is_and_checked(shared: Any, document: str) -> None:
    headers = {"Content-Type": "application/json"}
    body = bundle(document)
    answer = await shared.author.call("POST", "/submissions", content=body, headers=headers)
    assert answer.status_code == 201, answer.text
    id = answer.json()["id"]
    assert (await shared.author.act(id, "submit")).status_code == 200
    await shared.check()
    seen = (await shared.author.get(f"/submissions/{id}")).json()
    assert seen["state"] == "changes_requested"
    assert seen["history"][-1]["action"] == "checks_failed", seen["history"]
    assert {finding["rule"] for finding in seen["findings"]} >= {"shape.required"}
    kept = await shared.author.get(f"/submissions/{id}/members/product/x")
    assert kept.content == document.encode()


UNSERVABLE = ("integer of 5000 digits", "number beyond double")
IMPORTED = {name: text for name, text in ACCEPTED.items() if name not in UNSERVABLE}


@pytest.mark.parametrize("document", IMPORTED.values(), ids=IMPORTED.keys())
async def test_an_odd_document_can_be_imported(shared: Any, document: str) -> None:
    entities = [{"kind": "product", "document": document}]
    body = {"source": "s", "entities": entities}
    answer = await shared.steward.post("/imports", body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["imported"] == 1, answer.text
    assert (await shared.anyone.get("/entities/product/x")).content == document.encode()
    for path in ("/entities", "/entities/product/x/findings", "/graph/product/x", "/events"):
        answer = await shared.anyone.get(path)
        assert answer.status_code == 200, answer.text


async def test_an_import_lists_what_it_cannot_read(shared: Any, documents: Any) -> None:
    bad: list[Any] = ["{", "\ufeff{}", "[]", "{}", '{"id": "a\x00"}', "\ud800", 7, None]
    entities = [{"kind": "theme", "document": document} for document in bad]
    entities += [{"kind": "planet", "document": "{}"}, {"kind": "theme"}]
    entities += [{"kind": "theme", "document": documents.theme()}] * 2
    body = json.dumps({"source": "s", "entities": entities}).encode()
    headers = {"Content-Type": "application/json"}
    answer = await shared.steward.call("POST", "/imports", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert done["imported"] == 1
    assert [failure["index"] for failure in done["failed"]] == [*range(10), 11]
    assert all(f["problem"]["errors"][0]["pointer"] for f in done["failed"]), done


ADDRESSES = {
    "/submissions/x": 404,
    "/submissions/00000000-0000-0000-0000-000000000000": 404,
    "/submissions?limit=0": 400,
    "/submissions?limit=1e9": 400,
    "/submissions?state=nowhere": 400,
    "/submissions?state=in_review": 200,
    "/submissions?after=x": 400,
    "/entities?after=-1": 400,
    "/entities?after=9223372036854775807": 200,
    "/entities?after=9223372036854775808": 400,
    "/entities?after=5000000000": 200,
    "/entities?kind=planet": 400,
    "/entities/planet/x": 404,
    "/entities/product/%ED%A0%80": 404,
    "/entities/product/a%2Fb": 404,
    "/entities/product/" + "x" * 5000: 404,
    "/entities/product/no/versions": 404,
    "/entities/product/no/versions/0": 400,
    "/entities/product/no/versions/99999999999": 400,
    "/entities/product/no/versions/1": 404,
    "/entities/product/no/findings": 404,
    "/entities/product/no/attachments/y": 404,
    "/graph/product/no": 404,
    "/graph/product/no?depth=9": 400,
    "/events?after=99999999999999999999": 400,
    "/events?after=9999999999": 200,
    "/vocabularies/product": 404,
    "/vocabularies/theme": 200,
    "/entities/product/%00": 400,
}


@pytest.mark.parametrize(("path", "status"), ADDRESSES.items(), ids=lambda v: str(v)[:60])
async def test_odd_addresses(shared: Any, path: str, status: int) -> None:
    answer = await shared.steward.get(path)
    assert answer.status_code == status, answer.text


async def test_a_body_that_is_not_json_is_named(shared: Any) -> None:
    answer = await shared.author.call("POST", "/submissions", data={"a": "b"})
    assert answer.status_code == 415


async def test_references_are_checked(shared: Any) -> None:
    refs: list[Any] = [
        {"kind": "product", "id": "no", "version": 3},
        {"kind": "theme", "id": "a.b"},
    ]
    answer = await shared.anyone.post("/documents", {"refs": refs})
    assert answer.json() == {
        "documents": [],
        "missing": [refs[0], {"kind": "theme", "id": "a.b", "version": None}],
    }
    for bad in (
        [7],
        [{"kind": "x", "id": "y"}],
        [{"kind": "theme", "id": 7}],
        [{"kind": "theme", "id": "\x00"}],
        [{"kind": "theme", "id": "x", "version": 0}],
        [{"kind": "theme", "id": "x", "version": True}],
        [{"kind": "theme", "id": "x"}] * 501,
    ):
        answer = await shared.anyone.post("/documents", {"refs": bad})
        assert answer.status_code == 400, bad


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
NAMES = """id type links href rel themes concepts extent spatial bbox temporal interval properties
geometry coordinates geometries conformsTo osc:variables osc:project"""
names = st.sampled_from(NAMES.split())
trees = st.recursive(
    scalars | st.sampled_from(["Polygon", "GeometryCollection", "input"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(names | st.text(), inner, max_size=6)
    ),
    max_leaves=30,
)


@trying(150, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(["product", "workflow", "experiment", "theme"]), value=trees)
async def test_anything_can_be_validated(shared: Any, kind: str, value: Any) -> None:
    body = json.dumps({"kind": kind, "document": value}).encode()
    headers = {"Content-Type": "application/json"}
    answer = await shared.anyone.call("POST", "/validate", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["valid"] is False


TOO_LARGE = ["9" * 5000, "1e400", "-" + "9" * 400]


@pytest.mark.parametrize("number", TOO_LARGE)
async def test_an_import_refuses_what_no_client_could_read(
    shared: Any, documents: Any, number: str
) -> None:
    odd = json.dumps(documents.theme("odd", n=[0])).replace('"n": [0]', f'"n": [{number}]')
    good = json.dumps(documents.theme(f"good-{len(number)}"))
    entities = ",".join(f'{{"kind": "theme", "document": {one}}}' for one in (odd, good))
    answer = await shared.steward.call(
        "POST",
        "/imports",
        content=f'{{"source": "test", "entities": [{entities}]}}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert (done["imported"], [f["id"] for f in done["failed"]]) == (1, ["odd"])
    [error] = done["failed"][0]["problem"]["errors"]
    assert error["pointer"] == "/entities/0/document/n/0"
    assert (await shared.anyone.get("/entities/theme/odd")).status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"members": []}, "/members"),
        ({"title": 5}, "/title"),
        ({"title": "a\0b"}, "/title"),
        ({"title": None}, "/title"),
        ({"title": " "}, "/title"),
        ({"title": "x" * 301}, "/title"),
    ],
)
async def test_validate_refuses_what_create_refuses(
    shared: Any, documents: Any, change: Any, pointer: str
) -> None:
    member = {"kind": "theme", "document": documents.theme()}
    good = {"title": "T", "members": [member]}
    assert (await shared.author.post("/validate", good)).json()["valid"] is True
    for body in (good | change, good | {"members": [member, member]}):
        answers = [await shared.author.post(path, body) for path in ("/validate", "/submissions")]
        assert [answer.status_code for answer in answers] == [400, 400]
        assert answers[0].json()["errors"] == answers[1].json()["errors"]
    [error] = (await shared.author.post("/validate", good | change)).json()["errors"]
    assert error["pointer"] == pointer
