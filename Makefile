# The commands of the SCP suite; `make help` explains them. Everything is set up on first use.
PYTHON ?= python3
PORT ?= 8069
DB ?= scp
HOST ?= 127.0.0.1
SIZE ?= small

export PYTHONPATH := tools
unexport PYTHONDONTWRITEBYTECODE
SUITE := $(PYTHON) -m suite

.DEFAULT_GOAL := help
.PHONY: run test soak lint i18n load-cdnow bench screenshots clean help

run: ## set up what is missing and serve the suite with demo data (PORT=8069 DB=scp HOST=127.0.0.1)
	@exec $(SUITE) run --port $(PORT) --db $(DB) --host $(HOST)

test: ## every check and every test (ONLY="lint engine ..." runs some stages)
	@$(SUITE) test $(ONLY)

soak: ## the long counts: all combinations of addons, full property tests, all of CDNOW (ONLY="..." too)
	@$(SUITE) soak $(ONLY)

lint: ## the static checks
	@$(SUITE) lint

i18n: ## export and merge the translations; fails on anything untranslated
	@$(SUITE) i18n

load-cdnow: ## load the CDNOW purchase history and score it (FULL=1: the master file; RECENT=1: as if it ended this week, invoiced; DB=scp)
	@$(SUITE) load-cdnow --db $(DB) $(if $(FULL),--full) $(if $(RECENT),--recent)

bench: ## figures with their bounds (ONLY=name SIZE=small|full)
	@$(SUITE) bench --size $(SIZE) $(if $(ONLY),--only "$(ONLY)")

screenshots: ## pictures of every main screen, as each role, into docs/screenshots
	@$(SUITE) screenshots

clean: ## remove logs and test databases; ALL=1 removes the database and the downloads too
	@$(SUITE) clean $(if $(ALL),--all)

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'
