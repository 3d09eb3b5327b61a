"""Whole files: found or refused, written whole or not at all."""

from __future__ import annotations

import gzip
import json
import os
import stat
import threading
from pathlib import Path

import pytest

from backorderkit import Fifo, InvalidInputError, Order, Snapshot, plan
from backorderkit.formats import (
    dumps_plan,
    dumps_snapshot,
    files,
    read_snapshot,
    write_plan,
    write_snapshot,
)
from tests.formats.sample import FULL, full_snapshot

SNAPSHOT = full_snapshot()
BARE = Snapshot.of(as_of=SNAPSHOT.as_of, orders=[Order.of("A", "2026-01-01", {"M": 1})])


def test_a_json_file_is_written_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "shop.json"

    write_snapshot(SNAPSHOT, path)

    assert read_snapshot(path) == SNAPSHOT
    assert [entry.name for entry in tmp_path.iterdir()] == ["shop.json"]


@pytest.mark.parametrize("ending", ["/", ""], ids=["a slash", "an existing folder"])
def test_a_folder_path_is_written_as_a_csv_folder(tmp_path: Path, ending: str) -> None:
    folder = tmp_path / "shop"
    if not ending:
        folder.mkdir()

    write_snapshot(SNAPSHOT, f"{folder}{ending}")

    assert read_snapshot(folder, as_of=SNAPSHOT.as_of) == SNAPSHOT


def test_writing_a_folder_again_leaves_nothing_of_the_old_one(tmp_path: Path) -> None:
    write_snapshot(SNAPSHOT, f"{tmp_path}/")
    (tmp_path / "orders.csv.gz").write_bytes(gzip.compress(b"old"))
    (tmp_path / "notes.txt").write_text("mine", "utf-8")

    write_snapshot(BARE, f"{tmp_path}/")

    assert read_snapshot(tmp_path, as_of=BARE.as_of) == BARE
    assert (tmp_path / "notes.txt").exists()


def test_gzipped_files_of_a_folder_are_read(tmp_path: Path) -> None:
    write_snapshot(SNAPSHOT, f"{tmp_path}/")
    orders = tmp_path / "orders.csv"
    (tmp_path / "orders.csv.gz").write_bytes(gzip.compress(orders.read_bytes()))
    orders.unlink()

    assert read_snapshot(tmp_path, as_of=SNAPSHOT.as_of) == SNAPSHOT


def test_as_of_of_the_caller_beats_the_document(tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    path.write_text(json.dumps({**FULL, "as_of": None}), "utf-8")

    assert read_snapshot(path, as_of=SNAPSHOT.as_of).as_of == SNAPSHOT.as_of


def test_a_folder_without_a_moment_asks_for_it(tmp_path: Path) -> None:
    write_snapshot(BARE, f"{tmp_path}/")

    with pytest.raises(InvalidInputError) as caught:
        read_snapshot(tmp_path)

    (problem,) = caught.value.exceptions
    assert str(problem).endswith(
        "as_of: got nothing, must be given by the caller, since a CSV folder has none"
    )


def test_what_cannot_be_read_is_a_problem_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_snapshot(tmp_path / "none.json")

    (problem,) = caught.value.exceptions
    assert (
        str(problem) == "none.json: got 'none.json', must be readable (No such file or directory)"
    )


@pytest.mark.parametrize(
    ("path", "reason"),
    [("a\0b", "embedded null"), ("a" * 5000, "File name too long"), ("", "path: got 'path'")],
    ids=["NUL", "long", "empty"],
)
def test_impossible_paths_are_problems_too(path: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_snapshot(path)

    (problem,) = caught.value.exceptions
    assert reason in str(problem)
    assert len(str(problem)) < 500


def test_files_of_a_folder_that_cannot_be_read_are_named_beside_other_problems(
    tmp_path: Path,
) -> None:
    write_snapshot(SNAPSHOT, f"{tmp_path}/")
    for name in ("items.csv", "receipts.csv"):
        (tmp_path / name).unlink()
        (tmp_path / name).mkdir()
    (tmp_path / "stock.csv").write_text("sku,on_hand\nMUG,-1\n", "utf-8")

    with pytest.raises(InvalidInputError) as caught:
        read_snapshot(tmp_path, as_of=BARE.as_of)

    first, second, third = (str(problem) for problem in caught.value.exceptions)
    assert "items.csv', must be readable (Is a directory)" in first
    assert second.startswith("stock.csv:2: on_hand: got '-1', must be >= 0")
    assert "receipts.csv', must be readable" in third


def test_a_folder_that_cannot_be_listed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: object) -> list[str]:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "listdir", refuse)

    with pytest.raises(InvalidInputError, match="1 problem"):
        read_snapshot(tmp_path, as_of=BARE.as_of)


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old", "utf-8")

    def pieces() -> object:
        yield "half"
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        files.write_text(path, pieces())  # type: ignore[arg-type]

    assert path.read_text("utf-8") == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.json"]


