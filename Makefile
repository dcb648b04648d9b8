# SPDX-License-Identifier: Apache-2.0
# The front door: every target first makes sure of its Debian packages (tools/need), then hands over to meson.
# Nothing is rebuilt that has not changed.
#
#   make build       the program: build/kentongan
#   make run         build it and show what it does: three nodes that share, on port PORT of three loopback
#                    addresses, until Ctrl-C; make run ARGS="match -i list.txt eve.json" runs that instead
#   make test        all tests in a normal and a sanitizer build, and lint; the last line sums them up
#   make test-all    the same, the long tests, a clang build and a minute of soak
#   make bench       throughput beside named peers
#   make bench-year  a year of reports and a sensor's events through ingest: counts exact, rates, and what 290 million take
#   make fuzz        every fuzz target for FUZZ_SECONDS
#   make soak        the fast roads against their slow twins on new input for SOAK_SECONDS, whether times tell what is
#                    denied from what does not exist, a flood while others are warned, then CRASH_ROUNDS crashes
#   make install     into PREFIX (and DESTDIR)
#   make clean       removes what was built

ARGS ?=
PORT ?= 8443
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
SOAK_SECONDS ?= 600
CRASH_ROUNDS ?= 1000

.PHONY: build run test test-all bench bench-year fuzz soak install clean

build:
	@tools/need build test
	@tools/setup build
	@ninja -C build

run:
	@tools/need build test
	@tools/setup build
	@ninja -C build --quiet >&2
	@if [ -n "$(ARGS)" ]; then build/kentongan $(ARGS); else build/kentongan demo --port $(PORT); fi

test:
	@tools/need build test lint
	@tools/test build build-asan

test-all:
	@tools/need build test lint fuzz browser
	@SOAK_SECONDS=60 SOAK_TRIES=1000 tools/test --long build build-asan build-clang

bench: build
	@tools/need bench
	@bench/run.sh

bench-year: build
	@tools/need bench
	@bench/year.sh

fuzz:
	@tools/need build test fuzz
	@tools/setup build-fuzz
	@tools/fuzz build-fuzz $(FUZZ_SECONDS)

soak: build
	@SOAK_SECONDS=$(SOAK_SECONDS) tests/soak/run.sh
	@CRASH_ROUNDS=$(CRASH_ROUNDS) tests/crash/run.sh

install: build
	@meson configure build -Dprefix=$(PREFIX)
	@meson install -C build

clean:
	@rm -rf build build-asan build-clang build-fuzz
