"""Runs the tests on the oldest and the newest supported Python, where they are found."""

from pathlib import Path

import nox

nox.options.error_on_missing_interpreters = False
nox.options.envdir = str(Path(__file__).parent.parent / ".nox")


@nox.session(python=["3.11", "3.13"])
def tests(session: nox.Session) -> None:
    """Install as a user would, with the test extra, and run everything."""
    session.chdir("..")
    session.install(".[test]")
    session.run("python", "-m", "pytest", *session.posargs)
