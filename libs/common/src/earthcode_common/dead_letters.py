"""Events that no amount of trying could handle: list them, tell them again, or let them go."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from earthcode_common.contracts import DEAD_STREAM
from earthcode_common.ids import uuid7

OWN = ("Earthcode-Subject", "Earthcode-Consumer", "Earthcode-Error", "Nats-Msg-Id")


@dataclass(frozen=True)
class DeadLetter:
    number: int
    subject: str
    consumer: str
    error: str
    headers: dict[str, str]
    data: bytes


async def letters(stream: JetStreamContext) -> AsyncIterator[DeadLetter]:
    state = (await stream.stream_info(DEAD_STREAM)).state
    for number in range(max(1, state.first_seq), state.last_seq + 1):
        try:
            yield _letter(await stream.get_msg(DEAD_STREAM, number))
        except NotFoundError:
            continue


async def replay(stream: JetStreamContext, number: int) -> DeadLetter:
    """Publish the event on its old subject again; consumers that handled it know it by its id.

    Raises nats.js.errors.NotFoundError when there is no such letter.
    """
    letter = _letter(await stream.get_msg(DEAD_STREAM, number))
    headers = {k: v for k, v in letter.headers.items() if k not in OWN}
    # A new message id: JetStream would silently drop one it has seen within its window.
    headers["Nats-Msg-Id"] = str(uuid7())
    await stream.publish(letter.subject, letter.data, headers=headers)
    await stream.delete_msg(DEAD_STREAM, number)
    return letter


async def discard(stream: JetStreamContext, number: int) -> None:
    await stream.delete_msg(DEAD_STREAM, number)


def _letter(message: RawStreamMsg) -> DeadLetter:
    headers = dict(message.headers or {})
    return DeadLetter(
        number=message.seq or 0,
        subject=headers.get("Earthcode-Subject", ""),
        consumer=headers.get("Earthcode-Consumer", ""),
        error=headers.get("Earthcode-Error", ""),
        headers=headers,
        data=message.data or b"",
    )
