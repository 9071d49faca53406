"""Which account a server runs under: PostgreSQL refuses to run as root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from earthcode_local.servers.processes import ServerError

CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """`uid` and `gid` to change to; None to stay who we are."""

    uid: int | None = None
    gid: int | None = None

    @property
    def identity(self) -> dict[str, Any]:
        """Arguments for subprocess.Popen."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Make a folder the account's alone."""
        path.chmod(0o700)
        if self.uid is not None and path.stat().st_uid != self.uid:
            os.chown(path, self.uid, self.gid or 0)


def unprivileged(data: Path) -> Account:
    """The account for a server that must not be root; an existing data folder keeps its owner."""
    if os.geteuid() != 0:
        return Account()
    if data.is_dir() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise ServerError("PostgreSQL cannot run as root, and there is no account postgres or nobody.")
