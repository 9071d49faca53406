"""What the reproducer is told beside the shared settings (prefix ``EARTHCODE_``)."""

from pathlib import Path

from earthcode_common.settings import ServiceSettings

MEBIBYTE = 1024 * 1024


class ReproducerSettings(ServiceSettings):
    platforms_file: Path | None = None
    results_dir: Path = Path("results")

    parallel_runs: int = 4
    active_runs_per_person: int = 20
    event_streams: int = 200

    lease_seconds: float = 30
    submit_seconds: float = 60
    # How long a POST without an answer is looked for in the platform's list of jobs.
    reconcile_seconds: float = 120
    # How long a platform may be unreachable, or not know a job that it accepted.
    patience_seconds: float = 3600
    run_seconds: float = 24 * 3600
    longest_poll_seconds: float = 30

    max_output_bytes: int = 512 * MEBIBYTE
    compare_seconds: float = 300
