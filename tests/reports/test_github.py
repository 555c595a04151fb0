"""Annotations and the step summary: what GitHub reads is what was found, and nothing else."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.validation import Validation
from msgflash_gitops.reports.github import SUMMARY_LIMIT, annotations, step_summary
from msgflash_gitops.sandbox import Sandbox
from tests.reports.runner import Command, commands
from tests.reports.samples import HOSTILE
from tests.support.project import PROJECT_FILE, Repository, campaign

COMMANDS = [
    "::error::x",
    "\n::set-output name=x::y",
    "\r\n::add-mask::secret",
    "##[set-output name=a]b",
    "x%0A::warning::y",
    "%0D%0A%25",
    "a::error file=x::b",
    "::stop-commands::pause",
    ",line=5:col=1",
]


def found(text: str, severity: Severity = Severity.ERROR, line: int = 3) -> Finding:
    return Finding("yaml-syntax", text, f"campaigns/{text}.yaml", line, 5, severity, text, text)


def check(*findings: Finding) -> Validation:
    return Validation(findings, 1, 1)


def test_what_a_finding_says() -> None:
    finding = Finding("same-send", "100 % same: a, b", "campaigns/a,b:c.yaml", 4, 2, Severity.WARNING, "waive it", "a")
    assert annotations(check(finding), "shop").splitlines()[0] == (
        "::warning file=shop/campaigns/a%2Cb%3Ac.yaml,line=4,col=2,title=same-send (a)"
        "::100 %25 same: a, b%0Ahint: waive it"
    )
    (command,) = commands(annotations(check(finding), "shop"))
    assert command == Command(
        "warning",
        {"file": "shop/campaigns/a,b:c.yaml", "line": "4", "col": "2", "title": "same-send (a)"},
        "100 % same: a, b\nhint: waive it",
    )


@pytest.mark.parametrize("text", [*HOSTILE, *COMMANDS])
def test_no_text_forms_a_command(text: str) -> None:
    made = commands(annotations(check(found(text), found(text, Severity.WARNING)), ""))
    assert [(each.name, each.properties["line"], each.properties["col"]) for each in made] == [
        ("error", "3", "5"),
        ("warning", "3", "5"),
    ]
    assert all(set(each.properties) == {"file", "line", "col", "title"} for each in made)


@settings(deadline=None, max_examples=300)
@given(st.text(alphabet=":#[]=, %0AD\r\n\u2028errowanigst-upsc;", max_size=40) | st.text(max_size=30))
def test_no_text_at_all(text: str) -> None:
    log = annotations(check(found(text)), text)
    assert [each.name for each in commands(log)] == ["error"]
    assert len(log.splitlines()) == 2
    assert all(len(commands(line)) == 0 for line in step_summary(check(found(text)), text).splitlines())


def test_most_severe_first_and_the_rest_is_counted() -> None:
    many = [found(f"w{at}", Severity.WARNING, at + 1) for at in range(25)] + [
        found(f"e{at}", line=at + 1) for at in range(12)
    ]
    made = commands(annotations(check(*many), ""))
    assert [each.name for each in made] == ["error"] * 10 + ["warning"] * 10 + ["notice"]
    assert made[-1].data.startswith("2 more errors and 15 more warnings")
    assert made[0].properties["line"] == "1"


def test_ten_are_shown_whole() -> None:
    made = commands(annotations(check(*(found(f"e{at}") for at in range(10))), ""))
    assert [each.name for each in made] == ["error"] * 10


def test_nothing_found_is_no_command() -> None:
    assert annotations(Validation((), 3, 2), "") == "3 campaigns in 2 files: valid\n"


def test_the_summary_lists_all_and_is_cut() -> None:
    many = tuple(found(f"e{at}") for at in range(30))
    assert step_summary(check(*many), "").count("\n| error |") == 30
    cut = step_summary(check(*many), "", 2000)
    assert len(cut.encode()) <= 2000
    assert "more did not fit here" in cut
    assert step_summary(check(*many), "", 10) == ""
    huge = tuple(found("é" * 1000) for _ in range(2000))
    assert len(step_summary(check(*huge), "").encode()) <= SUMMARY_LIMIT


@pytest.mark.parametrize("text", [*HOSTILE, *COMMANDS, "a|b", "<img src=x>", "@octocat", "`x` **b** [a](b)"])
def test_no_text_breaks_the_table(text: str) -> None:
    rows = [line for line in step_summary(check(found(text)), "").splitlines() if line.startswith("| error")]
    assert len(rows) == 1
    assert rows[0].count("|") == 5
    assert "<img" not in rows[0] and "@octocat" not in rows[0]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A project in a folder of a repository."""
    made = Repository(tmp_path / "shop", {"GITHUB_WORKSPACE": str(tmp_path)})
    made.write("msgflash.yaml", PROJECT_FILE)
    made.write("campaigns/spring.yaml", campaign(body='"Hello ::error::x\\n::add-mask::y {{name}}"'))
    return made


