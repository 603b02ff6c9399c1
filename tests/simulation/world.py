"""The machine of a simulation: virtual time, and threads that take turns as a seed has it."""

import heapq
import random
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, cast

from greenlet import GreenletExit, greenlet

from multichat.realtime.machine import Machine

# What a step of a thread takes, so that time passes while somebody works.
STEP_SECONDS = 0.00005


class Violation(BaseException):
    """Something that must hold does not. No `except Exception` of the code under test may swallow it."""


class Task:
    """A simulated thread, and the process that it ends or stands still with."""

    def __init__(self, run: Callable[[], object], name: str, process: "Process", scheduler: greenlet) -> None:
        self.name = name
        self.process = process
        self.greenlet = greenlet(run, scheduler)  # where it goes on when the task ends
        # Counts the waits, so that a timer of an earlier one wakes nobody.
        self.waits = 0
        self.waiting = False
        # Whether it may wait for others, and not just for a lock.
        self.patient = True


class Process:
    """What threads live and die with: a worker, or everything outside of the workers."""

    def __init__(self) -> None:
        self.dead = False
        self.frozen_until = 0.0


class World(Machine):
    """Runs one task at a time. `hurry` is how likely it goes on by itself where another could."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = 1000.0
        self.hurry = self.chance.choice((0.7, 0.95, 1.0))
        self._outside = Process()
        self._inside: Process | None = None
        self.over = False
        self.steps = 0
        self._ready: list[Task] = []
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._timers_made = 0
        self._tasks: list[Task] = []
        self._current: Task | None = None
        self._scheduler = greenlet.getcurrent()

    # What a machine gives

    def lock(self) -> "Lock":  # type: ignore[override]
        return Lock(self)

    def native_lock(self) -> "Lock":  # type: ignore[override]
        return NativeLock(self)

    def condition(self, lock: "Lock | None" = None) -> "Condition":  # type: ignore[override]
        return Condition(self, lock or Lock(self))

    def event(self) -> "Event":  # type: ignore[override]
        return Event(self)

    def clock(self) -> float:  # type: ignore[override]
        return self.now

    def sleep(self, seconds: float) -> None:  # type: ignore[override]
        if seconds > 0:
            self.wait_in(deque(), seconds)
        else:
            self.let_others()

    def spawn(self, target: Callable[[], object], process: Process | None = None) -> None:
        """In the process that is running, if no other is named."""
        name = str(target.args[0]) if isinstance(target, partial) and target.args else target.__name__
        current = self._current.process if self._current else self._outside
        task = Task(target, name, process or self._inside or current, self._scheduler)
        self._tasks.append(task)
        self._ready.append(task)

    @contextmanager
    def inside(self, process: Process) -> Iterator[None]:
        """Whatever is spawned in here belongs to it."""
        before, self._inside = self._inside, process
        yield
        self._inside = before

    def wait_ready(self, sock: Any, events: int, seconds: float) -> bool:
        return cast(bool, sock.wait_ready(events, seconds))

    # Taking turns

    def run(self, seconds: float) -> None:
        """Let so much time pass. Raises `Violation`, and whatever a task did not catch."""
        until = self.now + seconds
        while self.now < until:
            while self._timers and self._timers[0][0] <= self.now:
                heapq.heappop(self._timers)[2]()
            if not self._ready:
                self.now = min(until, self._timers[0][0]) if self._timers else until
                continue
            index = self.chance.randrange(len(self._ready)) if len(self._ready) > 1 else 0
            task = self._ready[index]
            self._ready[index] = self._ready[-1]
            self._ready.pop()
            process = task.process
            if process.dead:
                continue
            if process.frozen_until > self.now:
                self.at(process.frozen_until, partial(self._ready.append, task))
                continue
            self._current = task
            self.now += STEP_SECONDS
            self.steps += 1
            task.greenlet.switch()
            self._current = None

    def end(self) -> None:
        """Let go of all threads; what they clean up no longer counts."""
        self.over = True
        for task in self._tasks:
            if task.greenlet and not task.greenlet.dead:
                task.greenlet.throw(GreenletExit)

    def at(self, when: float, do: Callable[[], None]) -> None:
        self._timers_made += 1
        heapq.heappush(self._timers, (when, self._timers_made, do))

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        self.at(self.now + seconds, do)

    @property
    def running(self) -> Task | None:
        return self._current

    def let_others(self) -> None:
        """A place where another thread may go on first."""
        if self._current is not None and not self.over and self.chance.random() >= self.hurry:
            self._ready.append(self._current)
            self._scheduler.switch()

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """Whoever is running may not wait in here."""
        task = self._current
        assert task is not None
        task.patient = False
        yield
        task.patient = True

    def wait_in(self, line: "deque[Task]", seconds: float | None, for_lock: bool = False) -> bool:
        """Wait until somebody takes this task from the line, or for so long; whether somebody did."""
        task = self._current
        if self.over or task is None:
            raise GreenletExit
        if not (task.patient or for_lock):
            raise Violation(f"the {task.name} waits, and so does everybody behind it")
        line.append(task)
        task.waits += 1
        task.waiting = True
        if seconds is not None:
            self.after(max(0.0, seconds), partial(self._time_out, task, task.waits))
        self._scheduler.switch()
        if task in line:
            line.remove(task)
            return False
        return True

    def wake(self, line: "deque[Task]") -> None:
        """The first of them goes on."""
        while line:
            task = line.popleft()
            if task.waiting:
                task.waiting = False
                self._ready.append(task)
                return

    def _time_out(self, task: Task, wait: int) -> None:
        if task.waiting and task.waits == wait:
            task.waiting = False
            self._ready.append(task)


class Lock:
    """Any other thread may come first, each time one is taken."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._line: deque[Task] = deque()
        self._held = False

    def __enter__(self) -> None:
        self._world.let_others()
        while self._held and not self._world.over:
            self._world.wait_in(self._line, None, for_lock=True)
        self._held = True

    def __exit__(self, *_: object) -> None:
        self._held = False
        if self._line:
            self._world.wake(self._line)


class NativeLock(Lock):
    """Whoever holds it waits for nothing: a worker's greenlets all stand still with it."""

    def __enter__(self) -> None:
        super().__enter__()
        self._holder = self._world.running
        if self._holder is not None:
            self._was_patient, self._holder.patient = self._holder.patient, False

    def __exit__(self, *_: object) -> None:
        if self._holder is not None:
            self._holder.patient = self._was_patient
        super().__exit__()


class Condition:
    def __init__(self, world: World, lock: Lock) -> None:
        self._world = world
        self._lock = lock
        self._line: deque[Task] = deque()

    def __enter__(self) -> None:
        self._lock.__enter__()

    def __exit__(self, *_: object) -> None:
        self._lock.__exit__()

    def wait(self, timeout: float | None = None) -> bool:
        self._lock.__exit__()
        try:
            return self._world.wait_in(self._line, timeout)
        finally:
            self._lock.__enter__()

    def notify(self) -> None:
        self._world.wake(self._line)

    def notify_all(self) -> None:
        while self._line:
            self._world.wake(self._line)


class Event:
    def __init__(self, world: World) -> None:
        self._world = world
        self._line: deque[Task] = deque()
        self._set = False

    def set(self) -> None:
        self._set = True
        while self._line:
            self._world.wake(self._line)

    def clear(self) -> None:
        self._set = False

    def wait(self, timeout: float | None = None) -> bool:
        if not self._set:
            self._world.wait_in(self._line, timeout)
        return self._set
