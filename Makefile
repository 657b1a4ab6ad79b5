# Amends: `make help` lists what there is.
BUILD ?= build
PREFIX ?= /usr/local
CC ?= gcc
PACKAGES = libpq libcurl libmicrohttpd libsodium jansson libcmark libidn2 libsystemd gmime-3.0 glib-2.0
# SAN=1 builds with AddressSanitizer and UndefinedBehaviorSanitizer.
SAN ?=
OPT ?= -O2
CPPFLAGS += -I. -I$(BUILD) -D_GNU_SOURCE
CFLAGS += -std=gnu17 $(OPT) -g -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
  -Wvla -Wpointer-arith -Wwrite-strings -fno-omit-frame-pointer -fstack-protector-strong -pthread \
  $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all)
LDFLAGS += -pthread $(if $(SAN),-fsanitize=address$(comma)undefined)
comma := ,
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null | sed 's/-I/-isystem /g')
PKG_LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)

LIB_SRC := $(wildcard core/*.c templates/*.c notifier/*.c billing/*.c api/*.c $(filter-out cli/main.c,$(wildcard cli/*.c)))
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o) $(BUILD)/embed.o
UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(UNIT_SRC:%.c=$(BUILD)/%)
EMBED := $(sort $(wildcard migrations/*.sql) $(shell find templates api/static -type f ! -name '*.[ch]' 2>/dev/null))

all: $(BUILD)/amends

$(BUILD)/amends: $(BUILD)/cli/main.o $(LIB_OBJ)
	$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/embed.S: $(EMBED) deploy/embed.sh
	@mkdir -p $(@D)
	sh deploy/embed.sh $(EMBED) > $@

$(BUILD)/embed.o: $(BUILD)/embed.S
	$(CC) -c -o $@ $<

$(BUILD)/tests/unit/test_%: $(BUILD)/tests/unit/test_%.o $(LIB_OBJ)
	$(CC) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

.PHONY: all
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
