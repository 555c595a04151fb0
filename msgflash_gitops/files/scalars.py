"""Plain scalars by the core schema of YAML 1.2, kept as text wherever a number would not read back as it was written.

So `12:30`, `2027-04-15`, `no` and `yes` are text, and so are `+5511987654321`, `007`, `1.10` and `0x1f`, which as numbers would
lose a sign, a zero or their form.
"""

import re

from msgflash_gitops.model.json_value import Json

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_FLOAT = re.compile(r"-?[0-9]+\.[0-9]+")


def read_scalar(text: str, *, plain: bool, tag: str | None) -> Json:
    """The value of a scalar; quoted ones, and those tagged `!!str`, are text."""
    if not plain and (tag is None or tag.endswith(":str")):
        return text
    if text in _NULL:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and repr(float(text)) == text:
        return float(text)
    return text
