"""The bytes of an answer as JSON that everything after it can compare, hash and write down again."""

import json
import math
import re
from typing import NoReturn

from msgflash_gitops.model.json_value import Json
from msgflash_gitops.msgflash.assumptions import MOST_MARKS

_HALF_CHARACTER = re.compile(r"\\u[dD][89a-fA-F]")


_MARKS = (b"[", b"{", b",", b":")


class TooManyValues(ValueError):
    """Counted before parsing: three bytes of `[],` become sixty-four, and many small values become gigabytes."""


def read_json(body: bytes) -> Json:
    """Raises ValueError for what is no JSON, TooManyValues for what would take too much memory. Halves of a surrogate pair (a text cut inside an emoji) become `?`."""
    if sum(body.count(mark) for mark in _MARKS) > MOST_MARKS:
        raise TooManyValues(f"it holds more than {MOST_MARKS:,} values")
    try:
        text = body.decode("utf-8-sig")
        value: Json = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        if _HALF_CHARACTER.search(text):
            value = json.loads(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number that is too large")
    return number
