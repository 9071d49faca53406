"""The HTTP side of the publisher."""

from typing import Any

from earthcode_common.app import create_app
from earthcode_common.problems import MEDIA_TYPE
from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from publisher.examples import NAMED
from publisher.routes import actions, documents, entities, graph, imports, submissions, validation
from publisher.schemas import GIVEN
from publisher.settings import PublisherSettings

DESCRIPTION = """
Submissions of products, projects, workflows, experiments, themes, variables and missions, their
review, and the ledger of all that was ever published. Documents are kept and served exactly as
they were submitted.
"""
ROUTERS = [
    submissions.router,
    actions.router,
    validation.router,
    entities.router,
    documents.router,
    graph.router,
    imports.router,
]


def create(settings: PublisherSettings) -> FastAPI:
    app = create_app(
        name="publisher",
        package="publisher",
        prefix="/publish",
        title="EarthCODE publisher",
        description=DESCRIPTION,
        settings=settings,
        routers=ROUTERS,
    )
    generate = app.openapi
    app.openapi = lambda: _described(generate())  # type: ignore[method-assign]
    return app


def _described(document: dict[str, Any]) -> dict[str, Any]:
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
