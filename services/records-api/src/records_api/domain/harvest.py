"""OAI-PMH 2.0: what a request asks for, and how records are named and grouped for harvesters.

http://www.openarchives.org/OAI/openarchivesprotocol.html (section numbers below are its).
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, unquote

from earthcode_common.ogc.entities import FOLDERS, Key, is_text

from records_api.domain.kinds import COLLECTIONS

TOKEN, THEME = "resumptionToken", "theme"
LISTS = ("ListRecords", "ListIdentifiers")
DAY, SECOND = "%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"
# Section 2.7: a part of a setSpec. Themes with other identifiers are in no set.
SET_NAME = re.compile(r"[A-Za-z0-9\-_.!~*'()]+", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", re.ASCII)
SAFE = ":@,+~"


class Rule(NamedTuple):
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    resumable: bool = False


_LIST = Rule(("metadataPrefix",), ("from", "until", "set"), resumable=True)
VERBS = {
    "Identify": Rule(),
    "ListMetadataFormats": Rule((), ("identifier",)),
    "ListSets": Rule((), (), resumable=True),
    "GetRecord": Rule(("identifier", "metadataPrefix")),
    **dict.fromkeys(LISTS, _LIST),
}


class Refused(Exception):
    """A protocol error (section 3.6); it is answered with status 200."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Set(NamedTuple):
    """Records of one kind, or those that have a theme (any, when it is empty)."""

    kind: str | None = None
    theme: str | None = None


class Wanted(NamedTuple):
    """Records changed from ``start`` on and before ``end``."""

    start: datetime | None
    end: datetime | None
    among: Set


def arguments(given: Sequence[tuple[str, str]]) -> tuple[str, dict[str, str]]:
    """The verb and its arguments, each of which there must be and may be (section 3.1)."""
    verbs = [value for name, value in given if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in VERBS:
        raise Refused("badVerb", f"verb is one of {', '.join(VERBS)}, given once")
    rule, rest = VERBS[verbs[0]], [(name, value) for name, value in given if name != "verb"]
    names = Counter(name for name, _ in rest)
    if repeated := [name for name, count in names.items() if count > 1]:
        raise Refused("badArgument", f"{repeated[0]} is given more than once")
    if rule.resumable and TOKEN in names:
        if len(names) > 1:
            raise Refused("badArgument", f"{TOKEN} excludes all other arguments")
        return verbs[0], dict(rest)
    if missing := [name for name in rule.required if name not in names]:
        raise Refused("badArgument", f"{verbs[0]} needs {missing[0]}")
    if unknown := [name for name in names if name not in (*rule.required, *rule.optional)]:
        raise Refused("badArgument", f"{verbs[0]} knows no argument {unknown[0][:60]}")
    return verbs[0], dict(rest)


def wanted(asked: Mapping[str, str]) -> Wanted:
    """``from``, ``until`` and ``set``; both ends belong to the list (section 2.7.1)."""
    start, end = asked.get("from"), asked.get("until")
    if start is not None and end is not None and len(start) != len(end):
        raise Refused("badArgument", "from and until are of one granularity")
    first = _moment("from", start) if start is not None else None
    last = _moment("until", end) if end is not None else None
    if first and last and first > last:
        raise Refused("badArgument", "from is later than until")
    return Wanted(first, last and _after(last, end or ""), among(asked.get("set")))


def _moment(name: str, text: str) -> datetime:
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        found = datetime.strptime(text, SECOND if "T" in text else DAY)
    except ValueError:
        raise Refused("badArgument", f"{name} is YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ") from None
    return found.replace(tzinfo=UTC)


def _after(last: datetime, text: str) -> datetime | None:
    """The moment after a day or a second; None when there is none any more."""
    try:
        return last + (timedelta(seconds=1) if "T" in text else timedelta(days=1))
    except OverflowError:
        return None


def among(spec: str | None) -> Set:
    if spec is None:
        return Set()
    if spec in COLLECTIONS:
        return Set(kind=COLLECTIONS[spec])
    name, _, theme = spec.partition(":")
    if name == THEME and (theme or spec == THEME) and (not theme or SET_NAME.fullmatch(theme)):
        return Set(theme=theme)
    raise Refused("noRecordsMatch", "There is no such set; ListSets tells which there are")


def set_specs(key: Key, themes: Sequence[str]) -> list[str]:
    named = [theme for theme in themes if SET_NAME.fullmatch(theme)]
    return [FOLDERS[key.kind], *(f"{THEME}:{theme}" for theme in dict.fromkeys(named))]


def identifier(host: str, key: Key) -> str:
    """``oai:{host}:{catalogue}/{id}``, the id percent-encoded (section 2.4: it is a URI)."""
    return f"oai:{host}:{FOLDERS[key.kind]}/{quote(key.id, safe=SAFE)}"


def key_of(host: str, text: str) -> Key:
    """Whose identifier it is; that there is such a record is not said by that."""
    folder, slash, id = text.removeprefix(f"oai:{host}:").partition("/")
    known = text.startswith(f"oai:{host}:") and COLLECTIONS.get(folder)
    name = unquote(id)
    if not known or not slash or not name or not is_text(name):
        raise Refused("idDoesNotExist", "There is no record of that identifier here")
    return Key(known, name)


def datestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(SECOND)
