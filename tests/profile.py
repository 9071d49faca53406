"""How much the property tests try: EARTHCODE_TEST_PROFILE is ``quick`` (the default) or ``long``.

``quick`` tries the same examples every time, so that it passes or fails for the code's sake alone;
``long`` tries many times as many, other ones at each run.
"""

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

NAME = os.environ.get("EARTHCODE_TEST_PROFILE") or "quick"
LONGER = 20

# Neither may fail because the machine is busy.
PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("quick", max_examples=100, derandomize=True, **PATIENT)
settings.register_profile("long", max_examples=100 * LONGER, **PATIENT)
if NAME == "quick":
    # Hypothesis also takes values from the modules that happen to be imported by then: which ones
    # are depends on the tests that ran before in the same process.
    providers._get_local_constants = lambda: providers._local_constants


def examples(quick: int) -> int:
    """How many a property tries whose examples cost more (or less) than most."""
    return quick * LONGER if NAME == "long" else quick


def trying(quick: int, **more: Any) -> settings:
    """``@trying(50)`` above ``@given``: 50 examples, or as many times more as the profile says."""
    return settings(max_examples=examples(quick), **more)
