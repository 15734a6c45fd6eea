# Two commands: `make demo` runs the main job, `make test` runs every test. Both set up first.

PYTHON ?= python3
SOURCE ?= synthetic
SCENARIO ?= standard
FRAMES ?= 720
DASHBOARD ?=
RESTAGE = .venv/bin/restage

.PHONY: help setup demo test lint unit clean

help: ## say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

setup: ## make .venv and ros_ws/install, or bring them up to date
	@PYTHONPATH=tools $(PYTHON) -m envsetup

demo: setup ## run the system under faults: make demo SOURCE=path.mp4 SCENARIO=kill FRAMES=720 DASHBOARD=1
	@$(RESTAGE) demo --source $(SOURCE) --scenario $(SCENARIO) --frames $(FRAMES) \
		$(if $(DASHBOARD),--dashboard $(filter-out 1,$(DASHBOARD)))

lint: setup ## ruff, mypy and hadolint
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/hadolint --config docker/.hadolint.yaml docker/Dockerfile docker/Dockerfile.jetson

test: setup lint ## lint, then every test, fast ones first
	.venv/bin/python -m pytest -m 'not e2e' -n 2
	.venv/bin/python -m pytest -m e2e

clean: ## remove what setup and runs have made
	rm -rf .venv ros_ws/build ros_ws/install ros_ws/log report
