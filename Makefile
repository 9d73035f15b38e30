# What there is to do, in one word each. `make` alone lists it.

.DEFAULT_GOAL := help
.PHONY: help run build setup test check lint doc deny sim bench fuzz

# Where rustup puts what scripts/tools.sh may have to install.
export PATH := $(PATH):$(HOME)/.cargo/bin

CARGO ?= cargo
SEED ?= 1
SEEDS ?= 200
SECONDS_EACH ?= 60
TOOLS := scripts/tools.sh

help: ## This list.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

run: build ## Build and start a small city to try things out in: loopback only, nothing is kept.
	target/release/lotse dev

build: ## Build as it is shipped.
	@$(TOOLS) rust
	$(CARGO) build --release --locked

setup: ## Install what the tests need and is not here yet.
	@$(TOOLS) rust clients

test: setup ## Install what is missing and run all tests, those with real phones included.
	$(CARGO) test --locked

check: lint doc deny ## Everything that is held besides the tests.

lint: ## Format, lints, the house rules, and whether what is fuzzed still compiles.
	@$(TOOLS) rust
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	CARGO_TARGET_DIR=target $(CARGO) check --locked --quiet --manifest-path fuzz/Cargo.toml
	$(CARGO) test --locked --quiet --test tidy

doc: ## The documentation of the code; a broken link is an error.
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --document-private-items

deny: ## Licences and origins of everything we build on. The first time builds cargo-deny (minutes).
	@$(TOOLS) deny
	$(CARGO) deny --locked check licenses bans sources

sim: ## The whole exchange in a virtual world, from SEEDS seeds (200); one again by SEED=17 SEEDS=1.
	@$(TOOLS) rust
	LOTSE_SEED=$(SEED) LOTSE_SEEDS=$(SEEDS) $(CARGO) test --locked --release --lib sim:: -- --nocapture

bench: ## What it costs, as tables.
	@$(TOOLS) rust clients
	$(CARGO) bench --locked

fuzz: ## Random input for SECONDS_EACH seconds (60) a target. The first time builds cargo-fuzz (minutes).
	@$(TOOLS) fuzz
	@set -e; for target in $$(ls fuzz/fuzz_targets | sed 's/\.rs$$//'); do \
		echo "fuzz $$target"; \
		mkdir -p fuzz/corpus/$$target; \
		case $$target in \
			message) seeds="tests/torture/rfc4475 tests/torture/rfc5118" ;; \
			config) seeds="config tests/config" ;; \
			session|packet|stream) seeds="fuzz/seeds/$$target" ;; \
			*) seeds= ;; \
		esac; \
		RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run --sanitizer none $$target fuzz/corpus/$$target $$seeds \
			-- -max_total_time=$(SECONDS_EACH) -max_len=8192; \
	done
