# SPDX-License-Identifier: BSD-2-Clause
# Forwards to Meson and to the scripts in tools/.
PREFIX ?= /usr/local
RELEASE = --buildtype=release --prefix=$(PREFIX) -Dtests=disabled -Dnet_tests=false

.PHONY: build demo test mutants prove model fuzz bench plots lint format docs install clean help

build:
	@tools/bootstrap.sh build
	@tools/build.sh release $(RELEASE)

demo:
	@tools/bootstrap.sh build demo
	@tools/build.sh release $(RELEASE)
	@build/release/cmd/handfast demo

test:
	@tools/bootstrap.sh build test
	@tools/test.sh

mutants:
	@tools/bootstrap.sh build test
	@tools/mutate.py

prove:
	@tools/bootstrap.sh build prove
	@tools/prove.sh
	@tools/prove.sh --mutants

model:
	@tools/bootstrap.sh build model
	@tools/model.sh
	@tools/model.sh --mutants

fuzz:
	@tools/bootstrap.sh build test
	@tools/fuzz.sh

bench:
	@tools/bootstrap.sh build
	@tools/build.sh bench --buildtype=release -Dbench=true -Dtests=disabled -Dnet_tests=false
	@tools/bench.sh build/bench

plots:
	@tools/bootstrap.sh build
	@tools/build.sh bench --buildtype=release -Dbench=true -Dtests=disabled -Dnet_tests=false
	@tools/plots.py build/bench/bench/trace_congestion docs

lint:
	@tools/bootstrap.sh build lint
	@tools/lint.sh

format:
	@tools/bootstrap.sh lint
	@tools/format.sh

docs:
	@tools/bootstrap.sh docs
	@mkdir -p build/docs
	@doxygen
	@echo "build/docs/html/index.html"

install: build
	@meson install -C build/release --no-rebuild

clean:
	@rm -rf build

help:
	@echo "make          build the library and the command"
	@echo "make demo     show it at work on this machine"
	@echo "make test     run every test and gate"
	@echo "make mutants  plant 240 faults into tcp/; the tests must notice them"
	@echo "make prove    prove that no octets make a parser go wrong"
	@echo "make model    look through every run of a model of the handshake"
	@echo "make fuzz     look for octets that break something: TIME=600 seconds a target"
	@echo "make bench    run the benchmarks"
	@echo "make plots    draw what congestion control does, into docs/"
	@echo "make lint     run the gates and the static analysers"
	@echo "make format   lay out the sources by .clang-format"
	@echo "make docs     write the reference into build/docs"
	@echo "make install  install under PREFIX (/usr/local); DESTDIR is honoured"
	@echo "make clean    remove build/"
