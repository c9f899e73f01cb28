// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* An alert in writing: the contract's object, the log's line, a line for people. */
#include "state/alert.h"

#include <stdio.h>

#include "base/addr.h"
#include "base/clock.h"
#include "state/links.h"

static const char *const kind_names[ALERT_KINDS] = {
	[ALERT_IGNORED] = "pmtud-ignored",
	[ALERT_INVALID] = "pmtud-invalid",
	[ALERT_SILENT] = "pmtud-silent",
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

bool alert_is_reported(const struct alert *a)
{
	return a->lead.kind != ALERT_SILENT;
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

/* Whom it is about. */
static void write_parties(struct writer *w, const struct alert *a)
{
	writer_string(w, "interface", a->interface);
	write_words(w, "path", a, write_path);
	writer_addr(w, "src", &a->lead.src);
	writer_addr(w, "dst", &a->lead.dst);
	if (alert_is_reported(a)) {
		writer_addr(w, "reporter", &a->lead.reporter);
		writer_u64(w, "mtu", a->lead.mtu);
		writer_string(w, "link", link_by_mtu(a->lead.mtu));
		return;
	}
	writer_string(w, "reporter", NULL);
	writer_string(w, "mtu", NULL);
	writer_u64(w, "passes", a->lead.passes);
	writer_u64(w, "stuck", a->lead.stuck);
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

void alert_text(struct buf *b, const struct alert *a, int64_t to_wall)
{
	const char *class = alert_class_name(a->lead.class);

	clock_format_rfc3339(b, alert_time(a) + (uint64_t)to_wall);
	buf_printf(b, " ALERT %s %s %s%s%s ", a->resolved ? "resolved" : "firing",
		   alert_severity_name(a->lead.severity), alert_kind_name(a->lead.kind),
		   class ? " " : "", class ? class : "");
	addr_format(b, &a->lead.src);
	buf_str(b, " > ");
	addr_format(b, &a->lead.dst);
	buf_str(b, " (");
	alert_path(b, &a->lead.dst);
	buf_char(b, ')');
	if (alert_is_reported(a)) {
		buf_printf(b, " mtu %u told by ", a->lead.mtu);
		addr_format(b, &a->lead.reporter);
	}
	buf_str(b, ": ");
	alert_evidence(b, a);
	buf_char(b, '\n');
}
