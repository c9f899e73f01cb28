/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows of evidence by hand, and the detectors' looks at them. */
#ifndef UNREACH_TESTS_UNIT_EVIDENCE_ROWS_H
#define UNREACH_TESTS_UNIT_EVIDENCE_ROWS_H

#include "detect/detect.h"
#include "findings.h"

#define ROWS 8

/* Tables by hand. */
static struct stub {
	struct path_row paths[ROWS];
	struct head_row heads[ROWS];
	struct advert_row adverts[ROWS];
	unsigned int count[EVIDENCE_WALKS];
	int result[EVIDENCE_WALKS];
	unsigned int walked[EVIDENCE_WALKS];
	unsigned int walks;
} stub;

static struct notes notes;
static struct alerts *alerts;

static inline int walk(void *context, unsigned int which, evidence_fn fn, void *fn_context)
{
	struct stub *s = context;
	unsigned int i;

	s->walked[s->walks++ % EVIDENCE_WALKS] = which;
	for (i = 0; i < s->count[which]; i++) {
		if (which == UNREACH_PATHS)
			fn(fn_context, &s->paths[i].key, &s->paths[i].value);
		else if (which == UNREACH_HEADS)
			fn(fn_context, &s->heads[i].key, &s->heads[i].value);
		else
			fn(fn_context, &s->adverts[i].key, &s->adverts[i].value);
	}
	return s->result[which];
}

static const struct evidence_source source = { walk, &stub };

static inline int set_up(void **state)
{
	(void)state;
	memset(&stub, 0, sizeof(stub));
	alerts = new_alerts(&notes);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	alerts_free(alerts);
	return 0;
}

/* A look at `after` START; says how many alerts fire. */
static inline size_t look_at(uint64_t after, const struct local *local)
{
	assert_int_equal(detect_look(&source, alerts, local, START + after), 0);
	return alerts_firing(alerts);
}

/* Another daemon, which knows nothing but the tables. */
static inline void restart(void)
{
	alerts_free(alerts);
	alerts = new_alerts(&notes);
}

static inline const struct finding *lead(size_t i)
{
	assert_true(i < alerts_firing(alerts));
	return &alerts_get(alerts, i)->lead;
}

/* A path on which TCP was told that MTU at START. */
static inline struct unreach_path *add_path(uint32_t host, uint32_t n, uint32_t tcp_mtu)
{
	struct path_row *row = &stub.paths[stub.count[UNREACH_PATHS]++];

	row->key.orig_src = host_in(10, host);
	row->key.orig_dst = path_of(n);
	row->key.reporter = host_in(192, 1);
	row->value.messages = 10;
	row->value.first = START;
	row->value.last = START;
	row->value.told = START;
	row->value.mtu = tcp_mtu;
	row->value.tcp_mtu = tcp_mtu;
	row->value.tcp_last = START;
	row->value.quoted_length = 1500;
	row->value.usable = 1;
	return &row->value;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
