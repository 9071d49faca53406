"""The HTTP side of the publisher."""

from earthcode_common.app import create_app
from fastapi import FastAPI

from publisher.openapi import described
from publisher.routes import (
    actions,
    documents,
    entities,
    graph,
    imports,
    landing,
    submissions,
    validation,
)
from publisher.settings import PublisherSettings

DESCRIPTION = """
Submissions of products, projects, workflows, experiments, themes, variables and missions, their
review, and the ledger of all that was ever published. Documents are kept and served exactly as
they were submitted.
"""
ROUTERS = [
    landing.router,
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
    app.openapi = lambda: described(generate())  # type: ignore[method-assign]
    return app
