"""Where things are in the data directory."""

from pathlib import Path


def database(data_dir: Path) -> Path:
    return data_dir / "jobs.sqlite"


def job(data_dir: Path, identifier: str) -> Path:
    return data_dir / "jobs" / identifier


def attempt(data_dir: Path, identifier: str, number: int) -> Path:
    """Every attempt writes into a folder of its own: two can never write the same file."""
    return job(data_dir, identifier) / str(number)


def log(data_dir: Path, identifier: str) -> Path:
    return job(data_dir, identifier) / "log.txt"
