from collections.abc import Callable

Progress = Callable[[int, str], None]
"""Called with how much is done, in percent, and what is being done."""
