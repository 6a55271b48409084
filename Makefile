# What a newcomer, a contributor and CI type; `make help` lists it.
# VENV names another environment, PYTHON another interpreter:  make unit VENV=.venv-3.13 PYTHON=python3.13

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: demo test lint unit browser wheel lowest docs pictures long fuzz chaos bench clean help

# Where this is set, every process compiles every module anew: half of the time of the tests.
unexport PYTHONDONTWRITEBYTECODE

VENV ?= .venv
CHAOS_SECONDS ?= 1800
PYTHON ?=
PIP := -m pip --disable-pip-version-check -qq
PYTHONS := $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3 python
# Two for each core: half of the time the tests wait, for servers and for programs that they start.
WORKERS ?= $(shell echo $$((2 * $$(nproc 2>/dev/null || echo 2))))

FUZZ_SECONDS ?= 600

demo: $(VENV)/demo-ready  ## plan and run examples/ against the built-in simulator: no account, no network
	@$(VENV)/bin/earmark demo

test: lint unit browser wheel lowest  ## everything that CI runs

lint: $(VENV)/test-ready  ## style, types, and who may import whom
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache --no-logo

unit: $(VENV)/test-ready  ## all tests of the checkout, with the coverage of branches
	$(VENV)/bin/pytest -q -n $(WORKERS) --dist worksteal --cov --cov-report=term

browser: $(VENV)/test-ready  ## the HTML report in the system's Chromium; skipped where there is none, unless EARMARK_NEEDS_BROWSER=1
	$(VENV)/bin/pytest -q -n 2 -m browser tests/browser

