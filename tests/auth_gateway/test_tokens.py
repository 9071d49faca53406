"""Bearer tokens at the edge: what counts, and the known ways of forging one."""

import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

import httpx2
import orjson
import pytest
from auth_gateway.clients import issuers
from auth_gateway.clients.issuers import MALFORMED, usable
from auth_gateway.domain.claims import Refused, check_times, urn
from auth_gateway.settings import Issuer
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from earthcode_common import auth
from earthcode_common.auth import TokenVerifier
from earthcode_common.problems import Unauthenticated
from joserfc import jwe, jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from pydantic import ValidationError

from tests.auth_gateway.conftest import World

PROTECTED = "/publish/submissions"
NOW = int(time.time())


def b64(value: Any) -> str:
    data = value if isinstance(value, bytes) else orjson.dumps(value)
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def claims(world: World, **changes: Any) -> dict[str, Any]:
    found = {
        "iss": world.issuer.url,
        "aud": "earthcode",
        "sub": "cora",
        "roles": ["contributor"],
        "iat": int(time.time()),
        "exp": int(time.time()) + 3600,
    }
    return {k: v for k, v in (found | changes).items() if v is not None}


def unsigned(world: World, alg: str) -> str:
    return f"{b64({'alg': alg, 'typ': 'at+jwt'})}.{b64(claims(world))}."


def hmac_with(world: World, secret: bytes) -> str:
    header = {"alg": "HS256", "typ": "at+jwt", "kid": world.issuer.key.kid}
    signed = f"{b64(header)}.{b64(claims(world))}"
    return f"{signed}.{b64(hmac.digest(secret, signed.encode(), 'sha256'))}"


def public_pem(world: World) -> bytes:
    key = world.issuer.key.public_key
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def another_key(world: World, **header: Any) -> str:
    key = RSAKey.generate_key(2048, auto_kid=True)
    given = {"kid": world.issuer.key.kid} | header
    return world.issuer.token(header=given, key=key)


def with_own_key(world: World) -> str:
    key = RSAKey.generate_key(2048, auto_kid=True)
    return another_key_signed(world, key, {"jwk": key.as_dict(private=False), "kid": None})


def another_key_signed(world: World, key: RSAKey, header: dict[str, Any]) -> str:
    """By hand: a library would not make what it would not accept."""
    head = {k: v for k, v in ({"alg": "RS256", "typ": "at+jwt"} | header).items() if v is not None}
    signed = f"{b64(head)}.{b64(claims(world))}"
    signature = key.private_key.sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{signed}.{b64(signature)}"


def odd_header(world: World, **header: Any) -> str:
    return another_key_signed(world, world.issuer.key, {"kid": world.issuer.key.kid} | header)


def encrypted(world: World) -> str:
    header = {"alg": "RSA-OAEP", "enc": "A128GCM", "typ": "at+jwt"}
    return jwe.encrypt_compact(header, orjson.dumps(claims(world)), world.issuer.key)


def internal(world: World, **changes: Any) -> str:
    """What the gateway itself mints for a service, played back at its own door."""
    key = world.gateway.keys.current
    token = auth.sign(
        key, audience="publisher", sub="x", roles=["operator"], issuer="earthcode-gateway"
    )
    if not changes:
        return token
    header = {"alg": "ES256", "typ": "ec-int+jwt", "kid": key.kid}
    return jwt.encode(header, claims(world, **changes), key)


def tampered(world: World) -> str:
    head, _, signature = world.issuer.token().split(".")
    return f"{head}.{b64(claims(world, roles=['operator']))}.{signature}"


