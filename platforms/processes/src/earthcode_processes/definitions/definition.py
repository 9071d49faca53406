from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Inputs = dict[str, Any]


@dataclass(frozen=True)
class Output:
    """One file that a job leaves. `encoding` None is text or JSON, "base64" is binary."""

    title: str
    description: str
    media_type: str
    file: str
    encoding: str | None = None
    schema: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Definition:
    """A process. `inputs` are OGC API Processes 1.0 input descriptions, `check` returns what is
    wrong between inputs that are right one by one, `computation` is the module with `run`."""

    id: str
    title: str
    description: str
    version: str
    keywords: tuple[str, ...]
    inputs: dict[str, dict[str, Any]]
    outputs: dict[str, Output]
    example: Inputs
    computation: str
    check: Callable[[Inputs], list[str]] = lambda inputs: []
