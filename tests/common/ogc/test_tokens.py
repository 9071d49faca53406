"""Page tokens are only good when they are ours, and only for their query."""

import pytest
from earthcode_common.ogc import tokens
from earthcode_common.problems import BadRequest
from hypothesis import given
from hypothesis import strategies as st

KEY = b"a key"
DIGEST = tokens.query_digest("q")


@given(
    st.lists(
        st.none()
        | st.booleans()
        | st.text(st.characters(codec="utf-8"))
        | st.integers(-(2**63), 2**63 - 1)
    )
)
def test_values_come_back(values: list[object]) -> None:
    assert tokens.read(KEY, DIGEST, tokens.sign(KEY, DIGEST, values)) == values


@given(st.text())
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        tokens.read(KEY, DIGEST, text)


@given(st.integers(0, 10_000), st.characters())
def test_a_changed_token_is_refused(place: int, character: str) -> None:
    token = tokens.sign(KEY, DIGEST, [0, "2020", None])
    place %= len(token)
    if token[place] != character:
        with pytest.raises(BadRequest):
            tokens.read(KEY, DIGEST, token[:place] + character + token[place + 1 :])
    with pytest.raises(BadRequest):
        tokens.read(KEY, DIGEST, token + character)


def test_a_token_of_another_key_or_query_is_refused() -> None:
    token = tokens.sign(KEY, DIGEST, [1])
    with pytest.raises(BadRequest, match="not issued here"):
        tokens.read(b"other", DIGEST, token)
    with pytest.raises(BadRequest, match="another query"):
        tokens.read(KEY, tokens.query_digest("p"), token)
