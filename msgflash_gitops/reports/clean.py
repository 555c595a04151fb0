"""Text of definitions, labels and answers, made harmless for a terminal: no escape sequence, no invisible character acts."""

import unicodedata

_KEPT = frozenset({"\u200d", "\ufe0f"})  # joiners inside emoji


def plain(text: object) -> str:
    """One line. Control, format and line characters are shown as escapes, so that nothing hides and nothing acts."""
    line = str(text)
    return line if line.isprintable() else "".join(_shown(character) for character in line)


def quoted(text: str, limit: int = 72) -> str:
    """In quotes, one line, cut with an ellipsis."""
    line = plain(text.strip().replace("\r\n", "\n").replace("\n", " ⏎ "))
    return f'"{line if len(line) <= limit else line[: limit - 1] + "…"}"'


def _shown(character: str) -> str:
    if character in _KEPT or character == " " or not _acts(character):
        return character
    point = ord(character)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _acts(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
