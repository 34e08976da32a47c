# `make help` lists what can be done.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
# Some machines forbid it for all; each process of a district, and there are many, would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3.11
BIN := .venv/bin
DISTRIBUTIONS := contract kit $(sort $(wildcard services/*)) gateway cli
READY := .venv/ready

# make run
STATE ?=
N ?= 500
SEED ?=
INPUT ?=
PROFILE ?=
ONCE ?=
TIMEOUT ?= 300
PORT_BASE ?=
PARTNERS ?= hangzhou,shanghai,nanjing
# make simulate
FIRST ?= 0
SEEDS ?= 10000
MODEL ?=
# make test
WORKERS ?= 2
TESTS ?=

.PHONY: help setup run test verify simulate bench generate image baseline lint format lock sbom licences clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "  run takes STATE= N= SEED= INPUT= PROFILE= ONCE=1 TIMEOUT= PORT_BASE= PARTNERS=; test takes TESTS= WORKERS="

setup: $(READY) ## install everything into .venv (python3.11, pip and make are enough)
	@:

$(READY): Makefile requirements/bootstrap.txt requirements/test.txt $(DISTRIBUTIONS:=/pyproject.toml)
	@echo "set-up: environment"
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip .venv
	@$(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check install --quiet --require-hashes --only-binary :all: -r requirements/bootstrap.txt
	@echo "set-up: locked packages"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-build -r requirements/test.txt
	@echo "set-up: this working copy"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --offline $(addprefix -e ./,$(DISTRIBUTIONS))
	@touch $@

run: setup ## start a district on this machine, clear a sample of N=500, move goods to PARTNERS, show the tables
	@$(BIN)/tongguan run --count $(N) --timeout $(TIMEOUT) $(if $(STATE),--state '$(STATE)') $(if $(SEED),--seed $(SEED)) \
	  $(if $(INPUT),--input '$(INPUT)') $(if $(PROFILE),--profile '$(PROFILE)') $(if $(PORT_BASE),--port-base $(PORT_BASE)) $(if $(ONCE),--once) \
	  $(if $(PARTNERS),--partners '$(PARTNERS)')

test: setup ## every test at reduced counts, in under ten minutes on two cores
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --quiet $(TESTS)

verify: setup ## every test at full counts, in parts; a second call goes on where the first stopped
	@$(BIN)/python tools/verify.py

simulate: setup ## seeds FIRST=0 to SEEDS=10000 of the simulation on WORKERS=2; a second call goes on where the first stopped
	@$(BIN)/python tools/simulate.py --first $(FIRST) --seeds $(SEEDS) --workers $(WORKERS) $(if $(MODEL),--model $(MODEL))

bench: setup ## the floor and the full system in one run, and their ratio
	@$(BIN)/python tests/bench/bench.py

generate: setup ## regenerate contract/ from protos/, who may call what and how long what is kept
	@$(BIN)/python tools/generate.py code
	@$(BIN)/python tools/matrix.py docs/security.md
	@$(BIN)/python tools/retention.py docs/retention.md

image: setup ## write protos/image.binpb, which buf reads
	@$(BIN)/python tools/generate.py image protos/image.binpb

baseline: setup ## at a release only: make today's contract the one that must not be broken
	@mkdir -p protos/baseline
	@$(BIN)/python tools/generate.py baseline protos/baseline/v1.binpb

lint: setup ## style, types, import law, contract form
	@$(BIN)/python -m pytest --quiet tests/architecture/test_static.py tests/contract

format: setup ## put code into the house's form
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

lock: setup ## lock dependencies anew (UPGRADE=1 takes newer versions)
	@$(BIN)/python tools/lock.py $(if $(UPGRADE),--upgrade)

sbom: setup ## bill of materials (CycloneDX) of what a district runs on, in .sbom/
	@$(BIN)/python tools/sbom.py bill .sbom

licences: setup ## docs/licences.md from the locked packages' metadata
	@$(BIN)/python tools/sbom.py licences

clean: ## remove what can be made again; state folders stay
	@rm -rf .venv .verify .bench .sbom .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis protos/image.binpb
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
