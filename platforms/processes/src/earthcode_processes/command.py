import argparse
import fcntl
import os
import sys
import time
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from . import folders, store
from .configuration import Settings, write

EPILOG = """\
The server needs no privileges, no network and no other service. All its state is in the data
directory (on a local disk: it holds an SQLite database); started again on the same directory it
goes on with the jobs it finds there. It has no users: whoever reaches it may run, see and dismiss
jobs, so let only the federation's reproducer reach it.
"""


def main() -> None:
    options = parser().parse_args()
    settings = settings_of(options)
    prepare(settings.data_dir)
    lock = locked(settings.data_dir, options.lock_seconds)
    manager = write(settings)["server"]["manager"]
    from .server import Server

    print(f"Serving {settings.public_url} from {settings.data_dir}", flush=True)
    try:
        Server(settings, manager).run()
    finally:
        lock.close()


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m earthcode_processes",
        description="Serve deterministic processes by OGC API Processes 1.0 (pygeoapi).",
        epilog=EPILOG,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=port, default=8090, help="port to listen on (default: %(default)s)")
    add("--data-dir", type=Path, required=True, help="directory of all state; made when absent")
    add("--public-url", type=url, help="address that clients see (default: http://HOST:PORT)")
    add(
        "--parallel-jobs",
        type=positive,
        default=max(1, min(4, os.cpu_count() or 1)),
        help="jobs that run at a time (default: one per core, at most 4; here %(default)s)",
    )
    add(
        "--waiting-jobs",
        type=positive,
        default=1000,
        help="jobs that may wait; more are refused with 503 (default: %(default)s)",
    )
    add(
        "--job-seconds",
        type=positive,
        default=3600,
        help="a job that runs longer is stopped and fails (default: %(default)s)",
    )
    add(
        "--keep-days",
        type=positive,
        default=30,
        help="ended jobs and their results are removed after this (default: %(default)s)",
    )
    add(
        "--lock-seconds",
        type=float,
        default=15,
        help="wait this long for another server to leave the directory (default: %(default)s)",
    )
    levels = ("DEBUG", "INFO", "WARNING", "ERROR")
    add("--log-level", choices=levels, default="WARNING", help="(default: %(default)s)")
    return parser


def port(text: str) -> int:
    if not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError("must be between 1 and 65535")
    return int(text)


def positive(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return int(text)


def url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise argparse.ArgumentTypeError("must be an http or https address without a query")
    return text.rstrip("/")


def settings_of(options: argparse.Namespace) -> Settings:
    values = {name: value for name, value in vars(options).items() if name != "lock_seconds"}
    values["data_dir"] = options.data_dir.resolve()
    values["public_url"] = options.public_url or local_url(options.host, options.port)
    return Settings(**values)


def local_url(host: str, port: int) -> str:
    # The address that means "all of them" is none that a client can use.
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def prepare(data_dir: Path) -> None:
    """The directory, and a home in it: what runs here shall write nowhere else."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in ("home", "jobs"):
            (data_dir / name).mkdir(exist_ok=True)
    except OSError as error:
        sys.exit(f"{data_dir}: {error.strerror}")
    os.environ["HOME"] = str(data_dir / "home")
    store.prepare(folders.database(data_dir))


def locked(data_dir: Path, seconds: float) -> IO[str]:
    """One server per directory. The worker of a killed server holds the lock for a moment more."""
    lock = (data_dir / "server.lock").open("w")
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        except BlockingIOError:
            if time.monotonic() > end:
                sys.exit(f"Another server uses {data_dir}")
            time.sleep(0.2)
