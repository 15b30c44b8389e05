# watertight: `make help` lists the targets. Everything that is made lies under build/.

VERSION := $(shell cat VERSION)
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
ifeq ($(origin CC),default)
CC := gcc
endif
FUZZ_CC ?= clang
FUZZ_SECONDS ?= 60
# What most of a report rests on; the others are fuzzed for a tenth of the time.
FUZZ_CORE := cgroup facts mountinfo policy status uid_map
BENCH_ROUNDS ?= 301
# V=1 shows the commands, otherwise one line each: $(call say,WHAT)
say = $(if $(V),,@echo '  $(1) $@')
Q := $(if $(V),,@)

SOURCES := $(sort $(wildcard agent/*.c agent/core/*.c probes/*.c report/*.c))
LIBRARY_SOURCES := $(filter-out agent/main.c,$(SOURCES))
TEST_SOURCES := $(sort $(wildcard tests/unit/*.c))
FUZZ_SOURCES := $(sort $(wildcard tests/fuzz/*.c))
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(filter tests/fuzz/fuzz_%.c,$(FUZZ_SOURCES)))
POLICIES := $(sort $(wildcard agent/policies/*.json))
TOOL_SOURCES := $(sort $(wildcard scripts/*.c))
FORMATTED := $(SOURCES) $(TOOL_SOURCES) $(TEST_SOURCES) $(FUZZ_SOURCES) \
	$(sort $(wildcard tests/bench/*.c tests/containers/*.c tests/serve/*.c agent/*.h \
	agent/core/*.h probes/*.h report/*.h tests/*/*.h))
