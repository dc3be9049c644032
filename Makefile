# Two commands matter: `make run` starts the demonstration province, `make test` tests everything.
# Both set up what they need on a fresh machine with Go, Node, make and git.
.DEFAULT_GOAL := help
# One set of flags for programs and tests: on a fresh machine each package is compiled once.
export CGO_ENABLED := 0
export GOFLAGS := $(strip $(GOFLAGS) -trimpath)
.PHONY: help run build test judges bench fuzz dev screenshots postgres generate clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build postgres ## run the demonstration province on http://localhost:8080
	@exec bin/datmui demo

build: ## build assets, bin/datmui and bin/datmui-sim
	@scripts/build.sh

test: ## test everything, as .ci/run does
	@$(MAKE) --no-print-directory -j2 build judges
	@go run ./scripts/test

judges: # what tests judge by; fetching it takes the network while the compiler takes the processors
	@scripts/packages.sh postgresql chromium poppler-utils openssl xmlsec1 libxml2-utils zbar-tools libnss3-tools
	@scripts/linters.sh

fuzz: build postgres ## fuzz every parser for five minutes each
	@go run ./scripts/test -only fuzz -fuzztime 5m

bench: build ## measure, and write bench/out/latest.json
	@scripts/packages.sh postgresql
	@go run ./bench

dev: build postgres ## run the demonstration and rebuild on every change
	@mkdir -p .cache && go build -o .cache/dev ./scripts/dev && exec .cache/dev

screenshots: build ## take pictures of the product and the gallery, into e2e/out
	@scripts/packages.sh postgresql chromium poppler-utils
	@mkdir -p e2e/out/gallery docs/tour
	@go test -tags e2e -count=1 -run Browser ./kit/ui/gallery -shots "$(CURDIR)/e2e/out/gallery"
	@go test -tags e2e -count=1 -run TestProduct/shots ./e2e -shots "$(CURDIR)/e2e/out" -tour "$(CURDIR)/docs/tour"

postgres: ## make sure that there is a PostgreSQL
	@scripts/postgres.sh

generate: ## make the Go code of the templates
	@go tool templ generate

clean: ## remove what was built and fetched, but no data
	rm -rf bin assets/dist/* node_modules .cache
