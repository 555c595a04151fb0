"""A plan that holds every kind of change, with messages of every kind, as a page."""

from datetime import timedelta
from typing import Any

from msgflash_gitops.model.account import Group, Instance, Template
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.definition import (
    Audience,
    Definition,
    DirectContent,
    Recipients,
    Repeat,
    Schedule,
    TemplateContent,
    Waiver,
)
from msgflash_gitops.model.json_value import JsonObject
from msgflash_gitops.model.plan import AccountRef, Consent, Desired, Plan
from msgflash_gitops.model.project import Policy
from msgflash_gitops.planning.assemble import decide_all, valid_until
from msgflash_gitops.planning.decide import Context
from msgflash_gitops.planning.guards import guard
from msgflash_gitops.planning.resolve import Account, resolve
from msgflash_gitops.reports.html import plan_html
from msgflash_gitops.reports.review import review
from tests.support.builders import INSTANCE, NOW, PROJECT, definition, live

LYON = Instance("22222222-2222-4222-8222-222222222222", "boutique-lyon", "+33639980002", "disconnected")
PROMO = Template(
    "33333333-3333-4333-8333-333333333333",
    "Spring promo",
    "text",
    "Hello {{contact.firstName}}, with *{{custom.code}}* you get {{custom.discount}} off until Sunday.",
    None,
    ("contact.firstName", "custom.code", "custom.discount"),
)
VIP = Group("44444444-4444-4444-8444-444444444444", "VIP Paris", 24)
ACCOUNT = Account((INSTANCE, LYON), (PROMO,), (VIP,))
NEWS = "Hello dear friends!\n*25 % off* everything until _Monday_.\n\n* new shoes\n* new bags\n1. come\n2. see\n> as seen on TV\nCode: ```SPRING31``` or ~OLD~ `NEW`"
OLD_NEWS = NEWS.replace("dear ", "").replace("25", "20").replace("Monday", "Sunday").replace("new bags", "old bags")
POLL: JsonObject = {
    "title": "Longer evenings?",
    "description": "Shall we stay open until 9 PM on Thursdays?",
    "footer": "Boutique",
    "buttons": [
        {"type": "reply", "displayText": "Yes please", "id": "y"},
        {"type": "reply", "displayText": "Not for me", "id": "n"},
    ],
}
PICTURE: JsonObject = {
    "mediaUrl": "https://cdn.boutique.example/spring/2031/launch/picture-of-the-whole-collection.jpg",
    "body": "The new collection is here.",
}


def campaign(key: str, name: str, content: DirectContent | TemplateContent, **more: Any) -> Definition:
    at = NOW + timedelta(**more.pop("after"))
    return definition(key, name=name, schedule=Schedule(at, "Europe/Paris"), content=content, **more)


def text(body: str) -> DirectContent:
    return DirectContent("text", {"body": body})


def resolved(*definitions: Definition) -> tuple[Desired, ...]:
    return resolve(definitions, ACCOUNT, project=PROJECT, timezone="Europe/Paris").desired


def rich_plan() -> tuple[Plan, list[LiveCampaign]]:
    """Each action at least once, and campaigns that were there before."""
    wanted = resolved(
        campaign("april-newsletter", "April Newsletter", text(NEWS), after={"days": 9, "hours": 20}),
        campaign(
            "spring-promo",
            "Spring promo for VIPs",
            TemplateContent(template="Spring promo", variables={"code": "SPRING31", "discount": "20 %"}),
            recipients=Recipients(Audience.GROUP, group="VIP Paris"),
            after={"days": 12, "hours": 6},
        ),
        campaign(
            "opening-poll",
            "Opening hours poll",
            DirectContent("buttons", POLL),
            recipients=Recipients(Audience.ALL),
            after={"hours": 20},
        ),
        campaign(
            "launch-picture",
            "Launch, picture",
            DirectContent("image", PICTURE),
            instance="boutique-lyon",
            waivers=(Waiver("quiet-hours", "night shift"),),
            after={"days": 14},
        ),
        campaign(
            "good-morning", "Good morning, staff", text("Good morning!"), repeat=Repeat.DAILY, after={"hours": 44}
        ),
        campaign("friday-digest", "Friday digest", text("Our week in pictures"), after={"days": 11}),
        campaign("summer", "Summer teaser", text("Soon…"), after={"days": 15}),
        campaign("flash", "Flash sale", text("Only today"), after={"minutes": 2}),
    )
    by_key = {one.key: one for one in wanted}
    (old,) = resolved(campaign("april-newsletter", "April Newsletter", text(OLD_NEWS), after={"days": 10, "hours": 20}))
    (gone,) = resolved(campaign("goodbye", "Goodbye sale", text("Everything must *go*"), after={"days": 13}))
    digest = by_key["friday-digest"]
    elsewhere = (NOW + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%SZ")
    account = [
        live(old, campaign_id="c1"),
        live(digest, campaign_id="c2"),
        live(by_key["summer"], "paused", campaign_id="c3"),
        live(gone, campaign_id="c4"),
        live(digest, name="Made in the dashboard", campaign_id="c5", schedule=elsewhere),
    ]
    context = Context(NOW, Policy())
    decided = decide_all(wanted, account, PROJECT, context)
    changes = guard(decided.changes, Consent(), Policy())
    plan = Plan(
        PROJECT,
        "production",
        AccountRef("https://api.example"),
        NOW,
        changes,
        desired=wanted,
        unmanaged=len(decided.unmanaged),
        valid_until=valid_until(changes, context),
        commit="0123456789abcdef0123456789abcdef01234567",
    )
    return plan, account


def rich_page() -> str:
    plan, account = rich_plan()
    return page(plan, account)


def page(plan: Plan, account: list[LiveCampaign] | tuple[LiveCampaign, ...]) -> str:
    return plan_html(review(plan, account), account, "d" * 64, 5)
