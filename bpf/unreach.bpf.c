// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The monitor's program: every frame that comes in is parsed, and if it is a
 * Destination Unreachable it is judged, counted, attributed and, within the
 * budget, written to a ring; what it tells of a path's MTU is noted. Nothing
 * is ever dropped, delayed or changed. One instance an interface; what it may
 * use of the kernel stands in rodata.
 */
#include "answers.h"
#include "attribute.h"
#include "count.h"
#include "emit.h"
#include "paths.h"

/*
 * Decodes the message where an event or a path wants it, and gives it its
 * event. Does it tell of a path?
 */
static __always_inline bool report(struct xdp_md *ctx, const struct message *m,
				   struct workspace *work, struct unreach_counters *count,
				   const struct source *source)
{
	bool tells = m->code == UNREACH_ICMP_FRAG_NEEDED && m->checksum != UNREACH_CHECKSUM_BAD;
	bool reported = is_reported(count, source, m->now);
	__u32 copied = m->place.copied, checksum = m->checksum;

	if (!reported && !tells)
		return false;
	work->message.place = m->place;
	OPAQUE(checksum); /* or the verifier walks what follows once for each */
	if (copied)
		decode_copy(checksum);
	else if (tells)
		decode_frame(ctx, checksum);
	if (reported)
		emit(ctx, checksum,
		     (tells || copied ? EMIT_DECODED : 0) | (owes(source) ? EMIT_OWED : 0),
		     m->hosts[UNREACH_SOURCES]);
	return tells && unreach_tells_mtu(&work->event);
}

/*
 * A frame whose linear part ends too early (it is a message, but longer, or bytes `ran_out`)
 * or is ICMP that can't be read: what it is by its copy, if that can tell more. A message
 * is read; ICMP that can't be is counted as unclassified.
 */
static __always_inline bool read_rest(struct xdp_md *ctx, enum unreach_outcome outcome,
				      bool ran_out, struct message *m)
{
	__u32 key = slot;
	struct unreach_counters *count;
	struct workspace *work;

	if ((outcome == UNREACH_OK || ran_out) && have_load_bytes)
		outcome = read_copy(ctx, outcome);
	work = workspace_of_cpu();
	count = bpf_map_lookup_elem(&counters, &key);
	if (!work || !count)
		return false;
	if (outcome == UNREACH_OK)
		*m = work->message;
	else
		count_unclassified(count, outcome);
	return outcome == UNREACH_OK;
}

/* Counts the message, in all that it is counted in. Is note_advert to look at it? */
static __always_inline bool note_message(struct xdp_md *ctx, struct message *m)
{
	__u32 key = slot;
	struct unreach_counters *count = bpf_map_lookup_elem(&counters, &key);
	struct workspace *work = workspace_of_cpu();
	struct source source;

	if (!work || !count)
		return false;
	m->now = tick_now(&work->tick);
	count_message(count, m);
	source = attribute(count, m);
	return report(ctx, m, work, count, &source);
}

SEC("xdp")
int unreach(struct xdp_md *ctx)
{
	struct unreach_cursor c = frame_cursor(ctx);
	enum unreach_outcome outcome;
	struct message m = {}; /* or the verifier walks 1.5 times as much */

	__builtin_assume(c.base); /* or what stands at a constant offset is compared with NULL */
	outcome = find(&c);
	if (outcome == UNREACH_OK && (c.limit <= unreach_captured(&c) || !have_load_bytes)) {
		message_read(&m, &c);
	} else if (outcome == UNREACH_NOT_OURS && !(c.ran_out && have_load_bytes)) {
		if (watch_flows)
			note_answer(ctx);
		return XDP_PASS;
	} else if (!read_rest(ctx, outcome, c.ran_out, &m)) {
		return XDP_PASS;
	}
	if (note_message(ctx, &m))
		note_advert();
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
