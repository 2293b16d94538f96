# Everything that people and CI do with this tree; `make help` lists it.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS   += --no-print-directory

# Tools are pinned here, built from source, and kept out of the way.
TOOLS         := $(CURDIR)/.cache/bin
GOLANGCI_LINT := $(TOOLS)/golangci-lint@v2.15.0
GOTESTSUM     := $(TOOLS)/gotestsum@v1.13.0

# A release is a tag; any other build calls itself devel.
RELEASE ?= $(shell git describe --tags --exact-match 2>/dev/null)
LDFLAGS := -s -w -X github.com/authcall/authcall/internal/version.release=$(RELEASE)
BUILD   := CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)'
# gRPC's own tag that leaves its trace pages out: 2.7 MB less for a step that
# links gRPC but never calls it.
STEP_TAGS := grpcnotrace

IMAGE    ?= ghcr.io/authcall/authcall:$(or $(RELEASE:v%=%),latest)
# The image of authpipe, the receiver of events.
RECEIVER ?= ghcr.io/authcall/authpipe:$(or $(RELEASE:v%=%),latest)
# Another base for the build stage than the Dockerfile names.
BASE     ?=
FUZZTIME ?= 20s

##@ Every day

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build authcall and authpipe into bin/
	$(BUILD) -tags $(STEP_TAGS) -o bin/authcall ./cmd/authcall
	$(BUILD) -o bin/authpipe ./cmd/authpipe

.PHONY: test
test: lint vet $(GOTESTSUM) ## Check everything: lint, unit, acceptance, conformance with real clients
	$(GOTESTSUM) --format pkgname -- -race -shuffle=on -timeout 30m ./...

.PHONY: test-short
test-short: ## Run only the tests that need nothing but Go
	go test -short -shuffle=on ./...

.PHONY: fmt
fmt: ## Format the Go files
	gofmt -w $(GOFILES)

##@ Checks that test runs first

.PHONY: lint
lint: lint-fmt lint-mod lint-generate $(GOLANGCI_LINT) ## Format, modules, generated files, golangci-lint
	$(GOLANGCI_LINT) run ./...

.PHONY: vet
vet: ## go vet, with the tags of both programs
	go vet ./...
	go vet -tags $(STEP_TAGS) ./cmd/authcall/...

GOFILES = $(shell git ls-files --cached --others --exclude-standard '*.go')

.PHONY: lint-fmt
lint-fmt:
	@unformatted=$$(gofmt -l $(GOFILES)); \
	if [ -n "$$unformatted" ]; then echo "not formatted, run make fmt:"; echo "$$unformatted"; exit 1; fi

.PHONY: lint-mod
lint-mod:
	go mod tidy -diff

# A dirty tree is fine; what go generate adds to its changes is not.
.PHONY: lint-generate
lint-generate:
	@before=$$(git diff | cksum); go generate ./...; \
	if [ "$$before" != "$$(git diff | cksum)" ]; then echo "go generate changed files:"; git diff --stat; exit 1; fi

##@ Now and then

.PHONY: generate
generate: ## Write generated files again: component.yaml, notifier.yaml, docs/cmd
	go generate ./...

.PHONY: bench
bench: ## Measure a whole step beside a bare Go program and the Python flow, gate beside its peers, and the receiver beside a bare handler
	$(BUILD) -tags $(STEP_TAGS) -o .cache/bench/authcall ./cmd/authcall
	$(BUILD) -o .cache/bench/ ./cmd/authpipe ./tests/bench/bare ./tests/bench/meter
	go run ./tests/bench -bin .cache/bench
	go test -run '^$$' -bench '^BenchmarkVerify$$' -benchtime 3s ./gate
	go test -run '^$$' -bench '^BenchmarkReceive$$' -benchtime 3s ./internal/trigger

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (20s) each
	@for pkg in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
	    echo "$$pkg $$target"; go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$pkg; \
	  done; \
	done

# The commit's own time stands in the image for the time of the build.
COMMIT       = $(shell git rev-parse HEAD)
COMMIT_TIME  = $(shell git log -1 --format=%ct)
IMAGE_BUILD  = DOCKER_BUILDKIT=1 SOURCE_DATE_EPOCH=$(COMMIT_TIME) docker build $(BASE:%=--build-arg BASE=%) \
	--build-arg RELEASE=$(RELEASE) --build-arg COMMIT=$(COMMIT) --build-arg SOURCE_DATE_EPOCH=$(COMMIT_TIME)

.PHONY: image
image: ## Build the component image as IMAGE and IMAGE-nonroot, the list of what it holds in dist/, and the receiver's as RECEIVER
	$(IMAGE_BUILD) -t $(IMAGE) .
	$(IMAGE_BUILD) -t $(IMAGE)-nonroot --target nonroot .
	$(IMAGE_BUILD) -t $(RECEIVER) --target authpipe .
	$(IMAGE_BUILD) --target sbom --output dist .

.PHONY: clean
clean: ## Remove what was built; pinned tools in .cache stay
	rm -rf bin dist

$(GOLANGCI_LINT): MODULE := github.com/golangci/golangci-lint/v2/cmd/golangci-lint
$(GOTESTSUM): MODULE := gotest.tools/gotestsum

# A tool's file name carries its version, so a new pin installs a new file.
$(TOOLS)/%:
	@mkdir -p $(TOOLS)
	@dir=$$(mktemp -d $(TOOLS)/install.XXXXXX); trap 'rm -rf "$$dir"' EXIT; \
	GOBIN=$$dir GOFLAGS= go install $(MODULE)@$(lastword $(subst @, ,$(@F))); \
	mv "$$dir"/* $@
