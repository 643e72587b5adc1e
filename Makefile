.DEFAULT_GOAL := help
.PHONY: help run test check lint types imports format bench soak chaos fuzz attack docs audit sbom pins up down status lock clean

bin := .venv/bin
# What .venv needs before a command runs; both are instant where there is nothing to do.
runtime := @deploy/environment.sh build runtime
dev := @deploy/environment.sh build dev

help: ## Show this list
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

run: ## Run the whole line on the sample feed and config/feeds.toml until Ctrl-C; ONCE=1 ends when all is searchable
	@deploy/environment.sh preflight
	$(runtime)
	@$(bin)/pipeline run $(if $(ONCE),--once)

test: ## Run the tests, those against real Kafka and Elasticsearch included; ARGS="-k name" chooses
	@deploy/environment.sh preflight --own-ports
	$(dev)
	@deploy/test.sh $(ARGS)

check: lint types imports ## Check style, types, layers, locks and what is tracked, as the continuous integration does
	@$(bin)/python -m pytest -q tests/unit/project

lint: ## Check style and format
	$(dev)
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .

types: ## Check types
	$(dev)
	@$(bin)/mypy

imports: ## Check that the layers import downwards only
	$(dev)
	@$(bin)/lint-imports

format: ## Put the sources in the project's format
	$(dev)
	@$(bin)/ruff check --fix-only --quiet .
	@$(bin)/ruff format .

docs: ## Write what is made from the code: pages and tables of docs/, Grafana's dashboard
	$(dev)
	@$(bin)/python -m tests.pages.statements
	@$(bin)/python -m tests.pages.operations
	@$(bin)/python -m tests.pages.grafana
	@$(bin)/python -m tests.pages.security
	@$(bin)/python -m tests.pages.licences

bench: ## Measure speed beside other tools; PARTS=searching for a part of it
	@deploy/environment.sh preflight --own-ports
	$(dev)
	@$(bin)/python -m tests.benchmarks $(PARTS)

soak: ## Run the line for MINUTES (60) under random faults of SEED (1) and compare all that was made with what is found
	@deploy/environment.sh preflight --own-ports
	$(dev)
	@$(bin)/python -m tests.chaos soak --minutes $(or $(MINUTES),60) --seed $(or $(SEED),1) --out .data/soak

chaos: ## Do every fault by itself to real servers, from SEED (1); ONLY=kill,cut chooses
	@deploy/environment.sh preflight --own-ports
	$(dev)
	@$(bin)/python -m tests.chaos chaos --seed $(or $(SEED),1) $(if $(ONLY),--only $(ONLY)) --out .data/chaos

fuzz: ## Try made inputs on every reader of outside bytes; MINUTES=5 SEED=1 TARGET=name
	$(dev)
	@$(bin)/python -m tests.fuzz $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED)) $(if $(TARGET),--target $(TARGET))

attack: ## Run every test that docs/THREATS.md names, then HOSTILE (10000) feeds among GOOD (1000) ones for MINUTES (10)
	@deploy/environment.sh preflight --own-ports
	$(dev)
	@$(bin)/python -m tests.attack threats
	@$(bin)/python -m tests.attack crowd --minutes $(or $(MINUTES),10) --good $(or $(GOOD),1000) --hostile $(or $(HOSTILE),10000)

up: ## Start Kafka and Elasticsearch on this machine
	@deploy/environment.sh preflight --own-ports
	$(runtime)
	@$(bin)/pipeline up

down: ## Stop them; their data stays
	$(runtime)
	@$(bin)/pipeline down

status: ## Show whether they run
	$(runtime)
	@$(bin)/pipeline status

lock: ## Resolve the dependencies anew and write the hash-locked files
	@deploy/lock.sh

audit: ## Ask for known vulnerabilities of the locked packages; exit code 3 where nobody could tell
	$(dev)
	@$(bin)/python deploy/supply/audit.py

sbom: ## Write what the pipeline consists of, as CycloneDX, to .data/sbom.json
	$(dev)
	@$(bin)/python deploy/supply/sbom.py

pins: ## Name every container image by the digest that its tag has now; needs docker and an image registry
	@deploy/supply/pins.sh

clean: ## Stop the servers; remove the environment, caches and downloaded servers; data stays
	@if [ -x $(bin)/pipeline ]; then $(bin)/pipeline down; fi
	@rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .data/servers
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
