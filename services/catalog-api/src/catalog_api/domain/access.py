"""Who may write Items."""

from collections.abc import Collection

from earthcode_common.problems import Forbidden

KEEPERS = frozenset({"steward", "operator"})


def check_writer(owner: str, names: Collection[str | None], roles: Collection[str]) -> None:
    """Items are written by who published the product (``names``: subject, platform) or a keeper.

    Raises Forbidden.
    """
    if owner not in names and KEEPERS.isdisjoint(roles):
        raise Forbidden(
            "Items of a product are written by the platform that published it",
            hint="ask its owner, or a data steward",
        )
