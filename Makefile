# The commands of this project; each is a script in Scripts/ or one line. `make` alone lists them.

.DEFAULT_GOAL := help
.PHONY: help run test sim build bench tidy format lint packages clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## export an RBD image of a small Ceph cluster of its own, until Ctrl-C
	@Scripts/run

test: ## run every test: units, a live Ceph cluster, a Linux guest (under 40 minutes, the first time too)
	@Scripts/test

sim: ## run the simulator: SEEDS=1000 of them, or SEED=n with every event
	@Scripts/sim

build: packages ## build gatewayd (release) and say where it is
	@swift build -c release --product gatewayd
	@echo "$$(swift build -c release --show-bin-path)/gatewayd"

bench: ## measure gatewayd on this machine, beside what it is compared with
	@Scripts/bench

tidy: ## check the rules that a machine can check (Tests/TidyTests)
	@swift test --filter TidyTests

format: ## lay out every Swift file as .swift-format says
	@swift format --in-place --recursive --parallel --configuration .swift-format Package.swift Sources Tests Examples

lint: ## check the layout of Swift files, and the shell scripts
	@Scripts/lint

packages: ## install the Debian packages that are missing
	@Scripts/install-packages

clean: ## delete what was built in this checkout
	rm -rf .build
