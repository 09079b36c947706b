# Digitscribe. `make` alone lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
export VENV

# Given on make's command line, read by the programs.
export DIGITSCRIBE_RECOGNIZERS ?= $(or $(RECOGNIZERS),1)
STATE := $(or $(DIGITSCRIBE_STATE_DIR),var)

COMPOSE := docker compose

.PHONY: help
help: ## list the targets
	@printf '\n  Digitscribe reads handwritten digits.\n\n'
	@awk -F ':.*## ' '/^##@/ { printf "  \033[1m%s\033[0m\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "    make %-14s %s\n", $$1, $$2 } END { print "" }' $(MAKEFILE_LIST)

##@ Run it
.PHONY: up
up: venv-local ## start everything on this machine; RECOGNIZERS=N, DETACH=1
	@exec $(BIN)/python -m deploy.local.up $(if $(DETACH),--detach)

.PHONY: down
down: ## stop what `make up` started
	@test ! -x $(BIN)/python || exec $(BIN)/python -m deploy.local.down

.PHONY: logs
logs: ## follow the logs of all services
	@exec tail -n 20 -F "$(STATE)"/log/*.log

##@ Run it in containers
.PHONY: compose-up
compose-up: ## docker compose up: the same system, with TensorFlow Serving; RECOGNIZERS=N
	$(COMPOSE) up --build --detach --wait --scale recognizer=$(DIGITSCRIBE_RECOGNIZERS)

.PHONY: compose-down
compose-down: ## stop the containers; the volumes stay
	$(COMPOSE) down

.PHONY: serving-image
serving-image: ## the local model server's image, for SERVING_IMAGE=digitscribe/serving-local
	docker build --tag digitscribe/serving-local --file services/serving/Dockerfile .

##@ Models
.PHONY: train
train: venv-local ## train a model; ARGS='--epochs 3', see `python -m trainer train --help`
	@exec $(BIN)/python -m trainer train $(ARGS)

.PHONY: evaluate
evaluate: venv-all ## measure the shipped model and write docs/accuracy.md; PHOTOS=folder for yours too
	@exec $(BIN)/python -m tools.accuracy $(if $(PHOTOS),--photos "$(PHOTOS)") $(ARGS)

.PHONY: release-report
release-report: override ARGS += --test-set $(if $(FOLDS),--folds $(FOLDS) --handwriting "$(HANDWRITING)")
release-report: override ARGS += $(if $(UNSEEN),--unseen "$(UNSEEN)") $(if $(SEEDS),--seeds $(SEEDS))
release-report: evaluate ## the same with the test set and what trainings came to; FOLDS=, SEEDS=, see docs/accuracy.md

##@ Work on it
.PHONY: screenshots
screenshots: venv-all ## pictures of the page for the docs, from a system that runs; ARGS='--url …'
	@exec $(BIN)/python -m tools.screenshots $(ARGS)

.PHONY: test
test: check ## every check and every test; ARGS='-k name'
	@exec deploy/test $(ARGS)

.PHONY: check
check: venv-all ## ruff and mypy --strict
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy shared services/*/[a-z]*_worker services/gateway/gateway services/recognizer/recognizer \
		services/trainer/trainer services/serving/serving services/ui/ui clients/python/digitscribe_client deploy tools

.PHONY: benchmark
benchmark: venv-all ## how fast it is: queue, gateway, model and vision, each started for it; takes some minutes
	@$(BIN)/python -m tools.benchmark_queue
	@$(BIN)/python -m tools.benchmark_gateway --up
	@$(BIN)/python -m tools.benchmark_serving
	@$(BIN)/python -m tools.benchmark_vision

.PHONY: lock
lock: venv-all ## resolve the requirements again; ARGS=--upgrade for newer versions
	@UV="$(abspath $(BIN))/uv" requirements/lock $(ARGS)

.PHONY: clean
clean: down ## remove the virtual environment and all state, trained models and corrections included
	rm -rf $(VENV) "$(STATE)" .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

.PHONY: venv-local venv-all
venv-local venv-all: venv-%:
	@python=$$(deploy/find-python) && "$$python" deploy/install.py $*
