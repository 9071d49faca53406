"""The federation's doors, as the front page names them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Door:
    name: str
    title: str
    path: str
    description: str
    standard: str
    conformance: str = ""

    @property
    def api(self) -> str:
        return f"{self.path}/api"


DOORS = (
    Door(
        "stac",
        "Products",
        "/stac",
        "Browse and search products, projects, themes, variables and missions.",
        "STAC API",
        "/stac/conformance",
    ),
    Door(
        "records",
        "Workflows and experiments",
        "/records",
        "Find how products were made, and what came of making them again.",
        "OGC API Records",
        "/records/conformance",
    ),
    Door(
        "publish",
        "Publish",
        "/publish",
        "Submit products, workflows and experiments, have them reviewed and published.",
        "Submissions, entities and their history",
    ),
    Door(
        "reproduce",
        "Reproduce",
        "/reproduce",
        "Run an experiment again on a platform and see whether it gives the same product.",
        "OGC API Processes, dispatched",
    ),
)
