.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench bento lock words

PYTHON ?= python3.11
BIN := .venv/bin
# Nothing phones home from any target.
export BENTOML_DO_NOT_TRACK := True
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := true

help: ## say what each target does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

setup: .venv/installed ## make .venv from the lock file, with `encours` in it

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# numba looks only at a kernel's own file: a change in an imported one would run old machine code.
.venv/kernels: .venv/installed $(wildcard features/*.py features/*/*.py models/*.py models/*/*.py)
	find features models -name '*.nb[ic]' -delete
	touch $@

demo: setup .venv/kernels ## data, features, model, registry, service, one explained limit (CHECK=1: then stop)
	$(BIN)/encours demo $(if $(CHECK),--check)

test: setup .venv/kernels ## run all tests
	$(BIN)/pytest -n 2 --dist loadfile

check: setup .venv/kernels ## format, lint, types, tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist loadfile

bench: setup .venv/kernels ## run the benchmarks, or one: make bench NAME=payments
	@for name in $(or $(NAME),$(basename $(notdir $(filter-out %/table.py %/load.py %/spark_step.py,$(wildcard tests/bench/*.py))))); do \
		$(BIN)/python -m tests.bench.$$name $(ARGS) || exit 1; done

bento: setup ## the service with its champion as one bento, ready for `bentoml containerize`; needs no network
	@test -f var/champion/metadata.json || { echo "var/champion is missing: make demo CHECK=1, or encours promote"; exit 1; }
	$(BIN)/bentoml build

lock: ## resolve pyproject.toml anew into requirements.lock (needs uv)
	uv pip compile pyproject.toml --all-extras --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --custom-compile-command "make lock" --output-file requirements.lock
	uv pip compile pyproject.toml --constraint requirements.lock --python-version 3.11 --generate-hashes --no-annotate \
		--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
		--output-file requirements-serve.lock

words: setup ## bring the workbench's catalogues up to its templates; a test names what is left to translate
	cd serving/workbench && $(CURDIR)/$(BIN)/pybabel -q extract -F catalogues/babel.cfg -o words.pot --no-location . ../problems.py
	cd serving/workbench && $(CURDIR)/$(BIN)/pybabel -q update -D workbench -i words.pot -d catalogues \
		--no-fuzzy-matching --ignore-obsolete --omit-header --width 120
	cd serving/workbench && rm words.pot
