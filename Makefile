# The same commands for people, for CI and for checks. `make` lists them.

PORT ?= 8080
ROWS ?= 20000
FAULTS ?= 30
REFERRALS ?= 2000
SEED ?= 1
ARGS ?=

PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
STAMP := .venv/.ready
CODE := service channels crypto templates workers tests tools

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench bench-scale chaos year sabotage screens docs

help: ## list these commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(STAMP) ## make the environment in .venv; quick when nothing changed

# Everything is installed for every command: two sets would undo each other.
$(STAMP): pyproject.toml uv.lock
	@sh .ci/setup "$(PYTHON)"
	@touch $@

run: $(STAMP) ## servers, demo network, web and workers on http://127.0.0.1:8080 (PORT=n)
	@exec $(BIN)/loopkeeper run --port $(PORT)

test: $(STAMP) ## the whole suite; ARGS="tests/loop -q" narrows it
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not bench" $(ARGS)

check: $(STAMP) ## format, lint, types, import contracts, translations, assets
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/pyright
	@$(BIN)/lint-imports
	@$(UV) lock --check
	@$(BIN)/python -m templates.catalogs check
	@$(BIN)/python tools/vendor.py --check

bench: $(STAMP) ## measure the figures of docs/performance.md side by side; ARGS=--quick for a smoke
	@exec $(BIN)/python -m tests.bench $(ARGS)

bench-scale: $(STAMP) ## the same with ROWS=n referrals in the database
	@test -f tests/bench/scale.py || { echo "The bench at scale comes with a later release."; exit 2; }
	@exec $(BIN)/python -m tests.bench.scale --rows $(ROWS)

chaos: $(STAMP) ## FAULTS=n SEED=s: crash it again and again, count what was lost; ARGS=--twin must lose
	@exec $(BIN)/python -m tests.chaos --faults $(FAULTS) --seed $(SEED) $(ARGS)

year: $(STAMP) ## live through a year in seconds; REFERRALS=n SEED=s
	@LOOPKEEPER_YEAR_REFERRALS=$(REFERRALS) LOOPKEEPER_YEAR_SEED=$(SEED) \
	  $(BIN)/python -m pytest -q -n 0 -s tests/loop/test_a_year.py $(ARGS)

sabotage: $(STAMP) ## take every guard away in turn, its one test must go red; ARGS="'a name'" picks
	@exec $(BIN)/python -m tests.sabotage $(ARGS)

screens: $(STAMP) ## take pictures of the ten main pages into docs/screens
	@exec $(BIN)/python -m tests.browser.screens

docs: $(STAMP) ## write the generated parts of docs/ anew
	@$(BIN)/loopkeeper rules --write docs
