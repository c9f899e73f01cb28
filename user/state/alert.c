// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* An alert in writing: the contract's object, the log's line, a line for people. */
#include "state/alert.h"

#include <stdio.h>

#include "base/addr.h"
#include "base/clock.h"
#include "state/links.h"
#include "unreach/codes.h"

static const char *const kind_names[ALERT_KINDS] = {
	[ALERT_IGNORED] = "pmtud-ignored",
	[ALERT_INVALID] = "pmtud-invalid",
	[ALERT_SILENT] = "pmtud-silent",
	[ALERT_FLOOD] = "flood",
	[ALERT_SCAN] = "scan",
};

static const char *const class_names[UNREACH_CLASSES] = {
	[UNREACH_CLASS_IMPOSSIBLE] = "impossible",
	[UNREACH_CLASS_TINY] = "tiny",
	[UNREACH_CLASS_LEGACY] = "legacy",
	[UNREACH_CLASS_OFF_PATH] = "off-path",
	[UNREACH_CLASS_ECHO] = "echo",
	[UNREACH_CLASS_NO_DF] = "no-df",
	[UNREACH_CLASS_POINTLESS] = "pointless",
};

static const char *const severity_names[] = { "info", "warning", "critical" };
static const char *const level_names[] = { "suspect", "probable", "confirmed" };

bool alert_tells_mtu(enum alert_kind kind)
{
	return kind == ALERT_IGNORED || kind == ALERT_INVALID;
}

bool alert_has_path(enum alert_kind kind)
{
	return kind != ALERT_FLOOD && kind != ALERT_SCAN;
}

const char *alert_kind_name(enum alert_kind kind)
{
	return kind_names[kind];
}

const char *alert_class_name(enum unreach_class class)
{
	return class < UNREACH_CLASSES ? class_names[class] : NULL;
}

const char *alert_severity_name(enum alert_severity severity)
{
	return severity_names[severity];
}

const char *alert_level_name(enum alert_level level)
{
	return level_names[level];
}

struct unreach_addr alert_net(const struct unreach_addr *dst)
{
	size_t kept = addr_is_ipv4(dst) ? 15 : 6;
	struct unreach_addr net = *dst;

	memset(net.bytes + kept, 0, sizeof(net.bytes) - kept);
	return net;
}

void alert_path(struct buf *b, const struct unreach_addr *dst)
{
	const struct unreach_addr net = alert_net(dst);

	addr_format(b, &net);
	buf_str(b, addr_is_ipv4(dst) ? "/24" : "/48");
}

uint64_t alert_time(const struct alert *a)
{
	return a->resolved ? a->ended : a->lead.at;
}

/* A key whose value one of the functions of alert.h writes. */
static void write_words(struct writer *w, const char *key, const struct alert *a,
			void (*words)(struct buf *b, const struct alert *a))
{
	struct buf b = {};

	words(&b, a);
	buf_char(&b, 0);
	writer_string(w, key, b.failed ? NULL : b.data);
	buf_free(&b);
}

static void write_path(struct buf *b, const struct alert *a)
{
	alert_path(b, &a->lead.dst);
}

static void write_id(struct writer *w, const struct alert *a)
{
	char id[17];

	snprintf(id, sizeof(id), "%016llx", (unsigned long long)a->id);
	writer_string(w, "id", id);
}

/* What it is. */
static void write_judgement(struct writer *w, const struct alert *a)
{
	write_id(w, a);
	writer_string(w, "kind", alert_kind_name(a->lead.kind));
	if (a->lead.class != UNREACH_CLASS_NONE)
		writer_string(w, "class", alert_class_name(a->lead.class));
	writer_string(w, "state", a->resolved ? "resolved" : "firing");
	writer_string(w, "severity", alert_severity_name(a->lead.severity));
	writer_string(w, "level", alert_level_name(a->lead.level));
}

/* null where it is not about one. */
static void write_addr(struct writer *w, const char *key, const struct unreach_addr *addr)
{
	if (addr)
		writer_addr(w, key, addr);
	else
		writer_string(w, key, NULL);
}

/* Whom it is about. */
static void write_parties(struct writer *w, const struct alert *a)
{
	const struct finding *f = &a->lead;
	const bool path = alert_has_path(f->kind), mtu = alert_tells_mtu(f->kind);

	writer_string(w, "interface", a->interface);
	if (path)
		write_words(w, "path", a, write_path);
	else
		writer_string(w, "path", NULL);
	write_addr(w, "src", path || f->kind == ALERT_SCAN ? &f->src : NULL);
	write_addr(w, "dst", path ? &f->dst : NULL);
	write_addr(w, "reporter", mtu || f->basis == BASIS_SOURCE_RATE ? &f->reporter : NULL);
	if (mtu)
		writer_u64(w, "mtu", f->mtu);
	else
		writer_string(w, "mtu", NULL);
}

