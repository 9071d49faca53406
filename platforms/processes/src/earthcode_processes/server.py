"""gunicorn around the application: one worker, which also holds the supervisor of the jobs."""

import threading
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from . import supervisor
from .configuration import SYNC_CLIENTS, Settings

GRACE_SECONDS = 8


class Server(BaseApplication):  # type: ignore[misc,unused-ignore]
    def __init__(self, settings: Settings, manager: dict[str, Any]):
        self.settings = settings
        self.limits = supervisor.limits_of(manager)
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options().items():
            # The control socket came with gunicorn 25.1.
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def options(self) -> dict[str, Any]:
        return {
            "bind": f"{bracketed(self.settings.host)}:{self.settings.port}",
            "workers": 1,
            "worker_class": Worker,
            "threads": SYNC_CLIENTS * 2,
            "timeout": 120,
            "graceful_timeout": GRACE_SECONDS,
            "control_socket_disable": True,
            "chdir": str(self.settings.data_dir),
            "proc_name": "earthcode-processes",
            "loglevel": self.settings.log_level.lower(),
            "post_worker_init": lambda worker: begin(worker, self.limits),
            "worker_exit": lambda server, worker: leave(worker),
        }

    def load(self) -> Any:
        from .application import APP

        return APP


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class Worker(ThreadWorker):  # type: ignore[misc,unused-ignore]
    """Tells at once that it stops: gunicorn's own hook comes when the last client has gone, and
    those who wait for a job would be the last."""

    supervisor: threading.Thread

    def handle_exit(self, sig: int, frame: Any) -> None:
        if self.alive:
            supervisor.stop()
        super().handle_exit(sig, frame)


def begin(worker: Worker, limits: supervisor.Limits) -> None:
    worker.supervisor = threading.Thread(
        target=supervisor.supervise, args=(limits,), name="supervisor", daemon=True
    )
    worker.supervisor.start()


def leave(worker: Worker) -> None:
    supervisor.stop()
    if hasattr(worker, "supervisor"):
        worker.supervisor.join(GRACE_SECONDS)
