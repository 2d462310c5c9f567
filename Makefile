# The one entry point. `make help` lists what there is.

# Distributions build their Python for speed: with Debian's the gateway needs a sixth to a fifth less time for a request
# than with one that a version manager compiled.
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo /usr/bin/python3 || echo python3)
PORT   ?= 8080
REQUESTS ?= 1000000
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help run setup browsers test check format bench figures profile soak docs site pins container wheel test-compiled

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "crossgate needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --upgrade 'pip>=25.1'

$(VENV)/.runtime: pyproject.toml | $(VENV)/bin/python
	@echo "Installing crossgate ..."
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.development: pyproject.toml | $(VENV)/bin/python
	@echo "Installing crossgate with its development tools ..."
	@$(PIP) install --editable '.[rss,dns,templates,basic,otel,cel,redis,json-schema,lua]' --group dev
	@touch $@ $(VENV)/.runtime

run: $(VENV)/.runtime ## start the demo: gateway on PORT (8080), sample backend on PORT+1, page on PORT+2
	@exec $(BIN)/crossgate demo -p $(PORT)

setup: $(VENV)/.development ## make .venv with the package (editable) and all development tools

browsers: ## install Chromium, Firefox, haproxy and Redis where that is possible, say what is missing where not
	@sh tests/browser/install.sh
	@sh tests/live/install.sh

test: setup browsers ## run every test
	@$(BIN)/python tests/run.py

test-compiled: setup ## run the data plane's tests against a compiled wheel in an environment of its own (QUICK=1: most)
	@$(BIN)/python tests/compiled/run.py $(if $(QUICK),--quick)

PINS := $(BIN)/python -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate \
	--custom-compile-command 'make pins'
pins: setup ## pin what the container installs: every dependency and extra, by version and hash (UPGRADE=1: the newest)
	@$(PINS) $(if $(UPGRADE),--upgrade) --all-extras pyproject.toml --output-file deploy/requirements.txt
	@echo hatchling | $(PINS) $(if $(UPGRADE),--upgrade) - --output-file deploy/requirements-build.txt

container: setup ## run the container file's steps in a clean root folder, twice (root, debootstrap; minutes)
	@CROSSGATE_CONTAINER=1 $(BIN)/python -m pytest tests/deploy/test_container.py

wheel: setup ## build a wheel into dist: compiled where there is a C compiler, else pure Python
	@CROSSGATE_COMPILE=$${CROSSGATE_COMPILE:-auto} $(BIN)/python -m hatchling build -d dist -t wheel

check: setup ## format, lint, types, layers, file sizes
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports > $(VENV)/layers.txt 2>&1 || { cat $(VENV)/layers.txt; exit 1; }
	@sh tests/docs/file_sizes.sh
	@echo "check: clean"

format: setup ## rewrite the code in the house's format
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

bench: setup ## measure the CORS layers and the gateway beside their peers, then size, workers and memory
	@$(BIN)/python -m benchmarks.cors
	@$(BIN)/python -m benchmarks.gateway
	@$(BIN)/python -m benchmarks.limits
	@$(BIN)/python -m benchmarks.machines
	@$(BIN)/python -m benchmarks.overload
	@$(BIN)/python -m benchmarks.scale

figures: setup ## measure gateway, scale, profile, limits, switches and plugins anew and write them into README and docs (eleven minutes, quiet machine)
	@$(BIN)/python -m benchmarks.report

profile: setup ## show where the microseconds of a request go, without sockets
	@$(BIN)/python -m benchmarks.profile

soak: setup ## a million requests among faults, each accounted for (REQUESTS=N, COMPILED=1: in the compiled form)
	@$(BIN)/python $(if $(COMPILED),tests/compiled/run.py --soak,-m benchmarks.soak --requests) $(REQUESTS)

docs: setup ## write the generated pages and the schema anew
	@$(BIN)/python -m docs.generate_rules
	@$(BIN)/python -m docs.generate_reasons
	@$(BIN)/python -m docs.generate_schema
	@$(BIN)/python -m docs.generate_support
	@$(BIN)/python -m docs.generate_options
	@$(BIN)/python -m docs.generate_index

# Nothing is fetched while it is built or read. The variable silences a notice about the future of mkdocs.
site: setup ## build the documentation's site into build/site (SERVE=1: and serve it on 127.0.0.1:PORT)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs $(if $(SERVE),serve --dev-addr 127.0.0.1:$(PORT),build --quiet)
	@$(if $(SERVE),,echo "site: build/site/index.html")
