# antrean: `make run` opens the hall. Everything goes into .venv and var/ of this folder.
# Works with GNU make 3.81 (macOS) and any POSIX shell.

.DEFAULT_GOAL := help
.PHONY: help run demo test check format bench faults faults-ha screenshots piper lock clean

BIN := .venv/bin
# To use a certain one: make run PYTHON=/path/to/python3
PYTHON ?=
PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check install
# A .venv whose Python is gone or too old, or that was moved here, is made anew.
HERE := $(shell pwd)
USABLE := $(shell $(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
    && { [ ! -s .venv/made.stamp ] || [ "`cat .venv/made.stamp`" = "$(HERE)" ]; } && echo yes)
CODE := antrean.py $(wildcard audio bench commands config demo server workers tests)

help:
	@echo "make run            open the hall: prints the addresses of every screen; Ctrl-C closes it"
	@echo "make demo SPEED=60  the same with simulated visitors and operators, 60 times as fast as life"
	@echo "make test           the whole test suite (needs Chromium)"
	@echo "make check          format, lint, types"
	@echo "make bench          measurements"
	@echo "make screenshots    docs/screenshots anew: every screen in every state and size (needs Chromium)"
	@echo "make faults SEED=1  break halls and say what did not hold (RUNS=, LANES=, PLANTED=all …: docs/faults.md)"
	@echo "make faults-ha KILLS=50  kill the primary of a log on three machines again and again (docs/ha.md)"
	@echo "make piper          install Piper, a better voice with no internet (name its model in ANTREAN_PIPER_MODEL)"
	@echo "make format         put the code into its form"
	@echo "make lock           renew the locked requirements (needs uv; UPGRADE=1: to the newest versions)"
	@echo "make clean          remove .venv and caches (var/, the hall's data, stays)"

run: .venv/run.stamp
	@$(BIN)/antrean up

demo: .venv/run.stamp
	@ANTREAN_ALWAYS_OPEN=1 $(BIN)/antrean demo $(if $(SPEED),--speed $(SPEED))

test: .venv/dev.stamp
	@$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/dev.stamp
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/mypy $(CODE)

format: .venv/dev.stamp
	@$(BIN)/ruff check --fix-only --quiet $(CODE)
	@$(BIN)/ruff format $(CODE)

bench: .venv/dev.stamp
	@$(BIN)/python -m bench $(ARGS)

# ARGS: only those whose name begins so, like ARGS="tv kiosk-home".
screenshots: .venv/dev.stamp
	@$(BIN)/python -m tests.screenshots --small docs/screenshots $(ARGS)

# docs/faults.md
faults: .venv/dev.stamp
	@$(BIN)/python -m tests.faults $(if $(SEED),--seed $(SEED)) $(if $(RUNS),--runs $(RUNS)) \
	    $(if $(MINUTES),--minutes $(MINUTES)) $(if $(FAULT),--fault "$(FAULT)") $(if $(SERVERS),--servers $(SERVERS)) \
	    $(if $(PLANTED),--planted $(PLANTED)) $(if $(LANES),--lanes $(LANES)) $(if $(OUT),--out $(OUT)) \
	    $(if $(JOIN),--join $(JOIN))

# docs/ha.md
faults-ha: .venv/dev.stamp
	@$(BIN)/python -m tests.integration.sentinel.kills $(if $(KILLS),--kills $(KILLS)) $(if $(TIMERS),--timers $(TIMERS))

.venv/run.stamp: requirements.txt pyproject.toml .venv/made.stamp
	@echo "==> Memasang $$(grep -c '==' requirements.txt) paket · Installing the locked packages (.venv, once; a minute or two)"
	@$(PIP_INSTALL) --require-hashes --no-deps -r requirements.txt
	@$(PIP_INSTALL) --quiet --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "==> Siap · Ready"

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	@echo "==> Memasang alat uji · Installing what the tests and checks need"
	@$(PIP_INSTALL) --require-hashes --no-deps -r requirements-dev.txt
	@touch $@
	@echo "==> Siap · Ready"

ifneq ($(USABLE),yes)
.PHONY: .venv/made.stamp
endif

# Takes the newest Python that has all that is needed.
.venv/made.stamp:
	@if [ "$(USABLE)" = yes ]; then echo "$(HERE)" > $@; exit 0; fi; \
	old=; bare=; \
	for python in $(or $(PYTHON),python3.14 python3.13 python3.12 python3.11 python3); do \
	    $$python -c '' 2>/dev/null || continue; \
	    if ! $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then old=$$python; continue; fi; \
	    if ! $$python -c 'import venv, ensurepip' 2>/dev/null; then bare=$$python; continue; fi; \
	    echo "==> $$($$python --version): membuat .venv · making .venv"; \
	    $$python -m venv --clear .venv && echo "$(HERE)" > $@; exit $$?; \
	done; \
	if [ -n "$$bare" ]; then \
	    echo "Python is here ($$($$bare --version)), but its parts venv and ensurepip are missing."; \
	    echo "On Debian and Ubuntu install them with: apt install python3-venv"; \
	elif [ -n "$$old" ]; then \
	    echo "This Python is too old ($$($$old --version)); antrean needs Python 3.11 or newer."; \
	else \
	    echo "No Python was found; antrean needs Python 3.11 or newer (on Debian: apt install python3 python3-venv)."; \
	fi >&2; exit 1

UV ?= $(firstword $(wildcard $(BIN)/uv) uv)
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes $(if $(UPGRADE),--upgrade) \
    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --no-emit-package docopt

# docopt: only num2words' own command needs it, and it alone would have to be built.
lock:
	@$(COMPILE) requirements.in --output-file requirements.txt
	@$(COMPILE) requirements-piper.in --output-file requirements-piper.txt
	@$(COMPILE) requirements-dev.in --output-file requirements-dev.txt

# For halls that name a model in ANTREAN_PIPER_MODEL.
piper: .venv/run.stamp
	@$(PIP_INSTALL) --require-hashes --no-deps -r requirements-piper.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis antrean.egg-info
