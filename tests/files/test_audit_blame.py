"""The commit of each document, in repositories of every shape."""

import os
import subprocess
from pathlib import Path

import pytest

from msgflash_gitops.files.blame import last_commits
from msgflash_gitops.model.provenance import Blame

THREE = "key: one\nbody: 1\n---\nkey: two\nbody: 2\n---\nkey: three\nbody: 3\n"
LINES = {"one": 1, "two": 4, "three": 7}


class Checkout:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        names = {f"GIT_{who}_{what}": "Ana" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environment = {**names, "PATH": os.environ["PATH"], "HOME": str(self.root), "GIT_CONFIG_NOSYSTEM": "1"}
        command = ["git", "-C", str(self.root), *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    def write(self, text: str, name: str = "three.yaml") -> None:
        path = self.root / "campaigns" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, newline="")

    def commit(self, *texts: str, name: str = "three.yaml") -> str:
        for text in texts:
            self.write(text, name)
        self.git("add", "-A")
        self.git("commit", "-qm", "x")
        return self.git("rev-parse", "HEAD")

    def blame(self, name: str = "three.yaml", lines: tuple[int, ...] = (1, 4, 7)) -> Blame:
        return last_commits(self.root, "campaigns", [(f"campaigns/{name}", line) for line in lines])

