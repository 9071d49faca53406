"""gunicorn around the application: one worker, which also holds the supervisor of the jobs."""

import os
import threading
from typing import Any

from gunicorn.app.base import BaseApplication

from . import supervisor
from .configuration import SYNC_CLIENTS, Settings

GRACE_SECONDS = 5
LEAVE_SECONDS = 10


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
            "worker_class": "gthread",
            "threads": SYNC_CLIENTS * 2,
            "timeout": 120,
            "graceful_timeout": GRACE_SECONDS,
            "control_socket_disable": True,
            "chdir": str(self.settings.data_dir),
            "proc_name": "earthcode-processes",
            "loglevel": self.settings.log_level.lower(),
            "post_worker_init": lambda worker: begin(self.limits),
            "worker_exit": lambda server, worker: leave(self.limits, worker.ppid),
        }

    def load(self) -> Any:
        from .application import APP

        return APP


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


SUPERVISOR: list[threading.Thread] = []


def begin(limits: supervisor.Limits) -> None:
    thread = threading.Thread(target=supervisor.supervise, args=(limits,), daemon=True)
    SUPERVISOR.append(thread)
    thread.start()


def leave(limits: supervisor.Limits, parent: int) -> None:
    """A clean stop leaves no job behind. When the master was killed the jobs are left to run: the
    next server adopts them."""
    supervisor.STOPPING.set()
    supervisor.WAKE.set()
    for thread in SUPERVISOR:
        thread.join(LEAVE_SECONDS)
    if SUPERVISOR and os.getppid() == parent:
        supervisor.put_back(limits)
