"""The base of a comparison, found and read in real repositories: nothing is checked out, fetched or asked."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from msgflash_gitops.errors import GitopsError, InputError
from msgflash_gitops.files.git import head_commit
from msgflash_gitops.files.git_base import find_base
from msgflash_gitops.files.git_tree import open_tree
from msgflash_gitops.files.reader import MOST_BYTES
from tests.support.git import Git, clone, new_git


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The code under test sees no settings of the machine either."""
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    yield


@pytest.fixture
def git(tmp_path: Path) -> Git:
    made = new_git(tmp_path / "repository")
    made.write("msgflash.yaml", "project: crm\n")
    made.write("campaigns/a.yaml", "a")
    made.commit("first")
    return made


def failing(root: Path, wanted: str | None = None) -> GitopsError:
    with pytest.raises(GitopsError) as caught:
        find_base(root, wanted)
    return caught.value


def told(root: Path, wanted: str | None = None) -> str:
    error = failing(root, wanted)
    return f"{error.exit_code}: {error.message} -> {error.hint}"


def texts(git: Git, base: str | None = None, *, below: str = "", campaigns: str = "campaigns") -> dict[str, bytes]:
    root = git.root / below
    with open_tree(root, find_base(root, base).tree) as tree:
        assert tree is not None
        return tree.definitions(campaigns)[0]


class TestDefault:
    def test_without_a_remote_it_is_head(self, git: Git) -> None:
        base = find_base(git.root, None)
        assert (base.revision, base.how) == (git("rev-parse", "HEAD"), "HEAD: no default branch of a remote is known")

    def test_where_the_branch_left_the_default_branch_of_origin(self, git: Git, tmp_path: Path) -> None:
        """Not its tip: what others merged meanwhile is no change of this branch."""
        left = git("rev-parse", "HEAD")
        work = clone(git, tmp_path / "work")
        work("checkout", "--quiet", "-b", "feature")
        work.commit("mine")
        git.commit("theirs")
        work("fetch", "--quiet")
        base = find_base(work.root, None)
        assert (base.revision, base.how) == (left, "the merge base with origin/main")

    @pytest.mark.parametrize("branch", ["main", "master"])
    def test_origin_without_a_head(self, git: Git, tmp_path: Path, branch: str) -> None:
        """As actions/checkout leaves it."""
        git("branch", "-M", branch)
        work = clone(git, tmp_path / "work")
        work("remote", "set-head", "origin", "--delete")
        assert find_base(work.root, None).how == f"the merge base with origin/{branch}"

    def test_the_upstream_of_a_fork_counts_more_than_the_fork(self, git: Git, tmp_path: Path) -> None:
        left = git("rev-parse", "HEAD")
        work = clone(git, tmp_path / "work")
        work.commit("mine")
        work("update-ref", "refs/remotes/origin/main", "HEAD")
        work("remote", "add", "upstream", git.root.as_uri())
        work("fetch", "--quiet", "upstream")
        base = find_base(work.root, None)
        assert (base.revision, base.how) == (left, "the merge base with upstream/main")

    def test_the_only_remote_may_have_any_name(self, git: Git, tmp_path: Path) -> None:
        work = clone(git, tmp_path / "work", "--origin", "gitlab")
        assert find_base(work.root, None).how == "the merge base with gitlab/main"
        work("remote", "add", "other", git.root.as_uri())
        work("fetch", "--quiet", "other")
        assert find_base(work.root, None).how.startswith("HEAD: no default branch")

    def test_another_default_branch(self, git: Git, tmp_path: Path) -> None:
        git("branch", "-M", "release/next")
        work = clone(git, tmp_path / "work")
        assert find_base(work.root, None).how == "the merge base with origin/release/next"

    def test_nothing_in_common(self, git: Git, tmp_path: Path) -> None:
        work = clone(git, tmp_path / "work")
        work("checkout", "--quiet", "--orphan", "else")
        work.commit("alone")
        assert told(work.root) == "1: HEAD and origin/main have no commit in common -> name a BASE to compare with"

    def test_no_commit_yet(self, tmp_path: Path) -> None:
        empty = new_git(tmp_path / "empty").root
        assert told(empty) == "1: the repository has no commit yet, so there is nothing to compare with -> None"


