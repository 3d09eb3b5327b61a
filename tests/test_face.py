"""The public face: flat, documented, light to import, pure inside."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import backorderkit
from backorderkit import checking, formats, optimize, promising, public_holidays, testing

SOURCE = Path(backorderkit.__file__).parent
PURE = ("errors.py", "changes.py", "model", "checking", "policies", "planning", "promising")
LAYERS = (
    ("errors",),
    ("model",),
    ("changes", "commands"),
    ("checking", "policies"),
    ("planning",),
    ("promising",),
    ("storage",),
    ("formats", "service", "aio"),
    ("cli", "testing", "sql", "public_holidays", "optimize"),
    ("__main__",),
)
WORLD = {
    *("asyncio", "csv", "gzip", "io", "json", "logging", "os", "pathlib", "random", "secrets"),
    *("shutil", "socket", "subprocess", "sys", "tempfile", "threading", "time", "uuid"),
}
WORLDLY_CALLS = {"now", "utcnow", "today", "open", "print", "input", "getenv", "urandom"}


def fresh(code: str) -> str:
    """Run code in an interpreter of its own that sees no environment."""
    done = subprocess.run([sys.executable, "-Ic", code], capture_output=True, check=True, text=True)
    return done.stdout


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def imports(path: Path) -> set[str]:
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found.add(str(node.module))
    return found


def test_importing_pulls_in_attrs_and_the_standard_library_only() -> None:
    loaded = fresh("import sys, backorderkit; print(*sys.modules)").split()
    before = fresh("import sys; print(*sys.modules)").split()

    outside = {name.partition(".")[0] for name in set(loaded) - set(before)}
    assert outside - set(sys.stdlib_module_names) == {"attr", "attrs", "backorderkit"}
    assert not outside & {"asyncio", "json", "csv", "logging", "random", "uuid"}


def test_importing_runs_little_more_than_attrs_itself() -> None:
    """What the time of an import stands on; the benchmark takes the time."""
    loaded = set(fresh("import sys, backorderkit; print(*sys.modules)").split())
    before = set(fresh("import sys, attrs; print(*sys.modules)").split())

    own = {name for name in loaded - before if name.partition(".")[0] == "backorderkit"}
    assert not own & {f"backorderkit.{room}" for room in ("formats", "cli", "testing")}
    # Nothing of weight hides among the modules of the standard library.
    assert len(loaded - before - own) <= 12, sorted(loaded - before - own)


@pytest.mark.parametrize(
    "face",
    [backorderkit, checking, formats, optimize, promising, public_holidays, testing],
    ids=lambda face: face.__name__,
)
def test_every_public_name_is_listed_in_order_and_documented(face: object) -> None:
    names: list[str] = vars(face)["__all__"]

    # Constants, classes, functions: each sorted, as ruff sorts them.
    assert sorted(names) == sorted(set(names))
    for name in names:
        value = getattr(face, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert inspect.getdoc(value), name


def test_the_root_holds_nothing_but_its_face() -> None:
    public = {
        name
        for name, value in vars(backorderkit).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }

    assert public == set(backorderkit.__all__)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_imports_point_down_only(path: Path) -> None:
    room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    if room == "__init__":
        return
    own = next(level for level, rooms in enumerate(LAYERS) if room in rooms)

    for name in imports(path):
        top, _, rest = name.partition(".")
        if top != "backorderkit":
            continue
        assert rest, f"{path} imports the root"
        other = rest.partition(".")[0]
        level = next(level for level, rooms in enumerate(LAYERS) if other in rooms)
        assert level < own or other == room, f"{path} imports {name}"


@pytest.mark.parametrize(
    "path",
    [path for path in modules() if path.relative_to(SOURCE).parts[0] in PURE],
    ids=lambda path: path.relative_to(SOURCE).as_posix(),
)
def test_the_core_touches_nothing_of_the_world(path: Path) -> None:
    assert not {name.partition(".")[0] for name in imports(path)} & WORLD
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            assert name not in WORLDLY_CALLS, f"{path}:{node.lineno} calls {name}()"


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_modules_and_functions_stay_short(path: Path) -> None:
    text = path.read_text("utf-8")

    assert text.count("\n") <= 500
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.end_lineno is not None:
            # The options of a command are a table, not code.
            length = node.end_lineno - node.body[0].lineno + 1
            assert length <= 60, f"{path}:{node.lineno} {node.name}"


def test_without_hypothesis_a_line_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "try:\n    import backorderkit.testing\n"
        "except ImportError as error:\n    print(error)"
    )

    assert "pip install 'backorderkit[testing]'" in fresh(code)


def test_without_holidays_a_line_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['holidays'] = None\n"
        "try:\n    import backorderkit.public_holidays\n"
        "except ImportError as error:\n    print(error)"
    )

    assert "pip install 'backorderkit[holidays]'" in fresh(code)


def test_without_ortools_a_line_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['ortools'] = None\n"
        "try:\n    import backorderkit.optimize\n"
        "except ImportError as error:\n    print(error)"
    )

    assert "pip install 'backorderkit[optimize]'" in fresh(code)


def test_the_benchmark_compares_equal_answers(capsys: pytest.CaptureFixture[str]) -> None:
    from tests.benchmarks.__main__ import measure  # noqa: PLC0415 - only this test needs it
    from tests.benchmarks.workload import make_workload  # noqa: PLC0415

    measure(make_workload(300))

    table = capsys.readouterr().out
    for job in (
        "fair-share equal-losses: every change",
        "textbook loop",
        "read_snapshot, CSV",
        "a delivery",
    ):
        assert job in table
