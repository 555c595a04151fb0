"""Commits by their ids, as a journal names them: what git does not have, or what is no id, is left out."""

from pathlib import Path

import pytest

from msgflash_gitops.files import blame_commits
from msgflash_gitops.files.blame_commits import known_commits
from tests.files.test_audit_blame import THREE, Checkout

NOWHERE = "f" * 40


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_those_that_are_there(checkout: Checkout) -> None:
    first = checkout.commit(THREE)
    second = checkout.commit(THREE.replace("body: 2", "body: 2b"))
    found = known_commits(checkout.root, [second, first, NOWHERE, first])
    assert set(found) == {first, second}
    assert (found[first].id, found[first].author, found[first].email) == (first, "Ana", "Ana")
    assert found[first].date.utcoffset() is not None


def test_more_than_are_asked_for_at_once(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blame_commits, "_AT_ONCE", 2)
    made = [checkout.commit(f"key: one\nbody: {number}\n") for number in range(5)]
    assert set(known_commits(checkout.root, made)) == set(made)


def test_none_of_them(checkout: Checkout) -> None:
    checkout.commit(THREE)
    assert known_commits(checkout.root, [NOWHERE]) == {}
    assert known_commits(checkout.root, []) == {}


@pytest.mark.parametrize("text", ["HEAD", "main", "--output=stolen", "--all", "", "ABCDEF", f"{'0' * 40}\n", "a" * 41])
def test_what_is_no_id_never_reaches_git(checkout: Checkout, text: str) -> None:
    checkout.commit(THREE)
    assert known_commits(checkout.root, [text]) == {}
    assert not (checkout.root / "stolen").exists()


def test_the_id_of_a_file(checkout: Checkout) -> None:
    checkout.commit(THREE)
    assert known_commits(checkout.root, [checkout.git("rev-parse", "HEAD:campaigns/three.yaml")]) == {}


def test_no_checkout(tmp_path: Path) -> None:
    assert known_commits(tmp_path, [NOWHERE]) == {}
    assert known_commits(tmp_path / "nowhere", [NOWHERE]) == {}
