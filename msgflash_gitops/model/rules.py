"""Every rule a finding can name, with the sentence that the documentation shows for it.

The list stands here once; `docs/definitions.md` (and `docs/lints.md`, for LINTS) is compared with it by a test.
"""

from collections.abc import Mapping

# What people would receive is looked at by these; each can be waived in the definition.
LINTS: Mapping[str, str] = {
    "text-too-long": "A text of more than 4096 characters.",
    "caption-too-long": "A caption of more than 1024 characters.",
    "title-long": "A title of more than 60 characters.",
    "description-long": "A description of more than 1024 characters.",
    "footer-long": "A footer of more than 60 characters.",
    "button-text-long": "A button's text of more than 20 characters.",
    "button-text-too-long": "A button's text of more than 50 characters.",
    "length-uncertain": "A text that fits its limit in characters, and does not in UTF-16 units.",
    "button-duplicate": "Two buttons of a message with the same id or the same text.",
    "buttons-delivery": "A message with buttons may be accepted and never be shown.",
    "placeholder-unknown": "A placeholder whose namespace is not `contact`, `user`, `instance` or `custom`.",
    "placeholder-malformed": "Double braces that are no placeholder of the form `{{namespace.name}}`.",
    "placeholder-unreplaced": "A placeholder where MsgFlash does not say that it replaces any.",
    "leftover-text": "Text that somebody meant to replace: `%NAME%`, `{name}`, `[[name]]`, `TODO:`, `FIXME`, lorem ipsum.",
    "formatting-unbalanced": "A mark of WhatsApp's formatting that is opened and not closed, or the other way round.",
    "formatting-markdown": "Markdown or HTML that WhatsApp shows as it is written.",
    "bidi-control": "A character that changes the direction of text: people read something else than reviewers.",
    "invisible-character": "A character that nobody sees.",
    "media-url-http": "A `mediaUrl` without https.",
    "media-url-expires": "A `mediaUrl` that is signed for some time only.",
    "media-extension": "A `mediaUrl` whose ending does not belong to the message's type.",
}
LINT_ERRORS = frozenset(
    {
        "text-too-long",
        "caption-too-long",
        "button-text-too-long",
        "button-duplicate",
        "placeholder-unknown",
        "placeholder-malformed",
        "bidi-control",
    }
)

RULES: Mapping[str, str] = {
    # reading files
    "file-unreadable": "The file cannot be read, is no regular file, or is not UTF-8 text.",
    "file-too-large": "A definitions file is larger than 1 MiB.",
    "path-outside-project": "A symbolic link leads out of the project's folder.",
    "yaml-syntax": "The file is not valid YAML 1.2.",
    "yaml-duplicate-key": "A mapping holds the same key twice.",
    "yaml-aliases": "A document uses more than 100 aliases, an alias that contains itself, or one without an anchor.",
    "yaml-depth": "A document is nested deeper than 50 levels.",
    "yaml-tag": "A YAML tag other than the standard ones is used.",
    "yaml-key": "A mapping's key is not plain text.",
    "empty-document": "A file or document holds nothing.",
    # shape
    "schema-type": "A value has another type than the field allows.",
    "schema-required": "A field that must be there is missing.",
    "schema-unknown-field": "A field that does not exist.",
    "schema-forbidden-field": "A field that has no place beside the others (the other content mode, another message type).",
    "schema-enum": "A value outside the list of allowed ones.",
    "schema-format": "A value that does not have the form the field asks for.",
    "schema-length": "A text or list that is too short or too long.",
    "content-mode": "A definition has neither template nor type, or both.",
    "instance-uuid": "The instance is given as a UUID instead of its label.",
    # time
    "timezone-unknown": "A time zone that the IANA database does not hold.",
    "timezone-missing": "A local time without a zone, in the definition and in the project file.",
    "timezone-beside-offset": "A time zone beside a schedule that has an offset.",
    "time-invalid": "A date or time that cannot exist (30 February), or a date without a time.",
    "time-nonexistent": "A local time that the zone's clocks skip.",
    "time-ambiguous": "A local time that happens twice in the zone, without `fold`.",
    "fold-unused": "`fold` beside a time that happens once.",
    "until-without-repeat": "`until` on a campaign that does not repeat.",
    "until-before-schedule": "`until` lies before the first send.",
    # identity
    "key-missing": "A file with several documents where one has no `key`.",
    "key-invalid": "A key (written, or the file's stem) outside the allowed characters.",
    "key-duplicate": "Two definitions with the same key, in whatever case.",
    "same-send": "Two definitions that send the same content to the same audience from one instance at the same time.",
    "id-duplicate": "Two definitions pin the same campaign.",
    "renamed-from-exists": "`renamed_from` names a key that another definition still bears.",
    "renamed-from-leftover": "`renamed_from` names a key that nothing live bears any more.",
    "repeat-noe": "`repeat: noe` is read as `none`.",
    "waive-unknown": "`waive` names a rule that does not exist or cannot be waived.",
    "workspace-unknown": "`workspaces` names one that the project file does not have.",
    "no-definitions": "The campaigns folder holds no definition.",
    # project file
    "project-missing": "There is no msgflash.yaml here or above.",
    "project-base-url": "A base URL that is not https (plain http is for loopback only), or that holds credentials, a query or a fragment.",
    "project-ledger": "A setting of the ledger that belongs to another store than the one named.",
    # account
    "instance-unknown": "No instance of the account bears this label.",
    "instance-ambiguous": "Two instances of the account bear this label.",
    "instance-case": "The label matches an instance only when upper and lower case are ignored.",
    "instance-not-connected": "The instance is not connected.",
    "template-unknown": "No template of the account bears this label or id.",
    "template-ambiguous": "Two templates of the account bear this label.",
    "template-case": "The label matches a template only when upper and lower case are ignored.",
    "template-variable-missing": "The template uses a custom variable that the definition does not set.",
    "template-variable-unused": "The definition sets a variable that the template does not use.",
    "group-unknown": "No contact group of the account bears this label or id.",
    "group-ambiguous": "Two contact groups of the account bear this label.",
    "group-case": "The label matches a contact group only when upper and lower case are ignored.",
    # content
    **LINTS,
}
