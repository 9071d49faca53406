"""The OpenAPI document: pygeoapi's, with what this platform adds to it."""

from typing import Any

from pygeoapi.openapi import get_oas

RESULTS = "/jobs/{jobId}/results"


def document(configuration: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = get_oas(configuration)
    paths = described["paths"]
    for path, item in paths.items():
        if path.endswith("/execution"):
            correct_answer(item["post"]["responses"]["200"])
    paths["/jobs"]["get"]["parameters"] = list_parameters()
    paths[RESULTS + "/{outputId}"] = {"get": output(paths[RESULTS]["get"])}
    return described


def correct_answer(response: dict[str, Any]) -> None:
    """`contentEncoding` is a word of JSON Schema that OpenAPI 3.0 does not have; bytes are
    `format: binary` there."""
    for content in response.get("content", {}).values():
        if content["schema"].pop("contentEncoding", None):
            content["schema"]["format"] = "binary"


def list_parameters() -> list[dict[str, Any]]:
    strings = {"type": "array", "items": {"type": "string"}}
    return [
        {"$ref": "#/components/parameters/f"},
        parameter("limit", "How many jobs on a page.", {"type": "integer", "minimum": 1}),
        parameter("offset", "How many jobs before it.", {"type": "integer", "minimum": 0}),
        parameter("status", "Jobs with one of these statuses.", strings),
        parameter("processID", "Jobs of one of these processes.", strings),
        parameter("marker", "Jobs whose input `marker` is this.", {"type": "string"}),
    ]


def parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    parameter = {"name": name, "in": "query", "description": description, "schema": schema}
    return {**parameter, "explode": False} if schema["type"] == "array" else parameter


def output(results: dict[str, Any]) -> dict[str, Any]:
    name = {"name": "outputId", "in": "path", "required": True, "schema": {"type": "string"}}
    missing = results["responses"]["404"]
    binary = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    return {
        "summary": "Retrieve one output as a file",
        "description": "With the media type of the output. Parts can be asked for (Range).",
        "tags": results["tags"],
        "operationId": "getJobOutput",
        "parameters": [results["parameters"][0], name],
        "responses": {"200": {"description": "The file", "content": binary}, "404": missing},
    }
