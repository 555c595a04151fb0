"""Plans whose every text is what somebody would write who wants to break out of a report."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.definition import DirectContent, Waiver
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.plan import AccountRef, Action, Change, Current, Desired, FieldChange, InstanceRef, Plan
from msgflash_gitops.model.source import Position
from tests.support.builders import AHEAD, NOW, desired, live

FRAGMENTS = (
    "@team @org/team a@b.example",
    '#123 GH-26 org/repo#1 !12 $3 %4 &5 ~bug ~"big bug" ^6',
    "::error file=x::boom\n::set-output name=a::b",
    "##[error]x ##vso[task.setvariable]y",
    "<script>alert(1)</script><img src=x onerror=alert(1)><a href='javascript:alert(1)'>x</a>",
    "</details></summary></table>--><!--",
    "[link](https://evil.example) ![img](https://evil.example/x.png) <https://evil.example>",
    "https://evil.example www.evil.example mailto:a@b.example javascript:alert(1)",
    "[ref]: https://evil.example\n[ref] [^1]: note [x][ref]",
    "`code` ``` ```` `",
    "```\nfence\n```\n~~~\nx",
    "| a | b |\n|---|---|\n| c | d |",
    "# heading\n===\n---\n***\n> quote\n- item\n1. one\n    indented\n\tcode",
    "/close\n/assign @me\n::include{file=x}",
    "*bold* _it_ ~s~ **b** __i__ ~~d~~ ***x*** \\*n\\* &lt;b&gt; &#64;team &copy;",
    ":smile: :+1: $x^2$ $$y$$ {+ins+} [-del-] [[_TOC_]] [!CAUTION]",
    "\u202egnp.exe\u202c \u2066x\u2069 a\u200bb \ufeff\u00ad \U000e0041 \x00\x07\x1b[31m",
    "{{ 7*7 }} {% raw %} {{contact.firstName}} ]]> %3Cscript%3E",
    "\" onmouseover=alert(1) x=\" ' onfocus=alert(1) autofocus='",
    "trailing\\",
    "  lead",
    "\\",
    "",
    " ",
    "\n\n",
    "😀 é 漢字 ﷽",
)
texts = st.one_of(
    st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=4).map(" ".join),
    st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=4).map("\n".join),
    st.text(max_size=80),
    st.text(alphabet="@#:/`*_~<>[]()|\\-=+.!&$%^{}\"' \n1aw", max_size=60),
)
ACTIONS = tuple(Action)


def hostile_change(text: str, action: Action, number: int = 0, kind: str = "text") -> tuple[Change, LiveCampaign]:
    """A change and its live campaign; `text` is in every field that somebody else writes."""
    content: dict[str, Any] = {"type": kind, "body": text, "mediaUrl": text, "title": text, "footer": text}
    content["buttons"] = [{"type": "reply", "displayText": text, "id": "a"}, {"type": "reply", "displayText": text}]
    one: Desired = replace(
        desired(f"key-{number}", content=DirectContent("text", {"body": text}), at=AHEAD + timedelta(minutes=number)),
        name=text,
        content=content,
        instance=InstanceRef("i", text, text, text),
        recipients={"type": "tags", "value": [text, text]},
        source=Position(f"campaigns/{text}.yaml", 1, 1),
        waivers=(Waiver(text, text),),
    )
    account = live(one, text or "scheduled", campaign_id=f"c{number}", name=text, body=f"old {text}", mediaUrl=text)
    change = Change(
        one.key,
        text,
        action,
        text,
        desired=None if action is Action.STOP else one,
        current=Current(account.id, text, text, text),
        start=one.anchor,
        differences=(FieldChange("body", f"old {text}", text), FieldChange(text, text, {"type": text})),
        warnings=(text,),
        missed=(NOW,),
    )
    return change, account


def hostile_plan(text: str, *, copies: int = 1) -> tuple[Plan, tuple[LiveCampaign, ...]]:
    """Every action, `copies` times."""
    pairs = [
        hostile_change(text, action, copy * len(ACTIONS) + number, "buttons" if number % 2 else "image")
        for copy in range(copies)
        for number, action in enumerate(ACTIONS)
    ]
    changes = tuple(change for change, _ in pairs)
    plan = Plan(
        "crm",
        "production",
        AccountRef("https://x.example"),
        NOW,
        changes,
        desired=tuple(change.desired for change in changes if change.desired),
        notices=(text,),
        findings=(Finding("instance-not-connected", text, f"campaigns/{text}", severity=Severity.WARNING),),
        unmanaged=1,
        valid_until=AHEAD,
        commit="0123abcd",
    )
    return plan, tuple(account for _, account in pairs)
