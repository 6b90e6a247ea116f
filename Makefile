# The few words to remember: run, test, check, doctor.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help run test check audit backup restore bench chaos search-quality doctor format lock units messages

help: ## Show these lines
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(VENV)/run.stamp: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say PYTHON=python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: -r requirements.lock
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-dev.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

run: $(VENV)/run.stamp ## Start the whole market here (first time: makes the demo market)
	@$(BIN)/python -m market.cli run

test: $(VENV)/dev.stamp ## Everything that proves it: make check, then all tests
	@$(BIN)/python bin/test.py

check: $(VENV)/dev.stamp ## Lint, format, types, the staircase
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

audit: $(VENV)/dev.stamp ## Whether a locked dependency has a known weakness (ADVISORIES=folder: by a local copy)
	@$(BIN)/python bin/audit.py $(if $(ADVISORIES),--advisories $(ADVISORIES))

bench: $(VENV)/dev.stamp ## How fast it is here, beside the floor of the same machine (SHORT=--short: whether it works)
	@$(BIN)/python -m bench $(SHORT)

chaos: $(VENV)/dev.stamp ## Kill its parts at random under load, then audit everything (docs/faults.md)
	@$(BIN)/python -m bench.chaos

search-quality: $(VENV)/dev.stamp ## How well search finds what people mean, by kind of query and engine
	@$(BIN)/python -m bench.search_quality

backup: $(VENV)/run.stamp ## Database, media and settings into var/backups (TO=folder for another place)
	@$(BIN)/python -m market.cli backup $(TO)

restore: $(VENV)/run.stamp ## A backup back into an empty market (FROM=folder, FORCE=--force to lose what is there)
	@$(BIN)/python -m market.cli restore $(FROM) $(FORCE)

doctor: $(VENV)/run.stamp ## What runs, what answers, whether it is migrated
	@$(BIN)/python -m market.cli doctor

format: $(VENV)/dev.stamp ## Put the code in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: $(VENV)/dev.stamp ## List user texts that have no English yet
	@$(BIN)/python bin/messages.py

units: $(VENV)/run.stamp ## Make the tables of administrative units anew
	$(BIN)/python bin/make_units.py

lock: ## Resolve the dependencies anew (needs uv)
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock
