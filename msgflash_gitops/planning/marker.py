"""The marker: the suffix of a campaign's internal name that says which definition it came from, and in which form.

    April Newsletter [crm/april-newsletter@3f9a1c2b04]

Recipients never see that name. A name that only resembles a marker is never taken for one.
"""

import re
from dataclasses import dataclass

DIGEST_LENGTH = 10
_PROJECT = r"[a-z0-9][a-z0-9._-]{0,31}"
_KEY = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_MARKED = re.compile(rf"(?P<name>.*) \[(?P<project>{_PROJECT})/(?P<key>{_KEY})@(?P<digest>[0-9a-f]{{10}})\]", re.DOTALL)
_BEGUN = re.compile(rf"\[\s*(?P<project>{_PROJECT})\s*/\s*(?P<key>{_KEY})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Marker:
    project: str
    key: str
    digest: str

    def __str__(self) -> str:
        return f"[{self.project}/{self.key}@{self.digest}]"


def mark(name: str, marker: Marker) -> str:
    """The name to send."""
    return f"{name} {marker}"


def read_marker(name: str) -> tuple[str, Marker | None]:
    """The name for people and the marker, None where the name bears none."""
    found = _MARKED.fullmatch(name)
    if found is None:
        return name, None
    return found["name"], Marker(found["project"], found["key"], found["digest"])


def damaged_key(name: str, project: str) -> str | None:
    """The key in what is left of this project's marker in a name whose marker was cut off or altered; None where nothing is."""
    if read_marker(name)[1] is not None:
        return None
    found = None
    for found in _BEGUN.finditer(name):  # noqa: B007 - the last one is the one wanted
        pass
    if found is None or found["project"].lower() != project:
        return None
    return found["key"]
