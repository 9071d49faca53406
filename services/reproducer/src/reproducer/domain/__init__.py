"""Decisions: functions of values, without a network, a database or a clock of their own."""
