"""Judgement of the request target, as values (research checklist: path)."""

import pytest
from auth_gateway.domain import policy
from auth_gateway.domain.paths import Ambiguous, TooLong, judge
from auth_gateway.domain.policy import TABLE, Miss, Rule
from hypothesis import given
from hypothesis import strategies as st

REFUSED = [
    b"", b"stac", b"*", b"http://evil/stac", b"//x", b"/stac//x", b"/stac//", b"/./stac",
    b"/stac/.",
    b"/stac/./x", b"/stac/../admin", b"/stac/..", b"/stac/%2e%2e/x", b"/stac/%2E%2e/x",
    b"/stac/.%2e/x", b"/stac/%252e%252e/x", b"/stac/..%2fx", b"/stac%2fx", b"/stac/%2Fx",
    b"/stac/%5c..%5cx", b"/stac/\\x", b"/stac;x=1", b"/stac/..;/x", b"/stac/%3Bx", b"/stac/%00",
    b"/stac/%0a", b"/stac/%0D", b"/stac/%1f", b"/stac/%7f", b"/stac/%c2%80", b"/stac/a.%2e",
    b"/stac/#x", b"/stac/ x", b"/stac/\t", b"/stac/\xff", b"/stac/%ff", b"/stac/%c0%ae",
    b"/stac/%ed%a0%80", b"/stac/%", b"/stac/%2", b"/stac/%zz", b"/stac/%u002e", b"/stac/%2541",
]  # fmt: skip
ACCEPTED = {
    b"/": "/",
    b"/stac": "/stac",
    b"/stac/": "/stac/",
    b"/stac/collections/a.b-c_d~e": "/stac/collections/a.b-c_d~e",
    b"/stac/collections/...": "/stac/collections/...",
    b"/stac/collections/.hidden": "/stac/collections/.hidden",
    b"/stac/collections/a.": "/stac/collections/a.",
    b"/stac/collections/a:b,c@d!$&'()*+=": "/stac/collections/a:b,c@d!$&'()*+=",
    b"/stac/collections/sea%20ice": "/stac/collections/sea ice",
    b"/stac/collections/%C3%A9t%C3%A9": "/stac/collections/été",
    b"/stac/%61dmin": "/stac/admin",
    b"/stac/100%25": "/stac/100%",
    b"/stac/a%23b%3Fc": "/stac/a#b?c",
    b"/records/collections/x/items/urn:a/b/c": "/records/collections/x/items/urn:a/b/c",
    b"/stac/%EF%BC%8E%EF%BC%8E/x": "/stac/．．/x",
}


@pytest.mark.parametrize("raw", REFUSED)
def test_an_ambiguous_path_is_refused(raw: bytes) -> None:
    with pytest.raises(Ambiguous):
        judge(raw)


@pytest.mark.parametrize("raw", ACCEPTED)
def test_a_plain_path_is_decoded_once(raw: bytes) -> None:
    assert judge(raw) == ACCEPTED[raw]


@pytest.mark.parametrize("query", [b"a=\x00", b"a=%00", b"a= b", b"a=\xff", b"a\tb"])
def test_an_ambiguous_query_is_refused(query: bytes) -> None:
    with pytest.raises(Ambiguous):
        judge(b"/stac", query)


@pytest.mark.parametrize("query", [b"", b"a=%2e%2e/../;x", b"filter=a%20%3E%201", b"a=b?c=//d"])
def test_a_query_may_say_what_it_wants(query: bytes) -> None:
    assert judge(b"/stac", query) == "/stac"


def test_an_address_may_not_be_endless() -> None:
    with pytest.raises(TooLong):
        judge(b"/" + b"a" * 9000)
    with pytest.raises(TooLong):
        judge(b"/stac", b"a" * 9000)


def test_an_encoded_slash_says_how_to_do_it() -> None:
    with pytest.raises(Ambiguous) as caught:
        judge(b"/records/collections/x/items/a%2Fb")
    assert "slash" in (caught.value.hint or "")


@given(st.binary(max_size=40))
def test_what_is_accepted_has_one_reading(tail: bytes) -> None:
    try:
        path = judge(b"/stac/" + tail)
    except Ambiguous:
        return
    segments = path.split("/")
    assert path.startswith("/stac/")
    assert ".." not in segments
    assert "." not in segments
    assert "//" not in path
    assert "\\" not in path
    assert all(character.isprintable() or not character.isascii() for character in path)
    assert path.count("/") == 2 + tail.count(b"/")  # no slash came out of decoding


@pytest.mark.parametrize("rule", TABLE, ids=lambda rule: f"{rule.name}:{rule.pattern}")
@pytest.mark.parametrize("suffix", ["x", "%", "?x", "#x", ".json", "\n", " ", "ﬀ"])
def test_rules_are_anchored(rule: Rule, suffix: str) -> None:
    if rule.pattern.endswith(("/**", "*")):
        pattern = rule.pattern.removesuffix("/**").replace("*", "a")
        assert not rule.expression.fullmatch(pattern + suffix) or rule.pattern.endswith("*/**")
        return
    assert not rule.expression.fullmatch(rule.pattern.replace("*", "a") + suffix)
    assert not rule.expression.fullmatch("/x" + rule.pattern.replace("*", "a"))