    def ids(self, name: str = "three.yaml", lines: tuple[int, ...] = (1, 4, 7)) -> list[str | None]:
        known = self.blame(name, lines).commits
        found = (known.get((f"campaigns/{name}", line)) for line in lines)
        return [each.id if each else None for each in found]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_each_document_has_its_own_commit(checkout: Checkout) -> None:
    first = checkout.commit(THREE)
    second = checkout.commit(THREE.replace("body: 2", "body: 2b"))
    assert checkout.ids() == [first, second, first]


def test_a_document_that_only_moved_in_its_file_was_not_touched(checkout: Checkout) -> None:
    first = checkout.commit(THREE)
    checkout.commit("key: zero\n---\n" + THREE)
    assert checkout.ids(lines=(3, 6, 9)) == [first, first, first]


def test_a_file_with_one_document(checkout: Checkout) -> None:
    checkout.commit("body: 1\n", name="one.yaml")
    second = checkout.commit("body: 2\n", name="one.yaml")
    checkout.commit("body: x\n", name="other.yaml")
    assert checkout.ids("one.yaml", (1,)) == [second]


def test_a_revert_is_a_touch(checkout: Checkout) -> None:
    checkout.commit("body: 1\n", name="one.yaml")
    checkout.commit("body: 2\n", name="one.yaml")
    third = checkout.commit("body: 1\n", name="one.yaml")
    assert checkout.ids("one.yaml", (1,)) == [third]


def test_through_a_merge_to_the_commit_that_wrote_it(checkout: Checkout) -> None:
    first = checkout.commit(THREE)
    checkout.git("checkout", "-qb", "side")
    side = checkout.commit(THREE.replace("body: 3", "body: 3b"))
    checkout.git("checkout", "-q", "main")
    main = checkout.commit(THREE.replace("body: 1", "body: 1b"))
    checkout.git("merge", "-q", "side", "-m", "merge")
    assert checkout.ids() == [main, first, side]


def test_what_a_merge_itself_wrote(checkout: Checkout) -> None:
    checkout.commit("body: 1\n", name="one.yaml")
    checkout.git("checkout", "-qb", "side")
    checkout.commit("body: 2\n", name="one.yaml")
    checkout.git("checkout", "-q", "main")
    checkout.commit("body: 3\n", name="one.yaml")
    with pytest.raises(subprocess.CalledProcessError):
        checkout.git("merge", "-q", "side")
    merge = checkout.commit("body: 4\n", name="one.yaml")
    assert checkout.ids("one.yaml", (1,)) == [merge]


def test_what_is_not_committed_is_dirty(checkout: Checkout) -> None:
    first = checkout.commit(THREE)
    checkout.write(THREE.replace("body: 2", "body: changed"))
    found = checkout.blame()
    assert {line: commit.id for (_, line), commit in found.commits.items()} == {1: first, 7: first}
    assert found.dirty == {("campaigns/three.yaml", 4)}


def test_a_new_file_is_dirty(checkout: Checkout) -> None:
    checkout.commit(THREE)
    checkout.write("key: new\n", "new.yaml")
    assert checkout.blame("new.yaml", (1,)).dirty == {("campaigns/new.yaml", 1)}


def test_several_files_at_once(checkout: Checkout) -> None:
    first = checkout.commit("key: a\n", name="a.yaml")
    second = checkout.commit("key: b\n", name="b.yaml")
    checkout.write("key: a, changed\n", "a.yaml")
    for name in ("new.yaml", "newer.yaml"):
        checkout.write("key: new\n", name)
    names = ("a.yaml", "new.yaml", "b.yaml", "newer.yaml")
    found = last_commits(checkout.root, "campaigns", [(f"campaigns/{name}", 1) for name in names])
    assert {path: commit.id for (path, _), commit in found.commits.items()} == {
        "campaigns/a.yaml": first,
        "campaigns/b.yaml": second,
    }
    assert found.dirty == {(f"campaigns/{name}", 1) for name in ("a.yaml", "new.yaml", "newer.yaml")}
    assert found.note is None


def test_names_that_git_would_quote_and_windows_line_ends(checkout: Checkout) -> None:
    first = checkout.commit(THREE.replace("\n", "\r\n"), name="été 'x'.yaml")
    second = checkout.commit(THREE.replace("body: 2", "body: 2b").replace("\n", "\r\n"), name="été 'x'.yaml")
    assert checkout.ids("été 'x'.yaml") == [first, second, first]


def test_a_project_below_the_root_of_the_checkout(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path)
    (tmp_path / "sub/campaigns").mkdir(parents=True)
    (tmp_path / "sub/campaigns/a.yaml").write_text("key: a\n")
    first = checkout.commit()
    found = last_commits(tmp_path / "sub", "campaigns", [("campaigns/a.yaml", 1)])
    assert [commit.id for commit in found.commits.values()] == [first]


def test_a_shallow_clone_says_that_it_does_not_know(
    checkout: Checkout, tmp_path_factory: pytest.TempPathFactory
) -> None:
    checkout.commit(THREE)
    second = checkout.commit(THREE.replace("body: 2", "body: 2b"))
    third = checkout.commit(THREE.replace("body: 2", "body: 2b").replace("body: 3", "body: 3b"))
    clone = tmp_path_factory.mktemp("clone") / "x"
    checkout.git("clone", "-q", "--depth", "2", f"file://{checkout.root}", str(clone))
    found = last_commits(clone, "campaigns", [("campaigns/three.yaml", line) for line in LINES.values()])
    assert {line: commit.id for (_, line), commit in found.commits.items()} == {7: third}
    assert second not in {commit.id for commit in found.commits.values()}
    assert found.note == "the checkout is shallow: older commits are not known (fetch the whole history)"


def test_no_checkout(tmp_path: Path) -> None:
    found = last_commits(tmp_path, "campaigns", [("campaigns/a.yaml", 1)])
    assert found.commits == {}
    assert found.note == "no git history: this is no checkout, or git is not installed"
    assert last_commits(tmp_path, "campaigns", []).note is None, "nothing was asked for"


def test_a_few_processes_however_many_files(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(300):
        checkout.write(f"key: {number}\n" if number % 2 else THREE.replace("body", f"body{number}"), f"{number}.yaml")
    first = checkout.commit()
    started: list[object] = []
    popen = subprocess.Popen

    class Counted(popen):  # type: ignore[misc, valid-type]
        def __init__(self, *arguments: object, **options: object) -> None:
            started.append(arguments)
            super().__init__(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", Counted)
    lines = LINES.values()
    places = [(f"campaigns/{n}.yaml", line) for n in range(300) for line in ((1,) if n % 2 else lines)]
    found = last_commits(checkout.root, "campaigns", places)
    assert set(found.commits) == set(places)
    assert {commit.id for commit in found.commits.values()} == {first}
    assert len(started) <= 5
