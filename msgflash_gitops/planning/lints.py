"""What people would receive, looked at before anybody does: lengths, buttons, placeholders, formatting, characters, media.

Each rule and where its limit comes from: docs/lints.md. All of them can be waived in the definition.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, unquote, urlsplit

from msgflash_gitops.model.definition import Definition, DirectContent
from msgflash_gitops.model.finding import Finding, Severity, finding_at
from msgflash_gitops.model.rules import LINT_ERRORS
from msgflash_gitops.model.source import FieldPath
from msgflash_gitops.planning.lint_text import (
    Fault,
    bidi_controls,
    invisible_characters,
    leftovers,
    markdown,
    placeholders,
    unbalanced,
)

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
DESCRIPTION_LIMIT = 1024
TITLE_LIMIT = 60
FOOTER_LIMIT = 60
BUTTON_SHOWN = 20
BUTTON_LIMIT = 50
ENDINGS: Mapping[str, tuple[str, ...]] = {
    "image": ("jpeg", "jpg", "png", "webp", "gif"),
    "video": ("mp4", "3gp", "3gpp"),
    "audio": ("mp3", "ogg", "mp4", "m4a", "aac", "amr"),
    "voice_note": ("mp3", "ogg", "mp4", "m4a", "aac", "amr", "webm"),
    "document": ("pdf", "doc", "docx", "xls", "xlsx"),
}
_EXPIRING = frozenset({"expires", "signature", "key-pair-id", "x-amz-signature", "x-amz-expires", "x-goog-signature"})
_EXPIRING_AZURE = frozenset({"sig", "se"})
_FORMATTED = ("body", "description")


def lint(definitions: Iterable[Definition]) -> list[Finding]:
    """What is wrong, or worth a look, in the content of each; without what it waives."""
    return [finding for one in definitions for finding in lint_one(one)]


def lint_one(definition: Definition) -> list[Finding]:
    """The findings of one definition, each at the key at fault."""
    waived = {waiver.rule for waiver in definition.waivers}
    return [
        finding_at(
            definition.source.at(*path),
            fault.rule,
            f"`{_name(path)}` {fault.message}",
            severity=Severity.ERROR if fault.rule in LINT_ERRORS else Severity.WARNING,
            hint=fault.hint,
            key=definition.key,
        )
        for path, fault in _faults(definition)
        if fault.rule not in waived
    ]


def _faults(definition: Definition) -> Iterator[tuple[FieldPath, Fault]]:
    content = definition.content
    for path, text in _labels(definition):
        yield from ((path, fault) for check in (bidi_controls, invisible_characters) for fault in check(text))
    for path, text in _message(definition):
        yield from ((path, fault) for fault in _of_text(path, text))
    if isinstance(content, DirectContent):
        yield from _lengths(content)
        yield from _buttons(content)
        yield from _media(content)


def _of_text(path: FieldPath, text: str) -> Iterator[Fault]:
    """What can be wrong with any text that people read."""
    for check in (bidi_controls, invisible_characters, placeholders, leftovers, markdown):
        yield from check(text)
    if path[0] in _FORMATTED:
        yield from unbalanced(text)


def _labels(definition: Definition) -> Iterator[tuple[FieldPath, str]]:
    """Names that are looked up or shown to reviewers."""
    yield ("name",), definition.name
    yield ("instance",), definition.instance
    recipients, content = definition.recipients, definition.content
    yield from ((("recipients", "value", index), value) for index, value in enumerate(recipients.values))
    if recipients.group is not None:
        yield ("recipients", "group"), recipients.group
    if not isinstance(content, DirectContent) and content.template is not None:
        yield ("template",), content.template


def _message(definition: Definition) -> Iterator[tuple[FieldPath, str]]:
    """Every text that people read, as far as the definition holds it."""
    content = definition.content
    if not isinstance(content, DirectContent):
        yield from ((("variables", name), value) for name, value in content.variables.items() if isinstance(value, str))
        return
    for name in ("body", "title", "description", "footer"):
        text = content.fields.get(name)
        if isinstance(text, str):
            yield (name,), text
    for index, button in _button_list(content):
        label = button.get("displayText")
        if isinstance(label, str):
            yield ("buttons", index, "displayText"), label


def _lengths(content: DirectContent) -> Iterator[tuple[FieldPath, Fault]]:
    body = ("text-too-long", TEXT_LIMIT) if content.type == "text" else ("caption-too-long", CAPTION_LIMIT)
    limits = {
        "body": body,
        "title": ("title-long", TITLE_LIMIT),
        "description": ("description-long", DESCRIPTION_LIMIT),
        "footer": ("footer-long", FOOTER_LIMIT),
    }
    for name, (rule, limit) in limits.items():
        if isinstance(text := content.fields.get(name), str):
            yield from (((name,), fault) for fault in _length(text, rule, limit))
    for index, button in _button_list(content):
        label = str(button.get("displayText", ""))
        rule, limit = ("button-text-long", BUTTON_SHOWN)
        if len(label) > BUTTON_LIMIT:
            rule, limit = ("button-text-too-long", BUTTON_LIMIT)
        yield from ((("buttons", index, "displayText"), fault) for fault in _length(label, rule, limit))


def _length(text: str, rule: str, limit: int) -> Iterator[Fault]:
    """Nobody documents what a character is: Unicode characters are counted, and the other way of counting is a warning."""
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if len(text) > limit:
        yield Fault(rule, f"has {len(text)} characters, {len(text) - limit} more than {limit}", "shorten it")
    elif units > limit:
        message = f"has {len(text)} characters, and {units} where emoji count double: the limit is {limit}"
        yield Fault("length-uncertain", message, "shorten it, or send it to a number of your own first")


def _button_list(content: DirectContent) -> Iterator[tuple[int, Mapping[str, object]]]:
    buttons = content.fields.get("buttons")
    if isinstance(buttons, list | tuple):
        yield from ((index, each) for index, each in enumerate(buttons) if isinstance(each, Mapping))


def _buttons(content: DirectContent) -> Iterator[tuple[FieldPath, Fault]]:
    if content.type != "buttons":
        return
    message = "may be accepted by MsgFlash and never be shown: its channel to WhatsApp is not the official one"
    hint = "send them to a number of your own first, then waive buttons-delivery with what you saw"
    yield ("buttons",), Fault("buttons-delivery", message, hint)
    for field, words in (("id", "answers could not be told apart"), ("displayText", "people cannot tell them apart")):
        seen: dict[str, int] = {}
        for index, button in _button_list(content):
            value = button.get(field)
            if not isinstance(value, str):
                continue
            first = seen.setdefault(value if field == "id" else value.strip().casefold(), index)
            if first != index:
                fault = Fault("button-duplicate", f"is that of button {first + 1} too: {words}", "give each its own")
                yield ("buttons", index, field), fault


def _media(content: DirectContent) -> Iterator[tuple[FieldPath, Fault]]:
    url = content.fields.get("mediaUrl")
    if not isinstance(url, str):
        return
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    path: FieldPath = ("mediaUrl",)
    if parts.scheme.lower() == "http":
        yield path, Fault("media-url-http", "is fetched without https: anybody on the way can replace it", "use https")
    names = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if names & _EXPIRING or names >= _EXPIRING_AZURE:
        message = "is a signed link, which expires: the campaign may start after that"
        yield path, Fault("media-url-expires", message, "put the file at a stable public address")
    ending = PurePosixPath(unquote(parts.path)).suffix.lower().removeprefix(".")
    known = ENDINGS.get(content.type, ())
    if ending and known and ending not in known:
        message = f"ends in .{ending[:12]}, which MsgFlash does not list for {content.type}"
        yield path, Fault("media-extension", message, f"it lists {', '.join(known)}")


def _name(path: FieldPath) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
