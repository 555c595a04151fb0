"""msgflash.yaml: what each setting comes to, where the file is looked for, and what people are told of its faults."""

from datetime import timedelta
from pathlib import Path

import pytest

from msgflash_gitops.errors import InputError
from msgflash_gitops.files.project import load_project, parse_project
from msgflash_gitops.model.ledger import LedgerSettings
from msgflash_gitops.model.project import Policy, Project, VendorFacts, Workspace
from msgflash_gitops.model.refresh import Refresh
from tests.support.findings import told

EVERYTHING = """
project: crm
formerly: [crm-old, crm-older]
campaigns: marketing/campaigns/
timezone: Europe/Paris
workspaces:
  production: {api_key_env: PROD_KEY, team_id_env: PROD_TEAM, base_url: https://msgflash.example.org/api/v1/}
  staging: {api_key_env: STAGING_KEY}
policy: {min_lead: 90s, late_window: 2d, max_stops: 0}
vendor: {resume_before_start: keeps-schedule, settle: 1m}
ledger: {store: git, id: 0f8fad5b-d9cb-469f-a165-70867728950e, remote: upstream, branch: memory}
refresh: touched
"""


def refused(text: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        parse_project(text.encode(), "/repository")
    assert caught.value.exit_code == 1
    assert caught.value.message == "the project file is at fault, nothing was sent"
    assert {each.path for each in caught.value.findings} == {"msgflash.yaml"}
    return told(list(caught.value.findings))


def test_every_setting() -> None:
    assert parse_project(EVERYTHING.encode(), "/repository") == Project(
        root="/repository",
        name="crm",
        campaigns="marketing/campaigns",
        timezone="Europe/Paris",
        workspaces={
            "production": Workspace("production", "PROD_KEY", "PROD_TEAM", "https://msgflash.example.org"),
            "staging": Workspace("staging", "STAGING_KEY", None, "https://srv.msgflash.com"),
        },
        policy=Policy(timedelta(seconds=90), timedelta(days=2), 0),
        vendor=VendorFacts(resume_keeps_schedule=True, settle=timedelta(minutes=1)),
        formerly=("crm-old", "crm-older"),
        ledger=LedgerSettings(
            store="git", id="0f8fad5b-d9cb-469f-a165-70867728950e", remote="upstream", branch="memory"
        ),
        refresh=Refresh.TOUCHED,
    )


def test_without_settings_the_documented_ones_hold() -> None:
    """Of the environment's variables only the well-known ones are read, and only where no workspace names others."""
    assert parse_project(b"project: crm\n", "/repository") == Project(
        root="/repository",
        name="crm",
        campaigns="campaigns",
        workspaces={
            "default": Workspace("default", "MSGFLASH_API_KEY", "MSGFLASH_TEAM_ID", base_url_env="MSGFLASH_BASE_URL")
        },
        policy=Policy(timedelta(minutes=5), timedelta(hours=24), 5),
        vendor=VendorFacts(resume_keeps_schedule=False, settle=timedelta(seconds=15)),
        ledger=LedgerSettings(
            "file", None, ".msgflash/ledger.jsonl", "origin", "msgflash-ledger", "MSGFLASH_LEDGER_URL"
        ),
        refresh=Refresh.ALL,
    )


@pytest.mark.parametrize(
    ("written", "meant"),
    [("30s", timedelta(seconds=30)), ("5m", timedelta(minutes=5)), ("24h", timedelta(days=1)), ("7d", timedelta(7))],
)
def test_durations(written: str, meant: timedelta) -> None:
    project = parse_project(f"project: crm\npolicy: {{late_window: {written}}}\n".encode(), "/")
    assert project.policy.late_window == meant


@pytest.mark.parametrize(
    "settings", ["store: file, path: a/b.jsonl", "store: postgresql, url_env: A", "store: az, url_env: A"]
)
def test_a_setting_of_its_own_store(settings: str) -> None:
    assert parse_project(f"project: crm\nledger: {{{settings}}}\n".encode(), "/").ledger.store in settings


FAULTS = {
    "": ["1:1 empty-document", "    the project file holds nothing", "    -> it needs `project: NAME`"],
    "# nothing\n": ["1:1 empty-document", "    the project file holds nothing", "    -> it needs `project: NAME`"],
    "project: crm\n---\nproject: two\n": ["3:1 schema-type", "    the project file is one document"],
    "project: Crm\n": [
        "1:1 schema-format",
        "    a project's name is made of lowercase letters, digits, dot, dash and underscore, at most 32 characters",
    ],
    "timezone: Europe/Paris\n": ["1:1 schema-required", "    `project` is missing"],
    "project: crm\ntimezone: Europe/Pariss\npolicy: {min_lead: 5}\n": [
        "3:10 schema-type",
        "    `policy.min_lead` must be text, and 5 is a number",
        '    -> put it in quotes: "5"',
    ],
    "project: crm\ntimezone: Europe/Pariss\n": [
        "2:1 timezone-unknown",
        "    there is no time zone 'Europe/Pariss'",
        "    -> did you mean Europe/Paris or Europe/Warsaw?",
    ],
    "project: crm\nworkspaces:\n  test:\n    api_key_env: A\n    base_url: http://example.org\n  more: {api_key_env: B}\n": [
        "5:5 project-base-url",
        "    the base URL cannot be used: plain http is for loopback only: the key would travel readable, use https",
    ],
    "project: crm\nworkspaces: {test: {api_key_env: msgf_live_abc}}\n": [
        "2:21 schema-format",
        "    this is the name of an environment variable, never the key itself",
    ],
    "project: crm\nledger: {branch: a, path: b}\n": [
        "2:10 project-ledger",
        "    `branch` belongs to git, and the store is file",
        "    -> there is one store: remove `branch`, or say `store: git`",
    ],
    "project: crm\nledger:\n  store: git\n  url_env: A\n  path: b\n": [
        "5:3 project-ledger",
        "    `path` belongs to file, and the store is git",
        "    -> there is one store: remove `path`, or say `store: file`",
        "4:3 project-ledger",
        "    `url_env` belongs to postgresql, s3, gs or az, and the store is git",
        "    -> there is one store: remove `url_env`, or say `store: postgresql`",
    ],
    "project: crm\nworkspaces: {}\n": ["2:1 schema-length", "    `workspaces`: is empty"],
    "project: [\n": [
        "2:1 yaml-syntax",
        "    did not find expected node content",
        "    -> put texts in quotes, and check indentation and closing quotes of the lines above",
    ],
}


@pytest.mark.parametrize(("text", "lines"), FAULTS.items())
def test_what_is_at_fault(text: str, lines: list[str]) -> None:
    assert refused(text) == lines


def test_an_empty_document_behind_it_is_no_second_one() -> None:
    assert parse_project(b"project: crm\n---\n", "/").name == "crm"


class TestFound:
    def test_here_or_in_the_nearest_folder_above(self, tmp_path: Path) -> None:
        deep = tmp_path / "a/b/c"
        deep.mkdir(parents=True)
        (tmp_path / "msgflash.yaml").write_text("project: outer\n")
        (tmp_path / "a/b/msgflash.yaml").write_text("project: inner\n")
        assert [load_project(each).name for each in (deep, tmp_path / "a/b", tmp_path / "a", tmp_path)] == [
            "inner",
            "inner",
            "outer",
            "outer",
        ]
        assert load_project(deep).root == str(tmp_path / "a/b")

    def test_below_the_folder_that_one_stands_in(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "msgflash.yaml").write_text("project: crm\n")
        monkeypatch.chdir(tmp_path)
        assert load_project(Path()).root == str(tmp_path)

    def test_nowhere(self, tmp_path: Path) -> None:
        with pytest.raises(InputError) as caught:
            load_project(tmp_path)
        assert caught.value.message == f"there is no msgflash.yaml in {tmp_path} or above"
        assert caught.value.hint == "make one with the line `project: NAME`, or say -C DIR"
        assert told(list(caught.value.findings)) == [
            "1:1 project-missing",
            "    there is no msgflash.yaml here or above",
        ]

    def test_one_that_cannot_be_read_is_said_and_no_other_is_taken(self, tmp_path: Path) -> None:
        (tmp_path / "msgflash.yaml").write_text("project: outer\n")
        (tmp_path / "in").mkdir()
        (tmp_path / "in/msgflash.yaml").symlink_to("gone")
        with pytest.raises(InputError) as caught:
            load_project(tmp_path / "in")
        assert caught.value.message == "the project file is at fault, nothing was sent"
        (finding,) = caught.value.findings
        assert (finding.rule, finding.path) == ("file-unreadable", "msgflash.yaml")
        assert finding.message == "the file cannot be read: No such file or directory"
