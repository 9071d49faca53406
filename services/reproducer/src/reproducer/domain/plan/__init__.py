"""From the published documents of an experiment to a plan that can be run, or to reasons why not.

The documents are as their authors wrote them: members may be absent, of another type, or point
nowhere. Nothing here raises for that; it becomes a reason or a warning.
"""

from reproducer.domain.plan.model import File, Plan, Platform, Product, Reason, Sources
from reproducer.domain.plan.resolve import resolve

__all__ = ["File", "Plan", "Platform", "Product", "Reason", "Sources", "resolve"]
