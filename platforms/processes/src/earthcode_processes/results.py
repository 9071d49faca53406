"""The results of a job as OGC API Processes 1.0 sends them (7.13, `results.yaml`)."""

import base64
import json
from pathlib import Path
from typing import Any

from . import folders, store
from .definitions import DEFINITIONS
from .definitions.definition import Output

JSON = "application/json"
# Multihash (STAC file extension): 0x12 is sha2-256, 0x20 its length.
SHA2_256 = "1220"


def results(job: store.Job, data_dir: Path, public_url: str) -> tuple[str, Any]:
    """A media type, and bytes or what shall become JSON."""
    name = only(job)
    if name is None:
        return JSON, document(job, data_dir, public_url)
    content = path_of(job, data_dir, name).read_bytes()
    return media_type(job), json.loads(content) if media_type(job) == JSON else content


def media_type(job: store.Job) -> str:
    name = only(job)
    return DEFINITIONS[job.process_id].outputs[name].media_type if name else JSON


def only(job: store.Job) -> str | None:
    """The output that is the whole response: one output, raw, by value. Else it is a document."""
    ((name, mode), *more) = job.requested_outputs.items()
    return name if job.response == "raw" and mode == "value" and not more else None


def document(job: store.Job, data_dir: Path, public_url: str) -> dict[str, Any]:
    return {
        name: reference(job, public_url, name)
        if mode == "reference"
        else value(job, data_dir, name)
        for name, mode in job.requested_outputs.items()
    }


def reference(job: store.Job, public_url: str, name: str) -> dict[str, Any]:
    output, kept = DEFINITIONS[job.process_id].outputs[name], job.outputs[name]
    return {
        "href": f"{public_url}/jobs/{job.identifier}/results/{name}",
        "type": output.media_type,
        "title": output.title,
        "file:size": kept["size"],
        "file:checksum": SHA2_256 + kept["sha256"],
    }


def value(job: store.Job, data_dir: Path, name: str) -> dict[str, Any]:
    output = DEFINITIONS[job.process_id].outputs[name]
    content = path_of(job, data_dir, name).read_bytes()
    qualified: dict[str, Any] = {"value": decoded(output, content), "mediaType": output.media_type}
    return {**qualified, "encoding": output.encoding} if output.encoding else qualified


def decoded(output: Output, content: bytes) -> Any:
    if output.encoding:
        return base64.b64encode(content).decode("ascii")
    return json.loads(content) if output.media_type == JSON else content.decode("utf-8")


def path_of(job: store.Job, data_dir: Path, name: str) -> Path:
    return folders.job(data_dir, job.identifier) / str(job.outputs[name]["file"])
