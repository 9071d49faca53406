"""Pages of rows that are sorted by (created, id), newest first."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from earthcode_common.ogc import tokens
from earthcode_common.ogc.links import Link, address, page_links
from pydantic import BaseModel

from reproducer.settings import ReproducerSettings


class Pager:
    """``asked`` has ``limit``, and the token under ``member``; a token belongs to ``filters``."""

    def __init__(
        self,
        settings: ReproducerSettings,
        name: str,
        asked: BaseModel,
        filters: Mapping[str, Any],
        member: str = "token",
    ) -> None:
        self.member = member
        self.here = address(settings.public_url, "reproduce", name)
        self.key = settings.page_token_key.encode()
        self.digest = tokens.query_digest(name, sorted(filters.items()))
        self.given = asked.model_dump(mode="json", exclude_defaults=True)
        self.token: str | None = self.given.get(member)
        self.limit: int = asked.limit  # type: ignore[attr-defined]

    def after(self, key: Callable[[str], Any]) -> tuple[datetime, Any] | None:
        if self.token is None:
            return None
        moment, last = tokens.read(self.key, self.digest, self.token)
        return datetime.fromisoformat(moment), key(last)

    def page(self, rows: Sequence[Any]) -> tuple[Sequence[Any], str | None]:
        """The page and the token of the next; ``rows`` has one more when there is a next page."""
        page = rows[: self.limit]
        if len(rows) <= self.limit:
            return page, None
        last = [page[-1].created.isoformat(), str(page[-1].id)]
        return page, tokens.sign(self.key, self.digest, last)

    def links(self, following: str | None) -> list[Link]:
        asked = [(name, _word(value)) for name, value in self.given.items()]
        json = "application/json"
        return page_links(self.here, asked, following, type=json, name=self.member)


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
