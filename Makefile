# aws-benchmark-collector: `make help` says what there is.

PROGRAM := aws-benchmark-collector
VERSION := $(shell cat VERSION)
BUILD   ?= build
PREFIX  ?= /usr/local
CC      ?= cc

# SANITIZER=address,undefined or SANITIZER=thread builds into a folder of its own; WERROR=1 makes warnings errors.
SANITIZER ?=
# V=1 shows the commands.
Q         := $(if $(V),,@)
say        = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))
comma     := ,
FLAVOUR   := $(if $(SANITIZER),$(subst $(comma),-,$(SANITIZER)),release)
OUT       := $(BUILD)/$(FLAVOUR)

PACKAGES := libssh2 libcurl libcjson libssl libcrypto expat zlib
WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
            $(if $(or $(WERROR),$(CI)),-Werror)
# What the built files must have of these, tests/python/test_hardening.py reads in them.
MACHINE  := $(shell $(CC) -dumpmachine 2>/dev/null)
HARDEN   := -fPIE -fstack-protector-strong -fstack-clash-protection \
            $(if $(filter x86_64%,$(MACHINE)),-fcf-protection=full) \
            $(if $(filter aarch64%,$(MACHINE)),-mbranch-protection=standard) \
            $(if $(SANITIZER),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
CFLAGS   ?= -O2 -g
CPPFLAGS += -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Ipkg -Icmd -include pkg/base/banned.h
ALL_CFLAGS  = -std=gnu11 -pthread $(WARNINGS) $(HARDEN) $(CFLAGS) \
              $(if $(SANITIZER),-fsanitize=$(SANITIZER) -fno-omit-frame-pointer) \
              $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
ALL_LDFLAGS = -pthread -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code $(LDFLAGS) $(if $(SANITIZER),-fsanitize=$(SANITIZER))
LIBRARIES   = $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lm

PKG_SOURCES := $(sort $(wildcard pkg/*/*.c))
CMD_SOURCES := $(sort $(wildcard cmd/*.c))
TESTS       := $(sort $(patsubst tests/unit/%.c,$(OUT)/tests/unit/%,$(wildcard tests/unit/test_*.c)))
LIBRARY     := $(OUT)/libcollector.a
FACE        := $(filter-out $(OUT)/cmd/main.o,$(CMD_SOURCES:%.c=$(OUT)/%.o))

.PHONY: FORCE all test check unit lint demo bench bench-container fuzz install clean help

## all: build the program, ./aws-benchmark-collector (the default)
all: $(PROGRAM)

# Whatever the flavour: what was built last is what stands here.
$(PROGRAM): $(OUT)/$(PROGRAM) FORCE
	@cmp -s $< $@ || cp $< $@

-include builds/universal/build.mk

# --- compiling -------------------------------------------------------------------------------------------------------

$(OUT)/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

# Documents that the program carries in itself: data/schemas/*/*.json as the bytes that they are.
EMBEDDED := $(sort $(wildcard data/schemas/*/*.json data/instance-types.json))
$(OUT)/embedded.o: scripts/embed.sh $(EMBEDDED) Makefile
	@mkdir -p $(@D)
	$(call say,EMBED,$@)
	$(Q)scripts/embed.sh $(EMBEDDED) > $(@:.o=.S)
	$(Q)$(CC) $(HARDEN) -c $(@:.o=.S) -o $@

$(LIBRARY): $(PKG_SOURCES:%.c=$(OUT)/%.o) $(OUT)/embedded.o
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(OUT)/$(PROGRAM): $(CMD_SOURCES:%.c=$(OUT)/%.o) $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(LIBRARIES) -o $@

$(patsubst %,$(OUT)/tests/unit/test_%,attest run sweep sweep_results): $(OUT)/tests/unit/pretend_cloud.o
$(OUT)/tests/unit/%: $(OUT)/tests/unit/%.o $(FACE) $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(LIBRARIES) -lcmocka -o $@

# Small programs that the Python tests call.
$(OUT)/tests/helpers/%: $(OUT)/tests/helpers/%.o $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $^ $(LIBRARIES) -o $@

.SECONDARY:
-include $(shell find $(OUT) -name '*.d' 2>/dev/null)

# --- testing ---------------------------------------------------------------------------------------------------------

## unit: build and run the unit tests (honours SANITIZER)
unit: $(TESTS)
	scripts/run-unit-tests.sh $(if $(findstring thread,$(SANITIZER)),--no-aslr) $(TESTS)

## test: install what tests need, then run the unit tests and the end-to-end tests against the sandbox
test:
	scripts/bootstrap.sh build image test lint
	$(MAKE) all image fault-parts unit test-universal-unit
	scripts/pytest.sh

## check: the unit tests and a selection of the faults under ASan with UBSan and under TSan
check:
	scripts/bootstrap.sh build image test
	$(MAKE) unit SANITIZER=address,undefined
	$(MAKE) unit SANITIZER=thread
	$(MAKE) try-faults SANITIZER=address,undefined FAULTS=--short
	$(MAKE) try-faults SANITIZER=thread FAULTS=--short

## fault: make everything go wrong in the sandbox (SEEDS="1 2 3", SANITIZER), into build/fault.json
fault:
	scripts/bootstrap.sh build image test
	$(MAKE) try-faults

# FAULTS: more words for scripts/fault.sh, such as --short or --only 's3-'.
.PHONY: fault try-faults fault-parts
try-faults: $(OUT)/$(PROGRAM) image fault-parts
	scripts/fault.sh --program $< $(if $(SANITIZER),--slowness 3) $(if $(findstring thread,$(SANITIZER)),--no-aslr) \
	  --output $(BUILD)/fault$(if $(SANITIZER),-$(FLAVOUR)).json --seeds $(or $(SEEDS),1) $(FAULTS)

# What the faults need besides the program: the library that makes this machine fail, two images.
FAULT := $(BUILD)/fault
FAULT_CFLAGS := -std=gnu11 -O2 $(WARNINGS)
fault-parts: $(FAULT)/preload.so $(FAULT)/suite.tar $(FAULT)/hostile.tar

$(FAULT)/preload.so: tests/fault/preload.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) -D_GNU_SOURCE $(FAULT_CFLAGS) -fPIC -shared $< -o $@ -ldl

$(FAULT)/suite.%: tests/fault/suite.c Makefile
	@mkdir -p $(@D)
	$(Q)$(UNIVERSAL_CC_$*) -D_GNU_SOURCE $(FAULT_CFLAGS) -static -s $< -o $@

$(FAULT)/hostile.%: tests/e2e/hostile.c Makefile
	@mkdir -p $(@D)
	$(Q)$(UNIVERSAL_CC_$*) -D_GNU_SOURCE -std=gnu11 -O1 -static -s $< -o $@

$(FAULT)/suite.tar: $(FAULT)/suite.amd64 $(FAULT)/suite.arm64
	python3 $(UNIVERSAL)/image/assemble.py --version fault --output $@ amd64=$(FAULT)/suite.amd64 \
	  arm64=$(FAULT)/suite.arm64

$(FAULT)/hostile.tar: $(FAULT)/hostile.amd64
	python3 $(UNIVERSAL)/image/assemble.py --version hostile --output $@ amd64=$<

## lint: format, clang-tidy, gcc -fanalyzer, cppcheck, shellcheck, include direction, function length and complexity
lint:
	scripts/bootstrap.sh build lint
	scripts/lint.sh

## fuzz: run every fuzz target for SECONDS (default 10) each
fuzz:
	scripts/bootstrap.sh build fuzz
	scripts/fuzz.sh $(or $(SECONDS),10)

# --- doing -----------------------------------------------------------------------------------------------------------

## demo: install what is needed, build, and run the main job in the sandbox
demo:
	scripts/bootstrap.sh build image test
	$(MAKE) -j $$(nproc) all image
	scripts/demo.sh

## bench: measure in the sandbox what the README claims, into build/bench.json
bench:
	scripts/bootstrap.sh build image test
	$(MAKE) all image
	scripts/bench.sh

## bench-container: measure the benchmark program beside its peers (PEERS_DIR), into build/bench-container.json
bench-container:
	scripts/bootstrap.sh build image test
	-scripts/bootstrap.sh peers
	$(MAKE) image universal bench-parts
	scripts/bench-container.sh

## install: program, image, manual page and shell completion below PREFIX
SHARE = $(DESTDIR)$(PREFIX)/share
install: all
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/$(PROGRAM)
	./$(PROGRAM) help --man | install -D -m 644 /dev/stdin $(SHARE)/man/man1/$(PROGRAM).1
	./$(PROGRAM) completion bash | install -D -m 644 /dev/stdin $(SHARE)/bash-completion/completions/$(PROGRAM)
	./$(PROGRAM) completion zsh | install -D -m 644 /dev/stdin $(SHARE)/zsh/site-functions/_$(PROGRAM)
	./$(PROGRAM) completion fish | install -D -m 644 /dev/stdin $(SHARE)/fish/vendor_completions.d/$(PROGRAM).fish
	test ! -f $(BUILD)/image/universal.tar || \
	  install -D -m 644 $(BUILD)/image/universal.tar $(SHARE)/$(PROGRAM)/universal.tar

## clean: remove all that was built
clean:
	rm -rf $(BUILD) $(PROGRAM)

## help: this list
help:
	@sed -n 's/^## \([^:]*\): /\1\t/p' Makefile builds/universal/build.mk | expand -t 22
