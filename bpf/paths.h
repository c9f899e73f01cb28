/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The evidence that adverts (code 4) leave: paths, heads, implausible adverts.
 * Every message goes through here, whatever the event budget says. What it
 * does to a row is the core's matter (path.h); here is only where rows stand.
 */
#ifndef UNREACH_BPF_PATHS_H
#define UNREACH_BPF_PATHS_H

#include "admit.h"
#include "answers.h"
#include "maps.h"
#include "unreach/path.h"

/* New rows come out of these. */
static const struct unreach_path no_path;
static const struct unreach_head no_head;
static const struct unreach_advert no_advert;

struct advert_context {
	struct unreach_counters *count;
	__u64 now;
};

/* Counts the message as one that is in the table, or that is not. */
static __always_inline void evidence_count(struct unreach_attribution *sum, const void *row,
					   enum unreach_unattributed reason)
{
	sum->attributable++;
	if (row)
		sum->attributed++;
	else
		sum->unattributed[reason]++;
}

static __always_inline struct unreach_path *find_path(void *context,
						      const struct unreach_path_key *key)
{
	struct advert_context *c = context;
	struct unreach_path *path = bpf_map_lookup_elem(&paths, key);
	enum unreach_unattributed reason = 0;

	if (!path)
		path = admit(&paths, key, &no_path,
			     admission_bucket(ADMISSION_EVIDENCE + UNREACH_PATHS), RATE(admission),
			     c->now, &reason);
	evidence_count(&c->count->evidence[UNREACH_PATHS], path, reason);
	return path;
}

/* A segment that was not quoted before is none that the table should have. */
static __always_inline struct unreach_head *find_head(void *context,
						      const struct unreach_head_key *key, int make)
{
	struct advert_context *c = context;
	struct unreach_head *head = bpf_map_lookup_elem(&heads, key);
	enum unreach_unattributed reason = 0;

	if (!head && !make)
		return 0;
	if (!head)
		head = admit(&heads, key, &no_head,
			     admission_bucket(ADMISSION_EVIDENCE + UNREACH_HEADS), RATE(evidence),
			     c->now, &reason);
	evidence_count(&c->count->evidence[UNREACH_HEADS], head, reason);
	return head;
}

static __always_inline struct unreach_advert *find_advert(void *context,
							  const struct unreach_advert_key *key)
{
	struct advert_context *c = context;
	struct unreach_advert *advert = bpf_map_lookup_elem(&adverts, key);
	enum unreach_unattributed reason = 0;

	if (!advert)
		advert = admit(&adverts, key, &no_advert,
			       admission_bucket(ADMISSION_EVIDENCE + UNREACH_ADVERTS),
			       RATE(evidence), c->now, &reason);
	evidence_count(&c->count->evidence[UNREACH_ADVERTS], advert, reason);
	return advert;
}

static __always_inline __u64 *find_cell(void *context, __u64 hash)
{
	__u32 index = (__u32)hash & cell_mask;

	(void)context;
	return bpf_map_lookup_elem(&cells, &index);
}

/*
 * Takes the message in the workspace, which unreach_tells_mtu, into the tables.
 * Not static, so that the verifier walks it once and by itself, instead of once
 * for each way in which a message can be decoded; hence it has no arguments.
 */
__noinline int note_advert(void)
{
	static const struct unreach_shelf shelf = { find_path, find_head, find_advert, find_cell };
	__u32 zero = 0, key = slot;
	struct workspace *work = bpf_map_lookup_elem(&workspace, &zero);
	struct advert_context context = { .count = bpf_map_lookup_elem(&counters, &key) };

	if (!work || !context.count)
		return 0;
	context.now = work->tick.now;
	unreach_take_advert(&shelf, &context, &work->event, slot, cell_seed, work->tick.now);
	note_flow_advert(&work->event, work->tick.now);
	return 0;
}

#endif
