# Two commands do all the set-up, from nothing but Python 3.11, make and pip:
#   make report   the sample incidents, as HTML
#   make test     every check that CI runs
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null)
OUT    ?= out
SAMPLES := slow-database bad-release
# Two pytest workers: one a core on the machine that CI is sized for.
WORKERS ?= 2
# How many times as many examples as in `make test` the laws are tried on.
TIMES ?= 100

# uv where it is there, pip where it is not; both install by hash.
ifdef UV
  VENV_CREATE = $(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
  INSTALL     = $(UV) pip install --quiet --python $(BIN)/python
else
  VENV_CREATE = $(PYTHON) -m venv $(VENV)
  INSTALL     = $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

.PHONY: help report test lint unit nbval fuzz notebooks fault-lab bench accuracy docs docs-pages lock wheel clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(VENV)/use.stamp: requirements.lock pyproject.toml
	$(VENV_CREATE)
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps -e .
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml
	$(VENV_CREATE)
	$(INSTALL) --require-hashes -r requirements-dev.lock
	$(INSTALL) --no-deps -e .
	@touch $@ $(VENV)/use.stamp

report: $(VENV)/use.stamp  ## write the reports of the sample incidents and say where they are
	@for sample in $(SAMPLES); do \
	  $(BIN)/incident-kit report sample_data/$$sample/access.log.gz \
	    --traces sample_data/$$sample/traces.jsonl.gz -o $(OUT)/$$sample || exit $$?; \
	done

test: lint unit nbval  ## run every check that CI runs

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/dev.stamp
	$(BIN)/pytest -n $(WORKERS) --dist loadfile

nbval: $(VENV)/dev.stamp
	$(BIN)/pytest --nbval --nbval-cell-timeout=120 -n $(WORKERS) --dist loadfile notebooks

fuzz: $(VENV)/dev.stamp  ## try the laws on many more examples, at random (hours; TIMES=10 for less)
	FUZZ=$(TIMES) $(BIN)/pytest -m hypothesis -n $(WORKERS)

notebooks: $(VENV)/dev.stamp  ## run every notebook again and store its outputs
	$(BIN)/python -m incident_kit.reports.notebooks.refresh notebooks

fault-lab: $(VENV)/dev.stamp  ## make the sample incidents again, for real (45 minutes; nginx and PostgreSQL)
	$(BIN)/python -m fault_lab --install samples --output sample_data

bench: $(VENV)/dev.stamp  ## measure speed, as ratios in one run
	$(BIN)/python -m benchmarks

accuracy: $(VENV)/dev.stamp  ## measure how often the kit is right
	$(BIN)/python -m benchmarks.accuracy

docs-pages: $(VENV)/dev.stamp  ## write the generated parts of the documentation again
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/formats_page.py > docs/formats.md

docs: $(VENV)/dev.stamp  ## build the documentation
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

# The lock to develop with comes first: it holds every extra, and the lock to use must agree with it.
LOCK := uv pip compile pyproject.toml --universal --generate-hashes --quiet --no-annotate \
  --custom-compile-command "make lock"
lock:  ## compile both lock files again (needs uv)
	$(LOCK) --all-extras --group dev --group docs -o requirements-dev.lock
	$(LOCK) -c requirements-dev.lock -o requirements.lock

wheel:  ## build the wheel
	$(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir dist .

clean:  ## remove what was built
	rm -rf $(VENV) $(OUT) build dist docs/_build
