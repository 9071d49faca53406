"""`GET /jobs/{id}/results/{output}`: one output as the file that it is.

Part 1, 1.0 has results by reference but no route for them; this is the one of the 2.0 draft.
"""

from flask import Blueprint, Response, send_file
from werkzeug.exceptions import NotFound

from . import store
from .corrections import exception, refuse_results
from .definitions import DEFINITIONS
from .manager import JobManager
from .results import path_of


def blueprint(manager: JobManager) -> Blueprint:
    routes = Blueprint("outputs", __name__)

    @routes.get("/jobs/<identifier>/results/<name>")
    def output(identifier: str, name: str) -> Response:
        job = store.find(manager.database, identifier)
        if job is None:
            return exception(404, "NoSuchJob", "There is no such job")
        return refuse_output(job, name) or send_output(manager, job, name)

    return routes


def refuse_output(job: store.Job, name: str) -> Response | None:
    if job.status in ("accepted", "running"):
        return exception(404, "ResultNotReady", "The job has not ended yet")
    if name not in DEFINITIONS[job.process_id].outputs:
        return exception(404, "NoSuchResult", "The process has no such output")
    return refuse_results(job)


def send_output(manager: JobManager, job: store.Job, name: str) -> Response:
    output, kept = DEFINITIONS[job.process_id].outputs[name], job.outputs[name]
    try:
        return send_file(
            path_of(job, manager.data_dir, name),
            mimetype=output.media_type,
            as_attachment=True,
            download_name=output.file,
            etag=kept["sha256"],
            max_age=0,
        )
    except (OSError, NotFound):
        return exception(410, "NoSuchResult", "The file is no longer kept")