Forge = Callable[[World], str]
T = lambda **changes: lambda world: world.issuer.token(**changes)  # noqa: E731
FORGERIES: dict[str, Forge] = {
    "alg none": lambda w: unsigned(w, "none"),
    "alg None": lambda w: unsigned(w, "None"),
    "alg nOnE": lambda w: unsigned(w, "nOnE"),
    "alg empty": lambda w: unsigned(w, ""),
    "HS256 with the public PEM": lambda w: hmac_with(w, public_pem(w)),
    "HS256 with the public JWK": lambda w: hmac_with(
        w, orjson.dumps(w.issuer.key.as_dict(private=False))
    ),
    "HS256 with a guess": lambda w: hmac_with(w, b"secret-of-at-least-14-bytes"),
    "somebody's key under the issuer's kid": another_key,
    "somebody's key under no kid": lambda w: another_key(w, kid=None),
    "a kid that is a path": lambda w: another_key(w, kid="../../etc/passwd"),
    "a kid that is SQL": lambda w: another_key(w, kid="' or 1=1 --"),
    "a kid of 400 characters": lambda w: another_key(w, kid="k" * 400),
    "its own key (jwk)": with_own_key,
    "its own address (jku)": lambda w: odd_header(w, jku=f"{w.issuer.url}/jwks"),
    "its own address (x5u)": lambda w: odd_header(w, x5u="https://evil.example/x"),
    "its own certificate (x5c)": lambda w: odd_header(w, x5c=["MIIB"]),
    "critical headers": lambda w: odd_header(w, crit=["exp"]),
    "an unencoded payload": lambda w: odd_header(w, b64=False, crit=["b64"]),
    "compressed": lambda w: odd_header(w, zip="DEF"),
    "encrypted": encrypted,
    "an ID token (typ)": T(header={"typ": "id+jwt"}),
    "a logout token": T(header={"typ": "logout+jwt"}),
    "an ID token (nonce)": T(header={"typ": "JWT"}, nonce="n"),
    "an ID token (at_hash)": T(header={"typ": "JWT"}, at_hash="h"),
    "an ID token (Keycloak)": T(header={"typ": "JWT"}, typ="ID"),
    "an ID token (aud is the client)": T(header={"typ": "JWT"}, aud="gateway"),
    "a refresh token (Keycloak)": T(header={"typ": "JWT"}, typ="Refresh"),
    "logout events": T(events={}),
    "the internal token": internal,
    "the internal token with an outside issuer": lambda w: internal(w, iss=w.issuer.url),
    "no expiry": T(exp=None),
    "expired": T(exp=NOW - 31),
    "expiry as text": T(exp=str(NOW + 3600)),
    "expiry true": T(exp=True),
    "expiry negative": T(exp=-1),
    "issued never": T(iat=None),
    "issued tomorrow": T(iat=NOW + 86400),
    "not before tomorrow": T(nbf=NOW + 86400),
    "no issuer": T(iss=None),
    "issuer with a slash": lambda w: w.issuer.token(iss=w.issuer.url + "/"),
    "issuer in a list": lambda w: w.issuer.token(iss=[w.issuer.url]),
    "issuer as a prefix": lambda w: w.issuer.token(iss=w.issuer.url[:-1]),
    "issuer in capitals": lambda w: w.issuer.token(iss=w.issuer.url.upper()),
    "no audience": T(aud=None),
    "audience of a service": T(aud="publisher"),
    "audience that only begins so": T(aud="earthcode-other"),
    "audience in an object": T(aud={"earthcode": 1}),
    "no subject": T(sub=None),
    "empty subject": T(sub=""),
    "subject a number": T(sub=1),
    "subject endless": T(sub="s" * 300),
    "changed claims": tampered,
    "trailing characters": lambda w: w.issuer.token() + "AAAA",
    "a fourth part": lambda w: w.issuer.token() + ".x",
    "two parts": lambda w: w.issuer.token().rsplit(".", 1)[0],
    "empty parts": lambda w: "..",
    "not base64": lambda w: "$$.$$.$$",
    "not JSON": lambda w: f"{b64(b'x')}.{b64(b'y')}.{b64(b'z')}",
    "a list": lambda w: f"{b64([1])}.{b64([2])}.{b64(b'z')}",
    "numbers beyond all bounds": lambda w: w.issuer.token().replace(
        ".", "." + b64(b'{"exp":1e999}') + ".", 1
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_token_is_refused(world: World, forgery: str) -> None:
    header = {"Authorization": f"Bearer {FORGERIES[forgery](world)}"}
    for path in (PROTECTED, "/stac"):
        answer = await world.client.get(path, headers=header)
        assert answer.status_code == 401, answer.text
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert all(echo.seen == [] for echo in world.echoes.values())
    assert world.issuer.fetches.get("jwks", 0) <= 2


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Basic Y29yYTp4", "Bearer a b", "Bearer a, Bearer b", "Bearer\tx",
     "Bearer  x", "Token x", "Bearer " + "x" * 9000, "Bearer é"],
)  # fmt: skip
async def test_other_authorization_is_refused(world: World, value: str) -> None:
    headers = {"Authorization": value.encode("latin-1")}
    answer = await world.client.get("/stac", headers=headers)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert world.echoes["catalog-api"].seen == []


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_may_be_spelt_as_one_likes(world: World, scheme: str) -> None:
    token = world.issuer.token()
    answer = await world.client.get(PROTECTED, headers={"Authorization": f"{scheme} {token}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"header": {"typ": "at+jwt"}},
        {"header": {"typ": "application/at+jwt"}},
        {"header": {"typ": "JWT"}},
        {"header": {"kid": None}},
        {"aud": ["other", "earthcode"]},
        {"exp": NOW + 86400.5, "auth_time": 1.5},
        {"nbf": NOW - 5},
    ],
    ids=" ".join,
)
async def test_an_access_token_counts(world: World, changes: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {world.issuer.token(**changes)}"}
    assert (await world.client.get(PROTECTED, headers=headers)).status_code == 200


@pytest.mark.parametrize(("age", "accepted"), [(0, True), (29, True), (31, False)])
def test_clocks_may_differ_by_half_a_minute(age: int, accepted: bool) -> None:
    times = {"iat": 0, "exp": 1000}
    if accepted:
        check_times(times, 1000 + age)
        check_times(times | {"iat": 100, "nbf": 100}, 100 - age)
        return
    with pytest.raises(Refused):
        check_times(times, 1000 + age)
    with pytest.raises(Refused):
        check_times(times | {"nbf": 100}, 100 - age)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, "1", [1], {}])
