"""The published JSON Schemas, as they were meant (ogcapi-records#482)."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

PART = "schemas.opengis.net/ogcapi/records/part1/1.0/openapi/schemas"


def folder() -> Path | None:
    given = os.environ.get("EARTHCODE_SCHEMAS")
    places = [Path(given)] if given else sorted(Path(__file__).parents[4].glob("shared/schemas"))
    return next((one for one in places if (one / PART).is_dir()), None)


def errors(name: str, document: Any, *, literal: bool = False) -> list[str]:
    """What the schema finds wrong; skips where the schemas are not."""
    found = folder()
    if found is None:
        pytest.skip("the OGC schemas are not here: set EARTHCODE_SCHEMAS to their folder")
    return [str(e.message)[:300] for e in validator(found, name, literal).iter_errors(document)]


@cache
def validator(root: Path, name: str, literal: bool) -> Any:
    import yaml
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012

    @cache
    def read(uri: str) -> Any:
        content = yaml.safe_load((root / uri.removeprefix("https://")).read_text("utf-8"))
        return Resource(content if literal else intended(content), DRAFT202012)

    base = f"https://{PART}/{name}.yaml"
    return Draft202012Validator({"$ref": base}, registry=Registry(retrieve=read))


def intended(schema: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: "an object or null" is meant where both branches always match."""
    if isinstance(schema, list):
        return [intended(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: intended(value) for key, value in schema.items() if key != "nullable"}
    if schema.get("nullable"):
        return {"anyOf": [{"type": "null"}, made]}
    if "oneOf" in made and {"type": "object"} in [
        one.get("anyOf", [0, 0])[1] for one in made["oneOf"]
    ]:
        return {"anyOf": [{"type": "null"}, *made["oneOf"][1:]]}
    return made
