"""Definitions and the account's labels to desired campaigns: what would be sent, with every name turned into an id."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC

from msgflash_gitops.model.account import Group, Instance, Template
from msgflash_gitops.model.definition import Audience, Definition, Recipients, Repeat, TemplateContent
from msgflash_gitops.model.finding import Finding, Severity, finding_at, has_errors
from msgflash_gitops.model.instant import format_instant
from msgflash_gitops.model.json_value import Json, JsonObject
from msgflash_gitops.model.plan import Desired, InstanceRef
from msgflash_gitops.planning.canonical import COMPARABLE, canonical_field
from msgflash_gitops.planning.digest import digest
from msgflash_gitops.planning.labels import Labels, Use
from msgflash_gitops.planning.marker import Marker, mark


@dataclass(frozen=True, slots=True)
class Account:
    """What labels are looked up in. Templates and groups may be empty where no definition needs them."""

    instances: tuple[Instance, ...]
    templates: tuple[Template, ...] = ()
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolution:
    """`desired` holds only definitions without errors; `findings` has errors and warnings of all."""

    desired: tuple[Desired, ...]
    findings: tuple[Finding, ...]


def needs_templates(definitions: Iterable[Definition]) -> bool:
    return any(isinstance(definition.content, TemplateContent) for definition in definitions)


def needs_groups(definitions: Iterable[Definition]) -> bool:
    return any(definition.recipients.type is Audience.GROUP for definition in definitions)


def resolve(definitions: Iterable[Definition], account: Account, *, project: str, timezone: str | None) -> Resolution:
    """Resolve every definition; one that fails leaves the others alone."""
    resolver = _Resolver(account, project, timezone or "UTC")
    desired = [resolver.resolve(definition) for definition in definitions]
    findings = tuple(sorted(resolver.findings, key=lambda finding: finding.sort_key))
    return Resolution(tuple(one for one in desired if one is not None), findings)


class _Resolver:
    def __init__(self, account: Account, project: str, timezone: str) -> None:
        self._instances = Labels("instance", account.instances, lambda item: item.number or item.id)
        self._templates = Labels("template", account.templates, lambda item: item.id)
        self._groups = Labels("group", account.groups, lambda item: item.id)
        self._project = project
        self._timezone = timezone
        self.findings: list[Finding] = []

    def resolve(self, definition: Definition) -> Desired | None:
        found: list[Finding] = []
        instance = self._instance(definition, found)
        recipients = self._recipients(definition, found)
        content = self._content(definition, found)
        self.findings += found
        if instance is None or recipients is None or content is None or has_errors(found):
            return None
        return self._desired(definition, instance, recipients, content, found)

    def _instance(self, definition: Definition, found: list[Finding]) -> Instance | None:
        use = Use(definition.instance, definition.source.at("instance"), definition.key)
        instance, finding = self._instances.find(use)
        found += [finding] if finding else []
        if instance is not None and instance.status != "connected":
            found.append(
                finding_at(
                    use.position,
                    "instance-not-connected",
                    f"instance {instance.name!r} is {instance.status}, nothing can be sent from it now",
                    severity=Severity.WARNING,
                    hint="connect it in the MsgFlash dashboard before the campaign starts",
                    key=definition.key,
                )
            )
        return instance

    def _recipients(self, definition: Definition, found: list[Finding]) -> JsonObject | None:
        recipients = definition.recipients
        if recipients.type is not Audience.GROUP:
            return _plain_recipients(recipients)
        written, find = ("group", self._groups.find) if recipients.group else ("groupId", self._groups.find_id)
        label = recipients.group or recipients.group_id or ""
        group, finding = find(Use(label, definition.source.at("recipients", written), definition.key))
        found += [finding] if finding else []
        if group is None:
            return None
        shown: dict[str, Json] = {"type": "group", "groupId": group.id, "group": group.name}
        if group.contact_count is not None:
            shown["count"] = group.contact_count
        return shown

    def _content(self, definition: Definition, found: list[Finding]) -> JsonObject | None:
        content = definition.content
        if not isinstance(content, TemplateContent):
            return {"type": content.type, **content.fields}
        written, find = (
            ("template", self._templates.find) if content.template else ("templateId", self._templates.find_id)
        )
        label = content.template or content.template_id or ""
        template, finding = find(Use(label, definition.source.at(written), definition.key))
        found += [finding] if finding else []
        if template is None:
            return None
        found += _variable_findings(definition, content, template)
        return {
            "templateId": template.id,
            "template": template.name,
            "variables": dict(content.variables),
            **{name: value for name, value in (("body", template.body), ("mediaUrl", template.media_url)) if value},
        }

    def _desired(
        self,
        definition: Definition,
        instance: Instance,
        recipients: JsonObject,
        content: JsonObject,
        found: list[Finding],
    ) -> Desired:
        body = _body(definition, instance, recipients, content)
        fields = {
            name: canonical_field(name, body.get(name)) for name in COMPARABLE if name in body or name == "repeat"
        }
        if "templateId" in body:
            fields["variables"] = canonical_field("variables", body.get("variables"))
        made = digest(definition.name, fields, definition.revision)
        body["name"] = mark(definition.name, Marker(self._project, definition.key, made))
        position = definition.source.at()
        return Desired(
            key=definition.key,
            name=definition.name,
            digest=made,
            fields=fields,
            body=body,
            anchor=definition.schedule.instant.astimezone(UTC),
            timezone=definition.schedule.timezone or self._timezone,
            series_timezone=definition.schedule.timezone,
            instance=InstanceRef(instance.id, instance.name, instance.number, instance.status),
            recipients=recipients,
            content=content,
            source=position,
            until=definition.until,
            paused=definition.paused,
            revision=definition.revision,
            renamed_from=definition.renamed_from,
            pinned_id=definition.pinned_id,
            waivers=definition.waivers,
            warnings=tuple(finding.message for finding in found if finding.severity is Severity.WARNING),
        )


def _plain_recipients(recipients: Recipients) -> JsonObject:
    if recipients.type is Audience.ALL:
        return {"type": "all"}
    shown: dict[str, Json] = {"type": recipients.type.value, "value": list(recipients.values)}
    if recipients.type is Audience.EXPLICIT:
        shown["count"] = len(recipients.values)
    return shown


def _body(definition: Definition, instance: Instance, recipients: JsonObject, content: JsonObject) -> dict[str, Json]:
    """The request body (page "Create a campaign"); `repeat` is sent only when there is one."""
    sent = {name: recipients[name] for name in ("type", "value", "groupId") if name in recipients}
    body: dict[str, Json] = {
        "instanceId": instance.id,
        "name": definition.name,
        "schedule": format_instant(definition.schedule.instant),
        "recipients": sent,
    }
    if definition.repeat is not Repeat.NONE:
        body["repeat"] = definition.repeat.value
    if "templateId" in content:
        body["templateId"] = content["templateId"]
        if content["variables"]:
            body["variables"] = content["variables"]
        return body
    return {**body, **content}


def _variable_findings(definition: Definition, content: TemplateContent, template: Template) -> list[Finding]:
    """`custom.*` placeholders without a value, and values without a placeholder."""
    used = {name.removeprefix("custom.") for name in template.variables if name.startswith("custom.")}
    given = set(content.variables)
    missing = [
        finding_at(
            definition.source.at("variables"),
            "template-variable-missing",
            f"template {template.name!r} uses {{{{custom.{name}}}}}, which is not set",
            hint=f"add `{name}: …` under `variables:`",
            key=definition.key,
        )
        for name in sorted(used - given)
    ]
    unused = [
        finding_at(
            definition.source.at("variables", name),
            "template-variable-unused",
            f"template {template.name!r} does not use the variable {name!r}",
            hint=_used_hint(used),
            key=definition.key,
        )
        for name in sorted(given - used)
    ]
    return missing + unused


def _used_hint(used: Mapping[str, object] | set[str]) -> str:
    return "it uses " + ", ".join(sorted(used)) if used else "it has no custom variables: remove it"
