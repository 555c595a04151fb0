"""docs/outputs.md is what the commands print."""

import os
from pathlib import Path

from msgflash_gitops.model.plan import Action, World
from tests.docs_outputs import outputs


def test_the_page_is_what_the_commands_print(tmp_path: Path) -> None:
    now = outputs.written(tmp_path)
    if os.environ.get("MSGFLASH_UPDATE_DOCS"):
        outputs.PAGE.write_text(now, encoding="utf-8")
    assert outputs.PAGE.read_text(encoding="utf-8") == now, "MSGFLASH_UPDATE_DOCS=1 pytest tests/docs_outputs"


def test_the_plan_shows_what_a_reviewer_meets(tmp_path: Path) -> None:
    plan = outputs.planned(tmp_path)[0].plan
    found = {change.action for change in plan.changes}
    assert {Action.CREATE, Action.REPLACE, Action.STOP, Action.BLOCKED, Action.UNCHANGED} <= found
    assert plan.world is World.DOCUMENTED
