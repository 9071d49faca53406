"""The demonstration products: files that the platform's process really gave."""

import time

import httpx2

from earthcode_local.api import Refused
from earthcode_local.sample import Execution

PATIENCE = 120.0


def made_by_the_platform(endpoint: str, execution: Execution) -> bytes:
    """Run the process synchronously (OGC API - Processes 1.0, 7.11) and return its file.

    The process is deterministic and has no effect but its result, so it may be run again.
    """
    url = f"{endpoint.rstrip('/')}/processes/{execution.process}/execution"
    body = {
        "inputs": execution.inputs,
        "outputs": {execution.output: {"transmissionMode": "value"}},
        "response": "raw",
    }
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            answer = httpx2.post(url, json=body, timeout=60)
        except httpx2.TransportError as error:
            if time.monotonic() > deadline:
                raise Refused(f"The platform does not answer: {error}") from error
        else:
            if answer.status_code == 200:
                return answer.content
            if answer.status_code < 500 or time.monotonic() > deadline:
                raise Refused(f"POST {url}: {answer.status_code} {answer.text[:500]}")
        time.sleep(0.5)
