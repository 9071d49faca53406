from datetime import timedelta
from pathlib import Path

from earthcode_processes import folders, store, supervisor


def test_only_what_ended_long_ago_is_removed(tmp_path: Path) -> None:
    database = folders.database(tmp_path)
    store.prepare(database)
    for identifier in ("ended", "running", "waiting"):
        store.add(database, identifier, "zonal-mean", {"year": 2015}, {}, "raw")
        folders.job(tmp_path, identifier).mkdir(parents=True)
    for identifier in ("ended", "running"):
        assert store.claim(database).identifier == identifier  # type: ignore[union-attr]
    assert store.succeed(database, "ended", 1, {})

    supervisor.clean(limits(tmp_path, timedelta(days=1)))
    assert store.find(database, "ended") is not None

    supervisor.clean(limits(tmp_path, timedelta(0)))
    assert store.find(database, "ended") is None
    assert not folders.job(tmp_path, "ended").exists()
    for identifier in ("running", "waiting"):
        assert store.find(database, identifier) is not None
        assert folders.job(tmp_path, identifier).exists()


def test_an_end_counts_once_and_for_its_own_attempt_alone(tmp_path: Path) -> None:
    database = folders.database(tmp_path)
    store.prepare(database)
    store.add(database, "job", "zonal-mean", {"year": 2015}, {}, "raw")
    store.claim(database)
    assert store.requeue(database, "job", 1, "Waiting", 1)
    store.claim(database)
    assert not store.succeed(database, "job", 1, {"late": {}})
    assert store.register(database, "job", 1, 4711, "then") is None
    assert store.succeed(database, "job", 2, {"right": {}})
    assert not store.fail(database, "job", 2, "Too late")
    assert not store.dismiss(database, "job")
    found = store.find(database, "job")
    assert found is not None
    assert (found.status, list(found.outputs)) == ("successful", ["right"])


def limits(data_dir: Path, keep: timedelta) -> supervisor.Limits:
    return supervisor.Limits(data_dir=data_dir, parallel=1, seconds=60, keep=keep)
