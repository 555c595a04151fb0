"""What an editor with the YAML language server underlines: nothing in good files, the key at fault in bad ones."""

import fcntl
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.languageserver.client import LanguageServer, language_server

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SERVER = HERE / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
GOOD = """\
name: Spring
instance: boutique-principale
schedule: 2031-04-15T09:00:00
recipients: {type: tags, value: [client]}
type: text
body: Hello
"""

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")


@pytest.fixture(scope="session")
def installed() -> Path:
    """Installed once, whichever test process comes first."""
    with (HERE / ".gitignore").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not SERVER.exists():
            subprocess.run(
                ["npm", "ci", "--no-progress", "--ignore-scripts"], cwd=HERE, check=True, capture_output=True
            )
    return SERVER


@pytest.fixture(scope="session")
def server(installed: Path) -> Iterator[LanguageServer]:
    with language_server(["node", str(installed), "--stdio"], ROOT) as started:
        yield started


def underlined(server: LanguageServer, tmp_path: Path, text: str, schema: str = "campaign") -> list[tuple[int, str]]:
    """Lines are those of `text`: the line that names the schema is not counted."""
    path = tmp_path / f"definition{sum(1 for _ in tmp_path.iterdir())}.yaml"
    path.write_text(f"# yaml-language-server: $schema={(ROOT / 'schemas' / f'{schema}.schema.json').as_uri()}\n{text}")
    return [(line - 1, message) for line, message in server.diagnose(path)]


@pytest.mark.parametrize("path", sorted((ROOT / "campaigns.example").rglob("*.yaml")), ids=lambda path: path.stem)
def test_the_examples_name_their_schema_and_nothing_is_underlined(server: LanguageServer, path: Path) -> None:
    assert path.read_text().startswith("# yaml-language-server: $schema=")
    assert server.diagnose(path) == []


def test_a_good_definition_is_not_underlined(server: LanguageServer, tmp_path: Path) -> None:
    assert underlined(server, tmp_path, GOOD) == []


BUTTONS = GOOD.replace("type: text\nbody: Hello", "type: buttons\ntitle: A\ndescription: B")
FAULTS = {
    "an unknown field": (GOOD + "bodi: x\n", 7),
    "an unknown type": (GOOD.replace("type: text", "type: sms"), 5),
    "an unknown repeat": (GOOD + "repeat: monthly\n", 7),
    "a number for a text": (GOOD.replace("name: Spring", "name: 12"), 1),
    "text without body": (GOOD.replace("body: Hello\n", ""), 1),
    "a title on a text": (GOOD + "title: X\n", 7),
    "media without mediaUrl": (GOOD.replace("type: text", "type: image"), 1),
    "a media URL that is none": (GOOD.replace("type: text\nbody: Hello", "type: image\nmediaUrl: nowhere"), 6),
    "tags without a value": (GOOD.replace("{type: tags, value: [client]}", "{type: tags}"), 4),
    "no tags": (GOOD.replace("[client]", "[]"), 4),
    "all with a value": (GOOD.replace("type: tags", "type: all"), 4),
    "an instance as UUID": (GOOD.replace("boutique-principale", "3fa85f64-5717-4562-b3fc-2c963f66afa6"), 2),
    "three buttons": (BUTTONS + "buttons: [" + ", ".join(["{type: reply, displayText: A, id: a}"] * 3) + "]\n", 8),
    "a button without text": (BUTTONS + "buttons:\n  - {type: reply, id: a}\n", 9),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_key_at_fault_is_underlined(server: LanguageServer, tmp_path: Path, fault: str) -> None:
    text, line = FAULTS[fault]
    found = underlined(server, tmp_path, text)
    assert found
    assert {at for at, _ in found} == {line}, found


def test_all_fields_of_the_wrong_mode_are_underlined(server: LanguageServer, tmp_path: Path) -> None:
    assert [at for at, _ in underlined(server, tmp_path, GOOD + "template: Promo\n")] == [5, 6]


def test_each_document_of_a_file_names_the_schema_for_itself(server: LanguageServer, tmp_path: Path) -> None:
    schema = (ROOT / "schemas" / "campaign.schema.json").as_uri()
    second = f"# yaml-language-server: $schema={schema}\nkey: two\n{GOOD}bodi: x\n"
    assert [at for at, _ in underlined(server, tmp_path, f"key: one\n{GOOD}---\n{second}")] == [17]


def test_the_project_file_is_checked(server: LanguageServer, tmp_path: Path) -> None:
    assert underlined(server, tmp_path, "project: crm\ntimezone: Europe/Paris\n", "project") == []
    found = underlined(server, tmp_path, "project: CRM\npolicy: {min_lead: soon}\n", "project")
    assert [at for at, _ in found] == [1, 2]
