# The two commands: `make run` and `make test`. Both install what they need into .venv.
.DEFAULT_GOAL := help
.PHONY: help run reset test test-long lint bench screenshots setup setup-dev build

BIN := .venv/bin

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: setup ## install, build, load the example, serve on 127.0.0.1:8000
	@$(BIN)/python -m web.build
	@$(BIN)/bihuan demo run

reset: ## throw the example database and files away
	@rm -rf var
	@echo "The example data is gone; 'make run' starts over."

test: setup-dev ## lint, types, import contracts and every test, on SQLite and PostgreSQL, with browser stories
	@.ci/browser
	@$(BIN)/python -m web.build
	@$(MAKE) --no-print-directory lint
	@$(BIN)/python -m pytest

test-long: setup-dev ## the tests with the long runs of the random ones
	@.ci/browser
	@$(BIN)/python -m web.build
	@BIHUAN_TEST_LONG=1 $(BIN)/python -m pytest

lint: setup-dev ## ruff, mypy, import contracts
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo >var-lint-imports.txt 2>&1 || { cat var-lint-imports.txt; rm -f var-lint-imports.txt; exit 1; }
	@rm -f var-lint-imports.txt

bench: setup-dev ## measure, print the tables of docs/benchmarks.md
	@$(BIN)/python -m tests.benchmarks

screenshots: setup-dev ## make the pictures in docs/ from the running program
	@.ci/browser
	@$(BIN)/python -m web.build
	@$(BIN)/python -m tests.screenshots

setup:
	@.ci/setup requirements.lock

setup-dev:
	@.ci/setup requirements-dev.lock

lock: setup-dev ## resolve the pinned versions anew
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.lock pyproject.toml
	@$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra dev -o requirements-dev.lock pyproject.toml
