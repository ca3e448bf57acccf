# mxdrill for the people who work on it. `make help` lists what there is.
#
# PYTHON=python3.12   the interpreter for .venv (default: python3, or the one .venv has)
# ARGS="…"            more arguments for the program that a target runs

.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
SCENARIO ?= exchange-down
# One more than processors: some tests wait for programs that they have started.
WORKERS := $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) + 1 )))
INTERPRETER := $(or $(PYTHON),python3)
# Tests keep their bytecode, also where the environment forbids it: compiling them takes a minute.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest

.PHONY: help set-up play test test-long check format test-real fuzz kills bench picture reference dist lock

help: ## List the targets
	@echo "mxdrill: a flight simulator for the people who keep email running"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

set-up: ## Make or update .venv with the locked packages (play and test do this by themselves)
	@command -v "$(INTERPRETER)" >/dev/null 2>&1 || \
	  { echo "set-up: $(INTERPRETER) not found; install Python 3.11 or newer (Debian, Ubuntu: sudo apt install python3 python3-venv)" >&2; exit 1; }
	@"$(INTERPRETER)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "set-up: $(INTERPRETER) is older than 3.11; name a newer one: make PYTHON=python3.12 …" >&2; exit 1; }
	@"$(INTERPRETER)" dev/set_up.py $(if $(PYTHON),--chosen)

play: set-up ## Open the console on exchange-down (SCENARIO=… for another)
	@echo "play: $(BIN)/mxdrill play $(SCENARIO) $(ARGS)"
	@$(BIN)/mxdrill play $(SCENARIO) $(ARGS)

# check runs at the same time as the tests, in one process: two of mypy give up when a machine is busy. Its
# messages are printed after those of the tests.
test: set-up ## Run check and every test except those of test-real, at the same time
	@echo "test: check, and every test (pytest)"
	@$(MAKE) --no-print-directory check PROCESSES=1 >.venv/check.txt 2>&1 & check=$$!; trap 'kill $$check 2>/dev/null; exit 130' INT TERM; \
	$(PYTEST) -q -m "not real" -n $(WORKERS) --maxprocesses 8 --dist loadfile --no-loadscope-reorder $(ARGS); \
	tests=$$?; wait $$check && exit $$tests; \
	cat .venv/check.txt >&2; echo "test: check failed, see above (pytest: exit status $$tests)" >&2; exit 1

test-long: set-up ## Run every test, with ten times as many examples, and all that make test leaves out
	@MXDRILL_EXAMPLES=10 $(PYTEST) -q -n $(WORKERS) --maxprocesses 8 --dist loadfile --no-loadscope-reorder --timeout 1200 $(ARGS)

check: set-up ## Format, lint, types and layers, without changing anything
	@echo "check: format, lint (ruff), types (mypy), layers (import-linter)"
	@out=$$($(BIN)/ruff format --check .) || { echo "$$out" >&2; echo "check: not formatted; run: make format" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary $(if $(wildcard .mypy_cache),,$(if $(PROCESSES),,--num-workers 2))
	@$(BIN)/lint-imports --no-cache >.venv/layers.txt 2>&1 || { cat .venv/layers.txt >&2; exit 1; }

format: set-up ## Format the code, and fix the mistakes that ruff can fix
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

test-real: set-up ## Compare with real servers, and play an exercise in real browsers (installs them: Debian, Ubuntu)
	@sh dev/real_servers.sh
	@$(PYTEST) -m real $(ARGS)

fuzz: set-up ## Try two hundred times as many hostile inputs as make test, some 160,000
	@MXDRILL_EXAMPLES=200 $(PYTEST) -q -m fuzz -n auto --timeout 7200 $(ARGS)

kills: set-up ## Kill lab and console a hundred times each, and hang up twenty terminals
	@MXDRILL_KILLS=$${MXDRILL_KILLS:-100} $(PYTEST) -q $(ARGS) tests/live/test_killed.py \
	  tests/tui/test_killed_while_rewinding.py::test_nothing_is_lost tests/tui/test_hang_ups.py::test_no_process_is_left

bench: set-up ## Measure speed and memory
	@$(BIN)/python -m bench $(ARGS)

picture: set-up ## Make the picture in the README, docs/console.svg, from the console itself
	@$(BIN)/python dev/picture.py docs/console.svg

reference: set-up ## Write the pages of docs/reference that are generated from the code
	@$(BIN)/python dev/reference.py

dist: set-up ## Build sdist and wheel, and test them with each Python and as an image
	@$(BIN)/python dev/dist.py

lock: ## Update constraints.txt from pyproject.toml (ARGS=--upgrade: the newest version of everything)
	@sh dev/lock.sh "$(INTERPRETER)" $(ARGS)
