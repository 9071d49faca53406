"""The comparison in a process of its own: ``python -m reproducer.comparing``.

Reads one JSON request on stdin and writes one JSON answer on stdout. Files may come from anywhere:
memory and time are limited, and a C library that crashes takes only this process with it.
"""

import ctypes
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

MEMORY = 4 * 1024 * 1024 * 1024
PR_SET_PDEATHSIG = 1


def main() -> None:
    request = json.load(sys.stdin)
    _limit(int(request["seconds"]), request["parent"])
    from reproducer.domain.compare import Options, compare_files

    compared = compare_files(
        Path(request["published"]),
        Path(request["produced"]),
        Options.of(request["options"]),
        media_type=request["media_type"],
        picture=Path(request["picture"]),
    )
    json.dump(compared.document(), sys.stdout)


def _limit(seconds: int, parent: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))
    os.environ["HDF5_USE_FILE_LOCKING"] = "FALSE"
    if sys.platform == "linux":
        # A killed worker shall not leave this process behind.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def request_of(
    published: Path,
    produced: Path,
    options: dict[str, Any],
    media_type: str | None,
    picture: Path,
    seconds: float,
) -> dict[str, Any]:
    return {
        "published": str(published),
        "produced": str(produced),
        "options": options,
        "media_type": media_type,
        "picture": str(picture),
        "seconds": seconds,
        "parent": os.getpid(),
    }


if __name__ == "__main__":
    main()