ALLOWED_ROLES = {
    ("GET", "/stac/collections"): "anyone",
    ("HEAD", "/stac/collections"): "anyone",
    ("POST", "/stac/search"): "anyone",
    ("POST", "/stac/catalogs/a/search"): "anyone",
    ("POST", "/stac/catalogs/themes/catalogs/a/search"): "anyone",
    ("POST", "/stac/aggregate"): "anyone",
    ("POST", "/stac/collections/a/aggregate"): "anyone",
    ("POST", "/stac/collections/a/items"): "contributor operator platform steward",
    ("POST", "/stac/collections/a/bulk_items"): "contributor operator platform steward",
    ("PUT", "/stac/collections/a/items/b"): "contributor operator platform steward",
    ("PATCH", "/stac/collections/a/items/b"): "contributor operator platform steward",
    ("DELETE", "/stac/collections/a/items/b"): "contributor operator platform steward",
    ("GET", "/records/collections/x/items/a/b"): "anyone",
    ("POST", "/records/collections/x/items"): "anyone",
    ("POST", "/records/oai"): "anyone",
    ("GET", "/publish/entities/product/a.b"): "anyone",
    ("GET", "/publish/graph/product/a"): "anyone",
    ("GET", "/publish/events"): "anyone",
    ("GET", "/publish/api"): "anyone",
    ("GET", "/publish/vocabularies/themes"): "anyone",
    ("POST", "/publish/validate"): "anyone",
    ("POST", "/publish/documents"): "anyone",
    ("GET", "/publish/submissions"): "contributor operator platform steward technical-officer",
    ("POST", "/publish/submissions"): "contributor operator platform steward technical-officer",
    ("PUT", "/publish/submissions/1"): "contributor operator platform steward technical-officer",
    ("POST", "/publish/submissions/1/actions/submit"): (
        "contributor operator platform steward technical-officer"
    ),
    ("POST", "/publish/submissions/1/actions/approve"): "steward",
    ("POST", "/publish/submissions/1/actions/APPROVE/"): "steward",
    ("POST", "/publish/submissions/1/actions/request_changes"): "steward",
    ("POST", "/publish/submissions/1/actions/reject"): "steward",
    ("POST", "/publish/imports"): "operator steward",
    ("GET", "/reproduce/platforms"): "anyone",
    ("GET", "/reproduce/runs/1/events"): "anyone",
    ("POST", "/reproduce/runs"): "contributor operator platform steward technical-officer",
    ("DELETE", "/reproduce/runs/1"): "contributor operator platform steward technical-officer",
    ("GET", "/auth/audit"): "operator",
    ("PUT", "/auth/roles"): "operator",
    ("GET", "/"): "anyone",
}
NOTHING_THERE = {
    ("DELETE", "/stac"): 405,
    ("POST", "/stac"): 405,
    ("DELETE", "/stac/collections/a"): 405,
    ("PUT", "/stac/collections/a"): 405,
    ("POST", "/records/x"): 405,
    ("DELETE", "/records/collections/x/items/a"): 405,
    ("DELETE", "/publish/entities/product/a"): 405,
    ("POST", "/publish/events"): 405,
    ("POST", "/reproduce/platforms"): 405,
    ("PUT", "/reproduce/runs/1"): 405,
    ("PUT", "/auth/audit"): 405,
    ("TRACE", "/stac"): 405,
    ("CONNECT", "/stac"): 405,
    ("PROPFIND", "/stac"): 501,
    ("get", "/stac"): 501,
    ("GET", "/publish/unknown"): 404,
    ("GET", "/admin"): 404,
    ("GET", "/stacks"): 404,
    ("GET", "/publish/entitiesx"): 404,
    ("GET", "/.env"): 404,
    ("OPTIONS", "/admin"): 404,
}


@pytest.mark.parametrize("asked", ALLOWED_ROLES, ids=lambda asked: " ".join(asked))
def test_the_policy(asked: tuple[str, str]) -> None:
    rule = policy.find(*asked)
    assert isinstance(rule, Rule)
    expected = ALLOWED_ROLES[asked]
    assert expected == ("anyone" if rule.open else " ".join(sorted(rule.roles)))
    assert policy.admits(rule, asked[0], frozenset({"reader"})) is (expected == "anyone")
    assert policy.admits(rule, "OPTIONS", frozenset())


@pytest.mark.parametrize("asked", NOTHING_THERE, ids=lambda asked: " ".join(asked))
def test_what_no_rule_names_is_not_there(asked: tuple[str, str]) -> None:
    found = policy.find(*asked)
    assert isinstance(found, Miss)
    assert found.status == NOTHING_THERE[asked]
    assert bool(found.allow) is (found.status != 404)


@pytest.mark.parametrize("rule", TABLE, ids=lambda rule: f"{rule.name}:{rule.pattern}")
def test_case_and_a_last_slash_change_no_decision(rule: Rule) -> None:
    path = rule.pattern.removesuffix("/**").replace("*", "a") or "/"
    for method in rule.methods:
        for variant in (path.upper(), path.rstrip("/") + "/"):
            found = policy.find(method, variant)
            assert isinstance(found, Rule)
            assert found.roles == rule.roles
