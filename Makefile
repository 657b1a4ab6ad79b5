# Amends: `make help` lists the targets.

BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
# Version and destination of the package; cli/main.c has the version of the executable.
OUT ?= $(BUILD)
VERSION ?= $(shell sed -n 's/.*argp_program_version = "amends \(.*\)";/\1/p' cli/main.c)
# SAN=1 builds with AddressSanitizer and UndefinedBehaviorSanitizer.
SAN ?=
OPT ?= -O2
ifeq ($(origin CC),default)
CC := gcc
endif

# The libraries, looked up once: $(BUILD)/config.mk has their compiler and linker flags. The
# targets that install them first call make again to build.
PACKAGES := gmp icu-i18n libpq libcurl libmicrohttpd libsodium jansson libcmark-gfm libidn2 libsystemd gmime-3.0 snappy zlib liboath cjose libqrencode libcrypto
INSTALLING := help demo check check-units check-long bench fuzz lint check-layers clean deps npm deb
ifneq ($(filter-out $(INSTALLING),$(or $(MAKECMDGOALS),all)),)
include $(BUILD)/config.mk
endif

ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif

comma := ,
SAN_FLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all)
WARN := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
  -Wpointer-arith -Wwrite-strings
CPPFLAGS += -I. -I$(BUILD) -D_GNU_SOURCE
CFLAGS += -std=gnu17 $(OPT) -g $(WARN) -fno-omit-frame-pointer -fstack-protector-strong -fPIE \
  -pthread $(SAN_FLAGS) $(FUZZ_FLAGS)
LDFLAGS += -pthread -pie -Wl,-z,relro,-z,now $(SAN_FLAGS)

