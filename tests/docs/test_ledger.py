"""docs/ledger.md against what the commands print.

python -m tests.docs.test_ledger writes the output anew.
"""

import re

from msgflash_gitops.planning.timeline import tell
from msgflash_gitops.reports.ledger import ledger_text
from msgflash_gitops.reports.style import Style
from msgflash_gitops.storage.ledger.registry import STORES
from tests.architecture.sources import ROOT
from tests.docs.markdown import page, rows
from tests.support.ledger import STORY, entries, ref

PAGE = ROOT / "docs" / "ledger.md"
_OUTPUT = re.compile(r"(<!-- output: ([\w ]+) -->\n```console\n).*?(^```)", re.MULTILINE | re.DOTALL)


def written() -> str:
    """The page as it should be: outputs as `ledger show` prints them."""
    known = entries(STORY)
    story = tell(known, project="crm", workspace="default", ref=ref(len(known)), place=".msgflash/ledger.jsonl")

    def output(found: "re.Match[str]") -> str:
        shown = ledger_text(story, found[2].split(), Style())
        return f"{found[1]}$ msgflash-gitops ledger show {found[2]}\n{shown}{found[3]}"

    return _OUTPUT.sub(output, PAGE.read_text(encoding="utf-8"))


def test_the_output_is_what_the_command_prints() -> None:
    assert PAGE.read_text(encoding="utf-8") == written(), "run python -m tests.docs.test_ledger"


def test_every_store_is_in_the_table() -> None:
    table = rows(page("docs/ledger.md"), "store", "needs", "costs", "fits")
    assert [name for row in table for name in re.findall(r"`(\w+)`", row[0])] == list(STORES)


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
