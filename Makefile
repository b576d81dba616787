# The one entry point. `make` prints the targets; each does all of its own set-up.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

CARGO ?= cargo
FUZZ_SECONDS ?= 300
ENDURANCE_SECONDS ?= 600
ENVOY := .venv/bin/envoy
# Every package that also runs, or may run, inside the proxy.
WASM_PACKAGES := $(foreach manifest,$(wildcard plugins/*/Cargo.toml),--package $(notdir $(patsubst %/,%,$(dir $(manifest)))))

.PHONY: help setup demo wasm test test-idp lint fmt check bench bench-envoy bench-report endurance conformance fuzz schema deny dist dist-check clean

help: ## Print the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(ENVOY) .venv/.istio target/.rust-setup ## Fetch the pinned Envoy, Istio's schemas and the Rust targets

$(ENVOY): e2e/requirements.txt
	python3 -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --requirement e2e/requirements.txt
	@touch $@

# The models ask for a newer Python than they need, and for a client that `e2e/istio/check.py` does without.
.venv/.istio: e2e/istio/requirements.txt | $(ENVOY)
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --requirement $<
	@touch $@

target/.rust-setup: rust-toolchain.toml
	rustup target add wasm32-wasip1 wasm32-unknown-unknown
	rustup component add clippy rustfmt
	@mkdir -p target && touch $@

demo: setup wasm ## Start a real Envoy with jwt_auth.wasm and show what passes and what does not
	$(CARGO) run --quiet --locked --package portcullis-e2e --bin demo

wasm: setup ## Build the modules into target/wasm, each with its sha256
	$(CARGO) xtask wasm

dist: wasm ## Write target/dist: modules, their sums, OCI image layouts, and bills of materials where cargo-cyclonedx is installed
	$(CARGO) xtask dist

dist-check: wasm ## Build the modules once more, from a copy in another folder, and compare their sums
	@copy=$$(mktemp -d); trap 'rm -rf "$$copy"' EXIT; modules=$$PWD/target/wasm; \
	git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents --target-directory="$$copy"; \
	cd "$$copy"; CARGO_TARGET_DIR="$$copy/target" $(CARGO) xtask wasm; \
	cd "$$modules"; cat "$$copy"/target/wasm/*.wasm.sha256 | sha256sum --check --strict

test: setup wasm ## Run every test: units, the corpus natively, on wasmtime and on Envoy
	$(CARGO) test --workspace --locked

test-idp: ## Tokens and key rotation of a real identity provider (npm's oidc-provider), where Node.js is present
	@if node --version >/dev/null 2>&1 && npm --version >/dev/null 2>&1; then \
		$(MAKE) setup wasm; \
		(cd e2e/idp && npm ci --no-progress); \
		$(CARGO) test --locked --package portcullis-e2e --test idp -- --ignored --nocapture --test-threads 1; \
	else echo "skipped: Node.js is not installed"; fi

lint: setup ## Formatting, clippy for this machine and for wasm32-wasip1, generated files, dependencies
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- --deny warnings
	$(CARGO) clippy --locked --target wasm32-wasip1 $(WASM_PACKAGES) --package noop --package portcullis-adapter -- --deny warnings
	RUSTDOCFLAGS="--deny warnings" $(CARGO) doc --workspace --no-deps --locked --quiet
	$(CARGO) xtask schema --check
	@$(MAKE) deny

deny: ## Check licences and sources of the dependencies, where cargo-deny is installed
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny --all-features check bans licenses sources; \
	else echo "skipped: cargo-deny is not installed"; fi

fmt: setup ## Format the code
	$(CARGO) fmt --all

schema: ## Write docs/schema, and the options in the READMEs and in docs/cli, from the code
	$(CARGO) xtask schema

check: lint test ## What CI runs

conformance: setup wasm ## Run the independent suites (SUITES, default ../shared/suites) and print their figures
	$(CARGO) test --locked --package portcullis-jose --test cookbook -- --nocapture
	$(CARGO) test --locked --package portcullis-http --test envoy_path -- --nocapture
	$(CARGO) test --locked --package portcullis-config --test json_parsing -- --nocapture
	$(CARGO) test --locked --package portcullis-policy --test cel_spec -- --nocapture
	$(CARGO) test --locked --package portcullis-json-schema --test suite -- --nocapture
	$(CARGO) test --locked --package portcullis-validation --test json_parsing -- --nocapture
	$(CARGO) test --locked --package portcullis-signatures --test crs -- --nocapture
	$(CARGO) test --locked --package portcullis-quota --test traces --test fields -- --nocapture
	$(CARGO) test --locked --package portcullis-cli --test cel_spec -- --nocapture
	$(CARGO) test --locked --package portcullis-e2e --test istio -- --nocapture
	$(CARGO) test --locked --package portcullis-e2e --test input_validation -- --nocapture the_suite

bench: setup wasm ## Criterion benchmarks: native, and requests and configurations on the modules in wasmtime
	$(CARGO) bench --locked --package portcullis-http --package portcullis-jose --package portcullis-policy --package portcullis-validation
	$(CARGO) bench --locked --workspace --profile dev --bench request

bench-envoy: setup wasm ## CPU per request in a real Envoy, beside its native filters; in one run, as ratios
	$(CARGO) run --quiet --locked --package portcullis-e2e --bin bench-envoy

bench-report: setup wasm ## All of that, and docs/performance.md with tables and charts; leave the machine alone meanwhile
	$(CARGO) run --quiet --locked --package portcullis-e2e --bin bench-envoy -- report

endurance: setup wasm ## Good and hostile traffic for ENDURANCE_SECONDS (default 600), through reloads and outages of the key server
	$(CARGO) run --quiet --locked --package portcullis-e2e --bin bench-envoy -- endurance $(ENDURANCE_SECONDS)

fuzz: ## Run each fuzz target for FUZZ_SECONDS (default 300), where cargo-fuzz and a nightly toolchain are present
	@if cargo +nightly fuzz --version >/dev/null 2>&1; then \
		for target in token key_set config request expression policy json form headers rls signature redaction; do \
			mkdir -p fuzz/corpus/$$target fuzz/regressions/$$target; \
			cargo +nightly fuzz run --sanitizer none $$target fuzz/corpus/$$target fuzz/seeds/$$target fuzz/regressions/$$target \
				-- -max_total_time=$(FUZZ_SECONDS) -timeout=10 -max_len=8192 -dict=fuzz/dictionaries/$$target.dict; \
		done; \
	else echo "skipped: cargo-fuzz or a nightly toolchain is not installed"; fi

clean: ## Remove everything that was built or fetched
	$(CARGO) clean
	rm -rf .venv e2e/idp/node_modules
