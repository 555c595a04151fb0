"""Report files, the step summary, and where a project lies in its repository."""

from pathlib import Path

import pytest

from msgflash_gitops.errors import UsageError
from msgflash_gitops.files.reports import append_summary, repository_prefix, write_report


def test_a_report_is_written_whole_into_a_folder_that_is_made_for_it(tmp_path: Path) -> None:
    path = tmp_path / "out/reports/a.json"
    write_report(path, "first, and longer\n")
    write_report(path, "é🌞\n")
    assert path.read_bytes() == "é🌞\n".encode()
    assert [each.name for each in path.parent.iterdir()] == ["a.json"]


def test_text_that_no_encoding_holds_is_written_escaped(tmp_path: Path) -> None:
    write_report(tmp_path / "a", "half: \ud83d\n")
    append_summary(tmp_path / "summary", "half: \ud83d\n")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "summary").read_bytes() == b"half: \\ud83d\n"


def test_where_it_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError) as caught:
        write_report(tmp_path / "file/a.json", "x")
    assert caught.value.message == f"the report cannot be written to {tmp_path}/file/a.json: File exists"


def test_a_summary_goes_behind_what_others_wrote(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("theirs\n")
    append_summary(path, "ours\n")
    append_summary(path, "again\n")
    assert path.read_text() == "theirs\nours\nagain\n"


class TestPrefix:
    """Code hosts show findings at paths from the top of the repository."""

    def test_below_the_nearest_folder_with_a_repository(self, tmp_path: Path) -> None:
        project = tmp_path / "repository/teams/crm"
        project.mkdir(parents=True)
        assert repository_prefix(project, None) == ""
        (tmp_path / "repository/.git").mkdir()
        assert repository_prefix(project, None) == "teams/crm"
        (tmp_path / "repository/teams/.git").write_text("gitdir: elsewhere")
        assert repository_prefix(project, None) == "crm"
        assert repository_prefix(tmp_path / "repository", None) == ""

    def test_the_checkout_that_the_pipeline_names_counts_more(self, tmp_path: Path) -> None:
        project = tmp_path / "work/repository/crm"
        project.mkdir(parents=True)
        (tmp_path / "work/repository/.git").mkdir()
        assert repository_prefix(project, str(tmp_path / "work")) == "repository/crm"
        assert repository_prefix(project, str(project)) == ""

    def test_a_checkout_elsewhere_does_not_count(self, tmp_path: Path) -> None:
        project = tmp_path / "repository/crm"
        project.mkdir(parents=True)
        (tmp_path / "repository/.git").mkdir()
        assert repository_prefix(project, str(tmp_path / "other")) == "crm"

    def test_through_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "real/crm").mkdir(parents=True)
        (tmp_path / "link").symlink_to("real")
        assert repository_prefix(tmp_path / "link/crm", str(tmp_path / "link")) == "crm"
