# KOD intake: the two commands a newcomer needs are `make demo` and `make test`.
# They need git, make, python3 (3.11 or newer) and python3-venv; everything else they fetch themselves.

PYTHON ?= python3
BIN := .venv/bin
# Every installation comes from requirements/*.txt: exact versions with their hashes. Twice quiet: errors, no warnings.
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
LOCKED := $(PIP) --require-hashes --requirement
OURSELVES := $(PIP) --no-deps --no-build-isolation --editable .
COMPILE := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
  --annotation-style line --custom-compile-command "make lock"

# Programs that tests start by the hundred must find their modules compiled, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test lint test-extra fuzz chaos journey bench wheel deb lock sbom clean

# List the targets.
help:
	@awk '/^# /{said=substr($$0,3)} /^[a-z-]+:/{split($$0,name,":"); printf "make %-11s %s\n",name[1],said}' Makefile

# Show the main job on an embedded mailbox and mail sink, with sample mails and phone logs; no account, no root.
demo: .venv/.demo
	@$(BIN)/kod-intake demo

# Install what the tests need (as root also Debian's servers), then lint, type-check and run all tests.
test: .venv/.test
	@tests/install-servers.sh dovecot-imapd postgresql systemd
	@$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n 3 --dist worksteal -m "not extra" $(ARGS)

# Only the linters and the type checker.
lint: .venv/.test
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy intake routing tests bench
	@$(BIN)/lint-imports --no-logo --no-cache

# The tests that need heavier parts, such as a browser for pictures of letters.
test-extra: .venv/.test
	@if $(BIN)/pytest --collect-only -qq -m extra >.venv/extra.log 2>&1; then \
	  tests/install-servers.sh dovecot-imapd postgresql chromium npm libreoffice-calc-nogui && $(BIN)/pytest -m extra $(ARGS); \
	elif [ $$? -eq 5 ]; then echo "No test needs heavier parts yet."; \
	else cat .venv/extra.log; exit 1; fi

# Break a million mails at random and read them (minutes); ARGS="--count 50000 --seed 1" or ARGS="--guided 300" (needs atheris).
fuzz: .venv/.test
	@$(BIN)/python -m tests.intake.mail.fuzz $(ARGS)

# Kill, stall, cut and fill whatever there is, by a seed; ARGS="--seed 7 --minutes 60 --engine postgresql --daemons 3" or --kills 500.
chaos: .venv/.test
	@tests/install-servers.sh dovecot-imapd postgresql
	@$(BIN)/python -m tests.faults.chaos $(ARGS)

# Send the mails and lists of all corpora through one installation and add up the account; ARGS="--mails 20000 --seed 7".
journey: .venv/.test
	@tests/install-servers.sh dovecot-imapd
	@$(BIN)/python -m tests.journeys.every_mail $(ARGS)

# Measure speed and size side by side with simpler programs; ARGS="--only once --mails 2000" selects.
bench: .venv/.test
	@tests/install-servers.sh dovecot-imapd postfix
	@$(BIN)/python -m bench $(ARGS)

# Build the wheel into dist/.
wheel: .venv/.test
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

# Build a Debian package into dist/, for the release and the Python of this machine (needs dpkg-dev and python3-venv).
deb:
	@deploy/debian/build.sh

# Write requirements/*.txt anew after a change of pyproject.toml; ARGS=--upgrade takes the newest versions allowed.
lock: .venv/.tools
	$(COMPILE) $(ARGS) pyproject.toml --extra test --output-file requirements/test.txt
	$(COMPILE) $(ARGS) pyproject.toml --extra build --extra demo --extra plots -c requirements/test.txt -o requirements/demo.txt
	$(COMPILE) $(ARGS) pyproject.toml --extra build --extra postgresql --extra plots -c requirements/test.txt -o requirements/install.txt
	$(COMPILE) $(ARGS) --group tools -c requirements/test.txt -o requirements/tools.txt

# Write what an installation consists of, with versions and licences, into dist/kod-intake.cdx.json (CycloneDX).
sbom: .venv/.tools
	@mkdir -p dist
	@$(BIN)/python -m venv --clear --without-pip .venv/sbom
	@$(BIN)/python -m pip --python .venv/sbom/bin/python install -qq --require-hashes -r requirements/install.txt
	@sed "s/^dynamic = .*/version = $$(sed -n 's/^__version__ = //p' intake/__init__.py)/" pyproject.toml >.venv/sbom/pyproject.toml
	$(BIN)/cyclonedx-py environment --pyproject .venv/sbom/pyproject.toml --output-reproducible \
	  --output-file dist/kod-intake.cdx.json .venv/sbom

# Remove everything that these commands made.
clean:
	rm -rf .venv build dist demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find intake routing tests bench -name __pycache__ -prune -exec rm -rf {} +

.venv/bin/python:
	@echo "Creating .venv ..."
	@$(PYTHON) -m venv .venv

.venv/.demo: requirements/demo.txt pyproject.toml | .venv/bin/python
	@echo "Installing what the demo needs into .venv (once) ..."
	@$(LOCKED) requirements/demo.txt
	@$(OURSELVES)
	@touch $@

.venv/.test: requirements/test.txt pyproject.toml | .venv/bin/python
	@echo "Installing what the tests need into .venv (once) ..."
	@$(LOCKED) requirements/test.txt
	@$(OURSELVES)
	@touch $@ .venv/.demo

.venv/.tools: requirements/tools.txt | .venv/bin/python
	@echo "Installing what maintainers need into .venv (once) ..."
	@$(LOCKED) requirements/tools.txt
	@touch $@
