"""A progress bar on standard error, when the work turns out to be long."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

PATIENCE: Final = 1.0
"""Seconds of silence: work that takes less needs no bar."""


class Progress:
    """Shows the current step, if standard error is a terminal and it takes long."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        """Be silent for so many seconds."""
        console = Console(file=sys.stderr)
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
        )
        self._timer = threading.Timer(patience, self._show)
        self._timer.daemon = True
        # Not what rich makes of FORCE_COLOR: a bar in a file is of no use.
        self._shows = sys.stderr.isatty()
        self._lock = threading.Lock()
        self._over = False
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._shows:
            self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._over = True
            # A bar that was never started would end with an empty line.
            if self._bar.live.is_started:
                self._bar.stop()

    def start(self, step: str) -> None:
        """Begin a step whose length is not known."""
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(step, total=None)

    def advance(self, done: int, total: int) -> None:
        """Tell how much of the step is done."""
        if self._task is not None:
            self._bar.update(self._task, completed=done, total=total)

    def _show(self) -> None:
        with self._lock:
            if not self._over:
                self._bar.start()
