# `make play` and `make test` do all of their own set-up on a Debian machine with Python.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps
PLAY_PACKAGES := g++ libportaudio2 python3-dev python3-venv
TEST_PACKAGES := $(PLAY_PACKAGES) cmake doctest-dev jackd2 libjack-jackd2-0 aubio-tools clang-22 \
	clang-format-22 libclang-rt-22-dev
SOURCES := $(shell find plugin_bridge -name '*.h' -o -name '*.cpp') CMakeLists.txt pyproject.toml
ARGS ?=

.PHONY: play test lint bridge-test pytest clean

play: $(STAMPS)/play
	$(BIN)/rtgen play $(ARGS)

test: $(STAMPS)/test lint bridge-test pytest

lint: $(STAMPS)/test
	$(BIN)/ruff check rtgen tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	clang-format-22 --dry-run -Werror $$(find plugin_bridge -name '*.h' -o -name '*.cpp')

bridge-test: $(STAMPS)/test
	./plugin_bridge/tests/run.sh

pytest: $(STAMPS)/test
	$(BIN)/pytest

$(BIN)/python:
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || ./packages.sh $(PLAY_PACKAGES)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip

$(STAMPS)/play: $(SOURCES) constraints.txt packages.sh
	./packages.sh $(PLAY_PACKAGES)
	$(MAKE) $(BIN)/python
	$(BIN)/pip install --quiet -c constraints.txt --editable .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: $(SOURCES) constraints.txt packages.sh
	./packages.sh $(TEST_PACKAGES)
	$(MAKE) $(BIN)/python
	$(BIN)/pip install --quiet -c constraints.txt torch
	$(BIN)/pip install --quiet -c constraints.txt --editable '.[train,dev]'
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/play

clean:
	rm -rf build $(STAMPS) $(VENV)
