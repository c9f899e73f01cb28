// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Rows of flows and peers that grow as they must. */
#include "state/flows.h"

#include <errno.h>

struct peer_row {
	struct unreach_addr key;
	struct unreach_peer value;
};

struct side_row {
	struct unreach_addr key;
	bool seen, inside;
};

struct flows flows_none(void)
{
	return (struct flows){
		.flows = { .key_size = sizeof(struct unreach_flow_key),
			   .row_size = sizeof(struct flow_row) },
		.peers = { .key_size = sizeof(struct unreach_addr),
			   .row_size = sizeof(struct peer_row) },
		.sides = { .key_size = sizeof(struct unreach_addr),
			   .row_size = sizeof(struct side_row) },
	};
}

static const struct unreach_peer *peer_of(const struct flows *f, const struct unreach_addr *addr)
{
	const struct peer_row *row = table_find(&f->peers, addr);

	return row ? &row->value : NULL;
}

static int take_sent(struct flows *f, const struct unreach_segment *s, uint64_t now)
{
	const struct unreach_flow_key key = unreach_flow_of_host(s);
	struct flow_row *row;

	if (!unreach_is_data(s))
		return 0;
	row = unreach_is_large(s) ? table_make(&f->flows, &key) : table_find(&f->flows, &key);
	if (!row)
		return unreach_is_large(s) ? -ENOMEM : 0;
	if (unreach_flow_send(&row->value, peer_of(f, &s->dst), s, now))
		unreach_flow_judge(&row->value, peer_of(f, &s->dst), &f->loss, now);
	return 0;
}

/* The segment that is taken in, for the unreach_sack_fn. */
struct answer {
	struct unreach_cursor *cursor;
	const struct unreach_segment *segment;
};

static __u64 sacked(void *context, __u32 above, __u32 border)
{
	const struct answer *a = context;

	return unreach_sack_read(a->cursor, a->segment, above, border);
}

static int take_answer(struct flows *f, struct unreach_cursor *c, const struct unreach_segment *s,
		       uint32_t slot, uint64_t now)
{
	const struct unreach_flow_key key = unreach_flow_of_peer(s);
	struct flow_row *row = table_find(&f->flows, &key);
	const struct unreach_peer *known = peer_of(f, &s->src);
	struct answer answer = { c, s };
	struct unreach_arrival arrival;
	struct peer_row *peer;

	if (!row)
		return 0;
	row->value.slot = (__u16)slot;
	if (unreach_flow_answer(&row->value, known, &f->loss, s, sacked, &answer, &arrival, now))
		unreach_flow_judge(&row->value, known, &f->loss, now);
	if (!arrival.length)
		return 0;
	peer = table_make(&f->peers, &s->src);
	if (!peer)
		return -ENOMEM;
	unreach_peer_vote(&peer->value, &f->loss, &arrival, now);
	unreach_peer_passed(&peer->value, &arrival, now);
	return 0;
}

/* Is the segment's sender one of our hosts? -ENOMEM where that can't be kept. */
static int is_host(struct flows *f, const struct unreach_addr *src, bool inside)
{
	struct side_row *side = table_make(&f->sides, src);

	if (!side)
		return -ENOMEM;
	if (!side->seen) {
		side->seen = true;
		side->inside = inside;
	}
	return side->inside;
}

int flows_sent(struct flows *f, const struct unreach_segment *s, uint64_t now)
{
	int host = is_host(f, &s->src, true);

	return host > 0 ? take_sent(f, s, now) : host;
}

int flows_answered(struct flows *f, struct unreach_cursor *c, const struct unreach_segment *s,
		   uint32_t slot, uint64_t now)
{
	int host = is_host(f, &s->src, false);

	if (host)
		return host < 0 ? host : 0;
	return take_answer(f, c, s, slot, now);
}

void flows_advert(struct flows *f, const struct unreach_event *ev, uint64_t now)
{
	const struct unreach_flow_key key = { ev->orig_src, ev->orig_dst, ev->src_port,
					      ev->dst_port };
	struct peer_row *peer;
	struct flow_row *row;

	if (!unreach_tells_mtu(ev) || !unreach_is_segment(ev) || !unreach_usable(ev))
		return;
	row = table_find(&f->flows, &key);
	peer = row ? table_make(&f->peers, &ev->orig_dst) : NULL;
	if (row)
		unreach_flow_advert(&row->value, peer ? &peer->value : NULL, ev, now);
}

void flows_walk(const struct flows *f, evidence_fn fn, void *fn_context)
{
	size_t i;

	for (i = 0; i < f->flows.count; i++) {
		const struct flow_row *row = table_row(&f->flows, i);

		fn(fn_context, &row->key, &row->value);
	}
}

void flows_free(struct flows *f)
{
	table_free(&f->flows);
	table_free(&f->peers);
	table_free(&f->sides);
}
