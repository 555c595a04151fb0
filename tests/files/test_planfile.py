"""A saved plan is what was reviewed, or it is refused."""

import contextlib
import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from msgflash_gitops import __version__
from msgflash_gitops.errors import PlanFileError
from msgflash_gitops.files.planfile import read_plan, write_plan
from msgflash_gitops.planning.codec import encode
from msgflash_gitops.planning.seal import plan_digest
from tests.reports.samples import whole_plan

WHOLE = whole_plan()
MADE = replace(
    WHOLE,
    changes=tuple(each for each in WHOLE.changes if each.key in ("replace", "resume", "series")),
    desired=WHOLE.desired[:1],
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
FIXTURES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
Place = tuple[str | int, ...]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    write_plan(path, MADE)
    return path


def document(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def places(value: Any, here: Place = ()) -> Iterator[Place]:
    """Every place in the plan, containers included."""
    yield here
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in parts:
        yield from places(each, (*here, name))


PLACES = list(places(encode(MADE)))


def at(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def refused(path: Path, edited: dict[str, Any]) -> None:
    path.write_text(json.dumps(edited))
    with pytest.raises(PlanFileError) as caught:
        read_plan(path)
    assert caught.value.exit_code == 1
    assert caught.value.hint


def test_a_plan_comes_back_as_it_was(saved: Path) -> None:
    again = read_plan(saved)
    assert encode(again) == encode(MADE)
    assert plan_digest(again) == plan_digest(MADE) == document(saved)["digest"]
    assert [change.action for change in again.changes] == [change.action for change in MADE.changes]


@FIXTURES
@given(place=st.sampled_from(PLACES[1:]), value=VALUES)
def test_any_edit_of_any_field_is_detected(saved: Path, place: Place, value: Any) -> None:
    edited = document_of(MADE)
    *way, last = place
    container = at(edited["plan"], tuple(way))
    assume(json.dumps(container[last]) != json.dumps(value))
    container[last] = value
    refused(saved, edited)


def test_any_field_that_is_taken_out_is_missed(saved: Path) -> None:
    for place in PLACES[1:]:
        edited = document_of(MADE)
        *way, last = place
        del at(edited["plan"], tuple(way))[last]
        refused(saved, edited)


@FIXTURES
@given(data=st.data())
def test_anything_put_in_is_detected(saved: Path, data: st.DataObject) -> None:
    edited = document_of(MADE)
    containers = [each for each in PLACES if isinstance(at(edited["plan"], each), dict | list)]
    container = at(edited["plan"], data.draw(st.sampled_from(containers)))
    value = data.draw(VALUES | st.just(copy.deepcopy(container)))
    if isinstance(container, list):
        container.insert(data.draw(st.integers(0, len(container))), value)
    else:
        name = data.draw(TEXTS)
        assume(name not in container)
        container[name] = value
    refused(saved, edited)


def test_anything_that_changed_its_place_is_detected(saved: Path) -> None:
    for place in PLACES:
        edited = document_of(MADE)
        listed = at(edited["plan"], place)
        if isinstance(listed, list) and listed != listed[::-1]:
            listed.reverse()
            refused(saved, edited)


@FIXTURES
@given(data=st.data())
def test_a_byte_that_changed_makes_no_other_plan(saved: Path, data: st.DataObject) -> None:
    whole = saved.read_bytes()
    at_byte = data.draw(st.integers(0, len(whole) - 1))
    changed = bytes([data.draw(st.integers(0, 255))])
    saved.write_bytes(whole[:at_byte] + changed + whole[at_byte + 1 :])
    with contextlib.suppress(PlanFileError):
        assert encode(read_plan(saved)) == encode(MADE)
    saved.write_bytes(whole)


@FIXTURES
@given(data=st.data())
def test_a_file_that_is_cut_off_is_refused(saved: Path, data: st.DataObject) -> None:
    whole = saved.read_bytes()
    saved.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 3))])
    with pytest.raises(PlanFileError):
        read_plan(saved)
    saved.write_bytes(whole)


AGAIN = "plan again"
MAKE_ONE = "make one with `msgflash-gitops plan --out FILE`"


