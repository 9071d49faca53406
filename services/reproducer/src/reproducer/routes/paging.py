"""Pages of rows that are sorted by (created, id), newest first."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from earthcode_common.ogc import tokens
from earthcode_common.ogc.links import Link, address, page_links
from pydantic import BaseModel

from reproducer.settings import ReproducerSettings


class Pager:
    """``asked`` has ``limit`` and ``token``; a token belongs to the same ``filters``."""

    def __init__(
        self, settings: ReproducerSettings, name: str, asked: BaseModel, filters: Mapping[str, Any]
    ) -> None:
        self.here = address(settings.public_url, "reproduce", name)
        self.key = settings.page_token_key.encode()
        self.digest = tokens.query_digest(name, sorted(filters.items()))
        self.given = asked.model_dump(mode="json", exclude_defaults=True)
        self.token: str | None = self.given.get("token")
        self.limit: int = asked.limit  # type: ignore[attr-defined]

    def after(self, key: Callable[[str], Any]) -> tuple[datetime, Any] | None:
        if self.token is None:
            return None
        moment, last = tokens.read(self.key, self.digest, self.token)
        return datetime.fromisoformat(moment), key(last)

    def page(self, rows: Sequence[Any]) -> tuple[Sequence[Any], list[Link]]:
        """The page and its links; ``rows`` has one more when there is a next page."""
        page, following = rows[: self.limit], None
        if len(rows) > self.limit:
            last = [page[-1].created.isoformat(), str(page[-1].id)]
            following = tokens.sign(self.key, self.digest, last)
        asked = [(name, _word(value)) for name, value in self.given.items()]
        return page, page_links(self.here, asked, following, type="application/json")


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
