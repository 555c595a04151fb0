"""`diff` as a user runs it: offline, without a key, over real repositories."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.reports.test_json import fits
from tests.support.git import ENVIRONMENT, Git, clone, new_git
from tests.support.project import PROJECT_FILE, Ended, Repository, campaign

SETTINGS = {name: ENVIRONMENT[name] for name in ("HOME", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL")}


class Checkout(Repository):
    """A user's repository under git."""

    git: Git

    def diff(self, *arguments: str) -> Any:
        """As JSON, which is what the schema describes."""
        done = self.run("diff", *arguments, "--format", "json")
        fits("diff", done.json)
        return done.json

    def kinds(self, *arguments: str) -> dict[str, str]:
        return {each["key"]: each["kind"] for each in self.diff(*arguments)["campaigns"]}


def checkout(root: Path) -> Checkout:
    made = Checkout(root, dict(SETTINGS))
    made.git = Git(root)
    return made


@pytest.fixture
def repository(tmp_path: Path) -> Checkout:
    new_git(tmp_path / "repository")
    made = checkout(tmp_path / "repository")
    made.write("msgflash.yaml", PROJECT_FILE)
    made.campaign("spring", body="Old")
    made.campaign("summer", name="Summer", body="Summer")
    made.git.commit("first")
    return made


def usage(done: Ended) -> None:
    assert (done.code, done.out) == (64, "")


def test_what_changed_per_campaign(repository: Checkout) -> None:
    repository.campaign("spring", body="New", schedule="2031-04-15T10:30:00")
    repository.remove("summer")
    repository.campaign("autumn", name="Autumn", body="Autumn")
    found = repository.diff()
    assert {each["key"]: each["kind"] for each in found["campaigns"]} == {
        "spring": "changed",
        "summer": "removed",
        "autumn": "added",
    }
    spring = next(each for each in found["campaigns"] if each["key"] == "spring")
    assert spring["moved_seconds"] == 5400
    assert spring["differences"] == [
        {"field": "schedule", "before": "2031-04-15T07:00:00.000Z", "after": "2031-04-15T08:30:00.000Z"},
        {"field": "body", "before": "Old", "after": "New"},
    ]
    assert spring["after"]["schedule"]["local"] == "2031-04-15T10:30:00+02:00"
    assert found["base"]["how"] == "HEAD: no default branch of a remote is known"
    assert found["commit"].endswith("+dirty")


@pytest.mark.parametrize("format_", ["text", "markdown"])
def test_a_person_reads_it(repository: Checkout, format_: str) -> None:
    repository.campaign("spring", body="New words", schedule="2031-04-15T10:30:00")
    done = repository.run("diff", "HEAD", "--format", format_)
    assert (done.code, done.err) == (0, "")
    for words in ("1 hour 30 minutes later", "Tue 2031-04-15 10:30 CEST (08:30 UTC)", "spring", "1 unchanged"):
        assert words in done.out, words


def test_the_exit_code_tells_where_it_is_asked(repository: Checkout) -> None:
    assert repository.run("diff").code == 0
    assert repository.run("diff", "--detailed-exitcode").code == 0
    repository.campaign("spring", body="New")
    assert repository.run("diff").code == 0
    assert repository.run("diff", "--detailed-exitcode").code == 2
    repository.git.commit("second")
    assert repository.run("diff", "--detailed-exitcode").code == 0
    assert repository.run("diff", "HEAD~1", "--detailed-exitcode").code == 2


def test_only_the_project_file(repository: Checkout) -> None:
    repository.write("msgflash.yaml", PROJECT_FILE.replace("crm", "other"))
    found = repository.diff()
    assert (found["campaigns"], found["project_changes"][0]["field"]) == ([], "project")
    assert repository.run("diff", "--detailed-exitcode").code == 2


def test_comments_order_and_place_are_no_change(repository: Checkout) -> None:
    text = (repository.root / "campaigns/spring.yaml").read_text()
    repository.remove("spring")
    repository.write("campaigns/2031/april/spring.yml", "# moved\n" + "\n".join(reversed(text.splitlines())) + "\n")
    summer = (repository.root / "campaigns/summer.yaml").read_text()
    repository.remove("summer")
    repository.write("campaigns/others.yaml", f"key: summer\n{summer}---\nkey: new\n{campaign('N', body='N')}")
    assert repository.kinds() == {"new": "added"}
    assert repository.diff()["summary"]["unchanged"] == 2


def test_a_campaigns_folder_that_was_moved_is_no_change(repository: Checkout) -> None:
    repository.write("msgflash.yaml", PROJECT_FILE + "campaigns: sends\n")
    (repository.root / "campaigns").rename(repository.root / "sends")
    found = repository.diff()
    assert (found["campaigns"], [each["field"] for each in found["project_changes"]]) == ([], ["campaigns"])


