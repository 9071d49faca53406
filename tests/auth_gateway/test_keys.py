"""The gateway's own keys: made once, private, published, rotated without a gap."""

import os
import stat
from pathlib import Path
from typing import Any

import orjson
import pytest
from auth_gateway import keys
from auth_gateway.domain.callers import Caller
from auth_gateway.minting import Mint
from auth_gateway.service import rotate_keys
from auth_gateway.settings import GatewaySettings
from earthcode_common.auth import TokenVerifier
from earthcode_common.settings import ServiceSettings
from joserfc.jwk import KeySet, RSAKey

from tests.auth_gateway.conftest import World

LOCAL = ServiceSettings(environment="local")


def test_a_local_deployment_makes_its_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    made = keys.load(LOCAL, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.load(LOCAL, path).current.kid == made.current.kid
    assert [p.name for p in tmp_path.iterdir()] == ["keys.json"]


def test_production_does_not_make_keys(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        keys.load(ServiceSettings(environment="production"), tmp_path / "keys.json")


@pytest.mark.parametrize("text", [b"", b"{}", b'{"keys": []}', b"[]", b"no JSON"])
def test_a_file_without_keys_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "keys.json").write_bytes(text)
    with pytest.raises((ValueError, KeyError, TypeError)):
        keys.load(LOCAL, tmp_path / "keys.json")


def test_other_keys_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    public = KeySet([keys.new_key()]).as_dict(private=False)
    rsa = KeySet([keys.new_key(), RSAKey.generate_key(2048)]).as_dict(private=True)
    for document in (public, rsa):
        path.write_bytes(orjson.dumps(document))
        with pytest.raises(ValueError, match="private P-256"):
            keys.load(LOCAL, path)


async def test_only_public_halves_are_published(world: World) -> None:
    answer = await world.client.get("/.well-known/jwks.json")
    found = answer.json()["keys"]
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert [set(key) for key in found] == [{"kty", "crv", "x", "y", "kid", "use", "alg"}] * 2
    assert found[0]["kid"] == world.gateway.keys.current.kid


async def test_a_rotation_leaves_no_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that read the keys before the rotation verifies tokens from before and after."""
    monkeypatch.setattr(keys, "LOOK_AGAIN", 0.0)
    path, published = tmp_path / "keys.json", tmp_path / "jwks.json"
    signing = keys.load(LOCAL, path)
    mint = Mint(signing, "earthcode-gateway")
    published.write_bytes(orjson.dumps(signing.public()))
    verifier = TokenVerifier(str(published), "publisher", "earthcode-gateway")
    before = mint.token("publisher", Caller(sub="a"))
    await verifier.verify(before)
    first = signing.current.kid
    await rotate_keys(GatewaySettings(signing_keys_file=path))
    os.utime(path, ns=(1, 1))
    after = mint.token("publisher", Caller(sub="b"))
    assert signing.current.kid != first
    assert first in {key["kid"] for key in signing.public()["keys"]}
    assert (await verifier.verify(after)).sub == "b"
    assert (await verifier.verify(before)).sub == "a"


def test_a_token_is_used_again_for_the_same_caller_only(tmp_path: Path) -> None:
    mint = Mint(keys.load(LOCAL, tmp_path / "keys.json"), "earthcode-gateway")
    cora = Caller(sub="cora", roles=frozenset({"reader", "contributor"}))
    token = mint.token("publisher", cora)
    assert mint.token("publisher", cora) == token
    others: list[Any] = [
        mint.token("catalog-api", cora),
        mint.token("publisher", Caller(sub="cora", roles=frozenset({"reader"}))),
        mint.token("publisher", Caller(sub="nora", roles=cora.roles)),
        mint.token("publisher", Caller(sub="cora", roles=cora.roles, platform="p")),
    ]
    assert len({token, *others}) == 5
