# Solidary. Bare `make` explains itself. Needs Python 3.11+ and make; everything else it fetches, pinned.
PYTHON ?= python3
UV     := .local/uv/bin/uv
RUN    := .venv/bin/python
export VIRTUAL_ENV :=
# Each program would compile all its libraries anew: 6 of its 9 seconds to the start.
unexport PYTHONDONTWRITEBYTECODE
# Every member of the workspace, and its sources: a new service is found here by its folder.
MEMBERS := $(wildcard libs/*/pyproject.toml services/*/pyproject.toml infra/*/pyproject.toml)
SOURCES := $(wildcard libs/*/src services/*/src infra/*/src)
PACKAGES := $(notdir $(filter-out %.egg-info,$(wildcard $(addsuffix /*,$(SOURCES)))))
empty :=
export MYPYPATH := $(subst $(empty) $(empty),:,$(SOURCES))

.DEFAULT_GOAL := help
.PHONY: help env run demo start reload test faults bench check chart format lock contracts client seed screenshots new-service backup restore rehearse stop status trace

help: ## this list
	@echo "Solidary: an open platform for cities that receive refugees and migrants."; echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(UV): infra/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Solidary needs Python 3.11 or newer; this is " + sys.version.split()[0])'
	@mkdir -p .local
	@$(PYTHON) -m venv .local/uv
	@.local/uv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r infra/uv.txt
	@touch $@

.venv/.synced: $(UV) uv.lock pyproject.toml $(MEMBERS)
	@$(UV) sync --frozen --all-packages --all-extras --quiet --python $(PYTHON)
	@touch $@

ASSETS := services/console/src/console/static/govuk.css
$(ASSETS): .venv/.synced services/console/assets/package-lock.json infra/stack/src/stack/page_assets.py
	@$(RUN) -m stack assets
	@touch $@

env: .venv/.synced $(ASSETS) ## make the environment (every other target does this by itself)

run: env ## start everything, load the demonstration, serve until Ctrl-C (COUNTRY=CO; TLS=1: by https)
	@$(RUN) -m demonstration run $(if $(CITY),--city $(CITY)) $(if $(COUNTRY),--country $(COUNTRY)) $(if $(TLS),--tls)

demo: env ## play the main job once, end to end (COUNTRY=EC; CITY=folder imports a real city)
	@$(RUN) -m demonstration play $(if $(CITY),--city $(CITY)) $(if $(COUNTRY),--country $(COUNTRY))

start: env ## start the services that do not run, beside those that do: a new one, or one that ended
	@$(RUN) -m stack start

reload: env ## work on one service while the others run: it starts anew when its code changes (SERVICE=intake)
	@$(RUN) -m stack reload $(or $(SERVICE),$(error Which service? make reload SERVICE=intake))

test: env ## all tests, in two processes, each with its own PostgreSQL, Kafka and Keycloak (ARGS="-n 0 -k relay": some, in one)
	@$(RUN) -m pytest -n 2 --no-loadscope-reorder $(ARGS)

seed: env ## make invented people on the running platform (N=10000, AGENCY=unhcr, START=0: continue)
	@$(RUN) -m demonstration seed $(or $(N),10000) --agency $(or $(AGENCY),unhcr) --start $(or $(START),0)

PICTURES := day-1280.png needs-1280.png compare-1280.png candidates-1280.png registration-1280.png person-referred-1280.png person-referred-360.png services-1280.png guidance-1280.png inbox-1280.png accepted-1280.png
screenshots: env ## make the pictures of the pages anew: all into .local/pictures, those of the docs into docs/using/pictures
	@SOLIDARY_PICTURES=.local/pictures $(RUN) -m pytest -n 0 -q tests/browser
	@mkdir -p docs/using/pictures && cp $(addprefix .local/pictures/es/,$(PICTURES)) docs/using/pictures/

faults: env ## kill -9 rounds (ROUNDS=100), resumable
	@$(RUN) -m tests.faults --rounds $(or $(ROUNDS),100)

bench: env ## what we claim, beside its peers (NAME=one benchmark, else all)
	@$(RUN) -m benchmarks $(NAME)

check: env ## format, lint, types, import rules, dependencies, locks of migrations, contracts
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@$(RUN) -m tests.wording
	@.venv/bin/mypy $(addprefix --package=,$(PACKAGES))
	@$(RUN) -m workspace import-rules
	@$(RUN) -m workspace dependencies
	@$(RUN) -m workspace locks
	@$(RUN) -m tests.contract check

chart: env ## check the Helm chart with helm and kubeconform (needs Go; builds them the first time, in minutes)
	@$(RUN) -m workspace chart

format: env ## format the code and mend what lint can mend
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

lock: $(UV) ## resolve the dependencies of all members anew, after a pyproject.toml changed
	@$(UV) lock --python $(PYTHON)

contracts: env ## write the event schemas, OpenAPI and AsyncAPI snapshots anew
	@$(RUN) -m tests.contract write

client: env ## build the Python client of the API as a wheel (.local/client)
	@$(RUN) -m workspace client

new-service: env ## write a service of your own from templates (NAME=shelters), lock it and generate its contracts
	@$(RUN) -m workspace new-service $(or $(NAME),$(error Choose a name: make new-service NAME=shelters))
	@$(MAKE) --no-print-directory lock format contracts

backup: env ## back up the running instance into a folder (TO=/backups, SECRETS=1: its secrets too)
	@$(RUN) -m operations backup create --to $(or $(TO),$(error Where to? make backup TO=/backups)) $(if $(SECRETS),--secrets)

restore: env ## restore a backup into this checkout, which must be empty (FROM=/backups/rows/NAME IDENTITY=file)
	@$(RUN) -m operations backup restore $(or $(FROM),$(error Which? make restore FROM=/backups/rows/NAME)) \
	  --identity $(or $(IDENTITY),$(error Name the key that opens backups: IDENTITY=file)) \
	  $(if $(KEYS),--keys $(KEYS)) $(if $(SECRETS),--secrets $(SECRETS)) $(if $(ERASURES),--erasures $(ERASURES))

rehearse: env ## install an instance for people, fill it, back it up, lose it, restore it and compare (PEOPLE=1000)
	@$(RUN) -m operations.rehearsal --people $(or $(PEOPLE),1000) --record docs/operating/rehearsal.md

stop: env ## stop the stack of this checkout
	@$(RUN) -m stack down

status: env ## what runs, and where
	@$(RUN) -m stack status

trace: env ## the newest traces, or one of them as a tree across services (ID=trace id)
	@$(RUN) -m solidary.platform.telemetry.trace_viewer $(ID)
