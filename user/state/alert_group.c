// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Numbers of different kinds never meet: each begins with what it is of. */
#include "state/alert_group.h"

#include "base/table.h"

enum subject { OF_GROUP, OF_HOST, OF_DESTINATION, OF_EVIDENCE };

/* What is hashed: all that matters, all else zero. */
struct subject_key {
	uint32_t subject; /* enum subject */
	uint32_t kind; /* enum alert_kind */
	uint32_t class; /* enum unreach_class */
	uint32_t mtu;
	uint64_t flow;
	struct unreach_addr who, where;
};

static uint64_t hash(const struct subject_key *key, uint64_t seed)
{
	return table_hash(key, sizeof(*key), seed);
}

uint64_t group_hash(const struct finding *f, uint64_t seed)
{
	struct subject_key key = { .subject = OF_GROUP, .kind = f->kind };

	if (!alert_has_path(f->kind))
		return group_evidence(f, seed);
	if (f->kind != ALERT_INVALID)
		key.where = alert_net(&f->dst);
	if (f->kind != ALERT_SILENT) {
		key.who = f->reporter;
		key.class = f->class;
	}
	if (f->kind == ALERT_IGNORED)
		key.mtu = f->mtu;
	return hash(&key, seed);
}

uint64_t group_host(const struct finding *f, uint64_t seed)
{
	const struct subject_key key = { .subject = OF_HOST, .who = f->src };

	return hash(&key, seed);
}

uint64_t group_destination(const struct finding *f, uint64_t seed)
{
	const struct subject_key key = { .subject = OF_DESTINATION, .where = f->dst };

	return hash(&key, seed);
}

uint64_t group_evidence(const struct finding *f, uint64_t seed)
{
	struct subject_key key = {
		.subject = OF_EVIDENCE,
		.kind = f->kind,
		.class = f->class,
		.flow = f->flow,
		.who = f->kind == ALERT_INVALID || f->kind == ALERT_FLOOD ? f->reporter : f->src,
		.where = f->dst,
	};

	if (!alert_has_path(f->kind))
		key.flow = (uint64_t)f->slot << 32 | f->code;
	return hash(&key, seed);
}

bool members_add(struct members *m, uint64_t hash)
{
	uint32_t i;

	for (i = 0; i < m->count; i++)
		if (m->hash[i] == hash)
			return true;
	if (m->count == ALERT_MEMBERS) {
		m->more = true;
		return false;
	}
	m->hash[m->count++] = hash;
	return true;
}
