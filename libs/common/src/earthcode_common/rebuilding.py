"""Building a projection anew: what cannot be projected is named and passed over."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from earthcode_common.consumer import TRANSIENT
from earthcode_common.telemetry import log

Key = tuple[str, str]


class Keyed(Protocol):
    @property
    def key(self) -> Key:
        """(kind, id)"""


Given = TypeVar("Given", bound=Keyed)
Made = TypeVar("Made", bound=Keyed)


@dataclass
class Tally:
    """What a rebuild did; what it skipped stays as it was served before."""

    projected: int = 0
    skipped: dict[Key, str] = field(default_factory=dict)

    def skip(self, key: Key, error: Exception) -> None:
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        self.skipped[key] = reason
        facts = {"kind": key[0], "id": key[1], "reason": reason}
        log.warning("skipped what cannot be projected", extra=facts, exc_info=error)

    def __str__(self) -> str:
        lines = [f"{self.projected} projected, {len(self.skipped)} skipped"]
        lines += [f"skipped: {kind}/{id}: {why}" for (kind, id), why in self.skipped.items()]
        return "\n".join(lines)


async def project(
    found: Iterable[Given],
    make: Callable[[Given], Made],
    put: Callable[[Sequence[Made]], Awaitable[None]],
    tally: Tally,
) -> None:
    """Make entities of what was found and put them in one transaction, or those that can be.

    A neighbour that is away ends the rebuild: nothing is wrong with what it would have been given.
    """
    made = []
    for one in found:
        try:
            made.append(make(one))
        except TRANSIENT:
            raise
        except Exception as error:
            tally.skip(one.key, error)
    await _put(made, put, tally)


async def _put(
    made: Sequence[Made], put: Callable[[Sequence[Made]], Awaitable[None]], tally: Tally
) -> None:
    try:
        await put(made)
    except TRANSIENT:
        raise
    except Exception as error:
        if len(made) == 1:
            tally.skip(made[0].key, error)
            return
        for one in made:
            await _put([one], put, tally)
    else:
        tally.projected += len(made)
