# make run: LEC on this machine. make test: everything that must be green. See README.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# -qq: errors only
PIP := $(BIN)/pip install -qq --disable-pip-version-check --no-input

.DEFAULT_GOAL := run
.NOTPARALLEL:
.PHONY: run test lint format bench bench-census bench-imports drill install install-dev system-run system-test

# exec: a signal to make, or Ctrl-C, reaches run.py itself and nothing stands between them.
run: system-run install
	@exec $(BIN)/python run.py

# pytest comes last, so that its closing line is the last one.
test: system-test install-dev
	@$(MAKE) --no-print-directory lint
	@exec $(BIN)/python -m pytest

lint: install-dev
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: install-dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# LEC beside other panels on half a million students, about two minutes; the data stays in LEC_BENCH_DIR (var/bench).
bench: system-run install $(VENV)/installed-bench
	@exec $(BIN)/python -m benchmarks --out docs/benchmarks.md

# The census at the size of the country: opening a round, completeness, an LAO's first page.
bench-census: system-run install
	@exec $(BIN)/python -m benchmarks.census --out docs/benchmarks-census.md

# A file of 100,000 students into rosters, beside a raw bulk upsert.
bench-imports: system-run install
	@exec $(BIN)/python -m benchmarks.imports --out docs/benchmarks-imports.md

# Backs up a running demo of a million pupils under writes, destroys it, restores it, and proves that nothing is missing.
drill: system-run install
	@exec $(BIN)/python -m tests.load.drill --students $(or $(STUDENTS),1000000)

# Before pip installs for minutes, hence with the system's Python: there may be no environment yet.
system-run system-test:
	@PYTHON=$(PYTHON) scripts/system_packages.sh $(@:system-%=%)

install: $(VENV)/installed
install-dev: $(VENV)/installed-dev

# Stamps: nothing is installed again until a requirements file changes.
$(VENV)/installed: requirements.txt requirements-embedded.txt | $(BIN)/pip
	@echo "กำลังติดตั้ง (ประมาณหนึ่งนาที) / Installing, about a minute"
	@$(PIP) -r requirements.txt -r requirements-embedded.txt
	@touch $@

$(VENV)/installed-dev: requirements.txt requirements-embedded.txt requirements-dev.txt | $(BIN)/pip
	@echo "กำลังติดตั้งสำหรับพัฒนา (ประมาณหนึ่งนาที) / Installing for development, about a minute"
	@$(PIP) -r requirements-dev.txt
	@touch $@

$(VENV)/installed-bench: requirements.txt benchmarks/requirements.txt | $(BIN)/pip
	@$(PIP) -r benchmarks/requirements.txt
	@touch $@

# pip is what appears last, so a half-made environment is made anew.
$(BIN)/pip:
	@$(PYTHON) -m venv --clear $(VENV)
