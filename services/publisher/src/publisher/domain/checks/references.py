"""Rules on references: what a document names must exist."""

from collections.abc import Iterator

from publisher.domain.checks.rules import Fault, Subject, rule, shown
from publisher.domain.references import references


@rule(
    "reference.exists",
    "error",
    "what the document refers to is in the catalogue or in the same submission",
    "a link to nothing cannot be followed, and the entity would be missing from its relations",
)
def exists(subject: Subject) -> Iterator[Fault]:
    for reference in references(subject.kind, subject.body):
        if not (reference.usable and subject.exists(reference.kind, reference.id)):
            yield Fault(
                reference.pointer,
                f"There is no {reference.kind} {shown(reference.id)}",
                f"publish that {reference.kind} first, add it to the submission, or correct the id",
            )


@rule(
    "reference.repeated",
    "warning",
    "nothing is referred to twice by the same field",
    "it would be counted and shown twice",
)
def repeated(subject: Subject) -> Iterator[Fault]:
    seen: set[tuple[str, str, str]] = set()
    for reference in references(subject.kind, subject.body):
        key = (reference.rel, reference.kind, reference.id)
        if key in seen:
            yield Fault(reference.pointer, f"{reference.rel} names {shown(reference.id)} twice")
        seen.add(key)
