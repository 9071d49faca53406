"""Where pygeoapi 0.21 leaves OGC API Processes 1.0, or falls over, corrected on the way in and out.

Each correction says what it corrects; one that a later pygeoapi makes unnecessary can be deleted.
"""

import json
import re
from typing import Any

from flask import Flask, Response, request
from pygeoapi import api as core_api
from pygeoapi.api import processes as processes_api
from werkzeug.exceptions import HTTPException

from . import folders, store
from .manager import ENDED, JobManager

CONFORMANCE = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/"
EXCEPTION = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"
EXCEPTIONS = {
    "NoSuchProcess": EXCEPTION + "no-such-process",
    "NoSuchJob": EXCEPTION + "no-such-job",
    "ResultNotReady": EXCEPTION + "result-not-ready",
}
STATUSES = ("accepted", "running", *ENDED)
LARGEST_REQUEST = 256 * 1024
EXECUTION = re.compile(r"/processes/[^/]+/execution")
DESCRIPTION = re.compile(r"/processes(/[^/]+)?")
JOB = re.compile(r"/jobs/([^/]+)")
RESULTS = re.compile(r"/jobs/([^/]+)/results")


def correct(app: Flask, manager: JobManager) -> None:
    correct_conformance()
    # There is no limit by default: a request of any size would be read into memory.
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.before_request(prefer_json)
    app.before_request(lambda: refuse(manager))
    app.after_request(lambda response: corrected(response, manager))
    app.register_error_handler(HTTPException, as_exception)


def correct_conformance() -> None:
    """pygeoapi declares callbacks, which this job manager does not do (they would have the server
    POST to any address a stranger names), and not the job list and dismissal, which it does; and it
    makes the list longer with every request."""
    ours = {*processes_api.CONFORMANCE_CLASSES} - {CONFORMANCE + "callback"}
    ours |= {CONFORMANCE + "job-list", CONFORMANCE + "dismiss"}
    core_api.CONFORMANCE_CLASSES[:] = sorted({*core_api.CONFORMANCE_CLASSES, *ours})
    processes_api.CONFORMANCE_CLASSES.clear()


def prefer_json() -> None:
    """Without a word about the format pygeoapi sends results as a page; and it takes
    `respond-async` for a wish only when nothing stands beside it (`respond-async, wait=10`)."""
    if "text/html" not in request.headers.get("Accept", "") and "f" not in request.args:
        request.environ["HTTP_ACCEPT"] = "application/json"
    wishes = [re.split("[;,]", wish) for wish in request.headers.getlist("Prefer")]
    if "respond-async" in [token.strip().lower() for wish in wishes for token in wish]:
        request.environ["HTTP_PREFER"] = "respond-async"


def refuse(manager: JobManager) -> Response | None:
    if request.method == "POST" and EXECUTION.fullmatch(request.path):
        return refuse_request()
    if request.method == "GET" and request.path == "/jobs":
        return refuse_filter()
    if request.method == "GET" and (match := RESULTS.fullmatch(request.path)):
        return refuse_results(store.find(folders.database(manager.data_dir), match[1]))
    return None


def refuse_request() -> Response | None:
    """pygeoapi answers 500 to JSON that is no object, and a subscriber would be ignored."""
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        return exception(400, "InvalidParameterValue", "The request is not JSON")
    if not isinstance(body, dict):
        return exception(400, "InvalidParameterValue", "The request is not a JSON object")
    if "subscriber" in body:
        return exception(400, "InvalidParameterValue", "subscriber: callbacks are not supported")
    return None


def refuse_filter() -> Response | None:
    asked = ",".join(request.args.getlist("status")).split(",")
    if unknown := sorted({*asked} - {*STATUSES, ""}):
        text = f"status: {unknown[0][:80]} is none of {', '.join(STATUSES)}"
        return exception(400, "InvalidParameterValue", text)
    return None


def refuse_results(job: store.Job | None) -> Response | None:
    """pygeoapi answers 400 "job failed", without the reason, and 500 when the job was dismissed."""
    if job is not None and job.status == "failed":
        return exception(400, "NoApplicableCode", job.message)
    if job is not None and job.status == "dismissed":
        return exception(410, "NoSuchResult", "The job was dismissed: it has no results")
    return None


