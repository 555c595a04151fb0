"""Which files hold definitions, on disk: nothing is passed over in silence, and nothing outside of the project is read."""

from pathlib import Path

import pytest

from msgflash_gitops.files.definitions import load_definitions
from msgflash_gitops.files.discovery import discover
from msgflash_gitops.model.project import Project
from tests.support.findings import told


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "repository"
    (made / "campaigns").mkdir(parents=True)
    return made


def write(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("name: x\n")
    return path


def found(root: Path, *paths: Path, campaigns: str = "campaigns") -> tuple[list[str], list[str]]:
    """Files by their path below the project's folder, and `path: message -> hint` of each finding."""
    files, findings = discover(root, campaigns, paths)
    said = [f"{each.path}: {each.message}{f' -> {each.hint}' if each.hint else ''} [{each.rule}]" for each in findings]
    return [file.relative_to(root).as_posix() for file in files], said


def test_yaml_files_in_all_folders_sorted(root: Path) -> None:
    for name in ("b.yaml", "a.yml", "deep/er/c.yaml", "B.YAML", "readme.md", "yaml", "x.yaml.bak", "x.json"):
        write(root / "campaigns" / name)
    write(root / "elsewhere/d.yaml")
    assert found(root) == (
        ["campaigns/B.YAML", "campaigns/a.yml", "campaigns/b.yaml", "campaigns/deep/er/c.yaml"],
        [],
    )


def test_hidden_ones_are_passed_over(root: Path) -> None:
    for name in (".hidden.yaml", ".folder/a.yaml", "deep/.git/b.yaml", "deep/c.yaml"):
        write(root / "campaigns" / name)
    assert found(root) == (["campaigns/deep/c.yaml"], [])


def test_the_folder_that_the_project_names(root: Path) -> None:
    write(root / "marketing/spring/a.yaml")
    assert found(root, campaigns="marketing/spring") == (["marketing/spring/a.yaml"], [])


def test_a_folder_that_is_not_there(root: Path) -> None:
    assert found(root, campaigns="marketing") == ([], ["marketing: there is no folder marketing [file-unreadable]"])


def test_a_file_in_place_of_the_folder_is_no_folder_of_definitions(root: Path) -> None:
    write(root / "notes.txt")
    assert found(root, campaigns="notes.txt") == ([], [])


class TestNamed:
    def test_only_they_count_each_once_whatever_their_ending(self, root: Path) -> None:
        a, b = write(root / "campaigns/a.yaml"), write(root / "campaigns/b.yaml")
        note = write(root / "notes.txt")
        assert found(root, b, note, b, a) == (["campaigns/a.yaml", "campaigns/b.yaml", "notes.txt"], [])
        assert found(root, root / "campaigns") == (["campaigns/a.yaml", "campaigns/b.yaml"], [])

    def test_one_that_is_not_there_keeps_no_other_from_being_read(self, root: Path, tmp_path: Path) -> None:
        a = write(root / "campaigns/a.yaml")
        files, said = found(root, root / "campaigns/gone.yaml", tmp_path / "gone.yaml", a)
        assert files == ["campaigns/a.yaml"]
        assert said == [
            "campaigns/gone.yaml: there is no file or folder campaigns/gone.yaml [file-unreadable]",
            f"{tmp_path}/gone.yaml: there is no file or folder {tmp_path}/gone.yaml [file-unreadable]",
        ]

    def test_one_outside_of_the_project(self, root: Path, tmp_path: Path) -> None:
        outside = write(tmp_path / "theirs.yaml")
        assert found(root, outside) == (
            [],
            [f"{outside}: the file lies outside of the project's folder -> copy the file in [path-outside-project]"],
        )


class TestLinks:
    def test_inside_they_are_read_and_each_folder_once(self, root: Path) -> None:
        write(root / "shared/real.yaml")
        write(root / "campaigns/deep/a.yaml")
        (root / "campaigns/link.yaml").symlink_to("../shared/real.yaml")
        (root / "campaigns/again").symlink_to("deep")
        assert found(root) == (["campaigns/deep/a.yaml", "campaigns/link.yaml"], [])

    def test_those_that_lead_out_are_said(self, root: Path, tmp_path: Path) -> None:
        write(tmp_path / "outside/theirs.yaml")
        (root / "campaigns/file.yaml").symlink_to(tmp_path / "outside/theirs.yaml")
        (root / "campaigns/folder").symlink_to(tmp_path / "outside")
        (root / "campaigns/.hidden").symlink_to(tmp_path / "outside")
        words = "the symbolic link leads out of the project's folder -> copy the file in [path-outside-project]"
        assert found(root) == ([], [f"campaigns/folder: {words}", f"campaigns/file.yaml: {words}"])

    def test_a_campaigns_folder_that_leads_out(self, root: Path, tmp_path: Path) -> None:
        write(tmp_path / "outside/theirs.yaml")
        (root / "linked").symlink_to(tmp_path / "outside")
        files, said = found(root, campaigns="linked")
        assert files == []
        assert (
            "linked: the symbolic link leads out of the project's folder -> copy the file in [path-outside-project]"
            in said
        )

    def test_one_that_leads_to_nothing_is_listed_so_that_reading_says_so(self, root: Path) -> None:
        (root / "campaigns/a.yaml").symlink_to("gone.yaml")
        assert found(root) == (["campaigns/a.yaml"], [])
        (finding,) = load_definitions(Project(str(root), "crm")).findings
        assert told([finding]) == ["1:1 file-unreadable", "    the file cannot be read: No such file or directory"]


def test_a_project_without_definitions_is_told_so(root: Path) -> None:
    loaded = load_definitions(Project(str(root), "crm"))
    assert (loaded.definitions, loaded.files, loaded.documents) == ((), 0, 0)
    assert told(list(loaded.findings)) == ["1:1 no-definitions (warning)", "    campaigns/ holds no definition"]
    assert loaded.findings[0].path == "campaigns"


def test_files_and_documents_are_counted_the_faulty_too(root: Path) -> None:
    (root / "campaigns/two.yaml").write_text("key: a\nname: x\n---\nkey: b\nname: y\n")
    (root / "campaigns/broken.yaml").write_text("name: [\n")
    (root / "campaigns/empty.yaml").write_text("")
    loaded = load_definitions(Project(str(root), "crm"))
    assert (loaded.definitions, loaded.files, loaded.documents) == ((), 3, 3)
