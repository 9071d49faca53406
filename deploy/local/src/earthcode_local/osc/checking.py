"""Check a tree with the publisher's own rules, offline, and mend what can be mended."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

import jsonpatch
from publisher.domain.checks import Finding, Member, check_bundle
from rich.console import Console
from rich.markup import escape

from earthcode_local.osc.style import Style
from earthcode_local.osc.tree import Entity

COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


def check(entities: Iterable[Entity]) -> list[Finding]:
    """Findings about all entities; what they refer to must be in the tree."""
    members = [_member(entity) for entity in entities]
    return check_bundle(members, lambda kind, id: False)


def _member(entity: Entity) -> Member:
    # Bytes that are not UTF-8 become lone surrogates, which the rules report with their place.
    text = entity.path.read_bytes().decode("utf-8", "surrogateescape")
    names = frozenset(path.name for path in entity.attachments)
    return Member(entity.kind, entity.id, text, names)


def mend(entities: Iterable[Entity], findings: Sequence[Finding]) -> int:
    """Apply the fixes of the findings to the files, in their own style; returns how many."""
    paths = {(entity.kind, entity.id): entity.path for entity in entities}
    done = 0
    # Backwards: removing a list's entry moves only those behind it.
    for finding in reversed(findings):
        path = paths.get((finding.kind, finding.id))
        if finding.fix and path:
            done += _patch(path, finding.fix)
    return done


def _patch(path: Path, fix: list[dict[str, object]]) -> int:
    text = path.read_bytes().decode("utf-8")
    try:
        mended = jsonpatch.apply_patch(json.loads(text), fix)
    except (jsonpatch.JsonPatchException, ValueError):
        return 0  # An earlier fix of the same file made this one void.
    path.write_bytes(Style.of(text).dump(mended).encode("utf-8"))
    return 1


def as_json(findings: Iterable[Finding]) -> str:
    return json.dumps({"findings": [asdict(finding) for finding in findings]}, indent=1)


def show(console: Console, findings: list[Finding]) -> None:
    """One paragraph an entity, and the sum by rule at the end."""
    last = None
    for finding in findings:
        if (finding.kind, finding.id) != last:
            console.print(f"\n[bold]{escape(finding.kind)}/{escape(finding.id)}[/]")
            last = (finding.kind, finding.id)
        colour = COLOURS[finding.severity]
        where = f" [dim]{escape(finding.pointer)}[/]" if finding.pointer else ""
        console.print(f"  [{colour}]{finding.severity:7}[/] {finding.rule}{where}")
        console.print(f"          {escape(finding.message)}", style="")
        if finding.hint:
            console.print(f"          [dim]mend: {escape(finding.hint)}[/]")
    _sum(console, findings)


def _sum(console: Console, findings: list[Finding]) -> None:
    severities = dict.fromkeys(COLOURS, 0) | Counter(f.severity for f in findings)
    counts = Counter((finding.severity, finding.rule) for finding in findings)
    console.print()
    for (severity, rule), count in counts.most_common():
        console.print(f"  [{COLOURS[severity]}]{severity:7}[/] {count:6}  {rule}")
    parts = [f"{count} {word}" for word, count in severities.items()]
    console.print(f"\n{len(findings)} findings: {', '.join(parts)}")
