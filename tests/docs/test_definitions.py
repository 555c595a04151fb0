"""docs/definitions.md against the schemas, the rules and the reader of YAML."""

import json
import re
from typing import Any

import pytest

from msgflash_gitops.files import reader
from msgflash_gitops.files.schemas import schema_text
from msgflash_gitops.model.project import DEFAULT_BASE_URL
from msgflash_gitops.model.rules import LINTS, RULES
from msgflash_gitops.planning.consistency import WAIVABLE
from tests.docs.markdown import code, page, rows, section, tables

PAGE = page("docs/definitions.md")
CAMPAIGN: dict[str, Any] = json.loads(schema_text("campaign"))
PROJECT: dict[str, Any] = json.loads(schema_text("project"))
TYPES = {
    "string": "text",
    "object": "mapping",
    "array": "list",
    "boolean": "true or false",
    "integer": "whole number",
}
# What stands in for a default that no schema can name.
NO_DEFAULT = {"none", "the project's", "the file's stem", "every workspace", "one, `default`", "see below"}
WORDS = {"null": None, "true": True, "false": False}

SHAPES = {
    "Fields of a definition": CAMPAIGN,
    "Recipients": CAMPAIGN["properties"]["recipients"],
    "Buttons": CAMPAIGN["properties"]["buttons"]["items"],
    "waive": CAMPAIGN["properties"]["waive"]["items"],
    "Accounts": PROJECT["properties"]["workspaces"]["additionalProperties"],
    "policy": PROJECT["properties"]["policy"],
    "vendor": PROJECT["properties"]["vendor"],
}


def fields(text: str) -> dict[str, dict[str, str]]:
    """The rows of the tables of fields by field, each cell under its column's name."""
    found = {}
    for head, *body in tables(text):
        if head[0] == "field":
            found.update({code(row[0]): dict(zip(head, row, strict=True)) for row in body})
    return found


def check(listed: dict[str, dict[str, str]], shape: dict[str, Any]) -> None:
    assert sorted(listed) == sorted(shape["properties"])
    for name, row in listed.items():
        field = shape["properties"][name]
        assert row["type"] == TYPES[field["type"]], name
        required = name in shape.get("required", ())
        assert (row["default"] == "required") == required, name
        if "default" in field:
            assert code(row["default"]) == str(field["default"]).replace("False", "false"), name
        elif not required and row["default"] not in NO_DEFAULT:
            assert (name, code(row["default"])) == ("base_url", DEFAULT_BASE_URL)


@pytest.mark.parametrize("heading", SHAPES)
def test_every_field_is_described(heading: str) -> None:
    check(fields(section(PAGE, heading)), SHAPES[heading])


def test_every_field_of_the_project_file_is_described() -> None:
    above = section(PAGE, "msgflash.yaml").partition("\n### ")[0]
    check(fields(above), PROJECT)


def test_the_rules_named_beside_fields_exist() -> None:
    for head, *body in tables(PAGE):
        for row in body:
            cell = dict(zip(head, row, strict=True)).get("errors", "")
            assert set(re.findall(r"`([^`]+)`", cell)) <= set(RULES), row


def test_the_table_of_rules_is_the_list_of_rules() -> None:
    listed = {code(row[0]): row[2] for row in rows(PAGE, "rule", "severity")}
    assert len(rows(PAGE, "rule", "severity")) == len(listed)
    assert sorted(listed) == sorted(set(RULES) - set(LINTS))
    assert {rule: text for rule, text in listed.items() if not text.startswith(RULES[rule])} == {}


def test_the_rules_that_can_be_waived() -> None:
    said = set(re.findall(r"`([a-z-]+)`", section(PAGE, "waive").partition("```")[0])) & (WAIVABLE | set(RULES))
    assert said - {"waive-unknown"} == WAIVABLE - set(LINTS)


def test_the_table_of_yaml_is_what_is_read() -> None:
    kinds: dict[str, type | tuple[type, ...]] = {
        "text": str,
        "number": (int, float),
        "true or false": bool,
        "nothing": type(None),
    }
    table = rows(PAGE, "written", "read as")
    assert len(table) >= 8
    for written, kind in table:
        for text in re.findall(r"`([^`]+)`", written):
            documents, faults = reader.read_documents(f"value: {text}\n".encode(), "x.yaml")
            assert not faults
            assert isinstance(documents[0].value, dict)
            value = documents[0].value["value"]
            assert isinstance(value, kinds[kind]) and (kind == "true or false") == isinstance(value, bool), text
            assert kind != "text" or value == text.strip("\"'"), text


def test_the_limits_are_those_of_the_reader() -> None:
    text = section(PAGE, "How YAML is read")
    assert reader.MOST_BYTES == 1024 * 1024
    assert "1 MiB per file" in text
    assert f"{reader.MOST_ALIASES} aliases per document" in text
    assert f"{reader.DEEPEST} levels" in text