class TestNamed:
    def test_commits_branches_and_tags(self, git: Git) -> None:
        first = git("rev-parse", "HEAD")
        git("tag", "--annotate", "v1", "--message", "one")
        git.commit("second")
        for name in (first, first[:10], "v1", "HEAD~1", "main~1", "refs/tags/v1", ":/first"):
            base = find_base(git.root, name)
            assert (base.revision, base.how) == (first, name)

    def test_a_tree_is_a_base_too(self, git: Git) -> None:
        empty = git("hash-object", "-t", "tree", "-w", "--stdin", data=b"")
        assert find_base(git.root, empty).tree == empty
        assert texts(git, empty) == {}

    def test_three_dots_are_the_merge_base(self, git: Git) -> None:
        left = git("rev-parse", "HEAD")
        git("checkout", "--quiet", "-b", "feature")
        git.commit("mine")
        git("checkout", "--quiet", "main")
        git.commit("theirs")
        git("checkout", "--quiet", "feature")
        base = find_base(git.root, "main...")
        assert (base.revision, base.how) == (left, "the merge base with main")

    @pytest.mark.parametrize("name", ["", "-", "--all", "--output=/x", "-C"])
    def test_an_option_is_no_revision(self, git: Git, name: str) -> None:
        assert told(git.root, name) == (
            f"64: {name!r} is no revision -> name a commit, a branch or a tag, such as origin/main"
        )

    @pytest.mark.parametrize(
        "name",
        [
            "gone",
            "0" * 40,
            "1" * 40,
            "main..gone",
            "main...gone",
            "HEAD:campaigns/a.yaml",
            "^main",
            "a b",
            "@{9}",
            "é\n",
        ],
    )
    def test_what_there_is_not(self, git: Git, name: str) -> None:
        assert told(git.root, name) == (
            f"64: there is no revision {name.removesuffix('...')!r} here -> name a commit, a branch or a tag; fetch it first"
            if ".." not in name
            else f"64: {name!r} is no single revision -> name the older one, or BRANCH... for the merge base"
        )

    def test_a_branch_that_only_the_remote_has(self, git: Git, tmp_path: Path) -> None:
        git("branch", "release")
        work = clone(git, tmp_path / "work")
        assert told(work.root, "release") == ("64: there is no revision 'release' here -> did you mean origin/release?")


class TestShallow:
    @pytest.fixture
    def source(self, git: Git) -> Git:
        git("checkout", "--quiet", "-b", "feature")
        git.commit("mine")
        git.commit("more")
        return git

    WAY_OUT = "fetch the whole history: `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout"

    def test_where_the_branch_left_is_not_there(self, source: Git, tmp_path: Path) -> None:
        work = clone(source, tmp_path / "work", "--depth", "1", "--no-single-branch")
        words = f"1: the clone is shallow: where HEAD left origin/main is not in it -> {self.WAY_OUT}"
        assert told(work.root, "origin/main...") == words

    def test_the_default_base_is_not_there(self, source: Git, tmp_path: Path) -> None:
        work = clone(source, tmp_path / "work", "--depth", "1", "--no-single-branch")
        work("remote", "set-head", "origin", "main")
        assert told(work.root) == f"1: the clone is shallow: where HEAD left origin/main is not in it -> {self.WAY_OUT}"

    def test_no_default_branch_is_there(self, source: Git, tmp_path: Path) -> None:
        """A job on a pull request: one commit, under a name of its own. HEAD would say that nothing changed."""
        work = new_git(tmp_path / "work")
        work("remote", "add", "origin", source.root.as_uri())
        work("fetch", "--quiet", "--depth", "1", "origin", "+refs/heads/feature:refs/remotes/pull/7/merge")
        work("checkout", "--quiet", "--detach", "refs/remotes/pull/7/merge")
        assert told(work.root) == (
            "1: the clone is shallow and knows no default branch of a remote, so there is nothing to compare with"
            f" -> {self.WAY_OUT}; or name a BASE that is there, such as HEAD"
        )
        assert find_base(work.root, "HEAD").tree is not None

    def test_a_named_base_is_not_there(self, source: Git, tmp_path: Path) -> None:
        old = source("rev-parse", "main")
        work = clone(source, tmp_path / "work", "--depth", "1")
        for name in (old, "origin/main", "HEAD~1"):
            assert told(work.root, name) == f"1: the clone is shallow, and {name!r} is not in it -> {self.WAY_OUT}"

    def test_what_is_there_can_be_read(self, source: Git, tmp_path: Path) -> None:
        work = clone(source, tmp_path / "work", "--depth", "2")
        assert texts(work, "HEAD~1") == {"campaigns/a.yaml": b"a"}


