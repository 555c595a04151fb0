"""docs/commands.md and the tables of the README against the command line itself."""

import re

from msgflash_gitops import errors
from msgflash_gitops.cli.main import COMMANDS
from msgflash_gitops.cli.options import Common
from tests.architecture.sources import modules
from tests.docs import commands
from tests.docs.markdown import code, page, rows, section

# Beside those of errors.py: success, what --detailed-exitcode says, and an outcome that is not known.
OTHER_CODES = {0, 2, 6}
# How a command ends when it is cut off; not a result of ours, so only docs/commands.md names them.
CUT_OFF = {130, 141}


def error_kinds(kind: type[errors.GitopsError] = errors.GitopsError) -> set[int]:
    return {kind.exit_code}.union(*(error_kinds(each) for each in kind.__subclasses__()))


def exit_codes(text: str) -> dict[int, str]:
    return {int(number): meaning for number, meaning in rows(section(text, "Exit codes"), "code", "meaning")}


def test_the_page_is_what_the_commands_say() -> None:
    assert commands.PAGE.read_text(encoding="utf-8") == commands.written(), "run python -m tests.docs.commands"


def test_the_readme_lists_every_command() -> None:
    table = rows(section(page("README.md"), "Commands"), "command", "does")
    listed = [name.split()[0] for row in table for name in re.findall(r"`([^`]+)`", row[0])]
    assert sorted(listed) == sorted(COMMANDS)


def test_the_readme_lists_every_exit_code() -> None:
    assert set(exit_codes(page("README.md"))) == error_kinds() | OTHER_CODES


def test_the_page_lists_every_exit_code() -> None:
    assert set(exit_codes(page("docs/commands.md"))) == error_kinds() | OTHER_CODES | CUT_OFF


def test_the_page_names_the_commands_of_each_format() -> None:
    """The table of formats says what `--format` of each command takes."""
    table = {
        code(row[0]): re.findall(r"`([^`]+)`", row[1]) for row in rows(page("docs/commands.md"), "command", "formats")
    }
    assert set(table) == set(commands.names())
    for name, said in table.items():
        text = section(commands.generated(), name)
        choices = re.search(r"--format \[([^\]]+)\]", text)
        assert said == (choices[1].split("|") if choices else []), name


def test_the_page_names_every_common_option() -> None:
    table = rows(page("docs/commands.md"), "option", "meaning")
    named = {each for row in table for each in re.findall(r"`(-[^ `]+)", row[0])}
    assert {"-C", "--workspace", "--sandbox", "--color", "--no-color", "-q", "--quiet", "-v", "--verbose"} <= named
    assert {"directory", "workspace", "sandbox", "color", "quiet", "verbose"} == set(Common.__slots__)


def test_the_page_names_every_variable() -> None:
    """Those that the package reads by name; the ones of httpx are listed by hand."""
    read = set()
    for module in modules():
        read |= set(re.findall(r'"(MSGFLASH_[A-Z_]+|NO_COLOR|FORCE_COLOR|TERM)"', module.text))
    table = {
        name for row in rows(page("docs/commands.md"), "variable", "meaning") for name in re.findall(r"`(\w+)`", row[0])
    }
    assert read <= table
    assert table - read <= {"HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"}
