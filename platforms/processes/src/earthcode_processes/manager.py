"""pygeoapi's process manager plugin: checks a request, keeps it as a row, and tells what became of
it. The supervisor has the work done."""

import threading
import time
import uuid
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Any

import flask
from pygeoapi.process.base import (
    JobNotFoundError,
    JobResultNotFoundError,
    ProcessorExecuteError,
)
from pygeoapi.process.manager.base import BaseManager
from pygeoapi.util import JobStatus, RequestedProcessExecutionMode

from . import folders, store, supervisor
from .definitions import DEFINITIONS
from .results import media_type, results
from .validation import checked_inputs, checked_outputs, checked_response

ENDED = ("successful", "failed", "dismissed")
LOOK_AGAIN_SECONDS = 0.1
Executed = tuple[str, str, Any, JobStatus, dict[str, str]]


class TooManyJobs(ProcessorExecuteError):  # type: ignore[misc,unused-ignore]
    http_status_code = HTTPStatus.SERVICE_UNAVAILABLE
    ogc_exception_code = "ServerBusy"


class JobManager(BaseManager):  # type: ignore[misc,unused-ignore]
    """Configured by `server.manager`; see `configuration.manager`."""

    def __init__(self, manager_def: dict[str, Any]):
        super().__init__(manager_def)
        self.is_async = True
        self.data_dir = Path(manager_def["data_dir"])
        self.database = folders.database(self.data_dir)
        self.public_url = manager_def["public_url"]
        self.most_waiting = manager_def["waiting_jobs"]
        self.sync_seconds = manager_def["sync_seconds"]
        # Someone who waits holds one of the server's threads: some must stay free.
        self.seats = threading.BoundedSemaphore(manager_def["sync_clients"])

    def execute_process(
        self,
        process_id: str,
        data_dict: dict[str, Any],
        execution_mode: RequestedProcessExecutionMode | None = None,
        requested_outputs: Any = None,
        subscriber: Any = None,
        requested_response: Any = "raw",
    ) -> Executed:
        identifier = self.accept(process_id, data_dict, requested_outputs, requested_response)
        if execution_mode == RequestedProcessExecutionMode.respond_async:
            applied = {"Preference-Applied": "respond-async"}
        else:
            applied = {}
            self.wait(identifier)
        return identifier, *self.answer(identifier), applied

    def accept(self, process_id: str, inputs: Any, outputs: Any, response: Any) -> str:
        definition = DEFINITIONS[process_id]
        asked = (
            checked_inputs(definition, inputs),
            checked_outputs(definition, outputs),
            checked_response(response),
        )
        if store.count(self.database, "accepted") >= self.most_waiting:
            raise TooManyJobs(user_msg="Too many jobs are waiting; try again later")
        # Not pygeoapi's uuid1, which tells when and where, and lets one guess its neighbours.
        identifier = str(uuid.uuid4())
        store.add(self.database, identifier, process_id, *asked)
        supervisor.WAKE.set()
        return identifier

    def wait(self, identifier: str) -> None:
        """Until the job has ended, or for as long as a client may wait."""
        if not self.seats.acquire(blocking=False):
            return
        try:
            end = time.monotonic() + self.sync_seconds
            while not self.ended(identifier) and time.monotonic() < end:
                if supervisor.STOPPING.wait(LOOK_AGAIN_SECONDS):
                    return
        finally:
            self.seats.release()

    def ended(self, identifier: str) -> bool:
        job = store.find(self.database, identifier)
        return job is None or job.status in ENDED

    def answer(self, identifier: str) -> tuple[str, Any, JobStatus]:
        """A client that does not wait any longer gets the same answer as one that never did."""
        job = self.found(identifier)
        match job.status:
            case "successful":
                return *results(job, self.data_dir, self.public_url), JobStatus.successful
            case "failed" | "dismissed":
                return "application/json", failure(job), JobStatus.failed
        return "application/json", None, JobStatus.accepted

    def get_jobs(
        self, status: Any = None, limit: int | None = None, offset: int | None = None
    ) -> dict[str, Any]:
        # pygeoapi does not hand on what else was asked for (OGC API Processes 1.0, 7.12).
        asked = flask.request.args
        jobs, matched = store.listing(
            self.database,
            listed(asked.getlist("status")),
            listed(asked.getlist("processID")),
            asked.get("marker"),
            limit or store.LARGEST,
            offset or 0,
        )
        return {"jobs": [as_pygeoapi(job) for job in jobs], "numberMatched": matched}

    def get_job(self, job_id: str) -> dict[str, Any]:
        return as_pygeoapi(self.found(job_id))

    def get_job_result(self, job_id: str) -> tuple[str, Any]:
        job = self.found(job_id)
        if job.status != "successful":
            raise JobResultNotFoundError
        return results(job, self.data_dir, self.public_url)

    def delete_job(self, job_id: str) -> bool:
        """A job that has not ended is dismissed and stays; one that has ended is forgotten."""
        self.found(job_id)
        if store.dismiss(self.database, job_id):
            supervisor.end(self.database, job_id)
        else:
            supervisor.forget(self.data_dir, job_id)
        return True

    def found(self, identifier: str) -> store.Job:
        job = store.find(self.database, identifier)
        if job is None:
            raise JobNotFoundError
        return job


def listed(values: list[str]) -> list[str]:
    return [part for value in values for part in value.split(",") if part]


def failure(job: store.Job) -> dict[str, str]:
    return {"type": "NoApplicableCode", "code": "NoApplicableCode", "description": job.message}


def as_pygeoapi(job: store.Job) -> dict[str, Any]:
    return {
        **asdict(job),
        "parameters": job.inputs,
        # pygeoapi sorts by it, so there must be one; corrections.py takes it away again.
        "started": job.started or job.created,
        "mimetype": media_type(job),
    }
