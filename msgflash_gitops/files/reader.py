"""Strict reading of YAML 1.2: the parser's events to plain values, with the position of every key and item.

PyYAML's constructors speak YAML 1.1, where `no` is false, `10:00` is 600 and a duplicate key vanishes; here only its parser is
used. Nothing in this module recurses deeper than the documented limit, whatever the bytes are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from msgflash_gitops.files.scalars import read_scalar
from msgflash_gitops.files.syntax_hints import syntax_hint
from msgflash_gitops.model.finding import Finding, Severity
from msgflash_gitops.model.json_value import Json
from msgflash_gitops.model.source import FieldPath

MOST_BYTES = 1024 * 1024
MOST_ALIASES = 100
DEEPEST = 50
_MOST_NODES = 200_000
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STANDARD_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")}


@dataclass(slots=True)
class Document:
    """One YAML document. `texts` holds plain scalars as they were written, by path. Lines and columns count from 1."""

    value: Json
    line: int
    column: int
    positions: dict[FieldPath, tuple[int, int]] = field(default_factory=dict)
    texts: dict[FieldPath, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Node:
    kind: str
    line: int
    column: int
    tag: str | None = None
    text: str = ""
    plain: bool = False
    items: list["_Node"] = field(default_factory=list)
    complete: bool = False


class Fault(Exception):
    """Something in the text that ends the reading of the document, or of the file where the parser itself gave up."""

    def __init__(self, rule: str, message: str, line: int, column: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint


def read_documents(data: bytes, path: str) -> tuple[list[Document], list[Finding]]:
    """Every document that can be read, and what is wrong with the others."""
    documents: list[Document] = []
    findings: list[Finding] = []

    def report(fault: Fault) -> None:
        findings.append(Finding(fault.rule, fault.message, path, fault.line, fault.column, hint=fault.hint))

    try:
        for tree in _documents(_decode(data)):
            if isinstance(tree, Fault):
                report(tree)
            elif tree.kind == "empty":
                message = "the document holds nothing"
                findings.append(Finding("empty-document", message, path, tree.line, tree.column, Severity.WARNING))
            else:
                _convert_into(tree, documents, report)
        if not documents and not findings:
            findings.append(Finding("empty-document", "the file holds nothing", path, severity=Severity.WARNING))
    except Fault as fault:
        report(fault)
    return documents, findings


def _convert_into(tree: _Node, documents: list[Document], report: Any) -> None:
    conversion = _Conversion(tree, report)
    try:
        document = conversion.document()
    except Fault as fault:
        report(fault)
        return
    if not conversion.faulty:
        documents.append(document)


def _decode(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise Fault("file-too-large", "the file is larger than 1 MiB", 1, 1, "split it into several files")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Fault("file-unreadable", "the file is UTF-16", 1, 1, "save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
        raise Fault("file-unreadable", "the file is not UTF-8", line, column, "save it as UTF-8") from None
    found = _FORBIDDEN.search(text)
    if found:
        line, column = (
            text.count("\n", 0, found.start()) + 1,
            found.start() - (text.rfind("\n", 0, found.start()) + 1) + 1,
        )
        message = f"the character U+{ord(found[0]):04X} is not allowed in YAML"
        raise Fault("yaml-syntax", message, line, column, "remove it")
    return text


def _documents(text: str) -> Iterator["_Node | Fault"]:
    """Trees, document by document; a Fault in place of one that is over a limit. Raises Fault where the parser gives up."""
    try:
        events = iter(yaml.parse(text, Loader=_LOADER))
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                yield _Builder().build(events, event)
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, text) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Fault("yaml-syntax", f"the file cannot be read as YAML ({type(error).__name__})", 1, 1) from None


class _Builder:
    """One document's events to a tree."""

    def __init__(self) -> None:
        self.root: _Node | None = None
        self.stack: list[_Node] = []
        self.anchors: dict[str, _Node] = {}
        self.aliases = 0
        self.fault: Fault | None = None

    def build(self, events: Iterator[Any], start: Any) -> "_Node | Fault":
        for event in events:
            if isinstance(event, yaml.DocumentEndEvent):
                break
            try:
                self._take(event)
            except Fault as fault:
                self.fault = self.fault or fault
        if self.fault is not None:
            return self.fault
        root = self.root
        if root is None or (root.kind == "scalar" and root.plain and not root.text and root.tag is None):
            return _Node("empty", start.start_mark.line + 1, start.start_mark.column + 1)
        return root

    def _take(self, event: Any) -> None:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, yaml.AliasEvent):
            self._add(self._alias(str(event.anchor), line, column))
        elif isinstance(event, yaml.ScalarEvent):
            plain = event.style is None or event.style == ""
            node = _Node("scalar", line, column, _tag(event, plain), event.value, plain, complete=True)
            self._anchor(event, node)
            self._add(node)
        elif isinstance(event, yaml.CollectionStartEvent):
            kind = "map" if isinstance(event, yaml.MappingStartEvent) else "seq"
            node = _Node(kind, line, column, event.tag if not event.implicit else None)
            self._anchor(event, node)
            self._add(node)
            self.stack.append(node)
            if len(self.stack) > DEEPEST:
                raise Fault("yaml-depth", f"the document is nested deeper than {DEEPEST} levels", line, column)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop().complete = True

    def _alias(self, name: str, line: int, column: int) -> _Node:
        self.aliases += 1
        if self.aliases > MOST_ALIASES:
            raise Fault("yaml-aliases", f"the document uses more than {MOST_ALIASES} aliases", line, column)
        target = self.anchors.get(name)
        if target is None:
            hint = f'text that begins with * must be in quotes: "*{name}…"'
            raise Fault("yaml-aliases", f"*{name} is an alias, and there is no anchor &{name}", line, column, hint)
        if not target.complete:
            raise Fault("yaml-aliases", f"the alias *{name} contains itself", line, column)
        return _Node(target.kind, line, column, target.tag, target.text, target.plain, target.items, complete=True)

    def _anchor(self, event: Any, node: _Node) -> None:
        if event.anchor is not None:
            self.anchors[event.anchor] = node

    def _add(self, node: _Node) -> None:
        if self.fault is not None:
            return
        if self.stack:
            self.stack[-1].items.append(node)
        elif self.root is None:
            self.root = node


