# Two commands: `make demo` runs the main job, `make test` runs every test. Both set up first.

PYTHON ?= python3
SOURCE ?= synthetic
SCENARIO ?= standard
MINUTES ?= 1
RESTAGE = .venv/bin/restage
PYTEST = .venv/bin/python -m pytest --durations 10
ALONE = test/e2e/test_soak.py test/nodes/test_camera_node.py test/nodes/test_injector_node.py test/nodes/test_recorder_node.py
OPTIONS = $(if $(FRAMES),--frames $(FRAMES)) $(if $(DASHBOARD),--dashboard $(filter-out 1,$(DASHBOARD)))

.PHONY: help setup demo test lint audit docs reference fuzz clean

help: ## say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

setup: ## make .venv and ros_ws/install, or bring them up to date
	@PYTHONPATH=tools $(PYTHON) -m envsetup

demo: setup ## run the system under faults: make demo SOURCE=path.mp4 SCENARIO=kill DASHBOARD=1
	@$(RESTAGE) demo --source $(SOURCE) --scenario $(SCENARIO) $(OPTIONS)

lint: setup ## ruff, mypy and hadolint
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/hadolint --config docker/.hadolint.yaml docker/Dockerfile docker/Dockerfile.jetson

audit: setup ## known vulnerabilities of what is installed, where PyPI's service can be asked
	@PYTHONPATH=tools .venv/bin/python -m audit

test: setup lint ## lint, then every test, fast ones first
	@echo 'tests without nodes: three and a half minutes on two cores'
	$(PYTEST) -m 'not e2e' -n 2
	@echo 'two minutes of random faults, and beside them tests of single nodes, which mostly wait'
	$(PYTEST) -m e2e -n 2 --dist loadfile --no-loadscope-reorder $(ALONE)
	@echo 'tests over systems of nodes: eight minutes on two cores'
	$(PYTEST) -m e2e test/e2e $(addprefix --ignore=,$(filter test/e2e/%,$(ALONE)))

docs: setup ## build the documentation site: build/docs/index.html
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/docs.txt
	.venv/bin/python -m sphinx -q -W --keep-going -n -c docs . build/docs

reference: setup ## write docs/reference anew from the code
	PYTHONPATH=tools .venv/bin/python -m reference

fuzz: setup ## fuzz every input for MINUTES each: make fuzz MINUTES=5
	@.venv/bin/pip install -q -r requirements/fuzz.txt
	RESTAGE_FUZZ_EXAMPLES=2000 .venv/bin/python -m pytest test/fuzz -q --timeout=0
	nice .venv/bin/python tools/fuzz --minutes $(MINUTES) --json report/fuzz.json

clean: ## remove what setup and runs have made
	rm -rf .venv ros_ws/build ros_ws/install ros_ws/log report build
