"""Every rule finds what it is for, and leaves good documents alone."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from publisher.domain.checks import RULES, Finding, Member, check_bundle
from publisher.domain.kinds import KINDS


def found(kind: str, document: Any, **more: Any) -> list[Finding]:
    text = document if isinstance(document, str) else json.dumps(document)
    id = more.pop("id", None) or document["id"]
    return check_bundle([Member(kind, id, text, **more)], lambda kind, id: id != "nowhere")


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_document_has_no_findings(documents: Any, kind: str) -> None:
    files = frozenset({"input.yaml", "environment.yaml"})
    assert found(kind, getattr(documents, kind)(), attachments=files) == []


LINK = {"rel": "via", "href": "https://example.org"}
BOX = {"spatial": {"bbox": [[0, 10, 5, 5]]}, "temporal": {"interval": [["2020", None]]}}
# rule: kind, what to change (a callable gets the text), where it is found
CASES: dict[str, tuple[str, Any, str]] = {
    "json.syntax": ("theme", lambda text: text[:-1], ""),
    "json.object": ("theme", lambda text: f"[{text}]", ""),
    "json.repeated-name": ("theme", lambda text: '{"title": "x", ' + text[1:], "/title"),
    "json.number": ("theme", {"n": [1, 2**53]}, "/n/1"),
    "json.number-range": ("theme", lambda text: '{"n": [1e300, 1e400], ' + text[1:], "/n/1"),
    "text.unsafe-character": ("theme", {"a/b": "x\u202ey"}, "/a~1b"),
    "text.c1-control": ("theme", {"description": "x\x96y"}, "/description"),
    "id.syntax": ("theme", {"id": "a b"}, "/id"),
    "id.mismatch": ("theme", lambda text: text.replace('"oceans"', '"seas"'), "/id"),
    "id.style": ("theme", {"id": "Oceans_1"}, "/id"),
    "id.length": ("theme", {"id": "a" * 81}, "/id"),
    "shape.required": ("product", lambda text: text.replace('"license"', '"licence"'), "/license"),
    "shape.type": ("product", {"osc:variables": ["a", 7]}, "/osc:variables/1"),
    "shape.value": ("product", {"osc:status": "done"}, "/osc:status"),
    "shape.empty": ("product", {"title": "  "}, "/title"),
    "url.credentials": ("theme", {"deep": [{"x": "see ftp://me:pw@h/"}]}, "/deep/0/x"),
    "link.shape": ("theme", {"links": [LINK, {"rel": "via"}]}, "/links/1/href"),
    "link.href": ("theme", {"links": [LINK | {"href": "javascript:alert(1)"}]}, "/links/0/href"),
    "link.duplicate": ("theme", {"links": [LINK, LINK]}, "/links/1"),
    "link.file": ("theme", {"links": [LINK | {"href": "./a.yaml"}]}, "/links/0/href"),
    "extent.shape": (
        "product",
        {"extent": {"spatial": {"bbox": [[0, 0, 1, 1]]}}},
        "/extent/temporal",
    ),
    "extent.bbox": ("product", {"extent": BOX}, "/extent/spatial/bbox/0"),
    "extent.interval": ("product", {"extent": BOX}, "/extent/temporal/interval/0"),
    "extent.open": (
        "product",
        {"extent": BOX | {"temporal": {"interval": [[None, None]]}}},
        "/extent/temporal/interval/0",
    ),
    "extent.boxes": (
        "product",
        {"extent": BOX | {"spatial": {"bbox": [[0, 0, 1, 1]] * 101}}},
        "/extent/spatial/bbox",
    ),
    "record.conformance": ("workflow", {"conformsTo": ["x"]}, "/conformsTo"),
    "record.geometry": ("workflow", {"geometry": {"type": "Circle"}}, "/geometry/type"),
    "record.external-ids": (
        "workflow",
        lambda text: text.replace('"osc:project"', '"externalIds": 5, "osc:project"'),
        "/properties/externalIds",
    ),
    "record.time": (
        "workflow",
        lambda text: text.replace('"osc:project"', '"created": "yesterday", "osc:project"'),
        "/properties/created",
    ),
    "experiment.links": ("experiment", {"links": [LINK | {"rel": "input"}]}, "/links"),
    "reference.exists": ("product", {"osc:project": "nowhere"}, "/osc:project"),
    "reference.repeated": ("product", {"osc:variables": ["a", "a"]}, "/osc:variables/1"),
}


def test_every_rule_has_a_case_here() -> None:
    assert set(CASES) | {"entity.owner"} == set(RULES)  # that one: test_takeovers.py


@pytest.mark.parametrize(("rule", "case"), CASES.items(), ids=CASES.keys())
def test_a_rule_finds_what_it_is_for(documents: Any, rule: str, case: Any) -> None:
    kind, change, place = case
    document = getattr(documents, kind)()
    if callable(change):
        findings = found(kind, change(json.dumps(document)), id=document["id"])
    else:
        findings = found(kind, document | change)
    hits = [finding for finding in findings if finding.rule == rule]
    assert [finding.pointer for finding in hits] == [place], findings
    assert hits[0].severity == RULES[rule].severity
    assert hits[0].message
    assert all(RULES[rule].what and RULES[rule].why for rule in RULES)


@pytest.mark.parametrize(
    ("box", "good"),
    [
        ([-180, -90, 180, 90], True),
        ([170, -10, -170, 10], True),
        ([0, 0, 0, 1, 1, 1], True),
        ([0, 0, 1], False),
        ([0, 0, 1, "1"], False),
        ([0, 0, 1, True], False),
        ([-181, 0, 0, 1], False),
        ([0, -91, 1, 1], False),
        ([90, 180, -90, -180], False),
        ([0, 2, 1, 1], False),
        (None, False),
    ],
)
def test_boxes(documents: Any, box: Any, good: bool) -> None:
    extent = {
        "spatial": {"bbox": [box]},
        "temporal": {"interval": [[None, "2020-01-01T00:00:00Z"]]},
    }
    assert (found("product", documents.product(extent=extent)) == []) is good


@pytest.mark.parametrize(
    ("interval", "good"),
    [
        (["2020-01-01T00:00:00Z", None], True),
        (["2020-01-01T00:00:00.5+02:00", "2020-01-01t00:00:00z"], True),
        (["2020-01-01T00:00:00+02:00", "2019-12-31T22:00:00Z"], True),
        (["2015-06-30T23:59:60Z", "2017-01-01T00:59:60+01:00"], True),
        (["2015-06-30T12:00:60Z", None], False),
        (["2020-01-01T00:00:00+05:30:30", None], False),
        (["2020-W01-1T00:00:00Z", None], False),
        (["2020-01-01T000000+00:00", None], False),
        (["2020-01-01 00:00:00Z", None], False),
        (["2020-01-01T00:00:00Z", "2019-01-01T00:00:00Z"], False),
        (["2020-01-01T00:00:00", None], False),
        (["2020-01-01", None], False),
        (["2020-13-01T00:00:00Z", None], False),
        (["2020-01-01T00:00:00Z"], False),
        ([7, None], False),
        ("2020-01-01T00:00:00Z/..", False),
    ],
)
def test_intervals(documents: Any, interval: Any, good: bool) -> None:
    extent = {"spatial": {"bbox": [[0, 0, 1, 1]]}, "temporal": {"interval": [interval]}}
    assert (found("product", documents.product(extent=extent)) == []) is good


def test_a_bundle_may_refer_to_itself(documents: Any) -> None:
    product = documents.product(**{"osc:experiment": "salinity-run"})
    members = [
        Member(
            kind,
            document["id"],
            json.dumps(document),
            frozenset({"input.yaml", "environment.yaml"}),
        )
        for kind, document in (
            ("theme", documents.theme()),
            ("project", documents.project()),
            ("product", product),
            ("experiment", documents.experiment()),
            ("workflow", documents.workflow()),
        )
    ]
    assert check_bundle(members, lambda kind, id: False) == []
    missing = check_bundle(members[:-1], lambda kind, id: False)
    assert [(f.rule, f.kind) for f in missing] == [("reference.exists", "experiment")]


def test_findings_are_bounded(documents: Any) -> None:
    links = [{"rel": 1, "href": 2}] * 5000
    findings = found("theme", documents.theme(links=links))
    assert max(Counter(f.rule for f in findings).values()) == 26
    assert any("more" in f.message for f in findings)


def test_findings_can_be_stored_and_printed(documents: Any) -> None:
    awful = "\x00\ud800\n" * 1000
    document = documents.product(**{awful: awful, "osc:project": awful, "links": [{"rel": awful}]})
    text = json.dumps(document)
    for finding in check_bundle([Member("product", awful, text)], lambda kind, id: False):
        stored = json.dumps(finding.as_dict(), ensure_ascii=False).encode()
        assert b"\\u0000" not in stored
        assert len(stored) < 4000


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("product", {"osc:type": "thing"}),
        ("theme", {"links": [LINK, LINK]}),
        ("theme", {"links": [LINK | {"href": "ftp://me:pw@example.org/x"}]}),
        ("workflow", {"conformsTo": ["x"]}),
    ],
)
def test_a_fix_mends_its_finding(documents: Any, kind: str, change: Any) -> None:
    jsonpatch = pytest.importorskip("jsonpatch")
    document = getattr(documents, kind)(**{}) | change
    findings = found(kind, document)
    assert findings
    for finding in findings:
        document = jsonpatch.apply_patch(document, finding.fix)
    assert found(kind, document) == []


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 400, "-" + "9" * 310, "1e400", "-1E+999"])
def test_numbers_that_no_reader_takes_are_errors(documents: Any, number: str) -> None:
    text = json.dumps(documents.theme(n=[0])).replace('"n": [0]', f'"n": [{number}]')
    (finding,) = found("theme", text, id="oceans")
    assert (finding.rule, finding.severity, finding.pointer) == (
        "json.number-range", "error", "/n/0",
    )  # fmt: skip


@pytest.mark.parametrize("number", ["9" * 300, "1e308", "9007199254740993"])
def test_numbers_that_readers_round_are_warnings(documents: Any, number: str) -> None:
    text = json.dumps(documents.theme(n=[0])).replace('"n": [0]', f'"n": [{number}]')
    assert {f.severity for f in found("theme", text, id="oceans")} <= {"warning"}


@pytest.mark.parametrize(("number", "severity"), [(100, None), (1000, "warning"), (1001, "error")])
def test_many_boxes(documents: Any, number: int, severity: str | None) -> None:
    good = documents.product()["extent"]
    extent = good | {"spatial": {"bbox": [[0, 0, 1, 1]] * number}}
    findings = found("product", documents.product(extent=extent))
    assert [f.severity for f in findings] == ([severity] if severity else [])


def test_an_id_that_is_no_text_is_named(documents: Any) -> None:
    findings = found("theme", documents.theme(id=None), id="x")
    assert "The id is null; it must be a text" in [f.message for f in findings]


RING = [[0, 0], [1, 0], [1, 1], [0, 0]]


@pytest.mark.parametrize(
    ("geometry", "pointer"),
    [
        ({"type": "Point", "coordinates": [1, 2, 3]}, None),
        ({"type": "MultiPoint", "coordinates": [[1, 2]]}, None),
        ({"type": "LineString", "coordinates": [[170, 0], [190, 0]]}, None),
        ({"type": "Polygon", "coordinates": [RING]}, None),
        ({"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [1, 2]}]},
         None),
        (5, ""),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, "/coordinates/0"),
        ({"type": "Polygon", "coordinates": [RING, [*RING[:3], [0, 1]]]}, "/coordinates/1"),
        ({"type": "MultiPolygon", "coordinates": [[RING], [RING[1:]]]}, "/coordinates/1/0"),
        ({"type": "LineString", "coordinates": [[0, 0]]}, "/coordinates"),
        ({"type": "LineString", "coordinates": []}, "/coordinates"),
        ({"type": "Point", "coordinates": [361, 0]}, "/coordinates"),
        ({"type": "LineString", "coordinates": [[0, 0], [0, 91]]}, "/coordinates/1"),
        ({"type": "Point", "coordinates": ["1", 0]}, "/coordinates"),
        ({"type": "GeometryCollection", "geometries": []}, "/geometries"),
        ({"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection"}]},
         "/geometries/0"),
    ],
)  # fmt: skip
def test_geometries(documents: Any, geometry: Any, pointer: str | None) -> None:
    findings = found("workflow", documents.workflow() | {"geometry": geometry})
    expected = [] if pointer is None else [("record.geometry", f"/geometry{pointer}")]
    assert [(f.rule, f.pointer) for f in findings] == expected


@pytest.mark.parametrize(
    ("time", "pointers"),
    [
        (None, []),
        ({"date": "2020-02-29"}, []),
        ({"timestamp": "2020-02-29T00:00:00Z", "resolution": "P1D"}, []),
        ({"interval": ["2020-01-01", ".."]}, []),
        ({"interval": ["2020-01-01", "2020-01-01T12:00:00Z"]}, []),
        ("x", [""]),
        ({}, [""]),
        ({"date": "2020-13-01"}, ["/date"]),
        ({"date": "2020-W01-1"}, ["/date"]),
        ({"date": 5}, ["/date"]),
        ({"timestamp": "2020-01-01"}, ["/timestamp"]),
        ({"interval": "2020-01-01/.."}, ["/interval"]),
        ({"interval": ["2020-01-01"]}, ["/interval"]),
        ({"interval": ["2021-01-01", "2020-01-01"]}, ["/interval"]),
        ({"interval": ["x", None]}, ["/interval/0", "/interval/1"]),
    ],
)
def test_times_of_records(documents: Any, time: Any, pointers: list[str]) -> None:
    findings = found("workflow", documents.workflow() | {"time": time})
    expected = [("record.time", f"/time{pointer}") for pointer in pointers]
    assert [(f.rule, f.pointer) for f in findings] == expected


def test_dates_of_records_end_after_they_start(documents: Any) -> None:
    days = {"start_datetime": "2021-01-01T00:00:00Z", "end_datetime": "2020-01-01T00:00:00Z"}
    findings = found("workflow", documents.workflow(**days))
    assert [f.pointer for f in findings] == ["/properties/end_datetime"]


@pytest.mark.parametrize(
    ("ids", "findings"),
    [
        ([{"scheme": "doi", "value": "10.1/2"}], []),
        (["10.1/2"], [("/0", "warning")]),
        ([{"value": "x"}, {"scheme": "x"}, 5], [("/1", "error"), ("/2", "error")]),
    ],
)
def test_external_ids(documents: Any, ids: Any, findings: list[tuple[str, str]]) -> None:
    made = found("workflow", documents.workflow(externalIds=ids))
    root = "/properties/externalIds"
    assert [(f.pointer.removeprefix(root), f.severity) for f in made] == findings


@pytest.mark.real_data
def test_the_real_catalogue_has_these_findings(real_catalogue: Path) -> None:
    folders = {"eo-missions": "mission"} | {f"{kind}s": kind for kind in KINDS if kind != "mission"}
    members = [
        Member(
            folders[path.parts[-3]],
            path.parts[-2],
            path.read_bytes().decode(),
            frozenset(p.name for p in path.parent.iterdir()),
        )
        for path in sorted(real_catalogue.glob("*/*/*.json"))
        if path.name in ("collection.json", "catalog.json", "record.json")
    ]
    findings = check_bundle(members, lambda kind, id: False)
    counts = Counter(finding.rule for finding in findings)
    assert counts["reference.exists"] == 1
    assert counts["json.repeated-name"] == 2
    assert counts["url.credentials"] == 24
    assert counts["extent.open"] == 28
    assert counts["shape.required"] == 0
    assert {f.id for f in findings if f.rule == "link.file"} == {"esa-cci-permafrost"}
    assert len(findings) < 300
    new = ("json.number-range", "extent.boxes", "record.time", "record.geometry")
    assert not [f for f in findings if f.rule in (*new, "record.external-ids")]
    assert counts["extent.interval"] == 1
