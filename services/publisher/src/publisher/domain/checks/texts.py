"""Rules on the JSON text itself: names, numbers, characters."""

import re
from collections.abc import Iterator

from publisher.domain.checks.rules import Fault, Subject, rule, shown
from publisher.domain.documents import Path, beyond, is_beyond, pointer, walk

# C0 without tab and line ends, DEL; halves of surrogate pairs; overrides of writing direction.
UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
C1 = re.compile("[\x80-\x9f]")
SAFE_INTEGER = 2**53 - 1


@rule(
    "json.repeated-name",
    "error",
    "no object holds the same name twice",
    "readers keep the first or the last value, so they would disagree (RFC 8259 section 4)",
)
def repeated_name(subject: Subject) -> Iterator[Fault]:
    for path in subject.document.repeated_at:
        name = shown(path[1]) if path else ""
        yield Fault(pointer(path), f"The name {name} is there twice", "keep one of them")


@rule(
    "json.number",
    "warning",
    "integers are at most 2^53 - 1",
    "most readers would silently change them (RFC 7493 section 2.2); write them as strings",
)
def number(subject: Subject) -> Iterator[Fault]:
    for path, value in walk(subject.body):
        if isinstance(value, int) and abs(value) > SAFE_INTEGER and not is_beyond(value):
            yield Fault(
                pointer(path), "This number is beyond what most readers hold", "use a string"
            )


@rule(
    "json.number-range",
    "error",
    "numbers fit IEEE 754 double precision",
    "readers refuse the whole document, and every page that holds it; write them as strings",
)
def number_range(subject: Subject) -> Iterator[Fault]:
    for path in beyond(subject.body):
        yield Fault(pointer(path), "This number is too large for any reader", "use a string")


@rule(
    "text.unsafe-character",
    "error",
    "texts hold no control characters, halves of surrogate pairs or direction overrides",
    "they cannot be stored or sent by everyone, or make a text look like another",
)
def unsafe_character(subject: Subject) -> Iterator[Fault]:
    for path, text in _texts(subject):
        if match := UNSAFE.search(text):
            code = f"U+{ord(match[0]):04X}"
            yield Fault(pointer(path), f"It holds the unsafe character {code}", f"remove {code}")


@rule(
    "text.c1-control",
    "warning",
    "texts hold no C1 control characters",
    "they are what is left of a text that was decoded with the wrong encoding",
)
def c1_control(subject: Subject) -> Iterator[Fault]:
    for path, text in _texts(subject):
        if match := C1.search(text):
            code = f"U+{ord(match[0]):04X}"
            yield Fault(
                pointer(path), f"It holds {code}, as wrongly decoded texts do", "type it again"
            )


def _texts(subject: Subject) -> Iterator[tuple[Path, str]]:
    for path, value in walk(subject.body):
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, dict):
            yield from (((path, name), name) for name in value)