def test_written_files_have_the_usual_permissions(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("", "utf-8")

    write_snapshot(BARE, tmp_path / "shop.json")

    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    assert mode(tmp_path / "shop.json") == mode(plain)


def test_a_folder_that_cannot_be_written_whole_is_not_touched(tmp_path: Path) -> None:
    write_snapshot(BARE, f"{tmp_path}/")
    before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
    (tmp_path / "items.csv").mkdir()

    with pytest.raises(IsADirectoryError) as caught:
        write_snapshot(SNAPSHOT, f"{tmp_path}/")

    assert caught.value.filename == str(tmp_path / "items.csv")
    (tmp_path / "items.csv").rmdir()
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_a_new_folder_is_gone_again_if_it_cannot_be_filled(tmp_path: Path) -> None:
    with files.StagedFiles() as staged:
        staged.add_folder(tmp_path / "next", {"orders.csv": "x", "stock.csv": "y"})

    assert list(tmp_path.iterdir()) == []


def test_a_place_lost_at_the_last_moment_is_named(tmp_path: Path) -> None:
    with files.StagedFiles() as staged:
        staged.add(tmp_path / "plan.json", ["new"])
        (tmp_path / "plan.json").mkdir()
        with pytest.raises(OSError, match=r"plan\.json"):
            staged.commit()

    assert [each.name for each in tmp_path.iterdir()] == ["plan.json"]


def test_what_another_left_beside_is_not_overwritten(tmp_path: Path) -> None:
    left = tmp_path / f".backorderkit-{os.getpid()}-0"
    left.write_text("left", "utf-8")

    write_snapshot(BARE, tmp_path / "shop.json")

    assert left.read_text("utf-8") == "left"
    assert read_snapshot(tmp_path / "shop.json") == BARE


def test_links_and_permissions_stay(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("old", "utf-8")
    target.chmod(0o600)
    link.symlink_to(target)

    write_snapshot(BARE, link)

    assert link.is_symlink()
    assert read_snapshot(target) == BARE
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    ours = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    write_snapshot(BARE, pipe)

    assert os.read(ours, 1 << 16).decode() == dumps_snapshot(BARE)
    os.close(ours)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_plan_is_written_by_the_ending_of_its_name(tmp_path: Path) -> None:
    made = plan(SNAPSHOT, policy=Fifo())

    write_plan(made, tmp_path / "plan.csv")
    write_plan(made, tmp_path / "plan.json")
    write_plan(made, tmp_path / "plan.txt", format="csv")

    texts = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert texts == {
        "plan.csv": dumps_plan(made, format="csv"),
        "plan.json": dumps_plan(made),
        "plan.txt": dumps_plan(made, format="csv"),
    }


def test_written_documents_end_in_one_line_feed() -> None:
    assert dumps_snapshot(BARE).endswith("\n}\n")


def test_a_pipe_in_a_folder_is_read_once(tmp_path: Path) -> None:
    write_snapshot(SNAPSHOT, f"{tmp_path}/")
    orders = (tmp_path / "orders.csv").read_bytes()
    (tmp_path / "orders.csv").unlink()
    os.mkfifo(tmp_path / "orders.csv")
    writer = threading.Thread(target=(tmp_path / "orders.csv").write_bytes, args=(orders,))
    writer.start()

    assert read_snapshot(tmp_path, as_of=SNAPSHOT.as_of) == SNAPSHOT

    writer.join()
