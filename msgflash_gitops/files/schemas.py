"""The JSON Schemas, and their errors as findings: one for each fault, at the key at fault."""

import difflib
import importlib.resources
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from msgflash_gitops.files.reader import Document
from msgflash_gitops.model.finding import Finding
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.source import FieldPath, Source

_RULES = {
    "type": "schema-type",
    "required": "schema-required",
    "anyOf": "schema-required",
    "additionalProperties": "schema-unknown-field",
    "enum": "schema-enum",
    "const": "schema-enum",
    "pattern": "schema-format",
    "propertyNames": "schema-format",
    "uniqueItems": "schema-format",
    "minimum": "schema-format",
    "not": "schema-forbidden-field",
    "minLength": "schema-length",
    "maxLength": "schema-length",
    "minItems": "schema-length",
    "maxItems": "schema-length",
    "minProperties": "schema-length",
}
_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "boolean": "true or false",
}


@cache
def schema_text(name: str) -> str:
    """A schema as published: out of the installed package, or out of the checkout."""
    packed = importlib.resources.files("msgflash_gitops") / "schemas" / f"{name}.schema.json"
    if packed.is_file():
        return packed.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")


@cache
def _validator(name: str) -> Any:
    import jsonschema  # noqa: PLC0415 - costs a tenth of a second

    validators: Any = jsonschema.validators
    ours = validators.extend(jsonschema.Draft7Validator, {"pattern": _pattern})
    return ours(json.loads(schema_text(name)))


def _pattern(validator: Any, pattern: str, instance: Any, _: Any) -> Iterator[Any]:
    """A schema's `$` means the very end; Python's also matches before a final newline."""
    import jsonschema  # noqa: PLC0415

    exact = pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern
    if validator.is_type(instance, "string") and not re.search(exact, instance):
        yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")


def schema_findings(name: str, document: Document, path: str) -> list[Finding]:
    """What the schema says of a document; empty where it fits."""
    faults = _one_per_fault(list(_faults(_validator(name).iter_errors(document.value))))
    mixed = [fault for fault in faults if fault.rule == "content-mode" and fault.path]
    source = Source(path, document.line, document.column, document.positions)
    single = [fault.finding(source) for fault in faults if fault not in mixed]
    findings = [*single, *([_mixed(mixed, source)] if mixed else [])]
    return sorted(findings, key=lambda finding: finding.sort_key)


def _one_per_fault(faults: list["_Fault"]) -> list["_Fault"]:
    """Several rules may trip over one mistake: a field without a place is not also of the wrong form, a misspelt one not also missing."""
    forbidden = {
        fault.path
        for fault in faults
        if fault.rule in ("schema-forbidden-field", "content-mode") and fault.missing is None
    }
    misspelt = {(fault.path[:-1], near) for fault in faults for near in fault.near}
    kept: dict[tuple[FieldPath, str | None], _Fault] = {}
    for fault in faults:
        shadowed = fault.path in forbidden and fault.rule not in ("schema-forbidden-field", "content-mode")
        if not shadowed and (fault.path, fault.missing) not in misspelt:
            kept.setdefault((fault.path, fault.missing), fault)
    return list(kept.values())


@dataclass(frozen=True, slots=True)
class _Fault:
    """`missing`: the field that is not there. `near`: known fields that an unknown one resembles."""

    rule: str
    path: FieldPath
    message: str
    hint: str | None = None
    missing: str | None = None
    near: tuple[str, ...] = ()

    def finding(self, source: Source) -> Finding:
        at = source.at(*self.path)
        return Finding(self.rule, self.message, at.path, at.line, at.column, hint=self.hint)


def _mixed(faults: list[_Fault], source: Source) -> Finding:
    """Fields of the other content mode are one fault, at the first of them."""
    first, *others = sorted(faults, key=lambda fault: (source.at(*fault.path).line, source.at(*fault.path).column))
    if not others:
        return first.finding(source)
    names = ", ".join(f"`{fault.path[-1]}`" for fault in (first, *others))
    message = first.message.replace(f"`{first.path[-1]}` belongs", f"{names} belong", 1)
    return replace(first, message=message).finding(source)


