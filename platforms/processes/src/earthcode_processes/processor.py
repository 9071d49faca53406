"""pygeoapi's view of a process: its description. The work is done by the job manager."""

from typing import Any

from pygeoapi.process.base import BaseProcessor, ProcessorExecuteError

from .definitions import DEFINITIONS, Definition
from .definitions.definition import Output


class Processor(BaseProcessor):  # type: ignore[misc,unused-ignore]
    def __init__(self, processor_def: dict[str, Any]):
        # Made anew for every request: pygeoapi changes the description that it is given.
        super().__init__(processor_def, describe(DEFINITIONS[processor_def["process"]]))
        self.supports_outputs = True

    def execute(self, data: dict[str, Any], outputs: Any = None) -> tuple[str, Any]:
        raise ProcessorExecuteError("A process runs in the process of a job only")


def describe(definition: Definition) -> dict[str, Any]:
    """OGC API Processes 1.0, 7.10.2 (process description)."""
    return {
        "id": definition.id,
        "title": definition.title,
        "description": definition.description,
        "version": definition.version,
        "keywords": list(definition.keywords),
        "jobControlOptions": ["sync-execute", "async-execute"],
        "outputTransmission": ["value", "reference"],
        "links": [],
        "inputs": {name: copied(value) for name, value in definition.inputs.items()},
        "outputs": {name: describe_output(output) for name, output in definition.outputs.items()},
        "example": definition.example,
    }


def copied(description: dict[str, Any]) -> dict[str, Any]:
    return {**description, "schema": {**description["schema"]}}


def describe_output(output: Output) -> dict[str, Any]:
    schema = output.schema or {"type": "string"}
    encoding = {"contentEncoding": output.encoding} if output.encoding else {}
    return {
        "title": output.title,
        "description": output.description,
        "schema": {**schema, **encoding, "contentMediaType": output.media_type},
    }
