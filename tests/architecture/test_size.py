"""Small modules, small functions: what grows past that is always the orchestrator, and it should be cut instead."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.sources import Module, dotted, modules

LONGEST_MODULE = 300
LONGEST_FUNCTION = 40
LONGEST_COMMAND = 25
FOLDERS = ("msgflash_gitops", "benchmarks")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(module: Module) -> Iterator[Function]:
    for node in ast.walk(module.tree):
        if isinstance(node, Function):
            yield node


def length(node: Function) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def body_length(node: Function) -> int:
    """Without signature and docstring: options make the signature of a click command long."""
    statements = node.body[1:] if ast.get_docstring(node) is not None else node.body
    assert node.end_lineno is not None
    return node.end_lineno - statements[0].lineno + 1 if statements else 0


def is_command(node: Function) -> bool:
    calls = [each.func if isinstance(each, ast.Call) else each for each in node.decorator_list]
    return any(dotted(each) in ("click.command", "click.group") for each in calls)


@pytest.mark.parametrize("folder", FOLDERS)
def test_modules_are_short(folder: str) -> None:
    lengths = {module.name: len(module.text.splitlines()) for module in modules(folder)}
    assert lengths
    too_long = {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE}
    assert not too_long, f"modules of more than {LONGEST_MODULE} lines: {too_long}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_functions_are_short(folder: str) -> None:
    too_long = {
        f"{module.at(node)} {node.name}": length(node)
        for module in modules(folder)
        for node in functions(module)
        if length(node) > LONGEST_FUNCTION
    }
    assert not too_long, f"functions of more than {LONGEST_FUNCTION} lines: {too_long}"


def test_commands_only_parse_and_hand_over() -> None:
    commands = [
        (f"{module.at(node)} {node.name}", body_length(node))
        for module in modules("msgflash_gitops/cli")
        for node in functions(module)
        if is_command(node)
    ]
    assert commands
    too_long = {name: lines for name, lines in commands if lines > LONGEST_COMMAND}
    assert not too_long, f"click commands with a body of more than {LONGEST_COMMAND} lines: {too_long}"
