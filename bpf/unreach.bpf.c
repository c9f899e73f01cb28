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
	bool reported = is_reported(count, source, m->now), decoded = tells || work->place.copied;
	__u32 checksum = m->checksum;

	OPAQUE(checksum); /* or the verifier walks what follows once for each */
	if (work->place.copied && (reported || tells))
		decode_copy(checksum);
	else if (tells)
		decode_frame(ctx, checksum);
	if (reported)
		emit(ctx, checksum, (decoded ? EMIT_DECODED : 0) | (owes(source) ? EMIT_OWED : 0),
		     m->hosts[UNREACH_SOURCES]);
	return tells && unreach_tells_mtu(&work->event);
}

/*
 * A frame that is ours, or is ICMP that can't be read; what and where, as far
 * as its linear part tells. Is note_advert to look at it?
 */
static __always_inline bool note_message(struct xdp_md *ctx, __u32 outcome, __u32 ip, __u32 at,
					 __u32 limit)
{
	struct unreach_cursor c = frame_cursor(ctx);
	__u64 linear = c.end - c.base;
	__u32 key = slot;
	struct unreach_counters *count = bpf_map_lookup_elem(&counters, &key);
	struct workspace *work = workspace_of_cpu();
	struct source source;
	struct message m;

	OPAQUE(linear); /* or the compiler spills a half of a pointer */
	if (!work || !count)
		return false;
	work->place = (struct place){ ip, at, limit, 0 };
	if (have_load_bytes && (outcome != UNREACH_OK || limit > linear) &&
	    bpf_xdp_get_buff_len(ctx) > linear) {
		__u32 found = find_in_copy(ctx);

		if (work->place.copied) {
			outcome = found;
			c = copy_cursor(work);
		}
	}
	if (outcome != UNREACH_OK) {
		count_unclassified(count, outcome);
		return false;
	}
	cursor_to(&c, &work->place);
	if (message_read(&m, &c, &work->tick))
		return false;
	count_message(count, &m);
	source = attribute(count, &m);
	return report(ctx, &m, work, count, &source);
}

SEC("xdp")
int unreach(struct xdp_md *ctx)
{
	struct unreach_cursor c = frame_cursor(ctx);
	enum unreach_outcome outcome = find(&c);

	if (outcome != UNREACH_NOT_OURS || (have_load_bytes && c.ran_out)) {
		if (note_message(ctx, outcome, c.ip, c.at, c.limit))
			note_advert();
	} else if (watch_flows) {
		note_answer(ctx);
	}
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