def test_a_rename_and_one_that_was_forgotten(repository: Checkout) -> None:
    (repository.root / "campaigns/spring.yaml").rename(repository.root / "campaigns/april.yaml")
    forgotten = repository.diff()
    assert {each["key"]: each["lookalike"] for each in forgotten["campaigns"]} == {"april": "spring", "spring": None}
    repository.remove("april")
    repository.campaign("april", body="Old", more="renamed_from: spring\n")
    (renamed,) = repository.diff()["campaigns"]
    assert (renamed["kind"], renamed["previous_key"], renamed["replaces"]) == ("renamed", "spring", False)


class TestFaults:
    def test_now_is_an_error(self, repository: Checkout) -> None:
        repository.write("campaigns/spring.yaml", "name: [\n")
        done = repository.run("diff", "--detailed-exitcode")
        assert done.code == 1
        assert "spring" in done.out
        assert "cannot be compared" in done.out
        assert "error[yaml-syntax]" in done.out
        found = repository.diff()
        assert (found["ok"], found["campaigns"][0]["kind"]) == (False, "incomparable")
        assert [(each["side"], each["severity"]) for each in found["problems"]] == [("now", "error")]

    def test_in_the_base_is_a_warning(self, repository: Checkout) -> None:
        repository.write("campaigns/spring.yaml", campaign().replace("body", "bodies"))
        repository.git.commit("broken")
        repository.campaign("spring")
        found = repository.diff()
        assert repository.run("diff").code == 0
        assert (found["ok"], found["campaigns"][0]["kind"]) == (True, "incomparable")
        assert {(each["side"], each["severity"]) for each in found["problems"]} == {("base", "warning")}
        assert "in the base: campaigns/spring.yaml" in repository.run("diff").out

    def test_a_project_file_that_was_not_valid(self, repository: Checkout) -> None:
        repository.write("msgflash.yaml", "project: NOT VALID\n")
        repository.git.commit("broken")
        repository.write("msgflash.yaml", PROJECT_FILE)
        found = repository.diff()
        assert (found["campaigns"], found["problems"][0]["path"]) == ([], "msgflash.yaml")

    def test_a_project_file_that_is_not_valid(self, repository: Checkout) -> None:
        repository.write("msgflash.yaml", "project: NOT VALID\n")
        done = repository.run("diff", "--format", "json")
        assert (done.code, done.json["ok"]) == (1, False)

    def test_old_warnings_are_not_repeated(self, repository: Checkout) -> None:
        repository.campaign("noe", name="Noe", body="Noe", more="repeat: noe\n")
        assert [each["rule"] for each in repository.diff()["problems"]] == ["repeat-noe"]
        repository.git.commit("second")
        repository.campaign("spring", body="New")
        assert repository.diff()["problems"] == []


class TestBase:
    def test_what_others_merged_is_no_change(self, repository: Checkout, tmp_path: Path) -> None:
        clone(repository.git, tmp_path / "fork")
        fork = checkout(tmp_path / "fork")
        fork.git("checkout", "--quiet", "-b", "feature")
        fork.campaign("mine", name="Mine", body="Mine")
        fork.git.commit("mine")
        repository.campaign("theirs", name="Theirs", body="Theirs")
        repository.git.commit("theirs")
        fork.git("fetch", "--quiet")
        assert fork.kinds() == {"mine": "added"}
        assert fork.kinds("origin/main...") == {"mine": "added"}
        assert fork.kinds("origin/main") == {"mine": "added", "theirs": "removed"}
        assert "Since" in fork.run("diff").out
        assert "(the merge base with origin/main)" in fork.run("diff").out

    def test_a_base_without_the_project(self, repository: Checkout) -> None:
        repository.git("checkout", "--quiet", "--orphan", "empty")
        repository.git("rm", "-r", "--quiet", "--cached", ".")
        repository.git("commit", "--quiet", "--allow-empty", "--message", "empty")
        found = repository.diff("empty")
        assert found["base"]["has_project"] is False
        assert repository.kinds("empty") == {"spring": "added", "summer": "added"}
        assert "the base has no msgflash.yaml here" in repository.run("diff", "empty").out

    def test_a_project_in_a_subfolder(self, repository: Checkout) -> None:
        repository.write("teams/b & c/msgflash.yaml", PROJECT_FILE)
        repository.write("teams/b & c/campaigns/x.yaml", campaign())
        repository.git.commit("second project")
        repository.write("teams/b & c/campaigns/x.yaml", campaign(body="New"))
        done = repository.run("diff", "-C", "teams/b & c", "--format", "json")
        assert [(each["key"], each["kind"]) for each in done.json["campaigns"]] == [("x", "changed")]
        assert repository.kinds() == {}

    def test_no_revision_and_no_option(self, repository: Checkout) -> None:
        for arguments in (("gone",), ("--", "-x"), ("--", "--output=x"), ("",), ("main..main",)):
            usage(repository.run("diff", *arguments))
        assert not (repository.root / "x").exists()

    def test_no_repository(self, tmp_path: Path) -> None:
        alone = checkout(tmp_path)
        alone.write("msgflash.yaml", PROJECT_FILE)
        alone.campaign()
        done = alone.run("diff")
        assert (done.code, "in no git repository" in done.err) == (1, True)

    def test_a_shallow_clone(self, repository: Checkout, tmp_path: Path) -> None:
        repository.git.commit("second")
        clone(repository.git, tmp_path / "shallow", "--depth", "1")
        done = checkout(tmp_path / "shallow").run("diff", "HEAD~1")
        assert done.code == 1
        assert "fetch-depth: 0" in done.err


