"""The one door: log in, one policy, short-lived internal tokens, audit."""
