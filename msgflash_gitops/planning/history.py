"""What the journal tells the next run: which pauses were ours, of replaces that were cut off, and which create has no outcome."""

from collections.abc import Iterable
from datetime import UTC, datetime

from msgflash_gitops.model.instant import parse_instant
from msgflash_gitops.model.json_value import Json, JsonObject


def interrupted_ids(entries: Iterable[JsonObject]) -> frozenset[str]:
    """Ids of campaigns that a replace of ours paused (or was about to pause) without reaching its end.

    A pause by a person looks the same in the account; only what we wrote down tells them apart. The pause counts as ours from
    its intent on, because the process may have died before it could note the outcome.
    """
    ours: dict[str, str] = {}
    for entry in entries:
        key, campaign_id, phase = entry.get("key"), entry.get("id"), entry.get("phase")
        if not isinstance(key, str):
            continue
        operation = entry.get("operation")
        if operation == "create" and phase in ("done", "recovered"):
            ours = {each: owner for each, owner in ours.items() if owner != key}
        elif not isinstance(campaign_id, str):
            continue
        elif operation == "pause" and entry.get("action") in ("replace", "resume") and phase in ("intent", "done"):
            ours[campaign_id] = key
        elif (operation == "pause" and phase == "failed") or (operation == "resume" and phase == "done"):
            ours.pop(campaign_id, None)
    return frozenset(ours)


def applied_digests(entries: Iterable[JsonObject]) -> frozenset[str]:
    """The digests of every campaign that was ever created from here."""
    return frozenset(
        str(entry["digest"])
        for entry in entries
        if entry.get("operation") == "create" and entry.get("phase") in ("done", "recovered") and entry.get("digest")
    )


def made_ids(entries: Iterable[JsonObject]) -> frozenset[str]:
    """The ids of every campaign that was ever created from here."""
    return frozenset(
        str(entry["id"])
        for entry in entries
        if entry.get("operation") == "create" and entry.get("phase") in ("done", "recovered") and entry.get("id")
    )


def last_open_create(entries: Iterable[JsonObject]) -> datetime | None:
    """When the latest create may have landed that no listing has shown since; None where there is none.

    Until it had time to settle, the list may hide what a run that was cut off left behind.
    """
    learned: dict[tuple[object, ...], datetime] = {}
    unknown: dict[tuple[object, ...], datetime] = {}
    for entry in entries:
        campaign = (entry.get("run"), entry.get("key"), entry.get("digest"))
        match entry.get("operation"), entry.get("phase"):
            case "create", "refused" | "not-sent":
                unknown.pop(campaign, None)
            case "create", "done" | "recovered":
                unknown.pop(campaign, None)
                learned[campaign] = _instant(entry.get("at"))
            case "create", _:
                unknown[campaign] = _instant(entry.get("at"))
            case "verify", "done":
                learned = {each: at for each, at in learned.items() if each[0] != entry.get("run")}
    return max((*learned.values(), *unknown.values()), default=None)


def _instant(text: Json) -> datetime:
    try:
        return parse_instant(str(text))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
