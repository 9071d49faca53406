"""Runs experiments again on platforms and compares their products."""
