# `make play` and `make test` do all of their own set-up on a Debian machine with Python.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps
LOCKS := .ci/locks
# Exactly the packages of a lock, each by its hash; wheels only, since building one runs its code.
LOCKED := $(BIN)/pip install --quiet --require-hashes --no-deps --only-binary :all:
OURS := $(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
PLAY_PACKAGES := g++ libportaudio2 python3-dev python3-venv
PLUGIN_PACKAGES := dpf-source libgl-dev libx11-dev libxcursor-dev libxext-dev libxrandr-dev
TEST_PACKAGES := $(PLAY_PACKAGES) $(PLUGIN_PACKAGES) ardour aubio-tools clang-22 clang-format-22 \
	cmake doctest-dev jackd2 jalv libclang-rt-22-dev libjack-jackd2-0 liblo-tools lilv-utils lv2-dev \
	qtractor sordi valgrind xvfb chromium
SOURCES := $(shell find plugin_bridge -not -path '*/tests/*' -type f) CMakeLists.txt pyproject.toml
# Tests that play nothing in real time run beside those that do.
COMPUTES := $(addprefix tests/,audio bundle corpus evaluate export musika nets stream timeline train) \
	$(addprefix tests/cli/test_,recipe.py own_music.py export_place.py)
ARGS ?=
FUZZ_SECONDS ?= 20

.PHONY: play plugin docs test lint bridge-test speed-guard pytest pytest-plays pytest-computes fuzz locks audit clean

play: $(STAMPS)/play
	$(BIN)/rtgen play $(ARGS)

plugin: $(STAMPS)/plugin
	$(BIN)/rtgen plugin install

docs: $(STAMPS)/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

test: $(STAMPS)/test lint bridge-test speed-guard pytest fuzz

lint: $(STAMPS)/test
	$(BIN)/ruff check rtgen tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	clang-format-22 --dry-run -Werror $$(find plugin_bridge -name '*.h' -o -name '*.cpp')

bridge-test: $(STAMPS)/test
	./plugin_bridge/tests/run.sh

speed-guard: bridge-test
	$(BIN)/python benchmarks/speed_guard.py

pytest: $(STAMPS)/test bridge-test
	$(MAKE) --jobs=2 --output-sync=target pytest-plays pytest-computes

pytest-plays:
	$(BIN)/pytest $(COMPUTES:%=--ignore=%)

# At lowest priority on one core; numba's cache breaks when two processes fill it.
pytest-computes:
	NUMBA_CACHE_DIR=$(CURDIR)/$(STAMPS)/numba OMP_NUM_THREADS=1 \
		nice -n 19 $(BIN)/pytest -p no:cacheprovider $(COMPUTES)

# Each target for so long, two at once.
fuzz: $(STAMPS)/test bridge-test
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS)

$(BIN)/python:
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || ./packages.sh $(PLAY_PACKAGES)
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/play: $(SOURCES) $(LOCKS)/play.lock packages.sh
	./packages.sh $(PLAY_PACKAGES)
	$(MAKE) $(BIN)/python
	$(LOCKED) -r $(LOCKS)/play.lock
	$(OURS)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/plugin: $(SOURCES) $(LOCKS)/play.lock packages.sh
	./packages.sh $(PLAY_PACKAGES) $(PLUGIN_PACKAGES)
	$(MAKE) $(BIN)/python
	$(LOCKED) -r $(LOCKS)/play.lock
	$(OURS)
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/play

$(STAMPS)/docs: $(LOCKS)/docs.lock
	$(MAKE) $(BIN)/python
	$(LOCKED) -r $(LOCKS)/docs.lock
	@mkdir -p $(STAMPS) && touch $@

# Where there is no CPU build of torch, PyPI's does, which brings CUDA along.
$(STAMPS)/test: $(SOURCES) $(LOCKS)/test.lock packages.sh
	./packages.sh $(TEST_PACKAGES)
	$(MAKE) $(BIN)/python
	$(LOCKED) -r $(LOCKS)/torch-cpu.lock || $(LOCKED) -r $(LOCKS)/torch.lock
	$(LOCKED) -r $(LOCKS)/test.lock
	$(OURS)
	$(BIN)/pip check
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/play $(STAMPS)/plugin

locks:
	.ci/lock

# Asks the advisories of the world about every package of the locks, so it needs the network.
audit:
	$(PYTHON) -m venv build/audit
	build/audit/bin/pip install --quiet --require-hashes --no-deps -r $(LOCKS)/audit.lock
	build/audit/bin/pip-audit --strict --disable-pip --require-hashes \
		$(foreach lock,play test torch docs,-r $(LOCKS)/$(lock).lock)

clean:
	rm -rf build $(STAMPS) $(VENV)
