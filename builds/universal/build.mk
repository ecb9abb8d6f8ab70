# The benchmark program, its image and its tests. Included by the Makefile; paths are from the project's root.

UNIVERSAL        := builds/universal
UNIVERSAL_OUT    := $(BUILD)/universal
UNIVERSAL_HOST   := $(shell uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
UNIVERSAL_IMAGE  := $(BUILD)/image/universal.tar

# Each architecture's compiler: the machine's own for its own programs, Debian's cross compiler for the others.
UNIVERSAL_CC_amd64 ?= $(if $(filter amd64,$(UNIVERSAL_HOST)),gcc,x86_64-linux-gnu-gcc)
UNIVERSAL_CC_arm64 ?= $(if $(filter arm64,$(UNIVERSAL_HOST)),gcc,aarch64-linux-gnu-gcc)

# URL of the source, for the image's label; without it there is no such label.
UNIVERSAL_SOURCE ?=

# EEMBC's CoreMark is a suite when the folder of its source is given: the source as EEMBC published it, since its rules
# forbid to change a file, and no other code may stand under the name.
COREMARK_SRC   ?=
COREMARK_FILES := core_list_join core_main core_matrix core_state core_util
COREMARK_OURS  := $(addprefix $(UNIVERSAL)/coremark/,core_portme.c suite.c)
# One set of flags for all of its files and the port layer, as its rules want; they are reported with the score.
COREMARK_FLAGS := -O3 -fPIE -static-pie -pthread -Dmain=coremark_main
ifneq ($(COREMARK_SRC),)
COREMARK_CHECK := $(shell cd '$(COREMARK_SRC)' 2>&1 && \
                    md5sum --check --strict --quiet '$(CURDIR)/$(UNIVERSAL)/coremark/published.md5' 2>&1)
$(if $(COREMARK_CHECK),$(error COREMARK_SRC=$(COREMARK_SRC) is not EEMBC's unmodified source: $(COREMARK_CHECK)))
endif

# What the program shares with the collector: errors, text, parsing.
UNIVERSAL_BASE    := error parse strbuf text
UNIVERSAL_COMMON  := $(filter-out %_x86.c %_arm64.c $(COREMARK_OURS),$(sort $(wildcard $(UNIVERSAL)/*/*.c))) \
                     $(UNIVERSAL_BASE:%=pkg/base/%.c) $(if $(COREMARK_SRC),$(UNIVERSAL)/coremark/suite.c)
UNIVERSAL_SOURCES_amd64 := $(UNIVERSAL_COMMON) $(sort $(wildcard $(UNIVERSAL)/*/*_x86.c))
UNIVERSAL_SOURCES_arm64 := $(UNIVERSAL_COMMON) $(sort $(wildcard $(UNIVERSAL)/*/*_arm64.c))

# Small code everywhere but where the time goes. Nothing of the machine that builds may enter the program.
UNIVERSAL_FAST     := -O2
UNIVERSAL_SMALL    := -Os
UNIVERSAL_CPPFLAGS := -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -I$(UNIVERSAL) -Ipkg -include pkg/base/banned.h
UNIVERSAL_CFLAGS   := -std=gnu11 -pthread $(WARNINGS) -ffunction-sections -fdata-sections \
                      -fno-asynchronous-unwind-tables -ffile-prefix-map=$(CURDIR)=.
UNIVERSAL_LDFLAGS  := -static-pie -pthread -s -Wl,--gc-sections -Wl,--build-id=none \
                      -Wl,-z,relro,-z,now,-z,noexecstack

# As the collector's HARDEN, for each architecture.
UNIVERSAL_HARDEN       := -fPIE -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3
UNIVERSAL_HARDEN_amd64 := $(UNIVERSAL_HARDEN) -fcf-protection=full
UNIVERSAL_HARDEN_arm64 := $(UNIVERSAL_HARDEN) -mbranch-protection=standard

.PHONY: image universal test-universal-unit

## image: build/image/universal.tar, the benchmark image for linux/amd64 and linux/arm64
image: $(UNIVERSAL_IMAGE)

## universal: the benchmark program for this machine, build/universal/ARCH/universal
universal: $(UNIVERSAL_OUT)/$(UNIVERSAL_HOST)/universal

define UNIVERSAL_RULES
$(UNIVERSAL_OUT)/$(1)/universal: $$(UNIVERSAL_SOURCES_$(1):%.c=$(UNIVERSAL_OUT)/$(1)/%.o)
	$$(call say,LINK,$$@)
	$$(Q)$$(UNIVERSAL_CC_$(1)) $$(UNIVERSAL_LDFLAGS) $$^ -lm -o $$@

# stream.c is built with -O3 by most; its copy is then the C library's memcpy, here as there.
$(UNIVERSAL_OUT)/$(1)/$(UNIVERSAL)/kernels/stream_reference.o: UNIVERSAL_OPTIMIZE = -O3
$(UNIVERSAL_OUT)/$(1)/$(UNIVERSAL)/kernels/%.o: UNIVERSAL_OPTIMIZE = $(UNIVERSAL_FAST)
$(UNIVERSAL_OUT)/$(1)/$(UNIVERSAL)/linear/%.o: UNIVERSAL_OPTIMIZE = $(UNIVERSAL_FAST)
$(UNIVERSAL_OUT)/$(1)/$(UNIVERSAL)/measure/%.o: UNIVERSAL_OPTIMIZE = $(UNIVERSAL_FAST)
$(UNIVERSAL_OUT)/$(1)/$(UNIVERSAL)/suites/%.o: UNIVERSAL_OPTIMIZE = $(UNIVERSAL_FAST)
$(UNIVERSAL_OUT)/$(1)/%.o: UNIVERSAL_OPTIMIZE = $(UNIVERSAL_SMALL)

ifneq ($(COREMARK_SRC),)
COREMARK_OBJECTS_$(1) := $$(COREMARK_FILES:%=$(UNIVERSAL_OUT)/$(1)/coremark/%.o) \
                         $(UNIVERSAL_OUT)/$(1)/coremark/core_portme.o
$(UNIVERSAL_OUT)/$(1)/universal: $$(COREMARK_OBJECTS_$(1))
$(UNIVERSAL_OUT)/$(1)/coremark/core_portme.o: $(UNIVERSAL)/coremark/core_portme.c
$$(COREMARK_FILES:%=$(UNIVERSAL_OUT)/$(1)/coremark/%.o): $(UNIVERSAL_OUT)/$(1)/coremark/%.o: $(COREMARK_SRC)/%.c
$$(COREMARK_OBJECTS_$(1)): $(UNIVERSAL)/coremark/core_portme.h $(UNIVERSAL)/coremark/run.h $(UNIVERSAL)/build.mk
	@mkdir -p $$(@D)
	$$(call say,CC,"$$(filter %.c,$$^) ($(1))")
	$$(Q)$$(UNIVERSAL_CC_$(1)) $$(UNIVERSAL_CPPFLAGS) -I'$(COREMARK_SRC)' -I$(UNIVERSAL)/coremark \
	  -DCOMPILER_FLAGS='"$(COREMARK_FLAGS)"' $(COREMARK_FLAGS) -w -c $$(filter %.c,$$^) -o $$@
$(UNIVERSAL_OUT)/$(1)/$(UNIVERSAL)/suites/suite.o: UNIVERSAL_CPPFLAGS += -DWITH_COREMARK
endif
$(UNIVERSAL_OUT)/$(1)/$(UNIVERSAL)/suites/suite.o: $(UNIVERSAL_OUT)/coremark-src

$(UNIVERSAL_OUT)/$(1)/%.o: %.c $(UNIVERSAL)/build.mk VERSION
	@mkdir -p $$(@D)
	$$(call say,CC,"$$< ($(1))")
	$$(Q)$$(UNIVERSAL_CC_$(1)) $$(UNIVERSAL_CPPFLAGS) $$(UNIVERSAL_CFLAGS) $$(UNIVERSAL_HARDEN_$(1)) \
	  $$(UNIVERSAL_OPTIMIZE) -DCOMPILER='"gcc " __VERSION__ " $(UNIVERSAL_FAST)"' -MMD -MP -c $$< -o $$@
endef
$(foreach architecture,amd64 arm64,$(eval $(call UNIVERSAL_RULES,$(architecture))))

# Changes when the program is to be built with CoreMark that was built without it, or the other way round.
$(UNIVERSAL_OUT)/coremark-src: FORCE
	@mkdir -p $(@D)
	@echo '$(COREMARK_SRC)' | cmp -s - $@ || echo '$(COREMARK_SRC)' >$@

$(UNIVERSAL_IMAGE): $(UNIVERSAL)/image/assemble.py $(UNIVERSAL)/image/sbom.py VERSION \
                    $(UNIVERSAL_OUT)/amd64/universal $(UNIVERSAL_OUT)/arm64/universal
	@mkdir -p $(@D)
	$(call say,IMAGE,$@)
	$(Q)python3 -B $(UNIVERSAL)/image/assemble.py --version $(VERSION) --source '$(UNIVERSAL_SOURCE)' --output $@ \
	  --suites "$$($(UNIVERSAL_OUT)/$(UNIVERSAL_HOST)/universal list | cut -f1 | paste -sd,)" \
	  --compiler 'amd64=$(UNIVERSAL_CC_amd64)' --compiler 'arm64=$(UNIVERSAL_CC_arm64)' \
	  amd64=$(UNIVERSAL_OUT)/amd64/universal arm64=$(UNIVERSAL_OUT)/arm64/universal

# --- unit tests: the program's parts, for this machine, under ASan and UBSan ------------------------------------------

UNIVERSAL_TEST_OUT := $(UNIVERSAL_OUT)/tests
UNIVERSAL_TESTS    := $(patsubst %.c,$(UNIVERSAL_TEST_OUT)/%,$(sort $(wildcard tests/universal/test_*.c)))
UNIVERSAL_CHECKED  := $(filter-out $(UNIVERSAL)/program/main.c,$(UNIVERSAL_SOURCES_$(UNIVERSAL_HOST))) \
                      tests/universal/tree.c
UNIVERSAL_SANITIZE := -fsanitize=address,undefined -fno-omit-frame-pointer -O1 -g

## test-universal-unit: build and run the benchmark program's unit tests
test-universal-unit: $(UNIVERSAL_TESTS)
	scripts/run-unit-tests.sh $(UNIVERSAL_TESTS)

$(UNIVERSAL_TEST_OUT)/%.o: %.c $(UNIVERSAL)/build.mk VERSION
	@mkdir -p $(@D)
	$(call say,CC,"$< (test)")
	$(Q)$(CC) $(UNIVERSAL_CPPFLAGS) -DCOMPILER='"test"' $(UNIVERSAL_CFLAGS) $(UNIVERSAL_SANITIZE) -MMD -MP -c $< -o $@

$(UNIVERSAL_TEST_OUT)/tests/universal/%: $(UNIVERSAL_TEST_OUT)/tests/universal/%.o \
                                         $(UNIVERSAL_CHECKED:%.c=$(UNIVERSAL_TEST_OUT)/%.o)
	$(call say,LINK,$@)
	$(Q)$(CC) $(UNIVERSAL_SANITIZE) -pthread $^ -lcmocka -lm -o $@

# Runs a program under a clock that goes wrong; for tests/universal/test_container_machines.py.
$(UNIVERSAL_TEST_OUT)/step_clock: tests/universal/step_clock.c $(UNIVERSAL)/build.mk
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) -D_GNU_SOURCE -std=gnu11 -O1 $(WARNINGS) $< -o $@

# --- beside its peers: what `make bench-container` needs besides the program --------------------------------------

UNIVERSAL_BENCH := $(UNIVERSAL_OUT)/bench
UNIVERSAL_ALONE := $(filter-out %/program/main.o,\
                     $(UNIVERSAL_SOURCES_$(UNIVERSAL_HOST):%.c=$(UNIVERSAL_OUT)/$(UNIVERSAL_HOST)/%.o))

.PHONY: bench-parts
bench-parts: $(UNIVERSAL_BENCH)/latency-alone $(UNIVERSAL_BENCH)/peer_openblas $(UNIVERSAL_BENCH)/huge-pages.so

# A part of the program measured alone: its own objects, as they are.
$(UNIVERSAL_BENCH)/%-alone: $(UNIVERSAL_OUT)/$(UNIVERSAL_HOST)/tests/bench/%_alone.o $(UNIVERSAL_ALONE)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(UNIVERSAL_CC_$(UNIVERSAL_HOST)) $(UNIVERSAL_LDFLAGS) $^ -lm -o $@

# OpenBLAS is a peer that may be missing: then there is no such program, and the figures say so.
$(UNIVERSAL_BENCH)/peer_openblas: tests/bench/peer_openblas.c $(UNIVERSAL)/build.mk
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)if pkg-config --exists openblas; then $(UNIVERSAL_CC_$(UNIVERSAL_HOST)) -D_GNU_SOURCE -std=gnu11 -O2 $(WARNINGS) \
	  $$(pkg-config --cflags openblas) $< $$(pkg-config --libs openblas) -o $@; else rm -f $@; fi

$(UNIVERSAL_BENCH)/huge-pages.so: tests/bench/huge_pages.c $(UNIVERSAL)/build.mk
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(UNIVERSAL_CC_$(UNIVERSAL_HOST)) -D_GNU_SOURCE -std=gnu11 -O2 $(WARNINGS) -fPIC -shared $< -o $@

-include $(shell find $(UNIVERSAL_OUT) -name '*.d' 2>/dev/null)
