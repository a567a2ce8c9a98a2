# What a person types here; `make` alone lists it. Needs Python 3.11 to 3.14 and nothing else:
# every target makes .venv and installs into it when pyproject.toml or constraints.txt changed.

VENV := .venv
BIN := $(VENV)/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
FITS = import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))
# The first Python at hand that fits; `make PYTHON=/path/to/python …` decides otherwise.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$python" -c '$(FITS)' 2>/dev/null && { echo "$$python"; break; }; done)
# The oldest PostgreSQL that is supported: where it is installed, the database's rules run on it too.
OLDEST_POSTGRESQL ?= /usr/lib/postgresql/15/bin
# Two workers a core: half of what they do is to wait for a terminal or a lock (two cores: 704 s with 2,
# 440 s with 4). Each has a PostgreSQL server of its own, as roles belong to the server.
SPREAD := -n 4 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo test check prove bench docs

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s%s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.demo ## the console on a made-up municipality (ROLE=manager, operator …)
	@$(BIN)/municonsole demo $(if $(ROLE),--role '$(ROLE)')

test: $(VENV)/.dev ## every test on a real PostgreSQL (TESTS=tests/unit narrows it)
	$(BIN)/pytest $(SPREAD) $(TESTS)
	@if [ -x '$(OLDEST_POSTGRESQL)/postgres' ] && [ -z '$(TESTS)' ]; then \
		echo "The database's rules once more, on $$('$(OLDEST_POSTGRESQL)/postgres' --version)"; \
		MUNICONSOLE_TEST_PG_BIN='$(OLDEST_POSTGRESQL)' $(BIN)/pytest $(SPREAD) -m 'law and not prove'; \
	fi

check: $(VENV)/.dev ## lint, formatting, types, import contracts, SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint migrations/house.sql migrations/law

prove: $(VENV)/.dev ## what takes long: mutants of the law, large data, kills and faults
	$(BIN)/pytest -m prove

bench: $(VENV)/.dev ## every budget beside its floor, in one run
	@set -e; for bench in benchmarks/bench_*.py; do $(BIN)/python "$$bench"; done

docs: $(VENV)/.dev ## write docs/reference/roles.md and keys.md anew
	MUNICONSOLE_SNAPSHOTS=write $(BIN)/pytest tests/acceptance/test_docs_roles.py tests/acceptance/test_docs_keys.py

$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/pip
	@echo 'Installing into $(VENV); once, about a minute'
	@$(INSTALL) --editable '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/pip
	@echo 'Installing into $(VENV), with what development needs; once, about a minute'
	@$(INSTALL) --editable '.[dev]'
	@touch $(VENV)/.demo $@

$(BIN)/pip:
	@'$(PYTHON)' -c '$(FITS)' || { \
		echo 'Python 3.11 to 3.14 is needed and was not found; name it with: make PYTHON=/path/to/python' >&2; \
		exit 1; }
	@'$(PYTHON)' -m venv --clear $(VENV)
