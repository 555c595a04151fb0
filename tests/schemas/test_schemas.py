"""Draft-07, flattened, closed, and said in words that an editor can show."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from msgflash_gitops.files.schemas import schema_text

ROOT = Path(__file__).parents[2]
SCHEMAS = sorted(path.name.removesuffix(".schema.json") for path in (ROOT / "schemas").glob("*.schema.json"))
WRITTEN = ("campaign", "project")


def schema(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(schema_text(name))
    return loaded


def fields(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property that a person may write, at any depth, outside conditions."""
    if not isinstance(node, dict):
        return
    for name, field in node.get("properties", {}).items():
        if isinstance(field, dict):
            yield f"{path}{name}", field
            yield from fields(field, f"{path}{name}.")
    for inner in (node.get("items"), node.get("additionalProperties")):
        yield from fields(inner, f"{path}*.")


@pytest.mark.parametrize("name", SCHEMAS)
def test_is_draft_07_without_references(name: str) -> None:
    text = schema_text(name)
    assert schema(name)["$schema"] == "http://json-schema.org/draft-07/schema#"
    jsonschema.Draft7Validator.check_schema(schema(name))
    assert "$ref" not in text
    assert "oneOf" not in text


@pytest.mark.parametrize("name", WRITTEN)
def test_is_closed(name: str) -> None:
    top = schema(name)
    assert top["additionalProperties"] is False
    for path, field in fields(top):
        if field.get("type") == "object" and "properties" in field:
            assert "additionalProperties" in field, path


@pytest.mark.parametrize("name", WRITTEN)
def test_every_field_is_described(name: str) -> None:
    bare = [path for path, field in fields(schema(name)) if not field.get("title") or not field.get("description")]
    assert bare == []


@pytest.mark.parametrize("name", WRITTEN)
def test_every_pattern_is_anchored_and_explained(name: str) -> None:
    text = schema_text(name)
    for pattern in re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', text):
        re.compile(json.loads(pattern))
    for path, field in fields(schema(name)):
        if "pattern" in field:
            assert "errorMessage" in field, path


@pytest.mark.parametrize("name", WRITTEN)
def test_defaults_and_examples_fit_their_own_field(name: str) -> None:
    for path, field in fields(schema(name)):
        for value in [*field.get("examples", []), *([field["default"]] if "default" in field else [])]:
            errors = [error.message for error in jsonschema.Draft7Validator(field).iter_errors(value)]
            assert errors == [], path
