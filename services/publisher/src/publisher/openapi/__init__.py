"""The OpenAPI document: shapes, examples, and what FastAPI would get wrong."""

from typing import Any

from earthcode_common.problems import MEDIA_TYPE
from pydantic.json_schema import models_json_schema

from publisher.openapi.shapes import GIVEN
from publisher.openapi.words import NAMED


def described(document: dict[str, Any]) -> dict[str, Any]:
    """With what FastAPI leaves out (shapes of request bodies, nulls in examples, problems), and
    without the 422 that it would answer; here that is a 400."""
    shapes = document["components"]["schemas"]
    _, given = models_json_schema(
        [(model, "validation") for model in GIVEN], ref_template="#/components/schemas/{model}"
    )
    shapes |= given["$defs"]
    for name in ("HTTPValidationError", "ValidationError"):
        shapes.pop(name, None)
    for path in document["paths"].values():
        for operation in path.values():
            _mend(operation["responses"])
    return document


def _mend(answers: dict[str, Any]) -> None:
    if "HTTPValidationError" in str(answers.get("422")):
        del answers["422"]
    for answer in answers.values():
        content = answer.get("content", {})
        if problem := content.get(MEDIA_TYPE):
            content[MEDIA_TYPE] = problem | {"schema": {"$ref": "#/components/schemas/Problem"}}
        json = content.get("application/json", {})
        if "example" in json:
            json["example"] = NAMED.get(str(json["example"]), json["example"])