SHELL_SCRIPTS := $(sort $(filter-out $(TOOL_SOURCES),$(wildcard scripts/* tests/*/*.sh \
	deploy/*/*.sh))) .ci/run

# --- flags ------------------------------------------------------------------------------------

# $(call accepted,FLAG): the flag, when compiler and machine know it.
accepted = $(shell $(CC) -Werror $(1) -S -o /dev/null -x c /dev/null 2>/dev/null && echo '$(1)')

CFLAGS ?= -O2 -g
WARNINGS := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Werror
# -U first: some distributions' compilers define another level themselves.
HARDENING := -fPIE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 \
	$(call accepted,-fstack-clash-protection) $(call accepted,-fcf-protection)
INCLUDES := -I. -I$(BUILD)/generated
BASE_CFLAGS := -std=gnu11 -D_GNU_SOURCE $(INCLUDES) -DWATERTIGHT_VERSION='"$(VERSION)"' \
	-ffile-prefix-map=$(CURDIR)=. -ffunction-sections -fdata-sections $(HARDENING)
BASE_LDFLAGS := -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--gc-sections
# Nothing unwinds the stack: the tables for that are a twentieth of the program.
STATIC_CFLAGS := -Os -g0 -fno-asynchronous-unwind-tables -fno-unwind-tables
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
	-U_FORTIFY_SOURCE
FUZZ_CFLAGS := -O1 -g -fsanitize=fuzzer-no-link $(SANITIZE)

# libcap is always linked from its archive, so that its constructor can be kept from calling
# prctl(2) before main: probes/libcap_start.h says why.
LIBCAP := -Wl,--wrap=cap_get_bound -l:libcap.a -l:libseccomp.a
# From its archive too, without the resolver: agent/serve_names.c says why.
comma := ,
LIBEVENT := $(addprefix -Wl$(comma)--wrap=,getaddrinfo freeaddrinfo gai_strerror getservbyname \
	getprotobynumber getifaddrs freeifaddrs if_nametoindex) -l:libevent_core.a
LIBRARIES := $(LIBCAP) $(LIBEVENT)

# --- generated --------------------------------------------------------------------------------

# For the machine that $(CC) compiles for, by a program that runs on this one.
HOST_CC ?= gcc
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))
SYSCALL_TABLE := $(BUILD)/generated/syscall_table.h

$(BUILD)/generated/syscall-table: scripts/syscall-table.c
	@mkdir -p $(@D)
	$(call say,CC  )
	$(Q)$(HOST_CC) $(WARNINGS) -O1 -o $@ $< -lseccomp

$(SYSCALL_TABLE): $(BUILD)/generated/syscall-table
	$(Q)$< $(MACHINE) >$@.part
	$(Q)mv $@.part $@

# Each policy in two: without the line of a rule that explains it, which is its last, and without blanks
# at the start of lines, which is what a check needs of it; and those lines by the rules' ids.
POLICY_PARTS := $(POLICIES:agent/policies/%=$(BUILD)/generated/policies/%) \
	$(POLICIES:agent/policies/%.json=$(BUILD)/generated/policies/%.prose)

$(BUILD)/generated/policies/%.json: agent/policies/%.json Makefile
	@mkdir -p $(@D)
	$(Q)awk '/^      "explain": / { next } \
		{ sub(/^ +/, ""); if (/^}/) sub(/,$$/, "", last); print last; last = $$0 } \
		END { print last }' $< >$@.part
	$(Q)mv $@.part $@

$(BUILD)/generated/policies/%.prose: agent/policies/%.json Makefile
	@mkdir -p $(@D)
	$(Q)awk 'BEGIN { print "{" } /^    "[a-z.-]+": [{]$$/ { id = $$1 } \
		sub(/^      "explain": /, "") { sub(/,$$/, ""); print comma id " " $$0; comma = "," } \
		END { print "}" }' $< >$@.part
	$(Q)mv $@.part $@

# --- objects ----------------------------------------------------------------------------------

# $(call objects,VARIANT,SOURCES): where a variant's objects lie.
objects = $(patsubst %.c,$(BUILD)/$(1)/%.o,$(2)) $(BUILD)/$(1)/agent/embedded_policies_text.o \
	$(BUILD)/$(1)/probes/syscall_stub.o

# $(call variant,NAME,COMPILER,FLAGS): a set of objects with flags of its own.
define variant
$(BUILD)/$(1)/%.o: %.c VERSION Makefile
	@mkdir -p $$(@D)
	$$(call say,CC  )
	$$(Q)$(2) $(BASE_CFLAGS) $(WARNINGS) $$(CFLAGS) $(3) -MMD -MP -c -o $$@ $$<

$(BUILD)/$(1)/agent/embedded_policies_text.o: agent/embedded_policies.S $(POLICY_PARTS) Makefile
	@mkdir -p $$(@D)
	$$(call say,AS  )
	$$(Q)$(2) -I$(BUILD)/generated -c -o $$@ $$<

$(BUILD)/$(1)/probes/syscall_stub.o: probes/syscall_stub.S Makefile
	@mkdir -p $$(@D)
	$(Q)$(2) -c -o $$@ $$<

$(BUILD)/$(1)/probes/syscall_name.o: $(SYSCALL_TABLE)

-include $$(patsubst %.o,%.d,$$(call objects,$(1),$(SOURCES) $(TEST_SOURCES) $(FUZZ_SOURCES)))
endef

.PHONY: all
all: $(BUILD)/watertight

$(eval $(call variant,main,$(CC),))
$(eval $(call variant,static,$(CC),$(STATIC_CFLAGS)))
$(eval $(call variant,asan,$(CC),$(SANITIZE)))
$(eval $(call variant,fuzz,$(FUZZ_CC),$(FUZZ_CFLAGS)))

# --- programs ---------------------------------------------------------------------------------

$(BUILD)/watertight: $(call objects,main,$(SOURCES))
	$(call say,LINK)
	$(Q)$(CC) -pie $(BASE_LDFLAGS) $(LDFLAGS) -o $@ $^ -lcjson $(LIBRARIES)

# Debian and Ubuntu ship cJSON as a shared library only, so the static binary compiles its source.
# For speed: it reads each run's policies, and is not large.
CJSON := build/cjson/cJSON.c

$(CJSON): scripts/fetch-cjson
	scripts/fetch-cjson $(@D)

$(BUILD)/static/cJSON.o: $(CJSON) Makefile
	@mkdir -p $(@D)
	$(call say,CC  )
	$(Q)$(CC) $(BASE_CFLAGS) $(CFLAGS) $(STATIC_CFLAGS) -O2 -c -o $@ $<

# Packed, relocations take a fiftieth of the room: a twentieth of the program. A linker can do it
# (binutils 2.38) where the C library cannot read it (before glibc 2.36): what is linked so must run.
PACKED := $(BUILD)/generated/packed-relocations
$(PACKED):
	@mkdir -p $(@D)
	$(Q)flag=-Wl,-z,pack-relative-relocs; \
	if echo 'int main(void) { return 0; }' | \
		$(CC) -fPIE -static-pie "$$flag" -x c -o $@.try - 2>/dev/null && $@.try; \
	then echo "$$flag"; fi >$@

.PHONY: static
static: $(BUILD)/static/watertight

$(BUILD)/static/watertight: $(call objects,static,$(SOURCES)) $(BUILD)/static/cJSON.o $(PACKED)
	$(call say,LINK)
	$(Q)$(CC) -static-pie -s $(BASE_LDFLAGS) $$(cat $(PACKED)) $(LDFLAGS) -o $@.part \
		$(filter %.o,$^) $(LIBRARIES)
	$(Q)scripts/assert-static $@.part 1572864
	$(Q)mv $@.part $@

$(BUILD)/tests/unit: $(call objects,main,$(LIBRARY_SOURCES) $(TEST_SOURCES))
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) -pie $(LDFLAGS) -o $@ $^ -lcjson $(LIBRARIES) -lcriterion

$(BUILD)/tests/unit-asan: $(call objects,asan,$(LIBRARY_SOURCES) $(TEST_SOURCES))
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) -pie $(SANITIZE) $(LDFLAGS) -o $@ $^ -lcjson $(LIBRARIES) -lcriterion

FUZZ_SHARED := $(filter-out tests/fuzz/fuzz_%.c,$(FUZZ_SOURCES))
.SECONDARY:

$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/tests/fuzz/fuzz_%.o \
		$(call objects,fuzz,$(LIBRARY_SOURCES) $(FUZZ_SHARED))
	$(call say,LINK)
	$(Q)$(FUZZ_CC) -pie -fsanitize=fuzzer $(SANITIZE) $(LDFLAGS) -o $@ $^ -lcjson $(LIBRARIES)

$(BUILD)/bench/%: tests/bench/%.c Makefile
	@mkdir -p $(@D)
	$(call say,CC  )
	$(Q)$(CC) $(BASE_CFLAGS) $(WARNINGS) $(CFLAGS) -static-pie -s -Wl,--gc-sections -o $@ $<

# --- installing -------------------------------------------------------------------------------

# Adds the packages that a group of targets needs and the machine lacks; asks for sudo only then.
.PHONY: deps deps-build deps-demo deps-check deps-engines deps-kernels deps-formats deps-deploy \
	deps-bench deps-develop
deps: deps-develop
deps-build deps-demo deps-check deps-engines deps-kernels deps-formats deps-deploy \
		deps-bench deps-develop: deps-%:
	scripts/install-packages $*

.PHONY: install
install: static
	install -D -m 0755 $(BUILD)/static/watertight $(DESTDIR)$(PREFIX)/bin/watertight
	install -D -m 0644 docs/watertight.1 $(DESTDIR)$(PREFIX)/share/man/man1/watertight.1
	install -D -m 0644 completions/watertight.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/watertight
	install -D -m 0644 completions/_watertight \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_watertight

# --- looking at it ----------------------------------------------------------------------------

# Where packages come first, another make builds: this one read its flags before the compiler came.
.PHONY: demo
demo: deps-demo
	$(MAKE) static
	scripts/demo $(BUILD)/static/watertight

.PHONY: bench
bench: deps-bench
	$(MAKE) static $(BUILD)/bench/bench $(BUILD)/bench/floor $(BUILD)/bench/calls
	scripts/bench $(BUILD) $(BENCH_ROUNDS)

.PHONY: bench-all
bench-all: deps-bench
	$(MAKE) static $(BUILD)/bench/crowd $(BUILD)/bench/read_proc
	tests/bench/bench_all.py $(BUILD)

# --- tests ------------------------------------------------------------------------------------

PYTEST := /usr/bin/python3 -m pytest -p no:cacheprovider $(PYTEST_FLAGS)

.PHONY: check check-unit check-completion check-schemas check-containers check-engines \
	check-formats check-deploy check-serve
check: deps-check
	$(MAKE) --keep-going check-unit check-completion check-schemas check-containers

check-unit: $(BUILD)/tests/unit
	$(BUILD)/tests/unit

check-completion: $(BUILD)/watertight
	bash tests/completion/test_bash.sh $<

check-schemas: $(BUILD)/watertight
	/usr/bin/python3 tests/schema/check_schemas.py $<

check-containers: static
	$(PYTEST) tests/containers --engines=runc

# Measures too: -rP shows the numbers.
check-serve: deps-check
	$(MAKE) static $(FORMATS)/promtool
	$(PYTEST) tests/serve -rP

# The validators that no package installs lie under build/.
FORMATS := $(BUILD)/formats

check-formats: deps-formats
	$(MAKE) all static $(FORMATS)/promtool $(FORMATS)/installed
	/usr/bin/python3 tests/formats/check_formats.py $(BUILD)/watertight \
		$(BUILD)/static/watertight $(FORMATS)

$(FORMATS)/promtool: scripts/fetch-promtool
	scripts/fetch-promtool $(@D)

npm_install = npm install --no-package-lock --no-audit --no-fund --ignore-scripts

$(FORMATS)/installed: tests/formats/package.json
	@mkdir -p $(@D)
	cp $< $(@D)
	cd $(@D) && $(npm_install)
	chmod u+x $(@D)/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
	touch $@

check-deploy: deps-deploy
	$(MAKE) all $(FORMATS)/promtool $(BUILD)/deploy/installed
	/usr/bin/python3 tests/deploy/check_deploy.py $(BUILD)/watertight $(BUILD)/deploy \
		$(FORMATS)/promtool

$(BUILD)/deploy/installed: tests/deploy/package.json
	@mkdir -p $(@D)
	cp $< $(@D)
	cd $(@D) && $(npm_install)
	touch $@

SANDBOXES := gvisor,lxc,systemd-nspawn,bubblewrap

check-engines: deps-engines
	$(MAKE) static
	$(PYTEST) tests/containers --engines=docker,podman,crun,$(SANDBOXES)

# Emulates a machine with another kernel, which takes minutes: no step of the others.
.PHONY: check-kernels
check-kernels: deps-kernels
	$(MAKE) static
	scripts/fetch-kernel build/kernels
	$(PYTEST) tests/kernels

.PHONY: check-asan check-valgrind check-analyzer fuzz
# The leaks of a test's process are found after Criterion has counted the test as passed.
check-asan: $(BUILD)/tests/unit-asan
	rm -f $(BUILD)/asan/report.*
	ASAN_OPTIONS=log_path=$(abspath $(BUILD)/asan/report) $(BUILD)/tests/unit-asan
	! cat $(BUILD)/asan/report.* 2>/dev/null

check-valgrind: $(BUILD)/watertight $(BUILD)/tests/unit
	scripts/check-valgrind $(BUILD)

check-analyzer:
	$(MAKE) BUILD=$(BUILD)/analyzer CC=gcc CFLAGS='-O1 -g -fanalyzer' all

fuzz: $(FUZZERS:%=$(BUILD)/fuzz/fuzz_%)
	scripts/run-fuzzers $(BUILD)/fuzz $(FUZZ_SECONDS) $(FUZZ_CORE)
	scripts/run-fuzzers $(BUILD)/fuzz $$(($(FUZZ_SECONDS) / 10)) $(filter-out $(FUZZ_CORE),$(FUZZERS))

# --- keeping it clean -------------------------------------------------------------------------

.PHONY: format format-check lint clean help
format:
	clang-format -i $(FORMATTED)

format-check:
	clang-format --dry-run --Werror $(FORMATTED)

lint: $(SYSCALL_TABLE)
	printf '%s\n' $(SOURCES) $(TOOL_SOURCES) | xargs -P $$(nproc) -I FILE \
		clang-tidy --quiet FILE -- -std=gnu11 -D_GNU_SOURCE $(INCLUDES) '-DWATERTIGHT_VERSION=""'
	cppcheck --quiet --std=c11 -j $$(nproc) -D_GNU_SOURCE $(INCLUDES) --inline-suppr --error-exitcode=1 \
		'-D_Noreturn=__attribute__((noreturn))' --suppress=missingIncludeSystem \
		--enable=warning,performance,portability $(SOURCES)
	shellcheck --external-sources $(SHELL_SCRIPTS)

clean:
	scripts/dockerd stop
	rm -rf $(BUILD)

help:
	@sed -n 's/^#: //p' Makefile

#: make                 builds build/watertight
#: make static          builds build/static/watertight: one static file that runs in any image
#: make install         installs the static binary, man page and completions (DESTDIR, PREFIX)
#: make demo            sets up, builds, and checks two real containers made by runc
#: make check           sets up, and runs the unit tests and the container tests on runc
#: make check-engines   sets up, and runs the container tests on Docker, Podman and crun, and those
#:                      of gVisor, LXC, systemd-nspawn and bubblewrap
#: make check-kernels   sets up, and runs containers on Debian's kernel in an emulated machine: control
#:                      groups v2, AppArmor, SELinux (some minutes; x86-64, Debian)
#: make check-formats   sets up, and validates every report format by validators of others
#: make check-deploy    sets up, and validates what deploy/ ships by validators of others
#: make check-serve     sets up, and holds the sidecar to its limits of time, memory and number
#: make bench           compares with an empty program, a shell script and capsh, and measures
#:                      what asking about every system call adds
#: make bench-all       measures --all over 300 containers and 5000 processes (root)
#: make deps            installs every package that any target needs
#:
#: make check-unit check-completion check-schemas check-containers
#: make check-asan check-valgrind check-analyzer
#: make fuzz            each fuzz target for FUZZ_SECONDS (60), or a tenth of that
#: make format format-check lint clean
#:
#: CC=clang builds with clang; BUILD=folder builds elsewhere; V=1 shows the commands.
