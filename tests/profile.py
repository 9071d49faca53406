"""How much the property tests try: EARTHCODE_TEST_PROFILE is ``quick`` (the default) or ``long``.

``quick`` tries the same examples every time, so that it passes or fails for the code's sake alone;
``long`` tries many times as many, other ones at each run.
"""

import os
from typing import Any

from hypothesis import settings

NAME = os.environ.get("EARTHCODE_TEST_PROFILE") or "quick"
LONGER = 20

settings.register_profile("quick", deadline=None, max_examples=100, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=100 * LONGER)


def examples(quick: int) -> int:
    """How many a property tries whose examples cost more (or less) than most."""
    return quick * LONGER if NAME == "long" else quick


def trying(quick: int, **more: Any) -> settings:
    """``@trying(50)`` above ``@given``: 50 examples, or as many times more as the profile says."""
    return settings(max_examples=examples(quick), **more)
