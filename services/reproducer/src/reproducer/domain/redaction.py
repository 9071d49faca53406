"""Secrets do not leave: some processes take keys as plain inputs."""

import re
from collections.abc import Mapping
from typing import Any

SECRET = re.compile(
    r"secret|passw|passphrase|token|credential|authori[sz]ation"
    r"|(?:api|access|private|auth)[-_ .]?key|^key$",
    re.IGNORECASE,
)
REDACTED = "[redacted]"


def redacted(value: Any) -> Any:
    """The value with every member whose name tells of a secret replaced, at any depth."""
    if isinstance(value, Mapping):
        return {
            name: REDACTED if SECRET.search(str(name)) else redacted(member)
            for name, member in value.items()
        }
    return [redacted(member) for member in value] if isinstance(value, list) else value
