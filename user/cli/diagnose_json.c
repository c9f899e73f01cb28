// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The same as JSON: what does not apply is null, so that each key is always there. */
#include <arpa/inet.h>
#include <string.h>

#include "base/clock.h"
#include "cli/diagnose_show.h"
#include "cli/page.h"
#include "unreach/codes.h"

static void put_address(struct writer *w, const char *key, struct in_addr a)
{
	char text[INET_ADDRSTRLEN];

	writer_string(w, key, a.s_addr ? inet_ntop(AF_INET, &a, text, sizeof(text)) : NULL);
}

/* 0 is null. */
static void put_size(struct writer *w, const char *key, uint32_t size)
{
	if (size)
		writer_u64(w, key, size);
	else
		writer_string(w, key, NULL);
}

static void put_code(struct writer *w, bool there, uint8_t code)
{
	if (there)
		writer_u64(w, "code", code);
	else
		writer_string(w, "code", NULL);
	writer_string(w, "name", there ? unreach_code_name(code) : NULL);
}

static void put_probe(struct writer *w, const struct diagnosis *d, enum probe_kind kind)
{
	static const char *const names[PROBES] = { "echo", "tcp", "udp" };
	static const char *const outcomes[] = {
		[OUTCOME_SILENT] = "silent",	   [OUTCOME_ANSWERED] = "answered",
		[OUTCOME_REFUSED] = "refused",	   [OUTCOME_UNREACHABLE] = "unreachable",
		[OUTCOME_EXPIRED] = "expired",	   [OUTCOME_LOCAL] = "local",
		[OUTCOME_FORBIDDEN] = "forbidden",
	};
	const uint16_t ports[PROBES] = { 0, d->tcp_port, d->udp_port };
	const struct probe_result *p = &d->probes[kind];
	bool heard = p->outcome > OUTCOME_SILENT && p->outcome < OUTCOME_LOCAL;

	writer_object(w, NULL);
	writer_string(w, "probe", names[kind]);
	put_size(w, "port", ports[kind]);
	writer_string(w, "outcome", outcomes[p->outcome]);
	put_code(w, p->outcome == OUTCOME_UNREACHABLE, p->code);
	put_address(w, "reporter", p->reporter);
	writer_string(w, "error", p->outcome >= OUTCOME_LOCAL ? strerror(p->error) : NULL);
	if (heard)
		writer_float(w, "rtt_ms", (double)p->rtt / NS_PER_MSEC);
	else
		writer_string(w, "rtt_ms", NULL);
	writer_end_object(w);
}

static void put_path(struct writer *w, const struct path_result *p)
{
	static const char *const states[] = {
		[PATH_NOT_MEASURED] = "not-measured",
		[PATH_WHOLE] = "whole",
		[PATH_TOLD] = "told",
		[PATH_HOLE] = "hole",
		[PATH_UNCLEAR] = "unclear",
	};

	writer_object(w, "path");
	writer_string(w, "state", states[p->state]);
	put_size(w, "link_mtu", p->link_mtu);
	put_size(w, "known", p->known);
	put_size(w, "passes", p->passes);
	put_size(w, "stuck", p->stuck);
	put_size(w, "told", p->told);
	put_address(w, "told_by", p->told_by);
	writer_end_object(w);
}

static void put_seen(struct writer *w, const struct seen *seen)
{
	writer_array(w, "unreachables");
	for (unsigned int i = 0; i < seen->count; i++) {
		const struct seen_row *row = &seen->rows[i];

		writer_object(w, NULL);
		put_code(w, true, row->code);
		put_address(w, "reporter", row->reporter);
		if (row->code == 4)
			writer_u64(w, "mtu", row->mtu);
		else
			writer_string(w, "mtu", NULL);
		writer_u64(w, "times", row->times);
		writer_string(w, "seen_by", row->by_monitor ? "monitor" : "here");
		writer_end_object(w);
	}
	writer_end_array(w);
	writer_u64(w, "unreachables_more", seen->more);
}

static void put_monitor(struct writer *w, enum monitor_state state)
{
	static const char *const states[] = {
		[MONITOR_ABSENT] = "absent",
		[MONITOR_NO_PERMISSION] = "no-permission",
		[MONITOR_FAILED] = "failed",
		[MONITOR_ASKED] = "asked",
	};

	writer_object(w, "monitor");
	writer_string(w, "state", states[state]);
	writer_end_object(w);
}

static void put_verdict(struct writer *w, struct buf *out, const struct diagnosis *d,
			const struct verdict *v)
{
	struct buf meaning = {}, advice = {};

	verdict_meaning(&meaning, d, v);
	verdict_advice(&advice, d, v);
	buf_char(&meaning, 0);
	buf_char(&advice, 0);
	writer_object(w, "verdict");
	writer_string(w, "kind", verdict_name(v->kind));
	if (meaning.failed || advice.failed) {
		out->failed = true;
	} else {
		writer_string(w, "meaning", meaning.data);
		writer_string(w, "advice", advice.data);
	}
	writer_end_object(w);
	buf_free(&meaning);
	buf_free(&advice);
}

void show_diagnosis_json(struct buf *b, const struct diagnosis *d, const struct verdict *v,
			 uint64_t unix_ns, double seconds)
{
	struct writer *w = page_json(b, "diagnose");

	if (!w)
		return;
	writer_time(w, "time", unix_ns);
	writer_float(w, "seconds", seconds);
	writer_string(w, "host", d->host);
	put_address(w, "address", d->address);
	put_address(w, "local", d->local);
	writer_array(w, "probes");
	for (unsigned int i = 0; i < PROBES; i++)
		put_probe(w, d, i);
	writer_end_array(w);
	put_path(w, &d->path);
	put_seen(w, &d->seen);
	put_monitor(w, d->monitor);
	put_verdict(w, b, d, v);
	page_json_end(w);
}
