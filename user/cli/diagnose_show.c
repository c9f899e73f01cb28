// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The sheet for people: what each probe got, the path, what was said meanwhile, the verdict. */
#include "cli/diagnose_show.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/prose.h"
#include "unreach/codes.h"

enum { LABEL = 11 }; /* columns */

static void put_address(struct buf *b, struct in_addr a)
{
	char text[INET_ADDRSTRLEN];

	buf_str(b, inet_ntop(AF_INET, &a, text, sizeof(text)));
}

static void put_ms(struct buf *b, uint64_t ns)
{
	buf_printf(b, " after %.1f ms", (double)ns / NS_PER_MSEC);
}

static void put_answer(struct buf *b, enum probe_kind kind, const struct probe_result *p)
{
	if (p->outcome == OUTCOME_REFUSED)
		buf_str(b, "refused: a reset");
	else if (kind == PROBE_TCP)
		buf_str(b, "open: connected");
	else
		buf_str(b, "answered");
	put_ms(b, p->rtt);
}

static void put_forbidden(struct buf *b, const struct probe_result *p)
{
	buf_printf(b,
		   "not tried: no ping socket for this user (%s); "
		   "sysctl net.ipv4.ping_group_range names the groups that may have one",
		   strerror(p->error));
}

static void put_message(struct buf *b, const struct probe_result *p)
{
	if (p->outcome == OUTCOME_UNREACHABLE)
		buf_printf(b, "%s (code %u)", unreach_code_name(p->code), p->code);
	else
		buf_str(b, "time to live exceeded");
	buf_str(b, " from ");
	put_address(b, p->reporter);
	put_ms(b, p->rtt);
}

static void put_result(struct buf *b, enum probe_kind kind, const struct probe_result *p)
{
	switch (p->outcome) {
	case OUTCOME_ANSWERED:
	case OUTCOME_REFUSED:
		put_answer(b, kind, p);
		break;
	case OUTCOME_UNREACHABLE:
	case OUTCOME_EXPIRED:
		put_message(b, p);
		break;
	case OUTCOME_LOCAL:
		buf_printf(b, "not sent: %s", strerror(p->error));
		break;
	case OUTCOME_FORBIDDEN:
		put_forbidden(b, p);
		break;
	case OUTCOME_SILENT:
		buf_str(b, kind == PROBE_UDP ? "silent: open, or dropped" : "silent");
	}
}

static void put_path(struct buf *b, const struct path_result *p)
{
	switch (p->state) {
	case PATH_WHOLE:
		buf_printf(b, "%u: as much as this host's own link takes", p->passes);
		break;
	case PATH_TOLD:
		buf_printf(b, "%u", p->passes ? p->passes : p->told);
		if (p->told) {
			buf_str(b, ": told by ");
			put_address(b, p->told_by);
		}
		buf_printf(b, "; this host's link takes %u", p->link_mtu);
		break;
	case PATH_HOLE:
		buf_printf(b, "%u bytes get through, %u and more vanish in silence", p->passes,
			   p->stuck);
		break;
	case PATH_UNCLEAR:
		buf_printf(b, "not certain; at least %u", p->passes);
		break;
	case PATH_NOT_MEASURED:
		buf_str(b, p->link_mtu ? "not measured: nothing answers long packets"
				       : "not measured: the host was not reached");
	}
	if (p->known && p->known < p->link_mtu)
		buf_printf(b, "; this host knew of %u before", p->known);
}

static void put_monitor(struct buf *b, const struct diagnosis *d, const char *socket)
{
	switch (d->monitor) {
	case MONITOR_ABSENT:
		buf_printf(b, "no monitor at %s", socket);
		break;
	case MONITOR_NO_PERMISSION:
		buf_printf(b, "no permission to ask at %s", socket);
		break;
	case MONITOR_FAILED:
		buf_printf(b, "no answer at %s", socket);
		break;
	case MONITOR_ASKED:
		buf_str(b, "asked");
	}
}

/* "code 4 fragmentation-needed, MTU 1400, from 198.51.100.2: 3 times, seen here" */
static void put_seen(struct buf *b, const struct seen_row *row)
{
	buf_printf(b, "code %u %s", row->code, unreach_code_name(row->code));
	if (row->code == 4)
		buf_printf(b, ", MTU %u", row->mtu);
	buf_str(b, ", from ");
	put_address(b, row->reporter);
	if (row->times > 1)
		buf_printf(b, ", %u times", row->times);
	buf_str(b, row->by_monitor ? ", seen by the monitor" : ", seen here");
}

static void put_probes(struct buf *b, const struct diagnosis *d, struct buf *line)
{
	char label[PROBES][LABEL + 1] = { [PROBE_ECHO] = "echo" };

	snprintf(label[PROBE_TCP], sizeof(label[0]), "TCP %u", d->tcp_port);
	snprintf(label[PROBE_UDP], sizeof(label[0]), "UDP %u", d->udp_port);
	for (unsigned int i = 0; i < PROBES; i++) {
		put_result(line, i, &d->probes[i]);
		prose_labelled_buf(b, LABEL, label[i], line);
	}
}

static void put_head(struct buf *b, const struct diagnosis *d)
{
	char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &d->address, text, sizeof(text));
	buf_str(b, d->host);
	if (strcmp(d->host, text) != 0)
		buf_printf(b, " (%s)", text);
	if (d->local.s_addr) {
		buf_str(b, " from ");
		put_address(b, d->local);
	}
	buf_str(b, "\n\n");
}

void show_diagnosis_text(struct buf *b, const struct diagnosis *d, const struct verdict *v,
			 const char *socket)
{
	struct buf line = {};

	put_head(b, d);
	put_probes(b, d, &line);
	put_path(&line, &d->path);
	prose_labelled_buf(b, LABEL, "path MTU", &line);
	for (unsigned int i = 0; i < d->seen.count; i++) {
		put_seen(&line, &d->seen.rows[i]);
		prose_labelled_buf(b, LABEL, i ? "" : "ICMP", &line);
	}
	put_monitor(&line, d, socket);
	prose_labelled_buf(b, LABEL, "monitor", &line);
	buf_char(b, '\n');
	buf_str(&line, verdict_name(v->kind));
	prose_labelled_buf(b, LABEL, "VERDICT", &line);
	verdict_meaning(&line, d, v);
	prose_labelled_buf(b, LABEL, "means", &line);
	verdict_advice(&line, d, v);
	prose_labelled_buf(b, LABEL, "do", &line);
	buf_free(&line);
}