wheel: $(VENV)/test-ready .venv-wheel/ready  ## build the wheel, install it elsewhere, use it from another folder
	rm -rf build/wheel
	$(VENV)/bin/python $(PIP) wheel --no-deps --wheel-dir build/wheel .
	.venv-wheel/bin/python $(PIP) install --force-reinstall --no-deps build/wheel/*.whl
	EARMARK_WHEEL="$$(echo build/wheel/*.whl)" EARMARK_WHEEL_VENV=.venv-wheel $(VENV)/bin/pytest -q -m wheel

# What stands on a library's version, a few tests of each: click (commands, completion, misspelled words) and tqdm,
# jinja2 (pages of reports), msgspec and PyYAML (reports, events, manifests), mutagen, soundfile and av (lengths),
# httpx, httpcore and tenacity (the client), the simulator's server, and runs of all of them together. The rest
# of the commands, engine, ledger, pricing and properties are plain Python: `unit` has them.
LOWEST := $(patsubst %,tests/unit/earmark/%.py,test_completion test_misspelled test_run_command test_run_progress \
    commands/test_ends commands/test_run_reports diff/test_diff_command doctor/test_doctor_machine \
    plan/test_plan_command plan/test_plan_ends plan/test_plan_report watching/test_event_stream) \
  tests/unit/earmark/reports tests/unit/manifests $(patsubst %,tests/unit/planner/lengths/test_%.py, \
    guard media mp4 ogg oracle others readers registry) \
  tests/unit/runner/api tests/unit/runner/engine/test_timing.py \
  $(patsubst %,tests/integration/test_%.py,api_services api_simulator api_sockets day run_content run_harder_cases) \
  $(patsubst %,tests/unit/simulator/test_%.py,admin encodings fault_effects measure server transcription_api wire)

lowest: .venv-lowest/ready  ## what stands on libraries, on the lowest versions that pyproject.toml allows
	.venv-lowest/bin/python $(PIP) install --force-reinstall --no-deps --no-build-isolation .
	HYPOTHESIS_PROFILE=quick .venv-lowest/bin/pytest -q -n $(WORKERS) --dist worksteal $(LOWEST)

docs: $(VENV)/test-ready  ## the manual as a site, into build/site; open build/site/index.html
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict --quiet

pictures: $(VENV)/test-ready  ## the README's pictures, drawn from what the program prints; needs chromium, takes a minute
	$(VENV)/bin/python $(PIP) install -e '.[pictures]'
	$(VENV)/bin/python .ci/pictures.py

long: $(VENV)/test-ready  ## the tests that take minutes: a million lines, many more random cases
	$(VENV)/bin/pytest -q -n $(WORKERS) -m long
	HYPOTHESIS_PROFILE=long $(VENV)/bin/pytest -q -n $(WORKERS) tests/property

fuzz: .venv-fuzz/ready  ## feed every reader of foreign bytes changed ones, ten minutes each (FUZZ_SECONDS=600)
	for target in $${FUZZ_TARGETS:-$$(.venv-fuzz/bin/python tests/fuzz/run.py list)}; do \
	  .venv-fuzz/bin/python tests/fuzz/run.py $$target --seconds $(FUZZ_SECONDS) --keep build/fuzz; \
	done

chaos: $(VENV)/test-ready  ## half an hour of random kills and faults; CHAOS_SECONDS=60 CHAOS_SEED=7 for others
	$(VENV)/bin/earmark selftest --chaos --seconds $(CHAOS_SECONDS) $(if $(CHAOS_SEED),--seed $(CHAOS_SEED))

bench: .venv-bench/ready  ## speed and memory beside peers, into benchmarks/RESULTS.md; BENCH_SCALE=0.01 for a short look
	@mkdir -p build
	.venv-bench/bin/pytest -q -p no:cacheprovider --benchmark-json=build/bench.json $(or $(BENCH),benchmarks)
	.venv-bench/bin/python -m benchmarks.results build/bench.json $(or $(BENCH_PAGE),benchmarks/RESULTS.md)

clean:  ## remove what these commands made
	rm -rf .venv .venv-* build dist .coverage .coverage.* htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST) | expand -t 18

# A stamp is a copy of the pyproject.toml that was installed: a second call, also offline, installs nothing.

$(VENV)/demo-ready: pyproject.toml | $(VENV)/bin/pip
	@cmp -s $< $@ || cmp -s $< $(VENV)/test-ready \
	  || { echo "installing Earmark and its simulator into $(VENV)"; $(VENV)/bin/python $(PIP) install -e '.[simulator]'; }
	@cp $< $@

$(VENV)/test-ready: pyproject.toml | $(VENV)/bin/pip
	@cmp -s $< $@ || { echo "installing Earmark and its tests' tools into $(VENV)"; $(VENV)/bin/python $(PIP) install -e '.[test]'; }
	@cp $< $@

.venv-wheel/ready: pyproject.toml | $(VENV)/bin/pip
	@test -e .venv-wheel/bin/pip || $(VENV)/bin/python -m venv .venv-wheel
	@cmp -s $< $@ || { echo "installing what the wheel needs into .venv-wheel"; .venv-wheel/bin/python $(PIP) install '.[simulator]'; }
	@cp $< $@

.venv-fuzz/ready: pyproject.toml | $(VENV)/bin/pip
	@test -e .venv-fuzz/bin/pip || $(VENV)/bin/python -m venv .venv-fuzz
	@cmp -s $< $@ || { echo "installing what the fuzzer needs into .venv-fuzz"; .venv-fuzz/bin/python $(PIP) install -e '.[fuzz]'; }
	@cp $< $@

.venv-bench/ready: pyproject.toml | $(VENV)/bin/pip
	@test -e .venv-bench/bin/pip || $(VENV)/bin/python -m venv .venv-bench
	@cmp -s $< $@ || { echo "installing Earmark and its peers into .venv-bench"; .venv-bench/bin/python $(PIP) install -e '.[bench]'; }
	@cp $< $@

.venv-lowest/ready: pyproject.toml .ci/lowest.py | $(VENV)/bin/pip
	@test -e .venv-lowest/bin/pip || $(VENV)/bin/python -m venv .venv-lowest
	@$(VENV)/bin/python .ci/lowest.py < $< > .venv-lowest/lowest.txt
	@cmp -s .venv-lowest/lowest.txt $@ || { echo "installing the lowest versions into .venv-lowest"; \
	  .venv-lowest/bin/python $(PIP) install -r .venv-lowest/lowest.txt; }
	@cp .venv-lowest/lowest.txt $@

$(VENV)/bin/pip:
	@for each in $(PYTHONS); do \
	  if "$$each" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "making $(VENV) with $$("$$each" --version)"; "$$each" -m venv $(VENV); exit; \
	  fi; \
	done; \
	echo "Earmark needs Python 3.11 or newer with its venv module, and found none (tried: $(strip $(PYTHONS)))." >&2; \
	echo "On Debian and Ubuntu: apt-get install python3-venv.  Elsewhere: make PYTHON=/path/to/python3" >&2; \
	exit 1
