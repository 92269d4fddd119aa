# What a person needs: make run, make test. Everything else helps those who work on it.
PYTHON ?= python3
PORT   ?= 8000
V      := .venv/bin
UV     := .local/uv/bin/uv
LOCK   := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
          --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' pyproject.toml

.PHONY: help run test check bench screenshots messages lock manage clean
help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: .venv/local ## start everything on this machine; PORT=8000
	@PORT=$(PORT) $(V)/python -m petition.local.run

test: .venv/dev chromium ## run all tests on real PostgreSQL, Redis, SMTP and Chromium; ARGS=… for pytest
	@$(V)/pytest -n 2 $(ARGS)

check: .venv/dev ## linters, types, imports, templates, migrations, translations, deployment settings
	$(V)/ruff check .
	$(V)/ruff format --check .
	DEBUG=1 $(V)/mypy
	$(V)/lint-imports
	$(V)/djlint --lint --quiet templates
	$(V)/python -m tests.checks

bench: .venv/dev ## measure, beside the limits of this machine; ARGS=--quick
	@$(V)/python -m tests.bench $(ARGS)

screenshots: .venv/dev ## take the pictures in docs/screenshots
	@bash tests/system-packages pictures
	@$(V)/python -m tests.browser.screenshots

messages: .venv/dev ## bring the translation files up to date
	@DEBUG=1 $(V)/python manage.py updatecatalogues

manage: .venv/local ## a management command on the running local stack: make manage ARGS="recount"
	@test -e .local/run.env || { echo "Start it first: make run" >&2; exit 1; }
	@set -a; . ./.local/run.env; set +a; $(V)/python manage.py $(ARGS)

lock: $(UV) ## pin every dependency again
	$(LOCK) -o requirements/runtime.lock
	$(LOCK) --group local -c requirements/runtime.lock -o requirements/local.lock
	$(LOCK) --group local --group test -c requirements/local.lock -o requirements/dev.lock

clean: ## forget the virtual environment and all local data
	rm -rf .venv .local staticfiles

# The stamps say which lock file the environment holds; the larger one serves for both.
PIP := $(V)/python -m pip --quiet --disable-pip-version-check
.venv/local: requirements/local.lock
	@if test -e .venv/dev; then $(MAKE) --no-print-directory .venv/dev; else $(MAKE) --no-print-directory venv && \
	  echo "Installing …" && $(PIP) install --require-hashes -r requirements/local.lock; fi
	@touch $@

.venv/dev: requirements/dev.lock
	@$(MAKE) --no-print-directory venv
	@echo "Installing …" && $(PIP) install --require-hashes -r requirements/dev.lock
	@touch $@ .venv/local

# One whose making was cut short has a python without pip: it is made whole.
.PHONY: venv
venv:
	@$(PIP) --version >/dev/null 2>&1 || { \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Undersigned needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }; \
	  $(PYTHON) -m venv .venv; }

$(UV):
	$(PYTHON) -m venv .local/uv && .local/uv/bin/pip install --quiet uv

# Nothing is skipped in silence: what the tests need from the system is installed, or its absence is the failure.
.PHONY: chromium
chromium:
	@bash tests/system-packages