def told(path: Path) -> tuple[str, str | None]:
    with pytest.raises(PlanFileError) as caught:
        read_plan(path)
    assert caught.value.exit_code == 1
    return caught.value.message.replace(str(path), "FILE"), caught.value.hint


@pytest.mark.parametrize(
    ("name", "values", "words", "hint"),
    [
        ("kind", ["other", None], "FILE is no saved plan", MAKE_ONE),
        ("version", [2, "1", None], "FILE was saved in a format this release does not read", AGAIN),
        ("digest", ["", None, "0" * 64], "FILE was edited after it was made: its digest does not fit", AGAIN),
        ("plan", [None, [], {}], "FILE is damaged or was edited (", AGAIN),
    ],
)
def test_the_envelope_is_checked(saved: Path, name: str, values: list[Any], words: str, hint: str) -> None:
    whole = document(saved)
    without = {other: each for other, each in document_of(MADE).items() if other != name}
    for edited in (*({**whole, name: value} for value in values), without):
        refused(saved, edited)
        message, way_out = told(saved)
        assert message.startswith(words)
        assert way_out == hint


def document_of(plan: Any) -> dict[str, Any]:
    return {"kind": "msgflash-gitops plan", "version": 1, "digest": plan_digest(plan), "plan": encode(plan)}


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "5", '"x"', "{", "{}", "\x00", "not json", "\ufeff{}", "[" * 100_000]
)
def test_what_is_no_saved_plan_is_refused(saved: Path, text: str) -> None:
    saved.write_text(text)
    assert told(saved) == ("FILE is no saved plan", MAKE_ONE)


@pytest.mark.parametrize("value", ['"\\ud800"', "NaN", "1e999", "[" * 600 + "]" * 600])
def test_an_edit_that_cannot_be_hashed_is_refused_too(saved: Path, value: str) -> None:
    text = saved.read_text()
    assert '"body": "Hello"' in text
    saved.write_text(text.replace('"body": "Hello"', f'"body": {value}'))
    with pytest.raises(PlanFileError):
        read_plan(saved)


def test_a_path_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert told(tmp_path / "absent.json") == ("FILE cannot be read: No such file or directory", MAKE_ONE)
    regular = "only regular files are read: name one, or copy the content into one"
    assert told(tmp_path) == ("FILE cannot be read: it is a folder, not a regular file", regular)


def test_a_file_that_is_too_large_for_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with path.open("wb") as file:
        file.truncate(64 * 1024**2 + 1)
    assert told(path) == ("FILE cannot be read: it is larger than 64 MiB, no saved plan", MAKE_ONE)


def test_a_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path, why in (
        (tmp_path / "absent/plan.json", "No such file or directory"),
        (tmp_path / "folder", "Is a directory"),
    ):
        with pytest.raises(PlanFileError) as caught:
            write_plan(path, MADE)
        assert caught.value.message.startswith(f"the plan cannot be written to {path}: ")
        assert why in caught.value.message or "not a regular file" in caught.value.message


def test_a_plan_that_repeats_a_secret_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(PlanFileError) as caught:
        write_plan(tmp_path / "plan.json", MADE, lambda text: text.replace("Hello", "***"))
    assert caught.value.message == (
        "the plan is not saved: a text in it (of a definition, or of the account) repeats a secret, such as the API key"
    )
    assert caught.value.hint == "take it out of there; and replace the key, because others have seen it"
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_for_its_owner_alone_and_can_be_compared_line_by_line(saved: Path) -> None:
    assert saved.stat().st_mode & 0o777 == 0o600
    text = saved.read_text(encoding="utf-8")
    assert text == json.dumps(document(saved), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    assert document(saved)["made_by"] == __version__


def test_an_older_plan_is_replaced_in_one_step_and_nothing_else_is_left(saved: Path) -> None:
    before = saved.stat().st_ino
    write_plan(saved, MADE)
    assert saved.stat().st_ino != before
    assert [each.name for each in saved.parent.iterdir()] == ["plan.json"]


def test_a_write_that_failed_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(PlanFileError):
        write_plan(tmp_path / "folder", MADE)
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


def test_the_same_plan_is_the_same_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_plan(tmp_path / name, whole_plan())
    assert encode(read_plan(tmp_path / "a")) == encode(WHOLE)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
