"""Secrets made unreadable in a text, whatever form somebody wrote them in.

`without_keys` knows what keys look like, `Masker` knows the secrets of this run by value: also without their prefix, in upper case,
spaced, dashed, broken over lines, percent-encoded, and cut off behind their first part. The time it takes is linear in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote

MASK = "***"
_API_KEY = re.compile(r"msgf_(live|team)_[A-Za-z0-9_-]+")
_PREFIX = re.compile(r"msgf_(?:live|team)_")
_BETWEEN = " \t\r\n\v\f\u00a0-_.:+\\\u2010\u2011\u2013\u2014│"
_DROPPED = str.maketrans(dict.fromkeys(_BETWEEN))
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}|\\[nrt]")
# That much of the beginning of a secret is masked where the rest was cut off; shorter secrets are masked as they are written alone.
_HEAD = 16
_SHORTEST = 6


def without_keys(text: str) -> str:
    """An API key that somebody pasted where it does not belong is not repeated."""
    return _API_KEY.sub(r"msgf_\1_***", text)


@dataclass(frozen=True, slots=True)
class Masker:
    """`secrets` of fewer than 6 characters are left alone: hiding them would hide half of every text."""

    secrets: frozenset[str] = frozenset()

    def hide(self, text: str) -> str:
        """The text with `***` for each secret."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            body = _folded(_PREFIX.sub("", secret))
            if len(body) >= _HEAD:
                text = _hide_long(text, body)
            elif len(secret) >= _SHORTEST:
                text = _hide_short(text, secret)
        return text


def _folded(text: str) -> str:
    """Without case, escapes and what may stand between the characters."""
    if "%" in text:
        text = unquote(text, errors="replace")
    if "\\" in text:
        text = re.sub(r"\\[nrt]", "", text)
    return text.translate(_DROPPED).lower()


def _hide_long(text: str, body: str) -> str:
    if body[:_HEAD] not in _folded(text):
        return text
    places = list(_characters(text))
    folded = "".join(character for character, _, _ in places)
    kept: list[str] = []
    done = 0
    at = folded.find(body[:_HEAD])
    while at >= 0:
        length = _HEAD
        while length < len(body) and folded[at + length : at + length + 1] == body[length]:
            length += 1
        kept += [text[done : places[at][1]], MASK]
        done = places[at + length - 1][2]
        at = folded.find(body[:_HEAD], at + length)
    return "".join([*kept, text[done:]])


def _characters(text: str) -> Iterator[tuple[str, int, int]]:
    """What `_folded` leaves, one character at a time, with where it begins and ends in the text."""
    at = 0
    while at < len(text):
        found = _ESCAPED.match(text, at) if text[at] in "%\\" else None
        end = found.end() if found else at + 1
        written = text[at:end]
        character = chr(int(written[1:], 16)) if len(written) == 3 else written
        if not written.startswith("\\") and character not in _BETWEEN:
            yield character.lower()[:1], at, end
        at = end


def _hide_short(text: str, secret: str) -> str:
    for form in {secret, quote(secret, safe="")}:
        if form in text:
            text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(form)}(?![A-Za-z0-9])", MASK, text)
    return text
