"""The OpenAPI document tells the truth: its requests work, its answers look as it says."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from publisher.app import create
from publisher.openapi import shapes, values
from publisher.settings import PublisherSettings

METHODS = ("get", "post", "put", "delete")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create(PublisherSettings()).openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield f"{method} {path}", methods[method]


def test_every_operation_is_described_with_examples(document: dict[str, Any]) -> None:
    found = dict(operations(document))
    assert len(found) > 20
    for name, operation in found.items():
        assert operation["description"], name
        for answer in operation["responses"].values():
            json = answer.get("content", {}).get("application/json", {})
            if json.get("schema"):
                _check(document, json["schema"], json["example"])
        body = operation.get("requestBody")
        if body:
            json = body["content"]["application/json"]
            _check(document, json["schema"], json["example"])
        if name.startswith(("post", "put")):
            assert body, name


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def visit(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                assert value["$ref"].rpartition("/")[2] in document["components"]["schemas"]
            for inner in value.values():
                visit(inner)
        elif isinstance(value, list):
            for inner in value:
                visit(inner)

    visit(document["paths"])
    visit(document["components"])


def _check(document: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    whole = schema | {"components": document["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


async def test_real_answers_look_as_described(publisher: Any, document: dict[str, Any]) -> None:
    def check(path: str, method: str, answer: Any) -> Any:
        responses = document["paths"][f"/publish{path}"][method]["responses"]
        json = responses[str(answer.status_code)]["content"]["application/json"]
        _check(document, json["schema"], answer.json())
        return answer.json()

    def example(path: str, method: str) -> Any:
        operation = document["paths"][f"/publish{path}"][method]
        return operation["requestBody"]["content"]["application/json"]["example"]

    author, steward, anyone = publisher.author, publisher.steward, publisher.anyone
    answer = await author.post("/submissions", example("/submissions", "post"))
    made = check("/submissions", "post", answer)
    one, path = "/submissions/{submission}", f"/submissions/{made['id']}"
    check(one, "get", await author.get(path))
    put = {"json": example(one, "put"), "headers": {"If-Match": "*"}}
    check(one, "put", await author.call("PUT", path, **put))
    said = example(f"{one}/comments", "post")
    check(f"{one}/comments", "post", await steward.post(f"{path}/comments", said))
    check("/submissions", "get", await author.get("/submissions"))
    acting = f"{one}/actions/{{action}}"
    check(acting, "post", await author.act(made["id"], "submit", example(acting, "post")))
    await publisher.check()
    approval = {"revision": made["revision"]}
    check(acting, "post", await steward.act(made["id"], "approve", approval))
    await publisher.publish()
    check(one, "get", await author.get(path))
    checked = await anyone.post("/validate", example("/validate", "post"))
    assert check("/validate", "post", checked)["valid"] is True
    bad = {"kind": "theme", "document": {"id": "x"}}
    assert check("/validate", "post", await anyone.post("/validate", bad))["findings"]
    loaded = example("/imports", "post")
    loaded["entities"] += [{"kind": "product", "document": "{"}]
    assert check("/imports", "post", await steward.post("/imports", loaded))["failed"]
    refs = example("/documents", "post")
    assert check("/documents", "post", await anyone.post("/documents", refs))["missing"]
    for template in (
        "/entities",
        "/entities/{kind}/{id}/versions",
        "/entities/{kind}/{id}/findings",
        "/graph/{kind}/{id}",
        "/vocabularies/{kind}",
        "/events",
        "/rules",
    ):
        where = template.replace("{kind}", "theme").replace("{id}", "oceans")
        check(template, "get", await anyone.get(where))


def test_the_examples_have_the_shapes_they_claim() -> None:
    shapes.SubmissionGiven.model_validate(values.SUBMISSION)
    shapes.SubmissionSeen.model_validate(values.SEEN)
