"""Frozen dataclasses of the model to JSON and back, by their type hints; used for saved plans and their digest."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from msgflash_gitops.model import json_value
from msgflash_gitops.model.json_value import Json

T = TypeVar("T")


def encode(value: Any) -> Json:
    """Plain JSON; instants as ISO 8601 with their offset. Fields that are None are kept: absent and null differ."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value) if field.compare}
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): encode(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    assert value is None or isinstance(value, bool | int | float | str), f"{type(value)} has no JSON form"
    return value


def decode(kind: type[T], data: Json) -> T:
    """Raises ValueError where the data does not fit the type: unknown or missing fields, wrong shapes."""
    decoded: T = _decode(kind, data, kind.__name__)
    return decoded


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, localns=vars(json_value))


def _decode(kind: Any, data: Any, where: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _decode_union(kind, data, where)
    if is_dataclass(kind):
        return _decode_dataclass(kind, data, where)
    if origin is tuple:
        if not isinstance(data, list):
            raise ValueError(f"{where}: expected a list")
        return tuple(_decode(get_args(kind)[0], item, f"{where}[{index}]") for index, item in enumerate(data))
    if isinstance(kind, type):
        return _decode_plain(kind, data, where)
    return data


def _decode_union(kind: Any, data: Any, where: str) -> Any:
    """`X | None` is decoded as X; the union that is JSON itself is taken as it is."""
    options = [each for each in get_args(kind) if each is not type(None)]
    if data is None:
        return None
    return _decode(options[0], data, where) if len(options) == 1 else data


def _decode_dataclass(kind: Any, data: Any, where: str) -> Any:
    if not isinstance(data, Mapping):
        raise ValueError(f"{where}: expected an object")
    names = {field.name for field in fields(kind) if field.compare}
    if set(data) != names:
        odd = ", ".join(sorted(set(data) ^ names))
        raise ValueError(f"{where}: fields missing or unknown: {odd}")
    hints = _hints(kind)
    return kind(**{name: _decode(hints[name], data[name], f"{where}.{name}") for name in names})


def _decode_plain(kind: type, data: Any, where: str) -> Any:
    try:
        if issubclass(kind, Enum):
            return kind(data)
        if issubclass(kind, datetime):
            return datetime.fromisoformat(data)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: {error}") from None
    if kind in (str, int, bool) and (not isinstance(data, kind) or (kind is int and isinstance(data, bool))):
        raise ValueError(f"{where}: expected {kind.__name__}")
    return data
