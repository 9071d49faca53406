"""Checks of documents: pure, offline, one small function per rule.

``check_bundle(members, exists)`` judges documents, ``takeovers`` who replaces whose; ``RULES``
lists what is looked at and why.
"""

from publisher.domain.checks.engine import check_bundle
from publisher.domain.checks.owners import Holder, takeovers
from publisher.domain.checks.rules import RULES, Finding, Member, Rule

__all__ = ["RULES", "Finding", "Holder", "Member", "Rule", "check_bundle", "takeovers"]
