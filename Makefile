# The two main commands are `make demo` and `make test`; `make help` lists all.
PYTHON ?= python3
PORTABLE_UV := .uv/bin/uv
UV := $(shell command -v uv 2>/dev/null || echo $(PORTABLE_UV))
BIN := .venv/bin
DATA ?= ../shared/data
WEIGHTS ?= $(firstword $(wildcard ../shared/weights/resnet18*.safetensors) imagenet)

.PHONY: help demo up test unit integration results bench-active bench-features bench-feet bench-fit bench-labels bench-loop bench-predict bench-refit bench-scale bench-startup bench-suggestions bench-suggestions-studio bench-upload docs pictures lint lock clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: .venv/ready .venv-label-studio/ready  ## The whole loop on synthetic drills (VIDEO=path adds your own video)
	@$(BIN)/python -m sdk_scripts.demo $(if $(VIDEO),--video "$(VIDEO)")

up: .venv/ready .venv-label-studio/ready  ## Start every process on this machine and stay up
	@$(BIN)/python -m sdk_scripts.demo --only-start --data-dir var/local

test: .venv/ready .venv-label-studio/ready  ## Linters and all tests, as CI runs them
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

unit: .venv/ready  ## Unit tests only, about 5 minutes on two cores
	$(BIN)/python -m pytest tests/unit

integration: .venv/ready .venv-label-studio/ready  ## Tests against the real Label Studio and Redis
	$(BIN)/python -m pytest tests/integration tests/browser tests/faults

results: bench-feet  ## Push-offs and feet on the real clips of DATA: another place first, then against four baselines
	$(BIN)/python -m benchmarks.events $(DATA) --weights $(WEIGHTS)

bench-suggestions: .venv/ready  ## How good suggestions are on real clips of DATA that nobody trained on
	$(BIN)/python -m benchmarks.suggestions $(DATA) --weights $(WEIGHTS) $(if $(JSON),--json "$(JSON)")

bench-suggestions-studio: .venv/ready .venv-label-studio/ready  ## The same once through a real Label Studio
	$(BIN)/python -m benchmarks.suggestions_studio $(DATA) --weights $(WEIGHTS) $(if $(JSON),--json "$(JSON)")

bench-feet: .venv/ready  ## Learnt at one place of DATA, judged at another: push-offs, and what tells the foot
	$(BIN)/python -m benchmarks.feet $(DATA) --weights $(WEIGHTS)

bench-loop: .venv/ready  ## What checked sessions bring on real clips of DATA that nobody trained on
	$(BIN)/python -m benchmarks.loop $(DATA) --weights $(WEIGHTS) $(if $(JSON),--json "$(JSON)")

bench-features: .venv/ready  ## A million frames: size of their features, time to score and order them
	$(BIN)/python -m benchmarks.features

bench-fit: .venv/ready  ## Fitting the heads of a refit on real clips of DATA: all at once against plain PyTorch
	$(BIN)/python -m benchmarks.fit $(DATA) --weights $(WEIGHTS)

bench-labels: .venv/ready  ## Planted label errors, predicted gains, weight of accepted suggestions; real crops
	$(BIN)/python -m benchmarks.labels $(DATA) --weights $(WEIGHTS)

bench-refit: .venv/ready .venv-label-studio/ready  ## Seconds from the last label to the new order in Label Studio
	$(BIN)/python -m benchmarks.refit --weights $(WEIGHTS)

bench-predict: .venv/ready  ## /predict for 8 clients against the same model behind label_studio_ml's own server
	$(BIN)/python -m benchmarks.predict_speed

bench-scale: .venv/ready .venv-label-studio/ready  ## What 1,000, 20,000 and 100,000 tasks in Label Studio cost; hours
	$(BIN)/python -m benchmarks.scale

bench-upload: .venv/ready  ## Upload 4 GiB over a connection that drops five times
	$(BIN)/python -m benchmarks.upload

bench-startup: .venv/ready  ## Start-up time of `pushoff --help` against a bare interpreter
	$(BIN)/python -m benchmarks.startup

bench-active: .venv/ready  ## Labels each strategy needs on the real data of DATA, against two libraries
	$(BIN)/python -m benchmarks.active $(DATA) --weights $(WEIGHTS)

docs: .venv/ready  ## Write the generated pages of docs/: settings, commands, licences
	$(BIN)/python -m tools.docs

pictures: .venv/ready  ## Screenshots of the coach's page for the docs
	$(BIN)/python -m tools.readme_pictures

lock:  ## Resolve the lock files
	$(UV) pip compile -q pyproject.toml --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header -o requirements.lock
	$(UV) pip compile -q pyproject.toml --group dev -c requirements.lock --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header -o requirements-dev.lock
	$(UV) pip compile -q requirements-label-studio.in --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header -o requirements-label-studio.lock

clean:  ## Remove environments and all data in var/
	rm -rf .venv .venv-label-studio .uv var

$(PORTABLE_UV):
	$(PYTHON) -m venv .uv
	.uv/bin/pip install -q uv

.venv/ready: requirements-dev.lock pyproject.toml | $(UV)
	@echo "setting up pushoff (torch is large: some minutes the first time)"
	@test -x $(BIN)/python || $(UV) venv -q --python $(PYTHON) .venv
	@VIRTUAL_ENV=.venv $(UV) pip sync -q --compile-bytecode requirements-dev.lock
	@VIRTUAL_ENV=.venv $(UV) pip install -q --no-deps -e .
	@touch $@

.venv-label-studio/ready: requirements-label-studio.lock | $(UV)
	@echo "setting up Label Studio in its own environment"
	@test -x .venv-label-studio/bin/python || $(UV) venv -q --python $(PYTHON) .venv-label-studio
	@VIRTUAL_ENV=.venv-label-studio $(UV) pip sync -q --compile-bytecode requirements-label-studio.lock
	@touch $@