found = $(sort $(shell find $(1) -name node_modules -prune -o -type f \( $(2) \) -print))
SRC := $(call found,core templates messages notifier billing api cli,-name '*.c')
LIB_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(filter-out cli/main.c,$(SRC))) $(BUILD)/embed.o
LIB := $(BUILD)/libamends.a
UNIT_SRC := $(call found,tests/unit,-name 'test_*.c')
UNIT_BIN := $(UNIT_SRC:%.c=$(BUILD)/%)
LONG := $(call found,tests/scenarios/long,-perm -u+x)
SCENARIOS := $(filter-out $(LONG),$(call found,tests/browser tests/scenarios,-perm -u+x))
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_BIN := $(FUZZ_SRC:%.c=$(BUILD)/%)
FUZZ_SECONDS ?= 30
TOOL_SRC := $(wildcard tests/sinks/*.c tests/bench/*.c)
# Files embedded in the executable (core/embed.h).
HTMX := $(BUILD)/api/static/htmx.js
STATIC_GZ := $(patsubst %,$(BUILD)/%.gz,$(wildcard api/static/*)) $(HTMX).gz
CODE_SQL := $(call found,core messages notifier billing api,-path '*/sql/*.sql')
EMBED := $(sort $(wildcard migrations/*.sql billing/library/*.json) deploy/roles.sql deploy/grants.sql \
  $(call found,templates api/static,! -name '*.[ch]' ! -name '*.md')) $(HTMX) $(STATIC_GZ) \
  $(filter core/%,$(CODE_SQL)) $(filter-out core/%,$(CODE_SQL))

.DEFAULT_GOAL := all
.PHONY: help all demo check check-units check-long bench fuzz lint check-layers install deb clean \
  compile_commands reference units tools deps npm

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z_-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  BUILD=DIR (build)  SAN=1 sanitizers  CC=gcc|clang  PREFIX=/usr/local  DESTDIR=  V=1 commands"

all: $(BUILD)/amends ## Build build/amends

demo: deps ## Replay five real incidents, check every count and amount, show the result
	+@$(MAKE) --no-print-directory all tools
	@BUILD=$(BUILD) node tests/demo/demo.js

check: deps npm ## Units and scenarios with ASan and UBSan, all TAP under prove
	+@$(MAKE) --no-print-directory BUILD=$(BUILD)-san SAN=1 OPT=-O1 all units tools
	@BUILD=$(BUILD)-san sh tests/run.sh $(UNIT_SRC:%.c=$(BUILD)-san/%) $(SCENARIOS)

check-units: deps ## Only the C units
	+@$(MAKE) --no-print-directory BUILD=$(BUILD)-san SAN=1 OPT=-O1 units
	@BUILD=$(BUILD)-san sh tests/run.sh $(UNIT_SRC:%.c=$(BUILD)-san/%)

check-long: check ## Longer tests: tests/scenarios/long, and each fuzz target for a while
	@sh deploy/deps.sh failover
	@sh deploy/deps.sh deploy
	@sh deploy/deps.sh clients
	@if [ -n "$(LONG)" ]; then BUILD=$(BUILD)-san sh tests/run.sh $(LONG); fi
	+@$(MAKE) --no-print-directory fuzz

bench: ## Every row of the performance table, with its ceiling and peer beside it
	@sh deploy/deps.sh bench
	+@$(MAKE) --no-print-directory all tools
	@if ! cmp -s tests/bench/peer/package-lock.json tests/bench/peer/node_modules/.amends-lock; then \
	  (cd tests/bench/peer && npm ci --no-audit --no-fund --loglevel=error && \
	    cp package-lock.json node_modules/.amends-lock); fi
	@BUILD=$(BUILD) node tests/bench/run_all.js

fuzz: ## Run each fuzz target for FUZZ_SECONDS (30) with clang's libFuzzer
	@sh deploy/deps.sh lint
	+@$(MAKE) --no-print-directory BUILD=$(BUILD)-fuzz CC=clang SAN=1 \
	  FUZZ_FLAGS=-fsanitize=fuzzer-no-link fuzz-run

lint: ## Format, clang-tidy, cppcheck, shellcheck, lone headers, sizes, layers, gcc and clang
	@sh deploy/deps.sh lint
	+@BUILD=$(BUILD) MAKE="$(MAKE)" sh tests/lint/lint.sh

check-layers: ## Check the include rules (ARCHITECTURE.md)
	@sh tests/lint/layers.sh

install: all ## Install into DESTDIR/PREFIX
	install -D -m 755 $(BUILD)/amends $(DESTDIR)$(PREFIX)/bin/amends
	install -D -m 644 docs/amends.1 $(DESTDIR)$(PREFIX)/share/man/man1/amends.1
	install -D -m 644 deploy/completions/amends.bash \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/amends
	install -D -m 644 deploy/completions/amends.zsh \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_amends
	install -D -m 644 deploy/completions/amends.fish \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/amends.fish

deb: ## Build build/amends_VERSION_ARCH.deb for Debian 12 (deploy/deb.sh)
	@sh deploy/deps.sh build
	+@$(MAKE) --no-print-directory all
	@sh deploy/deb.sh $(BUILD)/amends $(VERSION) $(OUT)

clean: ## Remove build results
	rm -rf $(BUILD) $(BUILD)-san $(BUILD)-fuzz $(BUILD)-gcc $(BUILD)-clang compile_commands.json

reference: all ## Update deploy/amends.conf, which make check compares with the executable
	$(BUILD)/amends config print > deploy/amends.conf

compile_commands: compile_commands.json ## For editors and clang-tidy

compile_commands.json: Makefile $(SRC) $(UNIT_SRC) $(TOOL_SRC)
	@CC="$(CC)" FLAGS="$(CPPFLAGS) $(CFLAGS) $(PKG_CFLAGS)" \
	  sh tests/lint/compile_commands.sh $(SRC) $(UNIT_SRC) $(TOOL_SRC) > $@

flags:
	@echo '$(CPPFLAGS) $(filter-out -Werror,$(CFLAGS)) $(PKG_CFLAGS)'

# A build without htmx retries the download.
deps:
	@sh deploy/deps.sh
	@find build*/api/static/htmx.js -empty -delete 2>/dev/null || :

npm: deps
	@if [ -f tests/package-lock.json ] && \
	  ! cmp -s tests/package-lock.json tests/node_modules/.amends-lock; then \
	  (cd tests && npm ci --no-audit --no-fund --loglevel=error && \
	    cp package-lock.json node_modules/.amends-lock); fi

units: $(UNIT_BIN)

tools: $(BUILD)/tests/sinks/smtpsink $(BUILD)/tests/bench/engine $(BUILD)/tests/bench/rate $(BUILD)/tests/bench/posts \
  $(BUILD)/tests/bench/steps

# V=1 shows the commands.
Q := $(if $(V),,@)
SAY := $(if $(V),@:,@printf '  %-4s %s\n')

$(BUILD)/amends: $(BUILD)/cli/main.o $(LIB_OBJ)
	$(SAY) LINK $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(SAY) CC $<
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/cli/main.o: Makefile

# Also rewritten when the list of files changes: make sees only changes of known files.
$(BUILD)/embed.list: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' $(EMBED) | cmp -s - $@ || printf '%s\n' $(EMBED) > $@

$(BUILD)/embed.S: $(EMBED) $(BUILD)/embed.list deploy/embed.sh
	@sh deploy/embed.sh $(BUILD) $(EMBED) > $@

$(HTMX): api/vendor/package-lock.json deploy/htmx.sh
	@sh deploy/htmx.sh $@

$(HTMX).gz: $(HTMX)
	@gzip -9nc $< > $@

$(BUILD)/api/static/%.gz: api/static/%
	@mkdir -p $(@D) && gzip -9nc $< > $@

$(BUILD)/config.mk: Makefile
	@mkdir -p $(@D)
	@cflags=$$(pkg-config --cflags $(PACKAGES)) && libs=$$(pkg-config --libs $(PACKAGES)) && \
	  printf 'PKG_CFLAGS := %s\nPKG_LIBS := %s -lresolv -lm\n' \
	    "$$(echo "$$cflags" | sed 's/-I/-isystem /g')" "$$libs" > $@

$(BUILD)/embed.o: $(BUILD)/embed.S
	$(Q)$(CC) -c -o $@ $<

$(LIB): $(LIB_OBJ)
	$(SAY) AR $@
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# It walks every statement, so it needs every object.
$(BUILD)/tests/unit/core/test_statements: WHOLE := -Wl,--whole-archive
$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(LIB)
	$(SAY) LINK $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $< $(WHOLE) $(LIB) $(if $(WHOLE),-Wl$(comma)--no-whole-archive) $(PKG_LIBS)

# They start the sink beside them.
$(BUILD)/tests/unit/notifier/test_smtp $(BUILD)/tests/unit/notifier/test_smtp_relays: | $(BUILD)/tests/sinks/smtpsink

$(BUILD)/tests/sinks/smtpsink: $(addprefix $(BUILD)/,tests/sinks/smtpsink.o \
  tests/sinks/smtp_client.o tests/sinks/keyset.o core/strbuf.o core/scope.o core/utf8.o core/rc.o)
	$(SAY) LINK $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^

$(BUILD)/tests/bench/%: $(BUILD)/tests/bench/%.o $(LIB)
	$(SAY) LINK $@
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(LIB)
	$(SAY) LINK $@
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(PKG_LIBS)

fuzz-run: $(FUZZ_BIN)
	@for f in $(FUZZ_BIN); do name=$${f##*/fuzz_}; mkdir -p $(BUILD)/corpus/$$name; \
	  $$f -max_total_time=$(FUZZ_SECONDS) $(BUILD)/corpus/$$name \
	    $$([ -d tests/fuzz/corpus/$$name ] && echo tests/fuzz/corpus/$$name) || exit 1; done

.PHONY: FORCE fuzz-run flags
FORCE:
.SECONDARY:
-include $(patsubst %.c,$(BUILD)/%.d,$(SRC) $(UNIT_SRC) $(FUZZ_SRC) $(TOOL_SRC))
