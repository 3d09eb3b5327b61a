"""What an import costs: the time of fresh interpreters, above that of an empty one."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

_REPEATS = 9


def report_imports() -> None:
    """Print how long `attrs` and `backorderkit` take to import."""
    bare = _seconds("")
    for name in ("attrs", "backorderkit"):
        milliseconds = (_seconds(f"import {name}") - bare) * 1000
        print(f"import {name}: {milliseconds:.0f} ms, median of {_REPEATS}")


def _seconds(code: str) -> float:
    times = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-Ic", code], check=True)
        times.append(time.perf_counter() - start)
    return median(times)
