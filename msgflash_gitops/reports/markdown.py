"""Text of definitions, labels and answers, made harmless for a comment on GitHub or GitLab.

A character that could begin markup is written as an entity, which a parser never takes for markup. Mentions, references, emoji and bare
links are found by those sites in the rendered text, where an entity does not help: there an invisible space keeps them apart. The
entities also keep `::command::` and `##[command]` out of a log that prints the Markdown as it is.
"""

import re

from msgflash_gitops.reports.clean import plain

_SPACE = "&#8203;"
_MARKUP = frozenset("\\`*_{}[]<>|~#@!$%&")
# What follows makes these a mention, a reference, a quick action or an emoji.
_REFERS = re.compile(
    r"[@#!$%&^~](?=\S)|(?<!\d):(?=[\w+-]+:)|(?<=:)/(?=/)|(?<=[wW]{3})\.|(?<=[gG][hH])-(?=\d)", re.ASCII
)
_CODE = re.compile(r"[A-Za-z0-9:/?&=._~%+,;() -]+")
_SAFE_FIRST = re.compile(r"[^\W\d_]")


def text(value: object) -> str:
    """One line of text, for any place but the start of a line."""
    return _encode(plain(value))


def line(value: object) -> str:
    """One line of text that may stand at the start of a line: no list, heading, quote, table or quick action begins there."""
    shown = plain(value)
    if not shown or _SAFE_FIRST.match(shown):
        return _encode(shown)
    return _entity(shown[0]) + (_SPACE if shown[0] in "@#!$%&^~:/" else "") + _encode(shown[1:])


def code(value: object) -> str:
    """As code where its characters allow that (keys, addresses, digests), otherwise as text."""
    shown = plain(value)
    return f"`{shown}`" if _CODE.fullmatch(shown) and shown == shown.strip() else _encode(shown)


def comment(value: str) -> str:
    """For an HTML comment: what could end it is percent-encoded, differently for different texts."""
    return "".join(c if re.fullmatch(r"[A-Za-z0-9._-]", c) else "".join(f"%{b:02X}" for b in c.encode()) for c in value)


def _encode(shown: str) -> str:
    apart = {found.start() for found in _REFERS.finditer(shown)}
    pieces = []
    for position, character in enumerate(shown):
        encoded = _entity(character) if character in _MARKUP or _doubled(shown, position) else character
        pieces.append(encoded + _SPACE if position in apart else encoded)
    return "".join(pieces)


def _doubled(shown: str, position: int) -> bool:
    """Of `::` and `//`, both: what begins a command or ends a scheme."""
    character = shown[position]
    return character in ":/" and character in (shown[position - 1 : position], shown[position + 1 : position + 2])


def _entity(character: str) -> str:
    return f"&#{ord(character)};"
