"""What is published names no machine: no absolute path of somebody's disk."""

import re

from tests.architecture.sources import ROOT, files

# Written in pieces, so that this file does not find itself.
_FOLDERS = ("work", "home", "root", "Users", "mnt", "opt", "srv", "var", "private")
_PATH = re.compile(r"(?<![\w.~/$}>-])/(?:" + "|".join(_FOLDERS) + r")/\w[\w./-]*" + r"|\b[A-Z]:\\\w+")


def test_no_text_holds_a_path_of_a_machine() -> None:
    places = []
    for path in files():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            places += [f"{path.relative_to(ROOT)}:{number} {found[0]}" for found in _PATH.finditer(line)]
    assert not places, f"paths of a machine: {places}"


def test_the_rule_finds_what_it_is_for() -> None:
    for text in ("see /" + "home/ana/x", '"/' + 'work/main"', "C:" + "\\Users", "in /" + "Users/ana/code"):
        assert _PATH.search(text), text
    for text in ("/api/v1/campaigns", "https://example.com/" + "home/index", "msgflash_gitops/work/x", "docs/a/b.md"):
        assert not _PATH.search(text), text
