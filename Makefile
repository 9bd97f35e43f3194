# What a developer does here. `make` alone lists it. Windows: CONTRIBUTING.md has the same commands without make.

BIN := .venv/bin
PIP := -m pip install --quiet --disable-pip-version-check --no-input
ARGS ?=
AGENTS := @anthropic-ai/claude-code@2.1.329

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo setup test test-long test-verdicts test-agents bench lint format docs test-lowest wheel clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 14

demo: setup ## see sdd work, in a throwaway repository, with no key and no network
	$(BIN)/python demo/run.py

setup: .venv/ready ## make .venv, with sdd in it as it stands here

test: lint ## everything that must pass: lint, then all tests with coverage (ARGS goes to pytest)
	@$(BIN)/python -m compileall -q src # else each of the thousands of processes compiles sdd anew, where bytecode is not written
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n auto $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

test-long: setup ## ten thousand random edits, for which a normal run has no time
	SDD_EDITS=10000 $(BIN)/python -m pytest -s --timeout 3600 $(ARGS) tests/stories/test_random_edits.py

test-verdicts: setup ## all stories with sdd's cache deleted, spoilt and switched off: no answer may change
	for how in cold poisoned absent; do $(BIN)/python -m pytest -n auto --verdicts $$how $(ARGS) tests/stories || exit 1; done

test-agents: setup ## real agents, which npm installs into .cache, against a local server: no key, no cost
	npm install --no-audit --no-fund --loglevel error --prefix .cache/agents $(AGENTS)
	$(BIN)/python -m pytest -m agents $(ARGS) tests/agents_real

bench: setup ## measure sdd against git, Python and other tools (ARGS goes to bench.run: ARGS=--help)
	@$(BIN)/python -m bench.run $(ARGS)

lint: setup ## style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: setup ## correct what can be corrected without thinking
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: setup ## write the generated pages of docs/ anew
	$(BIN)/python tools/docs.py

test-lowest: .venv-lowest/ready ## all tests with the oldest versions that pyproject.toml allows
	.venv-lowest/bin/python -m pytest -n auto $(ARGS)

wheel: setup ## build dist/*.whl and check that all is in it
	rm -rf dist
	$(BIN)/hatchling build --target wheel
	$(BIN)/python tools/check_wheel.py dist/*.whl

clean: ## remove what all of this made, .venv too
	rm -rf .venv .venv-lowest dist htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The stamp is written last, so that an interrupted setup is done again.
.venv/ready: pyproject.toml tools/requirements.py
	@python=$$(sh tools/prerequisites.sh) && "$$python" -m venv .venv
	$(BIN)/python tools/requirements.py > .venv/requirements.txt
	$(BIN)/python $(PIP) --requirement .venv/requirements.txt --editable '.[anthropic,pre-commit]'
	@touch $@

.venv-lowest/ready: pyproject.toml tools/requirements.py tools/lowest.py
	@python=$$(sh tools/prerequisites.sh) && "$$python" -m venv .venv-lowest
	@echo '*' > .venv-lowest/.gitignore
	.venv-lowest/bin/python tools/lowest.py > .venv-lowest/requirements.txt
	.venv-lowest/bin/python $(PIP) --requirement .venv-lowest/requirements.txt --editable '.[anthropic,pre-commit]'
	@touch $@
