"""Representations of records and catalogues: pure functions of their JSON, no HTTP, no database."""
