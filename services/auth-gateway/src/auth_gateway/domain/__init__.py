"""Decisions of the gateway as pure functions of values: paths, headers, policy, claims, origins."""
