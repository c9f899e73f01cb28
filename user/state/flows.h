/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The flow watcher of captures: the tables that bpf/flows.bpf.c keeps, by the
 * same rules (unreach/flow.h). Captures hold both directions of each interface,
 * so who is a host of ours is told by where its packets show first.
 */
#ifndef UNREACH_STATE_FLOWS_H
#define UNREACH_STATE_FLOWS_H

#include "base/table.h"
#include "state/evidence.h"
#include "unreach/flow.h"

struct flows {
	struct table flows; /* of struct flow_row */
	struct table peers;
	struct table sides; /* of struct side_row: where an address was seen first */
	struct unreach_loss loss; /* of all flows */
};

/* No rows yet. */
struct flows flows_none(void);
/*
 * Takes in a segment at the time `now` (timeline ns), as it came by on the
 * inside interface, or on the outside one of that slot; the cursor is over its
 * frame. 0 or -ENOMEM.
 */
int flows_sent(struct flows *f, const struct unreach_segment *s, uint64_t now);
int flows_answered(struct flows *f, struct unreach_cursor *c, const struct unreach_segment *s,
		   uint32_t slot, uint64_t now);
/* Takes in a message that may be about a flow. */
void flows_advert(struct flows *f, const struct unreach_event *ev, uint64_t now);
/* Gives each flow to fn, as an evidence_source does. */
void flows_walk(const struct flows *f, evidence_fn fn, void *fn_context);
void flows_free(struct flows *f);

#endif