def test_a_time_is_a_number(value: Any) -> None:
    with pytest.raises(Refused):
        check_times({"iat": 0, "exp": value}, 0)


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        (["contributor"], {"reader", "contributor"}),
        ("contributor steward", {"reader", "contributor", "steward"}),
        ([["operator"]], {"reader"}),
        ([{"role": "operator"}], {"reader"}),
        ("contributor,operator", {"reader"}),
        (["admin", "root"], {"reader"}),
        (["operator"] * 501, {"reader"}),
        ({"operator": True}, {"reader"}),
        (None, {"reader"}),
    ],
)
async def test_roles_are_words_of_a_list(world: World, given: Any, understood: set[str]) -> None:
    headers = {"Authorization": f"Bearer {world.issuer.token(roles=given)}"}
    assert (await world.client.get("/stac", headers=headers)).status_code == 200
    assert (await world.principal("catalog-api")).roles == understood


async def test_an_issuer_gives_only_the_roles_it_may(make_world: Any) -> None:
    async with make_world() as world:
        (known,) = world.gateway.providers.values()
        known.issuer = known.issuer.model_copy(
            update={"grants": frozenset({"contributor"}), "roles_claim": "realm_access.roles"}
        )
        token = world.issuer.token(realm_access={"roles": ["operator", "contributor"]})
        await world.client.get("/stac", headers={"Authorization": f"Bearer {token}"})
        assert (await world.principal("catalog-api")).roles == {"reader", "contributor"}


async def test_a_token_made_by_hand_counts_when_nothing_is_wrong_with_it(world: World) -> None:
    header = {"Authorization": f"Bearer {odd_header(world)}"}
    assert (await world.client.get(PROTECTED, headers=header)).status_code == 200


def test_the_same_subject_of_two_issuers_is_two_people() -> None:
    assert urn("https://a.example", "cora") != urn("https://b.example", "cora")
    assert urn("https://a.example", "cora") == urn("https://a.example", "cora")


async def test_a_platform_client_is_a_platform(world: World) -> None:
    headers = world.bearer("platform", sub="deepesdl", platform="deepesdl", client_id="deepesdl")
    await world.client.post("/publish/submissions", headers=headers, json={})
    who = await world.principal("publisher")
    assert (who.platform, who.roles) == ("deepesdl", {"reader", "platform"})
    assert who.claims["client_id"] == "deepesdl"


async def test_names_cannot_carry_headers(world: World) -> None:
    headers = world.bearer("contributor", name="a\r\nSet-Cookie: x=y\x00é")
    answer = await world.client.get("/stac", headers=headers)
    assert answer.status_code == 200
    assert (await world.principal("catalog-api")).name == "aSet-Cookie: x=yé"