class TestNoRepository:
    def test_outside_of_one(self, tmp_path: Path) -> None:
        assert told(tmp_path) == (
            f"1: {tmp_path} is in no git repository, so there is nothing to compare with"
            " -> diff reads the earlier definitions from git: run it in a checkout"
        )

    def test_inside_of_its_insides(self, git: Git) -> None:
        assert "in no git repository" in failing(git.root / ".git").message

    def test_without_git(self, git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        error = failing(git.root)
        assert (error.exit_code, error.message) == (1, "git is not installed, or not in PATH")

    def test_a_repository_of_somebody_else(self, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        assert told(git.root).startswith(f"1: git does not read {git.root}: detected dubious ownership")
        assert failing(git.root).hint == "`git status` there says more"
        assert head_commit(git.root) is None

    def test_the_surroundings_of_a_hook_do_not_count(
        self, git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        other = new_git(tmp_path / "other")
        other.commit("elsewhere")
        monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
        monkeypatch.setenv("GIT_INDEX_FILE", str(other.root / ".git/index"))
        assert find_base(git.root, "HEAD").revision == git("rev-parse", "HEAD") == head_commit(git.root)


class TestHeadCommit:
    def test_it_says_where_files_differ(self, git: Git) -> None:
        commit = git("rev-parse", "HEAD")
        assert head_commit(git.root) == commit
        git.write("new", "x")
        assert head_commit(git.root) == f"{commit}+dirty"
        assert head_commit(git.root / "campaigns") == commit, "only files below the folder count"

    def test_it_is_nothing_where_there_is_none(self, git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert head_commit(tmp_path) is None
        assert head_commit(new_git(tmp_path / "empty").root) is None
        monkeypatch.setenv("PATH", str(tmp_path))
        assert head_commit(git.root) is None


class TestTree:
    def test_a_project_in_a_subfolder(self, git: Git) -> None:
        for folder in ("teams/été & co/crm", "..dots/[x]*?"):
            git.write(f"{folder}/msgflash.yaml", "project: sub\n")
            git.write(f"{folder}/campaigns/s.yaml", "s")
        git.commit()
        for folder in ("teams/été & co/crm", "..dots/[x]*?"):
            assert texts(git, "HEAD", below=folder) == {"campaigns/s.yaml": b"s"}

    def test_a_base_without_the_project(self, git: Git) -> None:
        before = git("rev-parse", "HEAD")
        git.write("sub/campaigns/s.yaml", "s")
        git.commit()
        assert find_base(git.root / "sub", before).tree is None
        with open_tree(git.root / "sub", None) as tree:
            assert tree is None

    def test_a_file_where_the_folder_is_now(self, git: Git) -> None:
        git.write("sub", "a file")
        before = git.commit()
        (git.root / "sub").unlink()
        git.write("sub/x", "x")
        assert find_base(git.root / "sub", before).tree is None

    def test_only_what_discovery_would_find(self, git: Git) -> None:
        for path in ("b.yml", "deep/er/c.yaml", "readme.md", ".hidden.yaml", ".folder/d.yaml", "e.YAML", "yaml"):
            git.write(f"campaigns/{path}", path)
        git.write("elsewhere/f.yaml", "f")
        git.commit()
        found = ["campaigns/a.yaml", "campaigns/b.yml", "campaigns/deep/er/c.yaml", "campaigns/e.YAML"]
        assert list(texts(git)) == found

    @pytest.mark.parametrize(
        "name",
        [
            "with space.yaml",
            "-rf.yaml",
            '"quoted".yaml',
            "tab\there.yaml",
            "line\nend.yaml",
            "日本.yaml",
            "a:b^{}.yaml",
        ],
    )
    def test_odd_names(self, git: Git, name: str) -> None:
        git.write(f"campaigns/{name}", "odd")
        git.commit()
        assert texts(git)[f"campaigns/{name}"] == b"odd"

    def test_a_name_that_is_no_text(self, git: Git) -> None:
        name = os.fsdecode(b"campaigns/\xff.yaml")
        git.write(name, "odd")
        git.commit()
        assert texts(git)[name] == b"odd"

    def test_content_that_looks_like_an_answer(self, git: Git) -> None:
        for name, content in {
            "b": b"",
            "c": b"\n",
            "d": b"x missing\n",
            "e": b"\0\xff\n\n",
            "f": b"0" * 200_000,
        }.items():
            git.write(f"campaigns/{name}.yaml", content)
        git.commit()
        found = texts(git)
        assert found.pop("campaigns/a.yaml") == b"a"
        assert [len(each) for each in found.values()] == [0, 1, 10, 4, 200_000]
        assert found["campaigns/d.yaml"] == b"x missing\n"

    def test_what_is_too_large_is_cut_and_the_next_is_whole(self, git: Git) -> None:
        git.write("campaigns/b.yaml", b"x" * (3 * MOST_BYTES))
        git.write("campaigns/c.yaml", "c")
        git.commit()
        found = texts(git)
        assert (len(found["campaigns/b.yaml"]), found["campaigns/c.yaml"]) == (MOST_BYTES + 1, b"c")

    def test_links_are_followed_inside_of_the_project_only(self, git: Git) -> None:
        git.write("outside.yaml", "secret")
        git.write("sub/msgflash.yaml", "project: sub\n")
        git.write("sub/shared/real.yaml", "real")
        folder = git.root / "sub/campaigns"
        folder.mkdir()
        links = {
            "in": "../shared/real.yaml",
            "chain": "in.yaml",
            "out": "../../outside.yaml",
            "absolute": "/etc/hostname",
            "nothing": "gone.yaml",
            "loop": "loop.yaml",
            "folder": "../shared",
            "through": "in.yaml/x",
        }
        for name, target in links.items():
            (folder / f"{name}.yaml").symlink_to(target)
        git.commit()
        root = git.root / "sub"
        with open_tree(root, find_base(root, "HEAD").tree) as tree:
            assert tree is not None
            found, findings = tree.definitions("campaigns")
        assert found == {"campaigns/in.yaml": b"real", "campaigns/chain.yaml": b"real"}
        said = {
            each.path.removeprefix("campaigns/").removesuffix(".yaml"): (each.rule, each.message) for each in findings
        }
        out = ("path-outside-project", "the symbolic link leads out of the project's folder")
        nothing = ("file-unreadable", "the symbolic link leads to nothing")
        assert said == {
            "out": out,
            "absolute": out,
            "nothing": nothing,
            "loop": ("file-unreadable", "the symbolic link leads back to itself"),
            "through": nothing,
        }

    def test_a_campaigns_folder_that_is_a_link(self, git: Git) -> None:
        git.write("shared/real.yaml", "real")
        (git.root / "linked").symlink_to("shared")
        git.commit()
        assert texts(git, campaigns="linked") == {"linked/real.yaml": b"real"}

    @pytest.mark.parametrize("campaigns", [".", "./campaigns", "campaigns/", "gone", "msgflash.yaml"])
    def test_where_the_campaigns_are(self, git: Git, campaigns: str) -> None:
        expected = {".": ["campaigns/a.yaml", "msgflash.yaml"], "gone": [], "msgflash.yaml": []}
        assert list(texts(git, campaigns=campaigns)) == expected.get(campaigns, ["campaigns/a.yaml"])

    def test_a_submodule_is_passed_over(self, git: Git) -> None:
        commit = git("rev-parse", "HEAD")
        git("update-index", "--add", "--cacheinfo", f"160000,{commit},campaigns/sub.yaml")
        git("commit", "--quiet", "--message", "submodule")
        assert list(texts(git, "HEAD")) == ["campaigns/a.yaml"]

    def test_two_processes_however_many_files(self, git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for number in range(300):
            git.write(f"campaigns/{number % 7}/{number}.yaml", str(number))
        git.commit()
        tree = find_base(git.root, "HEAD").tree
        real = shutil.which("git")
        shim = tmp_path / "bin/git"
        shim.parent.mkdir()
        shim.write_text(f'#!/bin/sh\necho "$3" >> "{tmp_path}/called"\nexec "{real}" "$@"\n')
        shim.chmod(0o755)
        monkeypatch.setenv("PATH", f"{shim.parent}{os.pathsep}{os.environ['PATH']}")
        with open_tree(git.root, tree) as opened:
            assert opened is not None
            assert len(opened.definitions("campaigns")[0]) == 301
        assert (tmp_path / "called").read_text().split() == ["cat-file", "ls-tree"]

    def test_nothing_is_written(self, git: Git) -> None:
        git.write("campaigns/a.yaml", "edited")
        git.write("campaigns/new.yaml", "new")

        def state() -> dict[str, tuple[int, bytes]]:
            files = [path for path in git.root.rglob("*") if path.is_file()]
            return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}

        before = state()
        assert texts(git, "HEAD") == {"campaigns/a.yaml": b"a"}
        assert state() == before

    def test_a_partial_clone_is_not_completed_from_the_network(self, git: Git, tmp_path: Path) -> None:
        git.write("campaigns/a.yaml", "newer")
        git.commit()
        git("config", "uploadpack.allowFilter", "true")
        work = clone(git, tmp_path / "work", "--filter", "blob:none")
        with pytest.raises(InputError) as caught:
            texts(work, "HEAD~1")
        words = f"{caught.value.message} -> {caught.value.hint}"
        everything = "fetch everything (`git fetch --refetch --no-filter`), or clone without --filter"
        assert words in (  # git says that it is missing, or gives up, by its version
            f"the clone lacks the earlier content of campaigns/a.yaml -> it is a partial clone: {everything}",
            f"git ended while earlier definitions were read -> where it is a partial clone, {everything}",
        )
