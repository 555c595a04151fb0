"""What the journal tells the next run: which pauses were ours, of replaces that were cut off."""

from collections.abc import Iterable

from msgflash_gitops.model.json_value import JsonObject


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
