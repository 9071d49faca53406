"""Who may write Items, and who may see where the files of closed products are (ADR 10)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from earthcode_common.ogc import jsontext
from earthcode_common.ogc.datetimes import format_instant, parse_instant
from earthcode_common.ogc.jsontext import Value, dump
from earthcode_common.problems import BadRequest, Forbidden

KEEPERS = frozenset({"steward", "operator"})
MEMBER = "earthcode:access"
SCHEME = "earthcode"
# The last ones: file:local_path, xarray:storage_options, table:storage_options, xarray:open_kwargs.
_LEADING = ("href", "path", "storage_options", "open_kwargs")
_SIGNS = ('"href"', "://", '"//', "\\u", "\\/")
AUTHENTICATION = "https://stac-extensions.github.io/authentication/v1.1.0/schema.json"


def check_writer(owner: str, names: Collection[str | None], roles: Collection[str]) -> None:
    """Items are written by who published the product (``names``: subject, platform) or a keeper.

    Raises Forbidden.
    """
    if owner not in names and KEEPERS.isdisjoint(roles):
        raise Forbidden(
            "Items of a product are written by the platform that published it",
            hint="ask its owner, or a data steward",
        )


@dataclass(frozen=True, slots=True)
class Access:
    """Of a product that is, or was until some moment, not open to everybody."""

    owner: str
    state: str
    until: datetime | None = None
    how: str = ""
    readers: frozenset[str] = frozenset()  # subjects, platforms, roles

    def open_at(self, now: datetime) -> bool:
        return self.state == "embargoed" and self.until is not None and self.until <= now

    def lets(self, names: Collection[str | None], roles: Collection[str]) -> bool:
        """``names``: subject and platform of who asks."""
        known = {name for name in names if name} | set(roles)
        return self.owner in names or not KEEPERS.isdisjoint(roles) or bool(self.readers & known)

    def reason(self) -> str:
        until = f" until {format_instant(self.until)}" if self.until else ""
        how = f". {self.how}" if self.how else ""
        return f"The files of this product are {self.state}{until}{how}"


def access_of(owner: str, member: Any) -> Access | None:
    """What ``earthcode:access`` says; None is open. What makes no sense is closed, for safety."""
    given: Mapping[str, Any] = member if isinstance(member, dict) else {"state": member}
    state = given.get("state")
    if state == "open":
        return None
    readers, how = given.get("readers"), given.get("how")
    listed = readers if isinstance(readers, list) else []
    return Access(
        owner,
        "embargoed" if state == "embargoed" else "restricted",
        _moment(given.get("until")),
        how if isinstance(how, str) else "",
        frozenset(one for one in listed if isinstance(one, str)),
    )


def _moment(value: Any) -> datetime | None:
    for text in (value, f"{value}T00:00:00Z"):
        try:
            return parse_instant(text)
        except BadRequest:
            continue
    return None


def withheld(doc: str, access: Access, address: str) -> str:
    """The text of a Collection or Item without the addresses of its files.

    ``address`` takes their place, and says how to get them. All that may hold one more address is
    left out of the assets; the rest of the document stays as it is.
    """
    members = jsontext.members(doc)
    assets = members.get("assets")
    if assets is None or not isinstance(assets.value, dict) or not assets.value:
        return doc
    each = jsontext.members(assets.text).items()
    closed = {name: _closed(asset, address) for name, asset in each}
    members["assets"] = Value(None, jsontext.join(closed))
    properties = members.get("properties")
    if properties and isinstance(properties.value, dict):  # an Item
        members["properties"] = _explained(jsontext.members(properties.text), access)
    else:
        members = jsontext.members(_explained(members, access).text)
    members["stac_extensions"] = Value(None, _extensions(members.get("stac_extensions")))
    return _joined(members)


def _closed(asset: Value, address: str) -> str:
    kept = {"href": f'"{address}"'}
    if isinstance(asset.value, dict):
        parts = jsontext.members(asset.text)
        kept |= {name: part.text for name, part in parts.items() if not _leads(name, part.text)}
    return jsontext.join(kept | {"href": f'"{address}"', "auth:refs": dump([SCHEME])})


def _leads(name: str, text: str) -> bool:
    """Whether a member of an asset may hold the address of a file, a part of it, or its key."""
    return any(word in name for word in _LEADING) or any(sign in text for sign in _SIGNS)


def _explained(members: Mapping[str, Value], access: Access) -> Value:
    schemes = Value(None, _schemes(members.get("auth:schemes"), access))
    return Value(None, _joined({**members, "auth:schemes": schemes}))


def _schemes(given: Value | None, access: Access) -> str:
    others = given.value if given and isinstance(given.value, dict) else {}
    mine = {"type": "http", "scheme": "bearer", "description": access.reason()}
    return dump(others | {SCHEME: mine})


def _extensions(given: Value | None) -> str:
    known = given.value if given and isinstance(given.value, list) else []
    return dump([*known, *([] if AUTHENTICATION in known else [AUTHENTICATION])])


def _joined(members: Mapping[str, Value]) -> str:
    return jsontext.join({name: member.text for name, member in members.items()})
