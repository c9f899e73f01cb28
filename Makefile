# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# make [V=1] [SANITIZE=1] [WERROR=1] [CC=clang] [HTTP=0]; see README.md for the targets.
# make install|uninstall [DESTDIR=] [PREFIX=/usr/local] [SYSCONFDIR=/etc]

VERSION := 0.1.0
, := ,
B := build$(if $(SANITIZE),/sanitize)
CLANG ?= clang
BPFTOOL ?= $(firstword $(shell command -v bpftool) /usr/sbin/bpftool)
PYTHON ?= /usr/bin/python3
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
# Where libmicrohttpd is not, or with HTTP=0, everything but --listen is built.
HTTP ?= $(shell pkg-config --exists libmicrohttpd 2>/dev/null && echo 1)
override HTTP := $(filter-out 0,$(HTTP))
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 \
	$(if $(WERROR),-Werror)
SANITIZERS := $(if $(SANITIZE),-fsanitize=address$(,)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
CFLAGS ?= -O2 -g
override CFLAGS += -std=gnu17 $(WARNINGS) $(SANITIZERS)
override CPPFLAGS += -D_GNU_SOURCE -DUNREACH_VERSION='"$(VERSION)"' -DUNREACH_HTTP=$(if $(HTTP),1,0) \
	-Iinclude -Iuser -I$(B) -MMD -MP
BPF_CFLAGS := -target bpf -std=gnu17 -O2 -g -mcpu=v3 -Wall -Wextra $(if $(WERROR),-Werror) \
	-Iinclude -I/usr/include/$(MULTIARCH) -ffile-prefix-map=$(CURDIR)=. -MMD -MP
LIBS_BPF := -lbpf -lelf -lz -lmnl -lcap
LIBS_PCAP := -lpcap
LIBS_TERM := -lncursesw -ltinfo
LIBS_CONFIG := -linih
# Where an event is written, for its Community ID (SHA-1); last, so that tests of other parts go without.
LIBS_MD := -Wl,--as-needed -lmd
LIBS_HTTP := $(if $(HTTP),-lmicrohttpd)

MAINS := user/unreachd.c user/unreach.c
SOURCES := $(filter-out $(MAINS) $(if $(HTTP),,user/serve/http.c),$(wildcard user/*.c user/*/*.c))
OBJECTS := $(SOURCES:user/%.c=$(B)/user/%.o)
BPF_OBJECTS := $(patsubst bpf/%.bpf.c,$(B)/%.bpf.o,$(wildcard bpf/*.bpf.c))
SKELETONS := $(BPF_OBJECTS:.bpf.o=.skel.h)
LIB := $(B)/libunreach.a
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))
PROG := $(patsubst tests/prog/%.c,$(B)/tests/prog/%,$(wildcard tests/prog/test_*.c))
TOOLS := $(patsubst tests/tools/%.c,$(B)/tests/tools/%,$(filter-out %.bpf.c,$(wildcard tests/tools/*.c)))
FUZZ := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.PHONY: all force tests unit fuzz test bench lab format lint clean check install uninstall

all: $(B)/unreachd $(B)/unreach

$(B)/unreachd: $(B)/user/unreachd.o $(LIB)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_BPF) $(LIBS_CONFIG) $(LIBS_HTTP) $(LIBS_MD)

# The client links without libbpf: `read` and `explain` run anywhere.
$(B)/unreach: $(B)/user/unreach.o $(LIB)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_PCAP) $(LIBS_TERM) $(LIBS_MD)

$(LIB): $(OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/user/%.o: user/%.c | $(SKELETONS)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# They know of the choice; the file is written only where it has changed.
$(B)/user/config.o $(B)/user/daemon.o: $(B)/http

$(B)/http: force
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(HTTP)' | cmp -s - $@ || echo '$(HTTP)' >$@

$(B)/%.bpf.o: bpf/%.bpf.c
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c -o $@ $<

$(B)/tests/%.bpf.o: tests/%.bpf.c
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -Itests -c -o $@ $<

$(B)/%.skel.h: $(B)/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $(notdir $*)_bpf >$@

# Tests: one program a file, over the library.
tests: all unit $(PROG) $(TOOLS) $(B)/tests/bench/bench

unit: $(UNIT)

# Those of single parts: neither root nor a network is needed.
check: unit
	$(Q)set -e; for test in $(UNIT); do timeout 60 $$test; done

# Two of them ask the kernel.
$(B)/tests/unit/test_route $(B)/tests/unit/test_sockdiag: LIBS_TEST := -lmnl
$(B)/tests/unit/test_base_opts_file $(B)/tests/unit/test_config: LIBS_TEST := $(LIBS_CONFIG)

$(B)/tests/unit/%: tests/unit/%.c $(LIB) | $(SKELETONS)
	$(call say,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) -lcmocka $(LIBS_PCAP) $(LIBS_TEST) $(LIBS_MD)

$(B)/tests/prog/%: tests/prog/%.c $(LIB) | $(SKELETONS)
	$(call say,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) -lcmocka $(LIBS_BPF) $(LIBS_PCAP) $(LIBS_MD)

# A tool that has a program of its own in the kernel.
$(patsubst %.bpf.c,$(B)/%,$(wildcard tests/tools/*.bpf.c)): %: %.skel.h

$(B)/tests/tools/%: tests/tools/%.c $(LIB)
	$(call say,TOOL,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIB) $(LIBS_BPF)

# The benchmark: reference programs and what runs them side by side.
BENCH_SOURCES := $(filter-out %.bpf.c,$(wildcard tests/bench/*.c))
BENCH_SKELETONS := $(patsubst tests/bench/%.bpf.c,$(B)/tests/bench/%.skel.h,$(wildcard tests/bench/*.bpf.c))

$(B)/tests/bench/bench: $(BENCH_SOURCES) $(wildcard tests/bench/*.h) $(LIB) $(BENCH_SKELETONS) | $(SKELETONS)
	$(call say,BENCH,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(filter-out -MMD -MP,$(CPPFLAGS)) -Itests $(CFLAGS) $(LDFLAGS) -o $@ $(BENCH_SOURCES) $(LIB) \
		-lcmocka $(LIBS_BPF) -lpthread $(LIBS_MD)

# QUICK=1: a minute instead of ten; ROWS: some groups only; JSON: a file to keep the figures in.
bench: all $(B)/tests/bench/bench $(B)/tests/tools/flood
	$(Q)$(PYTHON) tests/bench $(if $(QUICK),--quick) $(if $(JSON),--json $(JSON)) $(ROWS)

# Fuzzers: clang's libFuzzer, the sources compiled along so that they are instrumented too.
FUZZ_SOURCES := $(filter-out user/attach.c user/source/xdp%.c user/source/counters.c user/source/route.c user/source/netlink.c \
	user/source/sockdiag.c user/source/links.c user/serve/http.c user/daemon%.c user/privileges.c user/cli/top.c \
	user/cli/top_term.c,$(SOURCES))
FUZZ_OBJECTS := $(FUZZ_SOURCES:user/%.c=$(B)/fuzz/user/%.o)
FUZZ_COMPILE = $(CLANG) $(filter-out -MMD -MP,$(CPPFLAGS)) -std=gnu17 -O1 -g -Itests \
	-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all $(FUZZ_FLAGS)
HEADERS := $(wildcard include/unreach/* user/*.h user/*/*.h)
fuzz: $(FUZZ)

$(B)/fuzz/user/%.o: user/%.c $(HEADERS)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_COMPILE) -c -o $@ $<

# One of them takes the place of the kernel's sockets.
$(B)/fuzz/fuzz_netlink: $(B)/fuzz/user/source/route.o $(B)/fuzz/user/source/sockdiag.o
$(B)/fuzz/fuzz_netlink: LIBS_TEST := -lmnl

# Another one those of the client's probes, and the clock.
$(B)/fuzz/fuzz_diagnose: LIBS_TEST := $(addprefix -Wl$(,)--wrap=,socket setsockopt connect getsockopt \
	send recv recvmsg poll close clock_mono)

$(B)/fuzz/%: tests/fuzz/%.c $(FUZZ_OBJECTS) $(HEADERS)
	$(call say,FUZZ,$@)
	$(Q)$(FUZZ_COMPILE) -fsanitize=fuzzer -o $@ $< $(filter %.o,$^) $(LIBS_PCAP) $(LIBS_CONFIG) $(LIBS_TEST) $(LIBS_MD)

# What is installed: source:mode:place. Both targets go by this list. Places that the system reads only
# there (logrotate, configuration) stand under SYSCONFDIR whatever the prefix.
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
BINDIR ?= $(PREFIX)/bin
SBINDIR ?= $(PREFIX)/sbin
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
DOCDIR ?= $(DATADIR)/doc/unreach
COMPLETIONDIR ?= $(DATADIR)/bash-completion/completions
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
UNIT_FILE := $(B)/unreachd.service
CONFIG_FILE := contrib/unreachd.conf
CONFIG_PLACE = $(DESTDIR)$(SYSCONFDIR)/unreach/unreachd.conf
INSTALLED = $(B)/unreach:755:$(BINDIR)/unreach $(B)/unreachd:755:$(SBINDIR)/unreachd \
	$(foreach page,$(wildcard docs/man/*.[58]),$(page):644:$(MANDIR)/man$(subst .,,$(suffix $(page)))/$(notdir $(page))) \
	$(foreach name,unreach unreachd,contrib/completion/$(name).bash:644:$(COMPLETIONDIR)/$(name)) \
	$(UNIT_FILE):644:$(UNITDIR)/unreachd.service \
	contrib/systemd/unreach.sysusers:644:$(SYSUSERSDIR)/unreach.conf \
	$(foreach file,scrape.yml unreach.rules.yml,contrib/prometheus/$(file):644:$(DOCDIR)/examples/$(file)) \
	contrib/logrotate/unreach:644:$(SYSCONFDIR)/logrotate.d/unreach \
	$(foreach file,README.md $(filter-out docs/flow.md docs/install.md,$(wildcard docs/*.md)),$(file):644:$(DOCDIR)/$(notdir $(file)))
PLACES = $(foreach entry,$(INSTALLED),$(DESTDIR)$(word 3,$(subst :, ,$(entry))))

# The unit, with the paths of this installation.
.PHONY: $(UNIT_FILE)
$(UNIT_FILE): contrib/systemd/unreachd.service
	$(Q)mkdir -p $(@D)
	$(Q)sed 's|/usr/sbin/unreachd|$(SBINDIR)/unreachd|g; s|/etc/|$(SYSCONFDIR)/|g' $< >$@

# A configuration that is there is kept.
install: all $(UNIT_FILE)
	$(Q)set -e; for entry in $(INSTALLED); do \
		file=$${entry%%:*}; rest=$${entry#*:}; \
		install -D -m "$${rest%%:*}" "$$file" "$(DESTDIR)$${rest#*:}"; \
	done
	$(Q)test -e '$(CONFIG_PLACE)' || install -D -m 644 $(CONFIG_FILE) '$(CONFIG_PLACE)'

# A configuration that was changed is kept.
uninstall:
	$(Q)rm -f $(PLACES)
	$(Q)! cmp -s $(CONFIG_FILE) '$(CONFIG_PLACE)' || rm -f '$(CONFIG_PLACE)'
	$(Q)for folder in '$(dir $(CONFIG_PLACE))' '$(DESTDIR)$(DOCDIR)/examples' '$(DESTDIR)$(DOCDIR)'; do \
		test ! -d "$$folder" || rmdir --ignore-fail-on-non-empty "$$folder"; \
	done

test:
	$(Q)scripts/test

lab: tests
	$(Q)$(PYTHON) -m pytest -q tests/lab

format:
	clang-format -i $(shell git ls-files '*.c' '*.h')

lint:
	$(Q)scripts/lint

clean:
	rm -rf build

-include $(OBJECTS:.o=.d) $(BPF_OBJECTS:.o=.d) $(patsubst %,%.d,$(UNIT) $(PROG) $(TOOLS)) \
	$(B)/user/unreachd.d $(B)/user/unreach.d
