# `make play` and `make test` do all of their own set-up on a Debian machine with Python.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .stamps
PLAY_PACKAGES := g++ libportaudio2 python3-dev python3-venv
PLUGIN_PACKAGES := dpf-source libgl-dev libx11-dev libxcursor-dev libxext-dev libxrandr-dev
TEST_PACKAGES := $(PLAY_PACKAGES) $(PLUGIN_PACKAGES) ardour aubio-tools clang-22 clang-format-22 \
	cmake doctest-dev jackd2 jalv libclang-rt-22-dev libjack-jackd2-0 liblo-tools lilv-utils lv2-dev \
	qtractor sordi xvfb chromium
SOURCES := $(shell find plugin_bridge -not -path '*/tests/*' -type f) CMakeLists.txt pyproject.toml
ARGS ?=

.PHONY: play plugin docs test lint bridge-test pytest clean

play: $(STAMPS)/play
	$(BIN)/rtgen play $(ARGS)

plugin: $(STAMPS)/plugin
	$(BIN)/rtgen plugin install

docs: $(STAMPS)/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

test: $(STAMPS)/test lint bridge-test pytest

lint: $(STAMPS)/test
	$(BIN)/ruff check rtgen tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	clang-format-22 --dry-run -Werror $$(find plugin_bridge -name '*.h' -o -name '*.cpp')

bridge-test: $(STAMPS)/test
	./plugin_bridge/tests/run.sh

pytest: $(STAMPS)/test bridge-test
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

$(STAMPS)/plugin: $(SOURCES) constraints.txt packages.sh
	./packages.sh $(PLAY_PACKAGES) $(PLUGIN_PACKAGES)
	$(MAKE) $(BIN)/python
	$(BIN)/pip install --quiet -c constraints.txt --editable .
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/play

$(STAMPS)/docs: pyproject.toml constraints.txt
	$(MAKE) $(BIN)/python
	$(BIN)/pip install --quiet -c constraints.txt mkdocs-material
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: $(SOURCES) constraints.txt packages.sh
	./packages.sh $(TEST_PACKAGES)
	$(MAKE) $(BIN)/python
	$(BIN)/pip install --quiet -c constraints.txt torch
	$(BIN)/pip install --quiet -c constraints.txt --editable '.[train,dev]'
	@mkdir -p $(STAMPS) && touch $@ $(STAMPS)/play $(STAMPS)/plugin

clean:
	rm -rf build $(STAMPS) $(VENV)
