"""Submissions, review and the ledger of all that was ever published."""