def as_exception(error: HTTPException) -> Response:
    return exception(error.code or 500, error.name.replace(" ", ""), error.description or "")


def exception(status: int, code: str, detail: str) -> Response:
    text = json.dumps(exception_document(status, code, detail), indent=2)
    return Response(text, status=status, mimetype="application/json")


def exception_document(status: int, code: str, detail: str) -> dict[str, Any]:
    """`exception.yaml` (RFC 7807), with the two members that pygeoapi's own exceptions have."""
    about = {"title": code, "status": status, "detail": detail}
    return {"type": EXCEPTIONS.get(code, code), **about, "code": code, "description": detail}


def corrected(response: Response, manager: JobManager) -> Response:
    if response.status_code == 201 and EXECUTION.fullmatch(request.path):
        identifier = response.headers["Location"].rpartition("/")[2]
        return replaced(response, status_info(manager, identifier))
    if request.method == "DELETE" and JOB.fullmatch(request.path) and response.status_code == 200:
        return replaced(response, {"type": "process", **json.loads(response.get_data())})
    if not is_json(response):
        return correct_type(response)
    return (
        correct_exception(response) if response.status_code >= 400 else correct_document(response)
    )


def status_info(manager: JobManager, identifier: str) -> dict[str, Any]:
    """pygeoapi sends `null` or `{}` (geopython/pygeoapi#2105), and clients that look for the job in
    the body, as OWSLib does, lose it."""
    job = manager.get_job(identifier)
    url = f"{manager.public_url}/jobs/{identifier}"
    keys = ("status", "message", "progress", "created", "started", "updated", "parameters")
    about = {key: job[key] for key in keys}
    link = {"href": url, "rel": "monitor", "type": "application/json", "title": "Status of the job"}
    ids = {"jobID": identifier, "id": identifier, "processID": job["process_id"]}
    return trimmed({**ids, "type": "process", **about, "links": [link]})


def correct_type(response: Response) -> Response:
    """JSON that answers an execute request is called a page when the client would take a page."""
    if response.status_code == 200 and request.method == "POST" and is_page(response):
        response.headers["Content-Type"] = "application/json"
    return response


def correct_exception(response: Response) -> Response:
    """Part 1 names the types of these exceptions; pygeoapi sends words of its own."""
    told = json.loads(response.get_data())
    code = "NoSuchJob" if told["code"] == "InvalidParameterValue" and missing(response) else ""
    status, code = response.status_code, code or told["code"]
    return replaced(response, exception_document(status, code, told["description"]))


def missing(response: Response) -> bool:
    return response.status_code == 404 and JOB.fullmatch(request.path) is not None


def correct_document(response: Response) -> Response:
    if request.path == "/jobs":
        return replaced(response, newest_first(json.loads(response.get_data())))
    if JOB.fullmatch(request.path):
        return replaced(response, trimmed(json.loads(response.get_data())))
    if DESCRIPTION.fullmatch(request.path):
        return replaced(response, by_reference(json.loads(response.get_data())))
    return response


def newest_first(document: dict[str, Any]) -> dict[str, Any]:
    """Pages go by the time of creation; pygeoapi orders each one anew, by the time of the start."""
    jobs = [trimmed(job) for job in document["jobs"]]
    return {**document, "jobs": sorted(jobs, key=lambda job: str(job["created"]), reverse=True)}


def trimmed(job: dict[str, Any]) -> dict[str, Any]:
    """`statusInfo.yaml` knows no nulls, and a job that waits has not started."""
    unset = {"started"} if job["status"] == "accepted" else set()
    return {key: kept for key, kept in job.items() if kept is not None and key not in unset}


def by_reference(document: dict[str, Any]) -> dict[str, Any]:
    """pygeoapi overwrites what a process says of itself (geopython/pygeoapi#1956)."""
    for process in document.get("processes", [document]):
        process["outputTransmission"] = ["value", "reference"]
    return document


def is_page(response: Response) -> bool:
    return response.headers.get("Content-Type", "").startswith("text/html")


def is_json(response: Response) -> bool:
    return response.headers.get("Content-Type", "").startswith("application/json")


def replaced(response: Response, document: dict[str, Any]) -> Response:
    response.set_data(json.dumps(document, indent=2))
    response.headers["Content-Type"] = "application/json"
    return response
