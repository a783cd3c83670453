# make run, make test, make check, make coverage: each sets up what it needs first.

PORT ?= 8000
RECENT := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; \
	do $$each -c '$(RECENT)' 2>/dev/null && echo $$each && break; done)
BIN := .venv/bin
# Every line and branch of it is tested.
DECIDING := "moderation/policy*,moderation/policy/*,moderation/comments/decisions*"
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Compiled at first import instead: most of it is never imported.
INSTALL := $(PIP) install --quiet --no-compile --require-hashes

.PHONY: run test coverage check docs format fuzz pace sbom dist release lock clean

run: .venv/run
	@exec $(BIN)/moderation demo --port $(PORT)

test: .venv/dev tests/protocols/clients/node_modules
	$(BIN)/python -m pytest -n auto $(PYTEST)

# On SQLite and in this process: what tells most of the lines, and costs least.
coverage: .venv/dev tests/protocols/clients/node_modules
	$(BIN)/python -m pytest -n auto -m "not apart" --cov --cov-report= $(PYTEST)
	$(BIN)/coverage report --skip-covered --sort=cover --fail-under=95
	$(BIN)/coverage report --show-missing --fail-under=100 --include=$(DECIDING)

check: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The site of the docs in build/docs/html: warnings are errors, and each link is followed.
# Sphinx has an environment of its own, so that tests and users don't install it.
docs: .venv/run .venv-docs/done
	$(BIN)/python -m docs.site.assemble build/docs/source
	@rm -rf build/docs/html
	.venv-docs/bin/sphinx-build -q -W -n --keep-going -c docs/site \
		build/docs/source build/docs/html
	$(BIN)/python -m docs.site.check build/docs/html

# Odd input for all that reads texts, files, and requests; see tests/fuzz.
SECONDS ?= 600
fuzz: .venv/dev
	$(BIN)/python -m tests.fuzz --seconds $(SECONDS)

# Comments per second next to a bare Flask view; with Isso, run the module itself.
pace: .venv/dev
	$(BIN)/python -m benchmarks.serving --no-isso --rounds 1 --seconds $(SECONDS)

# The packages of an installation, as CycloneDX: of the lock file, so always the same.
sbom: .venv/dev
	@$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml \
		--mc-type application --output-reproducible --of JSON -o sbom.json
	@echo "sbom.json lists the packages of requirements.lock."

# The wheel and the source archive of this commit, the same bytes each time.
dist: .venv/run
	$(BIN)/python deploy/build_dist.py

# make release VERSION=0.2.0: sets the version, and dates the changelog.
release: .venv/run
	$(BIN)/python deploy/cut_release.py $(VERSION)

format: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.venv/run: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }
	@echo "Setting up .venv (once, about half a minute) ..."
	@$(PYTHON) -m venv .venv
	@$(INSTALL) -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/run requirements-dev.lock
	@echo "Adding what the tests need to .venv (once) ..."
	@$(INSTALL) -r requirements-dev.lock
	@touch $@

.venv-docs/done: requirements-docs.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }
	@echo "Setting up .venv-docs (once) ..."
	@$(PYTHON) -m venv .venv-docs
	@.venv-docs/bin/python -m pip --disable-pip-version-check install --quiet \
		--no-compile --require-hashes -r requirements-docs.lock
	@touch $@

# Published clients of the protocols we speak; without npm their tests are skipped.
tests/protocols/clients/node_modules: tests/protocols/clients/package-lock.json
	@command -v npm >/dev/null || { echo "No npm: some tests are skipped."; exit 0; }; \
	npm --prefix $(@D) ci --no-audit --no-fund --ignore-scripts --loglevel=error && touch $@

# New locks, without the addresses they came from; needs uv.
COMPILE := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--no-header --python-version 3.11
lock:
	$(COMPILE) --extra build pyproject.toml -o requirements.lock
	$(COMPILE) --extra build --extra dev --extra oidc --extra otel --extra postgres --extra redis \
		--extra scale -c requirements.lock pyproject.toml -o requirements-dev.lock
	$(COMPILE) --group docs -o requirements-docs.lock
	printf '%s\n' 'psycopg[binary]' redis authlib joserfc opentelemetry-exporter-otlp-proto-http \
		opentelemetry-instrumentation-flask | $(COMPILE) -c requirements-dev.lock - -o deploy/extras.lock
	printf '%s\n' dask distributed | $(COMPILE) -c requirements-dev.lock - -o deploy/scale.lock

clean:
	rm -rf .venv .venv-docs build/docs tests/protocols/clients/node_modules *.egg-info .mypy_cache .ruff_cache .pytest_cache .coverage .fuzz sbom.json dist
