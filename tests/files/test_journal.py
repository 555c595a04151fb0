"""The journal: what was written is there after a crash, and what was changed afterwards shows."""

import hashlib
import json
import multiprocessing
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from msgflash_gitops.errors import InputError
from msgflash_gitops.files.journal import FileJournal, NoJournal, read_journal, verify_journal
from msgflash_gitops.model.json_value import Json, JsonObject

CONTEXT = {"project": "crm", "workspace": "production", "run": "r1"}
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ENTRIES = st.dictionaries(TEXTS, TEXTS | st.integers() | st.none() | st.lists(TEXTS, max_size=2), max_size=4)


def entry(number: int) -> JsonObject:
    return {"key": f"k{number}", "operation": "create", "phase": "intent", "attempt": number}


def written(path: Path, count: int = 6) -> list[bytes]:
    """A journal of so many lines, and the lines."""
    path.unlink(missing_ok=True)
    journal = FileJournal(path, CONTEXT)
    for number in range(count):
        journal.write(entry(number))
    return path.read_bytes().splitlines()


def kept(path: Path) -> list[JsonObject]:
    return read_journal(path, project="crm", workspace="production")


def faulty_lines(path: Path, lines: list[bytes]) -> list[int]:
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return [fault.line for fault in verify_journal(path)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.jsonl"


def test_each_line_is_chained_to_the_one_before(path: Path) -> None:
    previous = "0" * 64
    for number, line in enumerate(written(path)):
        read = json.loads(line)
        assert read == {**CONTEXT, **entry(number), "previous": previous}
        previous = hashlib.sha256(line).hexdigest()
    assert verify_journal(path) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(entries=st.lists(ENTRIES, max_size=6))
def test_any_entry_reads_back(path: Path, entries: list[dict[str, Json]]) -> None:
    path.unlink(missing_ok=True)
    for each in entries:
        FileJournal(path, CONTEXT).write(each)
    lines = path.read_bytes().splitlines() if path.exists() else []
    for each, line in zip(entries, lines, strict=True):
        read = json.loads(line)
        assert read == {**CONTEXT, **each, "previous": read["previous"]}
    assert not lines or verify_journal(path) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_an_edited_line_shows_in_the_one_after_it(path: Path, data: st.DataObject) -> None:
    lines = written(path, 4)
    number = data.draw(st.integers(0, len(lines) - 2))
    at = data.draw(st.integers(0, len(lines[number]) - 1))
    byte = data.draw(st.integers(0x20, 0x7E).filter(lambda each: each != lines[number][at]))
    lines[number] = lines[number][:at] + bytes([byte]) + lines[number][at + 1 :]
    assert number + 2 in faulty_lines(path, lines)


@pytest.mark.parametrize("number", range(5))
def test_a_removed_line_shows(path: Path, number: int) -> None:
    lines = written(path)
    assert faulty_lines(path, lines[:number] + lines[number + 1 :]) == [number + 1]


@pytest.mark.parametrize("number", range(5))
def test_lines_that_changed_places_show(path: Path, number: int) -> None:
    lines = written(path)
    lines[number], lines[number + 1] = lines[number + 1], lines[number]
    assert number + 1 in faulty_lines(path, lines)


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize(
    "put_in", [b'{"key": "forged", "previous": "' + b"0" * 64 + b'"}', b'{"key": "forged"}', b"note", b""]
)
def test_a_line_put_in_shows(path: Path, number: int, put_in: bytes) -> None:
    lines = written(path)
    if number == 0 and b"0" * 64 in put_in:
        assert faulty_lines(path, [put_in, *lines]) == [2]
    else:
        assert faulty_lines(path, [*lines[:number], put_in, *lines[number:]])


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("left", [0, 1, 40])
def test_a_truncated_line_shows_in_the_one_after_it(path: Path, number: int, left: int) -> None:
    lines = written(path)
    lines[number] = lines[number][:left]
    assert faulty_lines(path, lines) == [number + 2]


@pytest.mark.parametrize(
    "change", [lambda lines: lines[:-1], lambda lines: [*lines[:-1], lines[-1].replace(b"k5", b"k9")]]
)
def test_nothing_holds_the_end_of_a_chain(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """What a chain in one file cannot tell: that its last lines were cut off or rewritten. Said, so that nobody relies on it."""
    assert faulty_lines(path, change(written(path))) == []


class TestTorn:
    """A crash in the middle of a line."""

    @pytest.mark.parametrize("left", [1, 30, -1])
    def test_the_next_line_is_chained_to_what_is_left(self, path: Path, left: int) -> None:
        lines = written(path, 3)
        path.write_bytes(b"\n".join([*lines[:2], lines[2][:left]]))
        FileJournal(path, CONTEXT).write(entry(9))
        assert verify_journal(path) == []
        assert [each["key"] for each in kept(path)] == ["k0", "k1", "k9"]
        assert path.read_bytes().splitlines()[2] == lines[2][:left]

    def test_a_line_whose_end_alone_is_missing_counts(self, path: Path) -> None:
        lines = written(path, 2)
        path.write_bytes(b"\n".join(lines))
        FileJournal(path, CONTEXT).write(entry(9))
        assert verify_journal(path) == []
        assert [each["key"] for each in kept(path)] == ["k0", "k1", "k9"]

    def test_the_first_line_of_all(self, path: Path) -> None:
        written(path, 1)
        path.write_bytes(b'{"key": "k')
        FileJournal(path, CONTEXT).write(entry(9))
        assert verify_journal(path) == []
        assert [each["key"] for each in kept(path)] == ["k9"]

    def test_an_empty_file(self, path: Path) -> None:
        path.parent.mkdir()
        path.touch()
        FileJournal(path, CONTEXT).write(entry(0))
        assert verify_journal(path) == []


@pytest.mark.parametrize("size", [10, 65_000, 65_536, 66_000, 300_000])
def test_a_long_line_is_chained_whole(path: Path, size: int) -> None:
    journal = FileJournal(path, CONTEXT)
    for text in ("x" * size, "é" * size, "z"):
        journal.write({"note": text})
    assert verify_journal(path) == []
    assert len(kept(path)) == 3


def write_many(path: Path, name: str, count: int) -> None:
    journal = FileJournal(path, CONTEXT)
    for number in range(count):
        journal.write({"key": f"{name}-{number}", "padding": "x" * (number % 7) * 100})


def everybodys_lines(path: Path, writers: int, count: int) -> None:
    assert verify_journal(path) == []
    keys = [str(each["key"]) for each in kept(path)]
    assert sorted(keys) == sorted(f"{name}-{number}" for name in range(writers) for number in range(count))
    for name in range(writers):
        own = [key for key in keys if key.startswith(f"{name}-")]
        assert own == [f"{name}-{number}" for number in range(count)]


def test_two_processes_at_once(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=write_many, args=(path, str(name), 60)) for name in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    everybodys_lines(path, 2, 60)


def test_several_threads_at_once(path: Path) -> None:
    threads = [threading.Thread(target=write_many, args=(path, str(name), 40)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    everybodys_lines(path, 4, 40)


def test_only_the_entries_of_the_project_and_workspace_are_read(path: Path) -> None:
    for project, workspace in (("crm", "production"), ("crm", "staging"), ("shop", "production")):
        FileJournal(path, {"project": project, "workspace": workspace}).write({"key": f"{project}-{workspace}"})
    assert [each["key"] for each in kept(path)] == ["crm-production"]
    assert verify_journal(path) == []


@pytest.mark.parametrize(
    "line",
    [
        b"note",
        b"[]",
        b"5",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"{}",
        b"",
        b"[" * 100_000,
    ],
)
def test_a_line_that_is_no_entry_is_passed_over(path: Path, line: bytes) -> None:
    lines = written(path, 2)
    path.write_bytes(b"\n".join([lines[0], line, lines[1], b""]))
    assert [each["key"] for each in kept(path)] == ["k0", "k1"]
    assert [fault.line for fault in verify_journal(path)] == ([2, 3] if line == b"{}" else [3])


def test_without_a_journal_there_are_no_entries(path: Path) -> None:
    assert kept(path) == []
    NoJournal().write(entry(0))
    assert not path.exists()


@pytest.mark.parametrize("obstacle", ["a file instead of the folder", "a folder instead of the file"])
def test_where_it_cannot_be_written_the_run_stops_before_the_write(path: Path, obstacle: str) -> None:
    if "instead of the folder" in obstacle:
        path.parent.write_text("")
    else:
        path.mkdir(parents=True)
    with pytest.raises(InputError, match="cannot be written") as caught:
        FileJournal(path, CONTEXT).write(entry(0))
    assert caught.value.exit_code == 1
    assert "--no-journal" in (caught.value.hint or "")


def test_where_it_cannot_be_read_the_error_is_ours(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(InputError):
        kept(path)
