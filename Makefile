# EarthCODE Federation. `make help` lists what there is.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
UV_VERSION := 0.13.8
ARGS   ?=
export UV_PYTHON_DOWNLOADS ?= never
export UV_SYSTEM_CERTS ?= true
export UV_LINK_MODE ?= copy
MEMBERS := libs/common services/catalog-api services/records-api services/publisher \
           services/reproducer services/auth-gateway platforms/processes deploy/local
READY  := $(VENV)/.ready
WORKERS ?= 2
ifneq ($(PYTHONDONTWRITEBYTECODE),)
# Not beside the sources, then; without compiled modules every process starts twice as slowly.
export PYTHONPYCACHEPREFIX ?= $(abspath $(VENV))/compiled
override export PYTHONDONTWRITEBYTECODE :=
endif

.DEFAULT_GOAL := help
.PHONY: help run test test-long test-oracle check bench bench-catalog bench-records lock format clean

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY) ## start the whole federation here (ARGS="--port N --data-dir DIR")
	@exec $(BIN)/earthcode up $(ARGS)

test: $(READY) ## run the test suite against real PostgreSQL and NATS (ARGS for pytest)
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-long: $(READY) ## the same with many more examples, other ones each time (an hour and more)
	EARTHCODE_TEST_PROFILE=long $(BIN)/pytest $(ARGS)

test-oracle: $(READY) ## 40,000 searches with CQL2, and more, against plain evaluations (half an hour)
	EARTHCODE_TEST_PROFILE=long $(BIN)/pytest tests/common/cql2 tests/catalog_api/test_search_property.py \
	  tests/records_api/test_record_search_property.py $(ARGS)

check: $(READY) ## lint, format check, types, lock
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(foreach m,$(MEMBERS),$(m)/src)

bench: $(READY) ## measure, as ratios, and write bench/results/
	$(BIN)/python -m bench $(ARGS)

bench-catalog: $(READY) ## the catalogue beside stac-fastapi-pgstac (ARGS=--help tells more)
	$(BIN)/python -m bench catalog $(ARGS)

bench-records: $(READY) ## records beside pygeoapi 0.21 (ARGS="--records N" for fewer)
	$(BIN)/python -m bench records $(ARGS)

format: $(READY) ## format and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(BIN)/uv ## resolve again and export requirements.lock (hashed, without URLs)
	$(BIN)/uv lock --quiet
	$(BIN)/uv export --quiet --all-packages --all-groups --no-emit-workspace --no-header --no-annotate -o requirements.lock

clean: ## remove the environment and what tools left behind
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis uv.lock
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; set PYTHON=..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "This Python has no venv module: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(READY): $(BIN)/uv requirements.lock $(addsuffix /pyproject.toml,$(MEMBERS))
	@echo "Installing (once; some 500 MB, a few minutes with a cold cache) ..."
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps $(addprefix -e ,$(MEMBERS))
	@touch $@
