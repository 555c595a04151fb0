"""Recipients, content, instance and time in the words that every report uses."""

from collections.abc import Mapping
from datetime import datetime

from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.plan import Change, Current, Desired, InstanceRef, Plan, World
from msgflash_gitops.model.refresh import Refresh
from msgflash_gitops.planning.audience import audience_count
from msgflash_gitops.planning.words import duration_words, moment_words
from msgflash_gitops.reports.clean import plain, quoted


def instance_words(instance: InstanceRef) -> str:
    """`boutique-principale (+33639980001, connected)`."""
    facts = ", ".join(plain(fact) for fact in (instance.number, instance.status) if fact)
    return f"{plain(instance.label)} ({facts})" if facts else plain(instance.label)


def recipients_words(recipients: JsonObject) -> str:
    match recipients.get("type"):
        case "all":
            return f"ALL contacts of the account{_size_words(recipients)}"
        case "tags":
            values = _texts(recipients.get("value"))
            return f"tag{'s' if len(values) > 1 else ''} {', '.join(values)}{_size_words(recipients)}"
        case "explicit":
            listed = len(_texts(recipients.get("value")))
            return f"{listed} contact{'' if listed == 1 else 's'}, listed one by one"
        case "group":
            return f"group {plain(recipients.get('group') or recipients.get('groupId'))}{_size_words(recipients)}"
        case _:
            return plain(recipients)


def _size_words(recipients: JsonObject) -> str:
    count = audience_count(recipients)
    return "" if count is None else f" ({count} contact{'' if count == 1 else 's'})"


def content_lines(content: JsonObject) -> list[str]:
    """What people get, whole: a line that names the kind, then the message as written behind a bar."""
    if "templateId" in content:
        variables = content.get("variables")
        given = variables if isinstance(variables, Mapping) else {}
        values = ", ".join(f"{plain(name)}={plain(value)}" for name, value in given.items())
        head = f"template {quoted(str(content.get('template')))}" + (f" with {values}" if values else "")
    else:
        head = plain(content.get("type", ""))
    media = content.get("mediaUrl")
    head += f" {plain(media)}" if isinstance(media, str) else ""
    texts = [content.get(name) for name in ("title", "description", "body", "footer")]
    lines = [f"│ {plain(line)}" for text in texts if isinstance(text, str) for line in text.rstrip().splitlines()]
    return [head, *lines, *_button_lines(content.get("buttons"))]


def _button_lines(buttons: Json) -> list[str]:
    found = [each for each in buttons if isinstance(each, Mapping)] if isinstance(buttons, list | tuple) else []
    return [f"│ {' '.join('[' + plain(each.get('displayText')) + ']' for each in found)}"] if found else []


def when_words(change: Change, now: datetime) -> str:
    """`Thu 2027-04-15 09:00 CEST (07:00 UTC), in 142 days, then weekly until …`."""
    desired = change.desired
    assert desired is not None
    at = change.start or desired.anchor
    distance = at - now
    far = f"in {duration_words(distance)}" if distance.total_seconds() >= 0 else f"{duration_words(-distance)} ago"
    return f"{moment_words(at, desired.timezone)}, {far}{series_words(desired)}"


def world_words(plan: Plan) -> str:
    """What the plan knows of the account, and from where."""
    if plan.world is World.LIST:
        return "read from the account's list of campaigns"
    match plan.refresh:
        case Refresh.ALL:
            return "the account has no list: campaigns were read one by one, out of the ledger"
        case Refresh.TOUCHED:
            return f"the account has no list: campaigns were read where git changed (--refresh touched){_unread(plan)}"
        case Refresh.NONE:
            return f"the account has no list, and nothing was read again (--refresh none){_unread(plan)}"


def seen_words(current: Current) -> str:
    """`, last seen Thu 2027-04-15 07:00 UTC`, for what was not read now."""
    return f", last seen {moment_words(current.seen_at, 'UTC')}" if current.seen_at else ""


def _unread(plan: Plan) -> str:
    seen = [each.current.seen_at for each in plan.changes if each.current and each.current.seen_at]
    if not seen:
        return ""
    one = len(seen) == 1
    return f"; {len(seen)} {'is' if one else 'are'} as last seen, on {moment_words(min(seen), 'UTC')}{'' if one else ' or later'}"


def ledger_words(plan: Plan) -> str:
    """`git, 0f8fad5b, entry 128`; empty without a ledger."""
    ref = plan.ledger
    return f"{plain(ref.store)}, {plain(ref.id)[:8]}, entry {ref.head.number}" if ref and ref.id else ""


def series_words(desired: Desired) -> str:
    if not desired.repeats:
        return ""
    until = f" until {moment_words(desired.until, desired.timezone)}" if desired.until else ""
    return f", then {plain(desired.fields['repeat'])}{until}"


def value_words(value: Json) -> str:
    """A field's value in a comparison."""
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Mapping) and "type" in value:
        return recipients_words(value)
    return plain(value)


def _texts(value: Json) -> list[str]:
    return [plain(each) for each in value] if isinstance(value, list | tuple) else []
