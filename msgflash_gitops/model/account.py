"""What the account holds besides campaigns: instances, templates, contact groups."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instance:
    """A WhatsApp number. `name` is its label; `status` is disconnected, connecting or connected."""

    id: str
    name: str
    number: str | None
    status: str


@dataclass(frozen=True, slots=True)
class Template:
    """`variables` lists the placeholders that its body holds, e.g. `contact.firstName`, `custom.code`."""

    id: str
    name: str
    type: str | None = None
    body: str | None = None
    media_url: str | None = None
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    name: str
    contact_count: int | None = None