class TestCommand:
    def test_paths_are_those_of_the_repository(self, repository: Repository) -> None:
        ended = repository.run("validate", "--format", "github")
        assert ended.code == 1
        (command,) = commands(ended.out)
        assert (command.name, command.properties["file"]) == ("error", "shop/campaigns/spring.yaml")

    def test_the_summary_is_appended(self, repository: Repository) -> None:
        summary = repository.root / "summary.md"
        summary.write_text("before\n")
        repository.env["GITHUB_STEP_SUMMARY"] = str(summary)
        repository.run("validate", "--format", "github")
        assert summary.read_text().startswith("before\n### msgflash-gitops validate\n")
        assert "placeholder-malformed" in summary.read_text()

    def test_a_summary_that_is_full_is_left_alone(self, repository: Repository) -> None:
        summary = repository.root / "summary.md"
        summary.write_text("x" * SUMMARY_LIMIT)
        repository.env["GITHUB_STEP_SUMMARY"] = str(summary)
        assert repository.run("validate", "--format", "github").code == 1
        assert summary.stat().st_size == SUMMARY_LIMIT

    def test_several_files_in_one_run(self, repository: Repository) -> None:
        ended = repository.run(
            *("validate", "--format", "json", "--output", "sarif=out/a.sarif", "--output", "gitlab=out/b.json"),
            *("--output", "text=out/c.txt", "--output", "github=out/d.log", "--output", "json=out/e.json"),
        )
        assert ended.code == 1
        assert ended.json["ok"] is False
        assert (repository.root / "out/e.json").read_text() == ended.out
        assert "placeholder-malformed" in (repository.root / "out/c.txt").read_text()
        assert len(commands((repository.root / "out/d.log").read_text())) == 1
        assert sorted(path.name for path in (repository.root / "out").iterdir()) == [
            "a.sarif",
            "b.json",
            "c.txt",
            "d.log",
            "e.json",
        ]

    def test_reports_of_a_project_file_at_fault(self, repository: Repository) -> None:
        repository.write("msgflash.yaml", "project: [\n")
        ended = repository.run("validate", "--format", "github", "--output", "json=e.json", "--output", "text=t.txt")
        assert ended.code == 1
        (command,) = commands(ended.out)
        assert command.properties["file"] == "shop/msgflash.yaml"
        assert '"exit_code": 1' in (repository.root / "e.json").read_text()
        assert "error[yaml-syntax]" in (repository.root / "t.txt").read_text()
        assert repository.run("validate", "--format", "json", "--output", "sarif=a.sarif").json["ok"] is False

    @pytest.mark.parametrize(
        ("value", "said"),
        [("sarif=-", "--format sarif"), ("sarif", "FORMAT=PATH"), ("xml=a", "FORMAT=PATH"), ("sarif=", "FORMAT=PATH")],
    )
    def test_what_is_refused(self, repository: Repository, value: str, said: str) -> None:
        ended = repository.run("validate", "--output", value)
        assert ended.code == 64
        assert said in ended.err

    def test_a_file_is_named_once(self, repository: Repository) -> None:
        assert repository.run("validate", "--output", "json=a", "--output", "sarif=a").code == 64

    def test_a_file_that_cannot_be_written(self, repository: Repository) -> None:
        repository.write("file", "")
        ended = repository.run("validate", "--output", "json=file/a.json", "--output", "sarif=b.sarif")
        assert ended.code == 64
        assert "cannot be written" in ended.err
        assert (repository.root / "b.sarif").exists()
        assert "placeholder-malformed" in ended.out

    def test_what_is_no_file_is_written_into(self, repository: Repository) -> None:
        assert repository.run("validate", "--output", "json=/dev/null").code == 1
        assert not Path("/dev/null").is_file()


def test_lints_are_warnings_of_the_plan(repository: Repository, sandbox: Sandbox) -> None:
    repository.write("campaigns/spring.yaml", campaign(body='"**Hello**"'))
    ended = repository.run("--sandbox", "plan")
    assert ended.code == 0
    assert "formatting-markdown" in ended.out
    repository.write("campaigns/spring.yaml", campaign(body='"Hello {{name}}"'))
    assert repository.run("--sandbox", "plan").code == 1


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()
