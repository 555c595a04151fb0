"""What the account shows of a campaign, with labels beside ids and the audience's size where it is known."""

from collections.abc import Iterable

from msgflash_gitops.model.account import Instance
from msgflash_gitops.model.campaign import LiveCampaign
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.plan import InstanceRef
from msgflash_gitops.planning.resolve import Account

_DIRECT = ("type", "body", "mediaUrl", "title", "description", "footer", "buttons")


class Labels:
    """The account's instances, templates and groups by id."""

    def __init__(self, account: Account) -> None:
        self.instances = {each.id.lower(): each for each in account.instances}
        self._templates = {each.id.lower(): each for each in account.templates}
        self._groups = {each.id.lower(): each for each in account.groups}

    def instance(self, live: LiveCampaign) -> InstanceRef | None:
        """Without number and status where the account does not have it (any more)."""
        shown = live.fields.get("instanceId")
        return self.instance_of(shown) if isinstance(shown, str) else None

    def instance_of(self, instance_id: str) -> InstanceRef:
        found: Instance | None = self.instances.get(instance_id.lower())
        return (
            InstanceRef(instance_id, found.name, found.number, found.status)
            if found
            else InstanceRef(instance_id, instance_id)
        )

    def recipients(self, live: LiveCampaign) -> JsonObject:
        """`count`: those listed, else those the vendor planned, else those in the group."""
        shown = live.fields.get("recipients")
        if not isinstance(shown, dict):
            return {"type": "unknown"}
        result: dict[str, Json] = dict(shown)
        value, group_id, planned = shown.get("value"), shown.get("groupId"), live.stats.get("planned", 0)
        group = self._groups.get(group_id.lower()) if isinstance(group_id, str) else None
        if group is not None:
            result["group"] = group.name
        if shown.get("type") == "explicit" and isinstance(value, list):
            result["count"] = len(value)
        elif planned > 0:
            result["count"] = planned
        elif group is not None and group.contact_count is not None:
            result["count"] = group.contact_count
        return result

    def content(self, live: LiveCampaign) -> JsonObject:
        """With the text of its template, as it is now."""
        template_id = live.fields.get("templateId")
        if isinstance(template_id, str):
            template = self._templates.get(template_id.lower())
            variables = live.fields.get("variables")
            shown = {"templateId": template_id, "variables": variables if variables else {}}
            if template is None:
                return {**shown, "template": template_id}
            text = {"body": template.body, "mediaUrl": template.media_url}
            return {**shown, "template": template.name, **{name: value for name, value in text.items() if value}}
        return {name: live.fields[name] for name in _DIRECT if live.fields.get(name) is not None}


def needs_templates(live: Iterable[LiveCampaign]) -> bool:
    return any(each.fields.get("templateId") is not None for each in live)


def needs_groups(live: Iterable[LiveCampaign]) -> bool:
    return any(
        isinstance(shown := each.fields.get("recipients"), dict) and shown.get("type") == "group" for each in live
    )
