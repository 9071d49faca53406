"""Decisions of the records service: pure functions of documents and values."""
