# Everything a fresh machine needs is Python 3.11 or newer, pip and make.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
# All but ocr, which brings half a gigabyte that neither demo nor test needs.
EXTRAS := polars plots excel training pipelines serving aws notebooks

.DEFAULT_GOAL := help
.PHONY: help setup web demo serve test test-all check format docs benchmarks lock golden clients infra clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with all that demo and test need

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make setup PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked packages into $(VENV); the first time takes a few minutes."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

web: setup ## build the shop's app (node comes with pip where there is none)
	@$(BIN)/python web/build.py

demo: setup ## train the three models on the sample shops, then serve the API
	@$(BIN)/python web/build.py || true
	@$(BIN)/samaan demo

serve: setup ## start the API and the app alone
	@$(BIN)/python web/build.py || true
	@$(BIN)/samaan serve

test: setup ## run the checks and the quick tests
	@$(BIN)/python web/build.py || test -z "$$CI"
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest -m "not slow"

test-all: setup ## run every test, the slow ones too
	@$(BIN)/python -m pytest

check: setup ## ruff, mypy and the import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache | tail -n 3
	@$(BIN)/mypy

format: setup ## let ruff write the code's form
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

docs: setup ## build the documentation into site/
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/docs.txt
	@$(BIN)/mkdocs build --quiet --strict && echo "Open site/index.html."

benchmarks: setup ## list the benchmarks, one command a claim
	@for f in benchmarks/*.py; do printf '  %s\n      ' "$(BIN)/python $$f --data DIR"; \
		$(BIN)/python -c "import ast, sys; print(ast.get_docstring(ast.parse(open(sys.argv[1]).read())).splitlines()[0])" $$f; done

golden: setup ## build the pipeline definitions anew with the SageMaker SDK
	@$(BIN)/samaan pipeline render

clients: setup ## write openapi.json, both clients and docs/reference/api anew
	@$(BIN)/python -m clients.generator

INFRA_VENV := .venv-infra
PROFILE ?= lite

infra: ## synthesise the AWS stacks into cdk.out/ and run their tests (needs node; PROFILE=lite or full)
	@command -v node >/dev/null || { echo "The CDK needs node 22 or newer on the path."; exit 1; }
	@test -x $(INFRA_VENV)/bin/python || $(PYTHON) -m venv $(INFRA_VENV)
	@$(INFRA_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/infra.txt
	@CDK_OUTDIR=cdk.out CDK_CONTEXT_JSON='{"profile": "$(PROFILE)"}' $(INFRA_VENV)/bin/python -m infra.app
	@$(INFRA_VENV)/bin/python -m pytest -n 0 --confcutdir=tests/infra tests/infra && echo "The templates are in cdk.out/."

lock: ## resolve requirements/*.txt anew (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		pyproject.toml $(addprefix --extra ,$(EXTRAS)) --group build --group test --group check -o requirements/dev.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		pyproject.toml --extra training -o requirements/training.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		pyproject.toml --extra serving --extra aws -o requirements/serving.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		--group docs --constraint requirements/dev.txt -o requirements/docs.txt
	$(PYTHON) -c 'import tomllib; e = tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]; \
		print("\n".join(n for n in e["serving"] + e["aws"] + e["excel"] if not n.startswith(("boto3", "httptools", "uvicorn", "uvloop"))))' | \
		uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		--constraint requirements/dev.txt -o requirements/lambda.txt -
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		--group web -o requirements/web.txt
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
		--group infra -o requirements/infra.txt

clean: ## remove what was built; the virtual environment stays
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache cdk.out
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
