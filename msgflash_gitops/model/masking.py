"""Secrets made unreadable in a text, whatever form somebody wrote them in.

`without_keys` knows what keys look like, `Masker` knows the secrets of this run by value: also without their prefix, in upper case,
spaced, dashed, broken over lines, percent-encoded, and cut: any part of at least 8 characters. The time it takes is linear in the text.
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
# A part that long is masked wherever it stands, unless it may be an ordinary word or number: then only from `_SURE` on.
_PART = 8
_SURE = 16
# Shorter ones are left alone, and those without a part that long are masked where they stand alone.
_SHORTEST = 6
_KEY_DIGITS = re.compile(r"[0-9a-f]{32,}")


def without_keys(text: str) -> str:
    """An API key that somebody pasted where it does not belong is not repeated."""
    return _API_KEY.sub(r"msgf_\1_***", text)


@dataclass(frozen=True, slots=True)
class Masker:
    """`secrets` of fewer than 6 characters are left alone: hiding them would hide half of every text."""

    secrets: frozenset[str] = frozenset()

    def hide(self, text: str) -> str:
        """The text with `***` for each secret, and for each part of one."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            body = _folded(_PREFIX.sub("", secret))
            if len(body) >= _PART:
                text = _hide_parts(text, secret, body)
            if len(secret) >= _SHORTEST and len(body) < _SURE:
                text = _hide_whole(text, secret)
        return text


def _folded(text: str) -> str:
    """Without case, escapes and what may stand between the characters."""
    if "%" in text:
        text = unquote(text, errors="replace")
    if "\\" in text:
        text = re.sub(r"\\[nrt]", "", text)
    return text.translate(_DROPPED).lower()


def _hide_parts(text: str, secret: str, body: str) -> str:
    parts = {body[at : at + _PART] for at in range(len(body) - _PART + 1)}
    folded = _folded(text)
    if not any(part in folded for part in parts):
        return text
    places = list(_characters(text))
    kept: list[str] = []
    done = 0
    for first, last in _runs("".join(character for character, _, _ in places), parts):
        begin, end = places[first][1], places[last][2]
        if last - first + 1 >= _SURE or _tells(text[begin:end], secret, body):
            kept += [text[done:begin], MASK]
            done = end
    return "".join([*kept, text[done:]])


def _runs(folded: str, parts: set[str]) -> Iterator[tuple[int, int]]:
    """First and last place of each run of characters in which one part overlaps the next."""
    first, last = 0, -1
    for at in range(len(folded) - _PART + 1):
        if folded[at : at + _PART] in parts:
            if at > last:
                if last >= 0:
                    yield first, last
                first = at
            last = at + _PART - 1
    if last >= 0:
        yield first, last


def _tells(written: str, secret: str, body: str) -> bool:
    """Whether a short part is one of the secret, and not `production` of a password that holds this word, a date, or `00:00:00.000`."""
    characters = written.translate(_DROPPED)
    if len(set(characters.lower())) < 3:
        return False
    if _KEY_DIGITS.fullmatch(body):
        return True
    plain = characters in (characters.lower(), characters.upper(), characters.capitalize())
    return written.lower() in secret.lower() and not (characters.isalpha() and plain) and not characters.isdecimal()


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


def _hide_whole(text: str, secret: str) -> str:
    for form in {secret, quote(secret, safe="")}:
        if form in text:
            text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(form)}(?![A-Za-z0-9])", MASK, text)
    return text