def _faults(errors: Iterator[Any]) -> Iterator[_Fault]:
    for error in errors:
        yield from _of_error(error)


def _of_error(error: Any) -> Iterator[_Fault]:
    path: FieldPath = tuple(error.absolute_path)
    rule = error.schema.get("x-rule") or _RULES.get(error.validator, "schema-format")
    said = error.schema.get("errorMessage")
    hint = error.schema.get("x-hint")
    match error.validator:
        case "required":
            for name in error.validator_value:
                if name not in error.instance:
                    required = rule if said else "schema-required"
                    yield _Fault(required, path, said or f"`{name}` is missing{_inside(path)}", hint, missing=name)
        case "additionalProperties":
            known = error.schema.get("properties", {})
            for name in sorted(set(error.instance) - set(known)):
                said, hint = f"there is no field `{name}`{_inside(path)}", _did_you_mean(name, known)
                yield _Fault(rule, (*path, name), said, hint, near=_near(name, known))
        case "propertyNames":
            yield _Fault(
                rule, (*path, error.instance), said or f"{error.instance!r} is no name that a placeholder can have"
            )
        case "type":
            yield _Fault(
                rule,
                path,
                f"{_name(path)} must be {_kinds(error.validator_value)}, {_got(error.instance)}",
                _type_hint(error),
            )
        case "enum":
            choices = [str(choice) for choice in error.validator_value if choice != "noe"]
            near = _did_you_mean(str(error.instance), choices) or f"it takes {', '.join(choices)}"
            yield _Fault(rule, path, f"{_name(path)} cannot be {error.instance!r}", hint or near)
        case _:
            yield _Fault(rule, path, said or f"{_name(path)}: {_plain(error)}", hint)


def _plain(error: Any) -> str:
    limit = error.validator_value
    words = {
        "minLength": "is empty",
        "minItems": f"needs at least {limit}",
        "maxItems": f"takes at most {limit}",
        "maxLength": f"is longer than {limit} characters",
        "minProperties": "is empty",
        "minimum": f"must be at least {limit}",
        "uniqueItems": "holds the same entry twice",
        "not": "has no place here",
    }
    return words.get(error.validator, "does not have the right form")


def _name(path: FieldPath) -> str:
    if not path:
        return "a document"
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return f"`{text.removeprefix('.')}`"


def _inside(path: FieldPath) -> str:
    return f" in {_name(path)}" if path else ""


def _kinds(types: str | list[str]) -> str:
    names = [types] if isinstance(types, str) else types
    return " or ".join(_KINDS.get(name, name) for name in names)


def _got(value: Json) -> str:
    if value is None:
        return "and it is empty"
    if isinstance(value, bool):
        return f"and {str(value).lower()} is not"
    if isinstance(value, int | float):
        return f"and {value} is a number"
    if isinstance(value, str):
        return f"and {value[:40]!r} is text"
    return "and this is a mapping" if isinstance(value, Mapping) else "and this is a list"


def _type_hint(error: Any) -> str | None:
    if error.validator_value == "string" and isinstance(error.instance, bool | int | float):
        written = str(error.instance).lower() if isinstance(error.instance, bool) else error.instance
        return f'put it in quotes: "{written}"'
    if error.validator_value == "boolean":
        return "write true or false, without quotes"
    return None


def _did_you_mean(text: str, known: Iterable[str]) -> str | None:
    if text == "<<":
        return "merge keys are not supported: write the fields out"
    near = _near(text, known)
    return f"did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else None


def _near(text: str, known: Iterable[str]) -> tuple[str, ...]:
    by_fold = {name.lower(): name for name in known}
    return tuple(by_fold[each] for each in difflib.get_close_matches(text.lower(), list(by_fold), n=2, cutoff=0.65))
