"""Decisions of the catalogue: pure functions of documents and values."""
