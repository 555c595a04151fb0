"""Plans and results that hold every action, and ones in which every text is hostile."""

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta

from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.definition import DirectContent, Waiver
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.model.outcome import Applied, Failure, Outcome, Result
from msgflash_gitops.model.plan import (
    AccountRef,
    Action,
    Change,
    Consent,
    Current,
    Desired,
    FieldChange,
    Flag,
    InstanceRef,
    Plan,
)
from msgflash_gitops.model.project import Policy
from msgflash_gitops.planning.assemble import decide_all, valid_until
from msgflash_gitops.planning.decide import Context
from tests.support.builders import AHEAD, DAILY, NOW, PROJECT, WEEKLY, desired, live

HOSTILE = [
    "\x1b[31mred\x1b[0m",
    "\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "\x9b2J\x90q\x9c",
    "one\ntwo\r\nthree\rfour",
    "\u202egnp.exe\u202c\u2066x\u2069\u200f",
    "a\u200bb\ufeffc\u00add\U000e0041",
    "tab\tbell\x07back\x08null\x00del\x7f",
    "para\u2029line\u2028next\x85",
    "private\ue000 half\ud83d",
    "::error::x",
    "x" * 5000,
]
ACTS = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
SGR = re.compile(r"\x1b\[[0-9]+m")


def acting(text: str) -> list[str]:
    """The characters of a report that a terminal would act on, or not show; line ends are the report's own."""
    return [each for each in text if each not in "\n\u200d\ufe0f" and unicodedata.category(each) in ACTS]


def whole_plan() -> Plan:
    """Every action at least once."""
    wanted = (
        desired("create"),
        desired("replace", body="New"),
        desired("series", at=NOW - timedelta(days=9), repeat=WEEKLY, until=NOW + timedelta(days=90)),
        desired("pause", paused=True),
        desired("resume"),
        desired("unchanged"),
        desired("finished"),
        desired("past", at=NOW - timedelta(days=9)),
        desired("late", at=NOW + timedelta(minutes=1)),
        desired("blocked"),
        desired("running", body="New"),
        desired("daily", repeat=DAILY, waivers=(Waiver("same-send", "on purpose"),)),
    )
    account = account_of({one.key: one for one in wanted})
    context = Context(NOW, Policy())
    decided = decide_all(wanted, account, PROJECT, context)
    return Plan(
        PROJECT,
        "production",
        AccountRef("https://srv.msgflash.com"),
        NOW,
        decided.changes,
        wanted,
        decided.superseded,
        notices=("a notice",),
        findings=(Finding("instance-not-connected", "not connected", "campaigns/a.yaml", severity=Severity.WARNING),),
        unmanaged=3,
        valid_until=valid_until(decided.changes, context),
        commit="0123abcd",
        consent=Consent(),
    )


def account_of(by_key: dict[str, Desired]) -> list[LiveCampaign]:
    return [
        live(desired("replace", body="Old"), campaign_id="c1"),
        live(by_key["pause"], campaign_id="c2"),
        live(by_key["resume"], "paused", campaign_id="c3"),
        live(by_key["unchanged"], campaign_id="c4"),
        live(by_key["unchanged"], campaign_id="c5", created=NOW),
        live(by_key["finished"], "completed", campaign_id="c6"),
        live(by_key["blocked"], "paused_quota", campaign_id="c7"),
        live(desired("running", body="Old"), "running", campaign_id="c8", stats={"sent": 1}),
        live(desired("gone"), campaign_id="c9"),
    ]


def hostile_desired(text: str) -> Desired:
    """Keys, zones and paths of definitions are checked elsewhere; all else is the user's or the vendor's text."""
    one = desired("spring", content=DirectContent("buttons", {"title": "t"}))
    buttons = [{"type": "reply", "displayText": text, "id": text}]
    return replace(
        one,
        name=text,
        instance=InstanceRef(text, text, text, text),
        recipients={"type": "tags", "value": [text, text]},
        content={"type": text, "title": text, "description": text, "body": text, "footer": text, "mediaUrl": text}
        | {"buttons": buttons},
        waivers=(Waiver(text, text),),
        warnings=(text,),
    )


def hostile_plan(text: str) -> Plan:
    one = hostile_desired(text)
    in_template = replace(one, content={"templateId": text, "template": text, "variables": {text: text}, "body": text})
    in_group = replace(one, recipients={"type": "group", "group": text, "groupId": text, "count": 3})
    in_nothing_known = replace(one, recipients={"type": text, text: text})
    current = Current(text, text, text, text, text, text)
    differences = tuple(FieldChange(text, before, after) for before, after in ((text, {text: text}), (None, [text])))
    change = Change(
        "spring", text, Action.REPLACE, text, one, current, AHEAD, differences, (text,), Flag.ALLOW_RUNNING, True
    )
    changes = (
        change,
        *(replace(change, desired=each) for each in (in_template, in_group, in_nothing_known)),
        *(replace(change, action=each) for each in Action),
    )
    findings = (Finding("instance-case", text, text, severity=Severity.WARNING, hint=text, key=text),)
    account = AccountRef("https://srv.msgflash.com")
    return Plan(text, text, account, NOW, changes, notices=(text,), findings=findings, unmanaged=1)


def hostile_applied(text: str) -> Applied:
    change = hostile_plan(text).changes[0]
    safety: JsonObject = {"decision": text, "riskLevel": text, "reasons": [text, {text: text}]}
    results = [Result(change, each, text, Failure(text, text, text), safety, (text,)) for each in Outcome]
    return Applied(tuple(results), False, (text,), interrupted=True)


def every_result() -> Applied:
    plan = whole_plan()
    failure = Failure("VALIDATION_ERROR", "refused", "look")
    results = [
        Result(
            change, outcome, "c1", error, {"decision": "warn", "riskLevel": "medium", "reasons": ["many"]}, ("note",)
        )
        for change in plan.changes
        for outcome, error in ((Outcome.DONE, None), (Outcome.FAILED, failure), (Outcome.HELD, None))
    ]
    results += [Result(plan.changes[0], outcome) for outcome in Outcome]
    return Applied(tuple(results), True, ("a problem",))
