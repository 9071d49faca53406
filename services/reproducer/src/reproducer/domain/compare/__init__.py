"""Comparing a published file with a produced one: functions of files and options.

The ladder: ``identical`` (bytes), ``content-identical`` (the same arrays, whatever the encoding and
the attributes), ``within-tolerance``, ``different``, ``not-comparable``. Files are read in blocks,
so memory does not grow with their size. They may be hostile: call this in a process of its own.
"""

from reproducer.domain.compare.ladder import compare_files
from reproducer.domain.compare.model import Comparison, Options

__all__ = ["Comparison", "Options", "compare_files"]
