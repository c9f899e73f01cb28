// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pmtud-ignored: adverts pass this border, their host goes on as before. A TCP
 * sender that has heard never sends the same segment as long again, so one
 * that is quoted again and again has not (RFC 1191, 6.3; RFC 2923, 2.1). On
 * the host itself the kernel's own routes tell. What counts is decided where
 * the rows are kept (unreach/path.h); UDP is left out, since a prober goes on.
 */
#include "base/clock.h"
#include "detect/detect.h"
#include "unreach/path.h"

/* Time for an advert to get from here to the routes of this very machine. */
#define LEARN_NS NS_PER_SEC
/* For so long after an advert the routes must know of it. */
#define FRESH_NS (10 * NS_PER_SEC)

/*
 * Was a host told that is this machine, and has not understood? An advert about
 * a connection that is not there is forged, or too late, and rightly left alone.
 */
static bool unlearned(const struct look *look, const struct head_row *row)
{
	const struct unreach_head_key *key = &row->key;
	const struct unreach_flow_key flow = { key->orig_src, key->orig_dst, key->src_port,
					       key->dst_port };
	const struct local *local = look->local;

	/* Later, the route may have been flushed since. */
	if (look->now >= row->value.last + FRESH_NS)
		return false;
	if (!local || !local->has_flow(local->context, &flow))
		return false;
	return !local->has_learned(local->context, &key->orig_src, &key->orig_dst, row->value.mtu);
}

void ignored_head(void *context, const void *key, const void *value)
{
	struct look *look = context;
	const struct head_row row = { *(const struct unreach_head_key *)key,
				      *(const struct unreach_head *)value };
	struct finding f = {
		.kind = ALERT_IGNORED,
		.basis = BASIS_SEGMENT,
		.class = UNREACH_CLASS_NONE,
		.severity = SEVERITY_CRITICAL,
		.level = LEVEL_CONFIRMED,
		.slot = row.key.slot,
		.src = row.key.orig_src,
		.dst = row.key.orig_dst,
		.reporter = row.value.reporter,
		.flow = unreach_mix((uint64_t)row.key.src_port << 16 | row.key.dst_port, 1),
		.messages = row.value.messages,
		.first = row.value.first,
		.last = row.value.last,
		.at = row.value.alarmed,
		.episodes = row.value.episodes,
		.mtu = row.value.mtu,
		.quoted_length = row.value.quoted_length,
	};

	/* Where nothing has come for so long, the sender gave up. */
	if (look->now >= f.last + ALERT_QUIET_NS)
		return;
	if ((f.at || look->now >= f.first + LEARN_NS) && unlearned(look, &row)) {
		f.basis = BASIS_UNLEARNED;
		if (!f.at)
			f.at = f.first + LEARN_NS;
	}
	if (f.at)
		alerts_report(look->alerts, &f, look->now);
}

void ignored_path(void *context, const void *key, const void *value)
{
	const struct look *look = context;
	const struct unreach_path_key *k = key;
	const struct unreach_path *path = value;
	const struct finding f = {
		.kind = ALERT_IGNORED,
		.basis = BASIS_FLOWS,
		.class = UNREACH_CLASS_NONE,
		.severity = SEVERITY_WARNING,
		.level = LEVEL_PROBABLE,
		.slot = k->slot,
		.src = k->orig_src,
		.dst = k->orig_dst,
		.reporter = k->reporter,
		.messages = path->longer,
		.first = path->told,
		.last = path->late_last,
		.at = path->alarmed,
		.episodes = path->late_flows,
		.mtu = path->mtu,
		.quoted_length = path->quoted_length,
	};

	if (f.at)
		alerts_report(look->alerts, &f, look->now);
}
