"""Each package says what belongs in it, and what is everybody's (clock, output, errors) stands in one place."""

import ast
import re
from collections.abc import Iterator

from msgflash_gitops import errors
from tests.architecture.sources import PACKAGE, Module, dotted, modules

# The machine's clock is read here. The sandbox knows nothing of the rest, so it has its own door to it.
CLOCKS = {"msgflash_gitops/msgflash/clock.py", "msgflash_gitops/sandbox/world.py"}
_CLOCK = re.compile(
    r"(.+\.)?(datetime\.(now|utcnow|today)|date\.today"
    r"|time\.(time|time_ns|monotonic|monotonic_ns|perf_counter|perf_counter_ns|sleep|localtime|gmtime))"
)
_STREAM = re.compile(r"sys\.(stdout|stderr|__stdout__|__stderr__)(\..+)?|click\.(echo|secho|confirm|prompt)")


def found(module: Module, pattern: re.Pattern[str]) -> Iterator[str]:
    """Where names that fit stand; `from time import monotonic` counts like `time.monotonic`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and pattern.fullmatch(dotted(node)):
            yield f"{module.at(node)} {dotted(node)}"
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{each.name}" for each in node.names]
            yield from (f"{module.at(node)} {name}" for name in names if pattern.fullmatch(name))


def test_every_package_has_a_charter() -> None:
    """Two sentences at least: what belongs there, and what must not or what it knows."""
    packages = [module for module in modules() if module.path.name == "__init__.py" and module.path.parent != PACKAGE]
    assert packages
    without = []
    for module in packages:
        charter = ast.get_docstring(module.tree) or ""
        if len(re.findall(r"\w[.!](?:\s|$)", charter)) < 2:
            without.append(module.name)
    assert not without, f"packages whose docstring is no charter: {without}"


def test_every_module_says_what_it_is_for() -> None:
    empty = [module.name for module in modules() if module.text.strip() and ast.get_docstring(module.tree) is None]
    assert not empty, f"modules without a docstring: {empty}"


def test_the_clock_is_read_in_one_place() -> None:
    places = [place for module in modules() if module.name not in CLOCKS for place in found(module, _CLOCK)]
    assert not places, f"the machine's clock is read outside {sorted(CLOCKS)}: {places}"


def test_the_clock_is_read_where_we_say() -> None:
    reading = {module.name for module in modules() if any(found(module, _CLOCK))}
    assert reading == CLOCKS


def test_only_the_command_line_writes_to_the_terminal() -> None:
    places = []
    for module in modules():
        prints = [
            node
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Call) and dotted(node.func) in ("print", "pprint", "pprint.pprint")
        ]
        places += [f"{module.at(node)} print" for node in prints]
        if not module.name.startswith("msgflash_gitops/cli/"):
            places += found(module, _STREAM)
    assert not places, f"output outside cli/, or by print: {places}"


def test_every_error_stands_in_the_tree_that_is_drawn() -> None:
    """`errors.py` draws its tree in its docstring, with the exit code where one is set."""
    drawn = dict(re.findall(r"^[│├└─ ]*([A-Z]\w+)[ ]*(\d+)?", errors.__doc__ or "", re.MULTILINE))
    missing = []
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.GitopsError):
            code = str(kind.exit_code) if "exit_code" in vars(kind) and kind is not errors.GitopsError else None
            if name not in drawn or (code is not None and drawn[name] != code):
                missing.append(f"{name} ({kind.exit_code})")
    assert not missing, f"not in the docstring of errors.py, or with another code: {missing}"
