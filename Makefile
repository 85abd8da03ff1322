# Nikash: `make demo` shows it, `make test` checks it.
.DEFAULT_GOAL := help
VENV ?= .venv
PY := $(VENV)/bin/python
PORT ?= 8000
SIZE ?= quick
ONLY ?=
export OMP_NUM_THREADS ?= 1

# On servers run all tests but those that no database or broker can change (what computes without
# one, texts of the repository, settings), those that look at pages, and, for time, those that train
# or replay real ratings. All of them there: bin/with-servers make test
ELSEWHERE := accounts/test_deploy.py benchmarks common metrics/automatic metrics/causes \
	metrics/statistics metrics/test_real_capsules.py models_app/sweeps/test_killed.py \
	models_app/training test_dangerous_calls.py test_docs.py test_translations.py test_vendor.py
ON_SERVERS ?= tests $(addprefix --ignore=tests/,$(ELSEWHERE)) \
	'--ignore-glob=tests/browser/test_[!n]*'

.PHONY: help install install-train install-dev demo serve study test test-servers bench audit lint types messages vendor models clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  \1\t/' | expand -t 16

install: ## make the virtual environment with everything the demo needs
	@bin/install $(VENV) ml

install-train: ## the same, with what training, sweeps and benchmarks need
	@bin/install $(VENV) train

install-dev: ## the same, with what the tests need
	@bin/install $(VENV) dev

demo: install ## load the demo, start the site and a worker, print the logins (PORT=8000)
	@$(PY) manage.py demo --port $(PORT)

serve: install ## start the site and a worker on your own data (PORT=8000)
	@$(PY) manage.py serve --port $(PORT)

study: install-train ## run a whole study and print its tables (NAME=marathi-lora)
	@$(PY) manage.py study $(NAME)

test: install-dev ## run every test; browser tests where Chromium is installed
	@$(PY) -m pytest --numprocesses auto --no-loadscope-reorder

test-servers: install-dev ## the tests that a database or broker can change, on PostgreSQL and Redis
	@bin/with-servers $(PY) -m pytest --numprocesses auto --no-loadscope-reorder $(ON_SERVERS)

bench: install-dev ## measure speed and write docs/benchmarks.md (SIZE=quick or full, ONLY=scale,fuzz)
	@$(PY) -m benchmarks --size $(SIZE) --only "$(ONLY)"

audit: install-dev ## locks, licences, and what the advisory service knows of every dependency
	$(VENV)/bin/python bin/audit-dependencies

lint: install-dev ## format check, lint and import contracts
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/lint-imports

types: install-dev ## static types
	$(VENV)/bin/mypy

messages: install-dev ## gather the texts to translate and compile them, without GNU gettext
	@$(PY) bin/extract-messages
	@$(PY) bin/compile-messages

vendor: ## copy fonts and plotly from npm at the versions in package.json
	@bin/vendor

models: install ## train the demo's small models again
	@$(PY) manage.py build_demo_models

clean: ## remove the virtual environment and the demo's data
	rm -rf $(VENV) var
