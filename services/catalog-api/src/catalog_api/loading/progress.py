"""What the loader tells while it goes on, and when it ended."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from catalog_api.loading.worker import Outcome
from catalog_api.operations.items import Report

SHOWN = 100  # errors on the screen; a file gets all


class Progress:
    """Counts outcomes; ``total`` in bytes, None when nobody knows."""

    def __init__(self, total: int | None, errors: str | None) -> None:
        self.total = total
        self.report = Report()
        self.bytes = 0
        self.started = time.monotonic()
        self.told = self.started
        self.every = 1.0 if sys.stderr.isatty() else 10.0
        self.errors = Path(errors) if errors else None
        if self.errors:
            self.errors.write_text("")

    def add(self, outcome: Outcome) -> None:
        self.bytes += outcome.size
        for report in outcome.reports:
            self._note(outcome.file, report.errors)
            self.report.received += report.received
            self.report.add(report)
        if time.monotonic() - self.told >= self.every:
            self.told = time.monotonic()
            print(self.line(), file=sys.stderr, flush=True)

    def _note(self, file: str, errors: list[dict[str, Any]]) -> None:
        if self.errors:
            with self.errors.open("a", encoding="utf-8") as kept:
                kept.writelines(json.dumps({"file": file} | error) + "\n" for error in errors)
            return
        for number, error in enumerate(errors):
            if self.report.failed + number < SHOWN:
                print(_shown(file, error), file=sys.stderr)
            elif self.report.failed + number == SHOWN:
                print("... more errors: --errors FILE keeps them all", file=sys.stderr)

    def line(self) -> str:
        took = time.monotonic() - self.started
        text = f"{self.report.received:,} lines, {self.report.received / took:,.0f}/s"
        if self.total and self.bytes:
            left = took * (self.total / self.bytes - 1)
            text += f", {self.bytes / self.total:.0%} done, about {left:,.0f} s left"
        return text + (f", {self.report.failed:,} not stored" if self.report.failed else "")

    def summary(self) -> str:
        took, report = time.monotonic() - self.started, self.report
        return (
            f"{report.received:,} lines in {took:,.1f} s ({report.received / took:,.0f}/s):"
            f" {report.inserted:,} new, {report.updated:,} replaced,"
            f" {report.unchanged:,} left as they were, {report.failed:,} not stored"
        )

    def searchable(self, more: int) -> str:
        """What is told when the first indexes are there, and ``more`` are not."""
        took = time.monotonic() - self.started
        return (
            f"After {took:,.1f} s ({self.report.received / took:,.0f}/s) all can be searched by"
            f" place, time, Collection and id. Making {more} more indexes, for words and for"
            " orders by properties ..."
        )


def _shown(file: str, error: dict[str, Any]) -> str:
    """file:line: what is wrong, and every place of it."""
    text = f"{file}:{error['line']}: {error['detail']}"
    more = error.get("errors", [])[1:]
    return "\n".join([text, *(f"    {one.get('pointer', '')}: {one['detail']}" for one in more)])
