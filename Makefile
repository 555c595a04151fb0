PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: install demo test test-lowest mutants lint types check clean

install: $(STAMP)

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

# The main job on the example repository, against the sandbox: no key, no network, nothing is sent.
demo: $(STAMP)
	sh docs/demo.sh $(abspath $(BIN))/msgflash-gitops

test: $(STAMP)
	$(BIN)/python -m pytest -n auto --dist worksteal

# The suite with the lowest version of each direct dependency that pyproject.toml allows; `make test` runs with the newest.
LOWEST := .venv-lowest
FAST := tests/files tests/planning tests/reports tests/msgflash tests/sandbox tests/schemas tests/cli

test-lowest: $(LOWEST)/.installed
	$(LOWEST)/bin/python -m pytest -n auto --dist worksteal $(FAST)

$(LOWEST)/.installed: pyproject.toml tests/packaging/lowest.py
	$(PYTHON) -m venv --clear $(LOWEST)
	$(PYTHON) tests/packaging/lowest.py > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check --constraint $(LOWEST)/constraints.txt --editable '.[dev]'
	@touch $@

# Seeded faults in one room of the package, against the tests that mirror it: a sample, or all of them with SAMPLE=0.
ROOM ?= executor
SAMPLE ?= 40
SEED ?= 1

mutants: $(VENV)/.mutants
	$(BIN)/python tests/mutants.py --room $(ROOM) --sample $(SAMPLE) --seed $(SEED)

$(VENV)/.mutants: $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,mutants]'
	@touch $@

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(STAMP)
	$(BIN)/mypy

check: lint types test

clean:
	rm -rf $(VENV) $(LOWEST) .demo .mutants .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
