"""The command line: ``python -m backorderkit``, or ``backorderkit`` for short."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run the command line.

    Args:
        argv: The arguments; those of the process if absent.

    Returns:
        The exit status: 0 done, 1 a defect of ours, 2 bad input or usage, or
        the extra ``cli`` is not installed.
    """
    try:
        from backorderkit.cli.app import run  # noqa: PLC0415 - an extra may be missing
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] not in {"rich", "typer"}:
            raise
        print(
            "backorderkit: the command line needs typer and rich: pip install 'backorderkit[cli]'",
            file=sys.stderr,
        )
        return 2
    return run(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