def _tag(event: Any, plain: bool) -> str | None:
    implicit = event.implicit[0] if plain else event.implicit[1]
    return None if implicit else event.tag


class _Conversion:
    """A tree to plain values and positions. Faults of single keys are reported, and the rest of the document still read."""

    def __init__(self, root: _Node, report: Any) -> None:
        self._root = root
        self._report = report
        self._nodes = 0
        self.faulty = False
        self._document = Document(None, root.line, root.column)

    def document(self) -> Document:
        self._document.value = self._value(self._root, (), 0)
        return self._document

    def _fault(self, rule: str, message: str, node: _Node, hint: str | None = None) -> None:
        self.faulty = True
        self._report(Fault(rule, message, node.line, node.column, hint))

    def _value(self, node: _Node, path: FieldPath, depth: int) -> Json:
        self._nodes += 1
        if self._nodes > _MOST_NODES or depth > DEEPEST:
            raise Fault(
                "yaml-aliases", "the aliases of the document multiply it beyond all measure", node.line, node.column
            )
        if node.tag is not None and node.tag not in _STANDARD_TAGS:
            self._fault(
                "yaml-tag", f"the tag {node.tag!r} is not allowed", node, "remove it: the fields know their types"
            )
        if node.kind == "map":
            return self._mapping(node, path, depth)
        if node.kind == "seq":
            for index, item in enumerate(node.items):
                self._document.positions[(*path, index)] = (item.line, item.column)
            return [self._value(item, (*path, index), depth + 1) for index, item in enumerate(node.items)]
        if node.plain:
            self._document.texts[path] = node.text
        return read_scalar(node.text, plain=node.plain and node.tag is None, tag=node.tag)

    def _mapping(self, node: _Node, path: FieldPath, depth: int) -> Json:
        result: dict[str, Json] = {}
        first: dict[str, int] = {}
        for key, value in zip(node.items[::2], node.items[1::2], strict=True):
            if key.kind != "scalar" or (key.plain and key.text in ("", "~", "null")):
                hint = "text that begins with { or [ must be in quotes" if key.kind != "scalar" else None
                self._fault("yaml-key", "a key must be plain text", key, hint)
                continue
            if key.text in result:
                message = f"the key {key.text!r} stands here twice, first in line {first[key.text]}"
                self._fault("yaml-duplicate-key", message, key, "remove one of them")
                continue
            first[key.text] = key.line
            self._document.positions[(*path, key.text)] = (key.line, key.column)
            result[key.text] = self._value(value, (*path, key.text), depth + 1)
        return result


def _syntax(error: yaml.MarkedYAMLError, text: str) -> Fault:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    message = error.problem or "the file is not valid YAML"
    if error.context and error.context_mark is not None and error.context_mark.line + 1 != line:
        message += f" ({error.context}, line {error.context_mark.line + 1})"
    return Fault("yaml-syntax", message, line, column, syntax_hint(message, text, line, column))
