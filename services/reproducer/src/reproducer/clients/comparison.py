"""Starting the comparison process and reading its answer."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from earthcode_common import telemetry

from reproducer.comparing import request_of
from reproducer.domain.compare.ladder import same_bytes


async def compare_apart(
    published: Path,
    produced: Path,
    *,
    options: dict[str, Any],
    media_type: str | None,
    picture: Path,
    seconds: float,
) -> dict[str, Any]:
    """The comparison as a document; a process that dies or takes too long is a verdict too."""
    request = request_of(published, produced, options, media_type, picture, seconds)
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "reproducer.comparing"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(seconds):
            output, errors = await child.communicate(json.dumps(request).encode())
    except TimeoutError:
        return await _broken(published, produced, f"it took more than {seconds:.0f} seconds")
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode == 0:
        found: dict[str, Any] = json.loads(output)
        return found
    facts = {"status": child.returncode, "said": errors[-2000:].decode("utf-8", "replace")}
    telemetry.log.warning("comparison broke", extra=facts)
    return await _broken(published, produced, f"the reader broke (status {child.returncode})")


async def _broken(published: Path, produced: Path, why: str) -> dict[str, Any]:
    """The bytes can be compared whatever the content does to its readers."""
    same = await asyncio.to_thread(same_bytes, published, produced)
    return {
        "verdict": "identical" if same else "not-comparable",
        "format": "other",
        "reason": f"the files could not be read: {why}",
        "variables": [],
        "notes": [],
    }
