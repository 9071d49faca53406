"""Record Core (Annex A of 20-004r1)."""

import re
from datetime import datetime
from typing import Any

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

from tests.conformance.records_ats.catalogue import (
    CONF,
    GEOJSON,
    PROFILE,
    Catalogue,
    abstract_test,
    link_of,
    links_of,
    media_of,
    self_of,
)
from tests.conformance.records_ats.schemas import errors

DATE = re.compile(r"\d{4}-\d\d-\d\d")
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
PHONE = re.compile(r"\+[1-9][0-9]{3,14}")


@abstract_test("/conf/record-core/mandatory-properties-record")
async def mandatory_properties(catalogue: Catalogue) -> None:
    for _, record in await catalogue.records():
        assert isinstance(record["id"], str)
        assert record["id"]
        assert record["type"] == "Feature"
        assert "time" in record
        assert "geometry" in record
        assert record["properties"]["type"]
        assert record["properties"]["title"]
        assert CONF + "record-core" in record["conformsTo"]


@abstract_test("/conf/record-core/links")
async def links(catalogue: Catalogue) -> None:
    seen = set()
    for _, record in await catalogue.records():
        found = links_of(record, "collection")
        assert len(found) == 1
        seen.add(found[0]["href"])
    for href in seen:
        assert not errors("catalog", await catalogue.json(href))


@abstract_test("/conf/record-core/templated-link")
async def templated_links(catalogue: Catalogue) -> None:
    found = [one for _, r in await catalogue.records() for one in r.get("linkTemplates", [])]
    assert found
    for one in found:
        assert not errors("linkTemplate", one)
        assert set(re.findall(r"{(\w+)}", one["uriTemplate"])) <= set(one.get("variables", {}))


@abstract_test("/conf/record-core/templated-link-header")
async def templated_link_header(catalogue: Catalogue) -> None:
    """RFC 9652: uriTemplate, then its parameters."""
    for _, record in await catalogue.records():
        header = (await catalogue.get(self_of(record))).headers.get("link-template", "")
        for one in record.get("linkTemplates", []):
            assert f'"{one["uriTemplate"]}"' in header
            assert f'rel="{one["rel"]}"' in header
        if record.get("linkTemplates"):
            return
    raise AssertionError("no record has a link template")


@abstract_test("/conf/record-core/license")
async def license(catalogue: Catalogue) -> None:
    for _, record in await catalogue.records():
        stated = record["properties"].get("license")
        if stated == "other":
            assert links_of(record, "license"), record["id"]
        elif stated is not None:
            assert is_spdx(stated), (record["id"], stated)


def is_spdx(text: str) -> bool:
    try:
        return bool(canonicalize_license_expression(text))
    except InvalidLicenseExpression:
        return False


@abstract_test("/conf/record-core/contact")
async def contact(catalogue: Catalogue) -> None:
    found = [c for _, r in await catalogue.records() for c in r["properties"].get("contacts", [])]
    assert found
    for one in found:
        check_contact(one)


def check_contact(one: dict[str, Any]) -> None:
    assert one.get("name") or one.get("organization")
    assert not errors("contact", one)
    assert all(PHONE.fullmatch(phone["value"]) for phone in one.get("phones", []))
    assert all("@" in email["value"] for email in one.get("emails", []))
    assert all(link.get("type") for link in one.get("links", []))
    if "logo" in one:
        assert one["logo"]["rel"] == "icon"
        assert one["logo"]["type"].startswith("image/")


async def times(catalogue: Catalogue) -> list[dict[str, Any]]:
    found = [record["time"] for _, record in await catalogue.records() if record["time"]]
    assert found
    return found


@abstract_test("/conf/record-core/time-instant-interval")
async def time_instant_interval(catalogue: Catalogue) -> None:
    """An instant beside an interval is one of its moments."""
    for time in await times(catalogue):
        assert set(time) & {"date", "timestamp", "interval"}
        instant = time.get("timestamp") or time.get("date")
        if instant and "interval" in time:
            start, end = time["interval"]
            assert start == ".." or start[:10] <= instant[:10]
            assert end == ".." or instant[:10] <= end[:10]


@abstract_test("/conf/record-core/time-instant")
async def time_instant(catalogue: Catalogue) -> None:
    for time in await times(catalogue):
        assert "date" not in time or DATE.fullmatch(time["date"])
        assert "timestamp" not in time or TIMESTAMP.fullmatch(time["timestamp"])


@abstract_test("/conf/record-core/time-interval")
async def time_interval(catalogue: Catalogue) -> None:
    intervals = [time["interval"] for time in await times(catalogue) if "interval" in time]
    assert intervals
    for ends in intervals:
        known = [end for end in ends if end != ".."]
        assert len(ends) == 2
        kinds = {bool(DATE.fullmatch(end)) for end in known}
        assert len(kinds) <= 1, "both ends are of one kind"
        assert all(DATE.fullmatch(end) or TIMESTAMP.fullmatch(end) for end in known)
        moments = [datetime.fromisoformat(end) for end in known]
        assert moments == sorted(moments)


@abstract_test("/conf/record-core/time-zone")
async def time_zone(catalogue: Catalogue) -> None:
    for time in await times(catalogue):
        moments = [time.get("timestamp", "Z"), *time.get("interval", [])]
        assert all("T" not in one or one.endswith("Z") for one in moments)


@abstract_test("/conf/record-core/default-mediatype")
async def default_mediatype(catalogue: Catalogue) -> None:
    assert CONF + "json" in catalogue.classes
    for _, record in await catalogue.some():
        answer = await catalogue.get(self_of(record), headers={"Accept": "*/*"})
        assert media_of(answer) == GEOJSON
        assert link_of(answer.json(), "profile")["href"] == f"{PROFILE}ogc-record"
