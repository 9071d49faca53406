"""What is written down about events is what the contracts say; permissions are the least."""

from pathlib import Path

import pytest
from earthcode_common import asyncapi, consumer, dead_letters, messaging, streams
from earthcode_common.contracts import CONSUMERS, ENTITY_PUBLISHED, PRODUCERS
from earthcode_common.settings import ServiceSettings
from nats.js import errors as js_errors

ROOT = Path(__file__).parents[2]


def test_the_written_asyncapi_document_is_current() -> None:
    written = (ROOT / "docs/extend/asyncapi.json").read_text()
    assert written == asyncapi.text(), "run python -m earthcode_common.asyncapi"


def test_nobody_may_publish_what_is_not_theirs_or_administer() -> None:
    for service, word in PRODUCERS.items():
        allowed = streams.permissions(service)["publish"]
        assert f"earthcode.{word}.>" in allowed
        assert not any(
            f"earthcode.{other}.>" in allowed for other in set(PRODUCERS.values()) - {word}
        )
        assert not any("STREAM" in subject or "CREATE" in subject for subject in allowed)


async def test_a_dead_letter_is_listed_replayed_and_then_handled(clean_streams: str) -> None:
    client = await messaging.connect(ServiceSettings(nats_url=clean_streams), "operator")
    stream = client.jetstream()
    assert [letter async for letter in dead_letters.letters(stream)] == []
    subject = ENTITY_PUBLISHED.subject("product", "a.b")
    await stream.publish(subject, b"{}", headers={"ce-id": "x", "Nats-Msg-Id": "x"})
    pull = await stream.pull_subscribe_bind(CONSUMERS[0].name, streams.STREAM)
    (message,) = await pull.fetch(1, timeout=60)
    await consumer.bury(client, CONSUMERS[0].name, message, ValueError("naïve\nbroken"))

    (letter,) = [letter async for letter in dead_letters.letters(stream)]
    assert letter.subject == subject
    assert "broken" in letter.error
    await dead_letters.replay(stream, letter.number)
    assert [letter async for letter in dead_letters.letters(stream)] == []
    (again,) = await pull.fetch(1, timeout=60)
    assert again.subject == subject
    assert (again.headers or {})["ce-id"] == "x"
    with pytest.raises(js_errors.NotFoundError):
        await dead_letters.replay(stream, letter.number)
    await client.close()