def test_it_needs_no_key_and_reads_none(repository: Checkout) -> None:
    """With `workspaces:` and without any variable that they name."""
    workspaces = "workspaces: {production: {api_key_env: CRM_KEY}, staging: {api_key_env: CRM_STAGING}}\n"
    repository.write("msgflash.yaml", PROJECT_FILE + workspaces)
    repository.git.commit("workspaces")
    repository.campaign("spring", body="New", more="workspaces: [production]\n")
    assert repository.kinds() == {"spring": "changed"}
    assert repository.kinds("--workspace", "production") == {"spring": "changed"}
    assert repository.kinds("--workspace", "staging") == {"spring": "removed"}
    usage(repository.run("diff", "--workspace", "gone"))


def test_it_runs_where_git_says_something_else(repository: Checkout) -> None:
    """In a hook, whose surroundings name another folder."""
    repository.env["GIT_DIR"] = os.devnull
    repository.campaign("spring", body="New")
    assert repository.kinds("HEAD") == {"spring": "changed"}


def test_what_plan_would_replace_is_what_diff_says(repository: Checkout) -> None:
    """The sandbox is the judge: what diff calls unchanged is unchanged, the rest is not."""
    assert repository.run("apply", "--sandbox", "--auto-approve").code == 0
    repository.write("campaigns/spring.yaml", campaign(body="Old").replace("09:00:00", "07:00:00Z"))
    repository.campaign("summer", name="Summer", body="Summer!")
    plan = repository.run("plan", "--sandbox", "--format", "json").json
    assert {each["key"]: each["action"] for each in plan["changes"]} == {"spring": "unchanged", "summer": "replace"}
    assert repository.kinds() == {"summer": "changed"}


def test_the_page_shows_what_the_command_prints(repository: Checkout, tmp_path: Path) -> None:
    """docs/diff.md, whatever the ids of commits and the day."""

    def whole(name: str, schedule: str, recipients: str, body: str) -> str:
        text = campaign(name, body=f"|-\n{body}", schedule=schedule)
        return text.replace("{type: tags, value: [client]}", recipients)

    for number in (1, 2):
        repository.campaign(f"other{number}", name=f"Other {number}", body=f"Body {number}")
    hello = "  Hello!\n  {} % off until Sunday."
    tag, tags = "{type: tags, value: [client]}", "{type: tags, value: [client, vip]}"
    fall = whole("Autumn", "2031-09-24T10:00:00", "{type: all}", "  The new collection is here.")
    repository.write("campaigns/spring.yaml", whole("Spring", "2031-04-15T09:00:00", tag, hello.format(10)))
    repository.write("campaigns/fall.yaml", fall)
    repository.git.commit("second")
    clone(repository.git, tmp_path / "work")
    work = checkout(tmp_path / "work")
    work.git.commit("mine")
    work.remove("fall")
    work.write("campaigns/autumn.yaml", fall)
    work.write("campaigns/spring.yaml", whole("Spring", "2031-04-15T10:30:00", tags, hello.format(20)))

    def timeless(text: str) -> list[str]:
        text = re.sub(r"\b[0-9a-f]{12}\b", "COMMIT", text)
        return re.sub(r"in \d+ days( \d+ hours?)?", "in DAYS", text).strip().splitlines()

    page = (Path(__file__).parents[2] / "docs/diff.md").read_text(encoding="utf-8")
    shown = page.split("$ msgflash-gitops diff\n")[1].split("```")[0]
    assert timeless(shown) == timeless(work.run("diff").out)
