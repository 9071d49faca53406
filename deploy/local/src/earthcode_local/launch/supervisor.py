"""Keeps programs up: started in order of need, started again when they die, stopped in reverse.

One thread per program owns its process (on Linux the process ends with that thread, so nothing
outlives a supervisor that is killed).
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from earthcode_local.launch.child import Server
from earthcode_local.servers.processes import wait_for_all

ATTEMPTS = 3
STABLE_SECONDS = 30.0


@dataclass(frozen=True)
class Program:
    """`needs` names the programs that must be ready before this one starts for the first time,
    and that stay until it has stopped."""

    name: str
    server: Server
    url: str = ""
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """`state`: waiting, starting, ready, done, restarting, failed, stopping, stopped."""

    state: str = "waiting"
    seconds: float = 0.0  # it took to become ready
    starts: int = 0
    problem: str = ""


class Supervisor:
    def __init__(
        self, programs: Sequence[Program], *, first_pause: float = 0.5, longest_pause: float = 30.0
    ) -> None:
        self.programs = {program.name: program for program in programs}
        self.standing = {name: Standing() for name in self.programs}
        self.changed = threading.Condition()
        self._first_pause = first_pause
        self._longest_pause = longest_pause
        self._stopping = threading.Event()
        self._arrived: set[str] = set()
        self._gone = {name: threading.Event() for name in self.programs}
        self._keepers: dict[str, threading.Thread] = {}

    def start(self) -> None:
        for name, program in self.programs.items():
            keeper = threading.Thread(target=self._keep, args=(program,), name=name, daemon=True)
            self._keepers[name] = keeper
            keeper.start()

    @property
    def up(self) -> bool:
        """Whether everything was ready at least once."""
        return len(self._arrived) == len(self.programs)

    @property
    def failed(self) -> str | None:
        """The name of a program that never came up."""
        return next((n for n, s in self.standing.items() if s.state == "failed"), None)

    def pid(self, name: str) -> int | None:
        process = self.programs[name].server.process
        return process.pid if process is not None and process.returncode is None else None

    def stop(self) -> None:
        """Everything down, each program before what it needs; returns when all are gone."""
        self._stopping.set()
        with self.changed:
            self.changed.notify_all()
        enders = [
            threading.Thread(target=self._end, args=(program,), daemon=True)
            for program in self.programs.values()
        ]
        for ender in enders:
            ender.start()
        for ender in enders:
            ender.join()

    def _keep(self, program: Program) -> None:
        if not self._await_needs(program):
            return
        pause = 0.0
        while not self._stopping.is_set():
            began = time.monotonic()
            ready = self._bring_up(program)
            if self.standing[program.name].state in ("failed", "done"):
                return
            if ready and program.server.process is not None:
                wait_for_all(program.server.process)
            if not self._stopping.is_set():
                self._note(program, state="restarting", problem=self._ending(program, ready))
            pause = pause_after(
                time.monotonic() - began, pause, self._first_pause, self._longest_pause
            )
            self._stopping.wait(pause)

    def _await_needs(self, program: Program) -> bool:
        with self.changed:
            self.changed.wait_for(
                lambda: self._stopping.is_set() or self._arrived.issuperset(program.needs)
            )
        return not self._stopping.is_set()

    def _bring_up(self, program: Program) -> bool:
        began = time.monotonic()
        starts = self.standing[program.name].starts + 1
        self._note(program, state="starting", starts=starts)
        try:
            program.server.start()
        except Exception as error:
            hopeless = program.name not in self._arrived and starts >= ATTEMPTS
            if not self._stopping.is_set():
                self._note(
                    program,
                    state="failed" if hopeless else "restarting",
                    problem=str(error) or repr(error),
                )
            return False
        self._arrived.add(program.name)
        state = "done" if program.server.process is None else "ready"
        self._note(program, state=state, seconds=time.monotonic() - began, problem="")
        return True

    def _ending(self, program: Program, ready: bool) -> str:
        process = program.server.process
        if not ready or process is None:
            return self.standing[program.name].problem
        status = process.returncode
        return f"killed by signal {-status}" if status < 0 else f"ended with status {status}"

    def _end(self, program: Program) -> None:
        for other in self.programs.values():
            if program.name in other.needs:
                self._gone[other.name].wait()
        self._note(program, state="stopping")
        keeper = self._keepers[program.name]
        while keeper.is_alive():  # it may just be starting the process once more
            program.server.stop()
            keeper.join(0.1)
        program.server.stop()
        self._note(program, state="stopped")
        self._gone[program.name].set()

    def _note(self, program: Program, **changes: object) -> None:
        with self.changed:
            self.standing[program.name] = replace(self.standing[program.name], **changes)  # type: ignore[arg-type]
            self.changed.notify_all()


def pause_after(lasted: float, pause: float, first: float, longest: float) -> float:
    """Before the next start: doubled each time, and short again after a good while up."""
    return first if lasted > STABLE_SECONDS or not pause else min(pause * 2, longest)