/* What only alerts of its kind have. */
static void write_details(struct writer *w, const struct alert *a)
{
	const struct finding *f = &a->lead;

	if (alert_tells_mtu(f->kind))
		writer_string(w, "link", link_by_mtu(f->mtu));
	if (f->kind == ALERT_SILENT) {
		writer_u64(w, "passes", f->passes);
		writer_u64(w, "stuck", f->stuck);
	}
	if (f->basis == BASIS_CODE_RATE)
		writer_u64(w, "code", f->code);
	if (f->kind == ALERT_FLOOD)
		writer_u64(w, "rate", f->peak);
}

static void write_counts(struct writer *w, const struct alert *a, int64_t to_wall)
{
	writer_u64(w, "messages", a->messages);
	writer_u64(w, "flows", a->flows);
	writer_u64(w, "hosts", a->hosts);
	writer_u64(w, "destinations", a->destinations);
	if (a->more)
		writer_bool(w, "at_least", true);
	writer_time(w, "first", a->first + (uint64_t)to_wall);
	writer_time(w, "last", a->last + (uint64_t)to_wall);
}

/* On lines of their own where people read them. */
static void write_sentences(struct writer *w, const struct alert *a)
{
	if (writer_is_text(w))
		writer_object(w, "that is");
	write_words(w, "evidence", a, alert_evidence);
	write_words(w, "meaning", a, alert_meaning);
	write_words(w, "unknown", a, alert_unknown);
	write_words(w, "advice", a, alert_advice);
	if (writer_is_text(w))
		writer_end_object(w);
}

void alert_write(struct writer *w, const struct alert *a, int64_t to_wall)
{
	write_judgement(w, a);
	write_parties(w, a);
	write_details(w, a);
	write_counts(w, a, to_wall);
	write_sentences(w, a);
}

static void write_timestamp(struct writer *w, uint64_t unix_ns)
{
	struct buf b = {};

	clock_format_eve(&b, unix_ns);
	buf_char(&b, 0);
	writer_string(w, "timestamp", b.failed ? NULL : b.data);
	buf_free(&b);
}

void alert_json(struct buf *b, const struct alert *a, int64_t to_wall)
{
	struct writer *w = writer_json(b);

	if (!w) {
		b->failed = true;
		return;
	}
	writer_object(w, NULL);
	write_timestamp(w, alert_time(a) + (uint64_t)to_wall);
	if (a->interface[0])
		writer_string(w, "in_iface", a->interface);
	writer_string(w, "event_type", "unreach_alert");
	writer_object(w, "alert");
	alert_write(w, a, to_wall);
	writer_end_object(w);
	writer_end_object(w);
	if (writer_finish(w))
		b->failed = true;
}

/* Whom it is about, in a line for people. */
static void text_parties(struct buf *b, const struct alert *a)
{
	const struct finding *f = &a->lead;

	if (f->basis == BASIS_CODE_RATE) {
		buf_printf(b, "code %u (%s)", f->code, unreach_code_name(f->code));
		return;
	}
	addr_format(b, f->kind == ALERT_FLOOD ? &f->reporter : &f->src);
	if (!alert_has_path(f->kind))
		return;
	buf_str(b, " > ");
	addr_format(b, &f->dst);
	buf_str(b, " (");
	alert_path(b, &f->dst);
	buf_char(b, ')');
	if (alert_tells_mtu(f->kind)) {
		buf_printf(b, " mtu %u told by ", f->mtu);
		addr_format(b, &f->reporter);
	}
}

void alert_text(struct buf *b, const struct alert *a, int64_t to_wall)
{
	const char *class = alert_class_name(a->lead.class);

	clock_format_rfc3339(b, alert_time(a) + (uint64_t)to_wall);
	buf_printf(b, " ALERT %s %s %s%s%s ", a->resolved ? "resolved" : "firing",
		   alert_severity_name(a->lead.severity), alert_kind_name(a->lead.kind),
		   class ? " " : "", class ? class : "");
	text_parties(b, a);
	buf_str(b, ": ");
	alert_evidence(b, a);
	buf_char(b, '\n');
}