async def test_an_internal_token_is_for_one_service(world: World) -> None:
    await world.client.get("/stac", headers=world.bearer("contributor"))
    (authorization,) = world.echoes["catalog-api"].last.all(b"authorization")
    token = authorization.decode().split()[1]
    header = jws.extract_compact(token.encode()).headers()
    assert (header["typ"], header["alg"]) == ("ec-int+jwt", "ES256")
    other = TokenVerifier(f"{world.url}/.well-known/jwks.json", "publisher", "earthcode-gateway")
    with pytest.raises(Unauthenticated):
        await other.verify(token)
    found = (await world.principal("catalog-api")).claims
    assert found["exp"] - found["iat"] == 120
    assert found["exp"] - time.time() > 60  # it may have been made for an earlier request


# Keys of an issuer.


async def test_an_unknown_key_is_asked_for_once(world: World) -> None:
    await world.client.get("/stac", headers=world.bearer("reader"))
    for n in range(10):
        await world.client.get(
            "/stac", headers={"Authorization": f"Bearer {another_key(world, kid=f'k{n}')}"}
        )
    assert world.issuer.fetches["jwks"] == 1


async def test_a_rotated_key_is_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.client.get("/stac", headers=world.bearer("reader"))
    monkeypatch.setattr(issuers, "COOLDOWN", 0.0)
    fresh = RSAKey.generate_key(2048, auto_kid=True)
    world.issuer.published = [world.issuer.key, fresh]
    headers = {"Authorization": f"Bearer {world.issuer.token(key=fresh)}"}
    assert (await world.client.get("/stac", headers=headers)).status_code == 200


async def test_known_keys_outlive_the_issuer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await world.client.get("/stac", headers=world.bearer("reader"))
    world.issuer.down = True
    monkeypatch.setattr(issuers, "FRESH", 0.0)
    monkeypatch.setattr(issuers, "COOLDOWN", 0.0)
    answer = await world.client.get("/stac", headers=world.bearer("reader", sub="x"))
    assert answer.status_code == 200
    monkeypatch.setattr(issuers, "STALE", 0.0)
    answer = await world.client.get("/stac", headers=world.bearer("reader", sub="y"))
    assert answer.status_code == 503


@pytest.mark.parametrize(
    "document",
    [{"keys": []}, {}, [], "<html>", {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}, {"keys": [1]}],
    ids=str,
)
def test_a_key_set_without_usable_keys_is_none(document: Any) -> None:
    with pytest.raises((*MALFORMED, JoseError)):
        usable(document)


@pytest.mark.filterwarnings("ignore:Key size should be")  # that is the point
def test_weak_and_symmetric_keys_and_keys_for_encryption_are_left_out() -> None:
    weak = RSAKey.generate_key(1024, auto_kid=True)
    secret = OctKey.generate_key(256, auto_kid=True)
    closed = RSAKey.generate_key(2048, {"use": "enc"}, auto_kid=True)
    good = ECKey.generate_key("P-256", auto_kid=True)
    rows = KeySet([weak, closed, good]).as_dict(private=False)["keys"]
    rows.append(secret.as_dict(private=True))
    assert [key.kid for key in usable({"keys": rows}).keys] == [good.kid]


async def test_metadata_of_another_issuer_is_not_taken(world: World) -> None:
    world.issuer.metadata = {"issuer": "https://other.example"}
    assert (await world.client.get("/stac", headers=world.bearer("reader"))).status_code == 503
    world.issuer.metadata = {"token_endpoint": "http://evil.example/token"}
    assert (await world.client.get("/auth/login")).status_code == 503


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://idp.example", "client_id": "g"},
        {"issuer": "https://idp.example", "client_id": "earthcode"},
        {"issuer": "https://idp.example", "client_id": "g", "algorithms": ["HS256"]},
        {"issuer": "https://idp.example", "client_id": "g", "algorithms": ["none"]},
        {"issuer": "https://idp.example"},
    ],
    ids=str,
)
def test_a_careless_issuer_is_refused_at_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Issuer(name="x", **wrong)


async def test_without_a_database_only_who_shows_something_waits(make_world: Any) -> None:
    async with make_world() as world:
        await world.gateway.db.close()
        world.gateway.db.engine.sync_engine.pool._creator = _refuse  # the server is gone
        assert (await world.client.get("/stac")).status_code == 200
        answer: httpx2.Response = await world.client.get("/stac", headers=world.bearer("reader"))
        assert answer.status_code == 503


def _refuse(*_: Any) -> Any:
    raise OSError("connection refused")
