"""The command as a process: pipes, terminals, exit statuses, a missing extra."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from backorderkit.cli.progress import Progress

SHOP = Path(__file__).parents[2] / "docs" / "examples" / "shop.json"
LINE = {"id": "1", "sku": "M", "ordered": 1}
COMMAND = (sys.executable, "-m", "backorderkit")


def run(*argv: str, code: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command, or some Python code, and wait for it."""
    command = [*COMMAND, *argv] if code is None else [sys.executable, "-c", code, *argv]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_process_ends_with_the_status_of_the_command() -> None:
    done = run("plan", str(SHOP), "--format", "json")
    refused = run("plan", "none.json")

    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["format"] == 1
    assert (refused.returncode, refused.stdout) == (2, "")


def test_a_reader_that_has_enough_hears_no_complaint(tmp_path: Path) -> None:
    lines = [LINE | {"id": str(number)} for number in range(3000)]
    order = {"id": "A", "placed_at": "2026-01-01", "lines": lines}
    big = tmp_path / "big.json"
    big.write_text(json.dumps({"as_of": "2026-01-05", "orders": [order]}), "utf-8")

    with subprocess.Popen(
        [*COMMAND, "plan", str(big)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.readline()
        command.stdout.close()
        complaint = command.stderr.read()

    assert complaint == b""
    assert command.returncode == 0


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_a_line_says_what_to_install(missing: str) -> None:
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from backorderkit.__main__ import main; sys.exit(main())"
    )

    done = run("plan", str(SHOP), code=code)

    assert done.returncode == 2
    assert done.stderr == (
        "backorderkit: the command line needs typer and rich: pip install 'backorderkit[cli]'\n"
    )


def on_a_terminal(code: str, *argv: str) -> bytes:
    """Run some code with standard error on a terminal and give what appears there."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", code, *argv]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=theirs, check=True)
    os.close(theirs)
    seen = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        seen += piece
    os.close(ours)
    return seen


def progress_on_a_terminal(patience: str) -> bytes:
    """Run some slow work and give what its progress looks like."""
    code = (
        "import sys, time\n"
        "from backorderkit.cli.progress import Progress\n"
        "with Progress(patience=float(sys.argv[1])) as progress:\n"
        "    progress.start('Reading')\n"
        "    progress.start('Planning')\n"
        "    for done in range(4):\n"
        "        progress.advance(done, 4)\n"
        "        time.sleep(0.15)\n"
    )
    return on_a_terminal(code, patience)


def test_the_command_shows_its_steps_on_a_terminal() -> None:
    code = (
        "import functools, sys, time\n"
        "from backorderkit.cli import app\n"
        "run, app.Progress = app.run_plan, functools.partial(app.Progress, patience=0)\n"
        "app.run_plan = lambda *them, **more: (time.sleep(0.5), run(*them, **more))[1]\n"
        "sys.exit(app.run(sys.argv[1:]))"
    )

    assert b"Planning" in on_a_terminal(code, "plan", str(SHOP))


def test_documents_are_utf_8_in_any_locale(tmp_path: Path) -> None:
    order = {"id": "\u00c4\u20ac", "placed_at": "2026-01-01", "lines": [LINE]}
    path = tmp_path / "odd.json"
    path.write_text(json.dumps({"as_of": "2026-01-05", "orders": [order]}), "utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}

    def output(kind: str) -> bytes:
        command = [*COMMAND, "plan", str(path), "--format", kind]
        return subprocess.run(command, capture_output=True, env=environment, check=True).stdout

    assert json.loads(output("json"))["lines"][0]["order"] == "\u00c4\u20ac"
    assert "\u00c4\u20ac".encode() in output("csv")
    assert b"\xc4\\u20ac/1" in output("table")


def test_long_work_shows_a_bar_on_a_terminal() -> None:
    assert b"Planning" in progress_on_a_terminal("0.1")


def test_short_work_shows_no_bar() -> None:
    assert b"Planning" not in progress_on_a_terminal("60")


def test_a_pipe_sees_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(patience=0) as progress:
        progress.start("Reading")
        progress.advance(1, 2)

    assert capsys.readouterr().err == ""


def test_a_bar_shows_in_time_and_never_after_the_work(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    late = Progress(patience=60)
    with late:
        late.advance(1, 2)
    late._show()

    assert capsys.readouterr().err == ""

    timely = Progress(patience=60)
    with timely:
        timely.start("Planning")
        timely._show()

    assert "Planning" in capsys.readouterr().err
