"""Checks of documents: pure, offline, one small function per rule.

``check_bundle(members, exists)`` is the whole surface; ``RULES`` lists what is looked at and why.
"""

from publisher.domain.checks.engine import check_bundle
from publisher.domain.checks.rules import RULES, Finding, Member, Rule

__all__ = ["RULES", "Finding", "Member", "Rule", "check_bundle"]
