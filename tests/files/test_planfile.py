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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "other"),
        ("kind", None),
        ("version", 2),
        ("version", "1"),
        ("version", None),
        ("digest", ""),
        ("digest", None),
        ("digest", "0" * 64),
        ("plan", None),
        ("plan", []),
        ("plan", {}),
    ],
)
def test_the_envelope_is_checked(saved: Path, name: str, value: Any) -> None:
    refused(saved, {**document(saved), name: value})
    without = {other: each for other, each in document_of(MADE).items() if other != name}
    refused(saved, without)


def document_of(plan: Any) -> dict[str, Any]:
    return {"kind": "msgflash-gitops plan", "version": 1, "digest": plan_digest(plan), "plan": encode(plan)}


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "5", '"x"', "{", "{}", "\x00", "not json", "\ufeff{}", "[" * 100_000]
)
def test_what_is_no_saved_plan_is_refused(saved: Path, text: str) -> None:
    saved.write_text(text)
    with pytest.raises(PlanFileError, match="is no saved plan"):
        read_plan(saved)


@pytest.mark.parametrize("value", ['"\\ud800"', "NaN", "1e999", "[" * 600 + "]" * 600])
def test_an_edit_that_cannot_be_hashed_is_refused_too(saved: Path, value: str) -> None:
    text = saved.read_text()
    assert '"body": "Hello"' in text
    saved.write_text(text.replace('"body": "Hello"', f'"body": {value}'))
    with pytest.raises(PlanFileError):
        read_plan(saved)


def test_a_path_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.json", tmp_path):
        with pytest.raises(PlanFileError, match="cannot be read"):
            read_plan(path)


def test_a_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "absent" / "plan.json", tmp_path / "folder"):
        with pytest.raises(PlanFileError, match="cannot be written"):
            write_plan(path, MADE)


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
