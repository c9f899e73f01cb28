// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Answers -> what is known. A table of keys for each kind of row; codes are added up on demand. */
#include "cli/top_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/top_answer.h"
#include "cli/top_rates.h"

static const char *const names[TOP_VIEWS] = {
	[TOP_CODES] = "codes",	   [TOP_STATUS] = "status",   [TOP_ALERTS] = "alerts",
	[TOP_SOURCES] = "sources", [TOP_TARGETS] = "targets", [TOP_SENDERS] = "senders",
	[TOP_PATHS] = "paths",
};

const char *top_view_name(enum top_view view)
{
	return names[view];
}

#define FIELD(type, member, kind) FIELD_OF(struct type, member, #member, FIELD_##kind)
#define FIELD_AS(type, member, key, kind) FIELD_OF(struct type, member, key, FIELD_##kind)

static const struct field data_fields[] = {
	FIELD_AS(top_data, time, "time", U64),
	FIELD(top_data, uptime, FLOAT),
	{},
};

static const struct field interface_fields[] = {
	FIELD(top_interface, name, TEXT),
	FIELD(top_interface, seen, U64),
	FIELD(top_interface, unassigned, U64),
	FIELD(top_interface, bad_checksum, U64),
	FIELD_AS(top_interface, truncated, "unclassified.truncated", U64),
	FIELD_AS(top_interface, bad_header, "unclassified.bad-header", U64),
	FIELD_AS(top_interface, fragment, "unclassified.fragment", U64),
	{},
};

static const struct field code_fields[] = {
	FIELD(top_code, messages, U64),
	FIELD(top_code, bytes, U64),
	FIELD(top_code, rate, FLOAT),
	FIELD_AS(top_code, last, "last_seen", U64),
	{},
};

static const struct field identity_fields[] = {
	FIELD(top_identity, name, TEXT),
	FIELD(top_identity, state, TEXT),
	FIELD_AS(top_identity, seen, "identity.seen", U64),
	FIELD_AS(top_identity, delivered, "identity.delivered", U64),
	FIELD_AS(top_identity, pending, "identity.pending", U64),
	FIELD_AS(top_identity, suppressed, "identity.suppressed", U64),
	FIELD_AS(top_identity, lost, "identity.lost", U64),
	FIELD_AS(top_identity, lost_ring, "identity.lost_by.ring", U64),
	FIELD_AS(top_identity, lost_sink, "identity.lost_by.sink", U64),
	FIELD_AS(top_identity, holds, "identity.holds", WORD),
	{},
};

static const struct field table_fields[] = {
	FIELD(top_table, entries, U64),
	FIELD(top_table, size, U64),
	FIELD(top_table, unattributed, U64),
	{},
};

static const struct field host_fields[] = {
	FIELD(top_host, interface, TEXT),
	FIELD(top_host, address, TEXT),
	FIELD(top_host, messages, U64),
	FIELD_AS(top_host, last, "last_seen", U64),
	{},
};

static const struct field path_fields[] = {
	FIELD(top_path, interface, TEXT),
	FIELD(top_path, src, TEXT),
	FIELD(top_path, dst, TEXT),
	FIELD(top_path, reporter, TEXT),
	FIELD(top_path, link, TEXT),
	FIELD(top_path, verdict, TEXT),
	FIELD(top_path, mtu, U64),
	FIELD(top_path, messages, U64),
	FIELD_AS(top_path, last, "last_seen", U64),
	{},
};

static const struct field alert_fields[] = {
	FIELD(top_alert, state, TEXT), FIELD(top_alert, severity, TEXT),
	FIELD(top_alert, kind, TEXT),  FIELD(top_alert, path, TEXT),
	FIELD(top_alert, src, TEXT),   FIELD(top_alert, reporter, TEXT),
	FIELD(top_alert, code, TEXT),  FIELD(top_alert, evidence, TEXT),
	FIELD(top_alert, mtu, U64),    FIELD(top_alert, flows, U64),
	FIELD(top_alert, last, U64),   {},
};

/* The item of an array that has room for `most`, which becomes one longer; NULL: no room. */
static void *item_at(void *array, size_t size, size_t index, size_t most, unsigned int *count)
{
	if (index >= most)
		return NULL;
	if (index >= *count)
		*count = (unsigned int)index + 1;
	return (char *)array + size * index;
}

#define ITEM(array, index, count) \
	item_at(array, sizeof(*(array)), index, sizeof(array) / sizeof(*(array)), count)

static void take_code(struct top_interface *t, char *key, const char *value)
{
	size_t code;
	const char *rest = answer_item(key, "codes", &code);

	if (!rest)
		answer_take(t, interface_fields, key, value);
	else if (code < UNREACH_CODES)
		answer_take(&t->codes[code], code_fields, rest, value);
}

static void take_codes(struct top_data *d, char *rest, uint64_t now)
{
	char *path, *value, *key;
	size_t index;

	memset(d->interfaces, 0, sizeof(d->interfaces));
	d->count = 0;
	while (answer_next(&rest, &path, &value)) {
		struct top_interface *t = NULL;

		key = answer_item(path, "interfaces", &index);
		if (key)
			t = ITEM(d->interfaces, index, &d->count);
		if (t)
			take_code(t, key, value);
		else if (!key)
			answer_take(d, data_fields, path, value);
	}
	top_rates_sample(d, now);
}

static void take_status(struct top_data *d, char *rest)
{
	char *path, *value, *key;
	size_t index;

	memset(d->identities, 0, sizeof(d->identities));
	d->identity_count = 0;
	while (answer_next(&rest, &path, &value)) {
		struct top_identity *one = NULL;

		key = answer_item(path, "interfaces", &index);
		if (key)
			one = ITEM(d->identities, index, &d->identity_count);
		if (one)
			answer_take(one, identity_fields, key, value);
		answer_take(&d->total, identity_fields, path, value);
		answer_take(d, data_fields, path, value);
	}
}

/* One more of "3:12 4:5". */
static void add_code(struct top_host *h, const char *code, const char *count)
{
	size_t len = strlen(h->codes);

	snprintf(h->codes + len, sizeof(h->codes) - len, "%s%s:%s", len ? " " : "", code, count);
}

static void take_host(struct top_host *h, const char *key, const char *value)
{
	if (strncmp(key, "codes.", 6))
		answer_take(h, host_fields, key, value);
	else
		add_code(h, key + 6, value);
}

static void take_table(struct top_table *t, char *rest, uint64_t now)
{
	char *path, *value, *key;
	size_t index;

	memset(t->rows, 0, sizeof(t->rows));
	t->count = 0;
	while (answer_next(&rest, &path, &value)) {
		struct top_host *row = NULL;

		key = answer_item(path, "rows", &index);
		if (key)
			row = ITEM(t->rows, index, &t->count);
		if (row)
			take_host(row, key, value);
		answer_take(t, table_fields, path, value);
	}
	top_rates_of_rows(t, now);
}

static void take_paths(struct top_data *d, char *rest)
{
	char *path, *value, *key;
	size_t index;

	memset(d->paths, 0, sizeof(d->paths));
	d->path_count = 0;
	while (answer_next(&rest, &path, &value)) {
		struct top_path *row = NULL;

		key = answer_item(path, "rows", &index);
		if (key)
			row = ITEM(d->paths, index, &d->path_count);
		if (row)
			answer_take(row, path_fields, key, value);
	}
}

static void take_alerts(struct top_data *d, char *rest)
{
	char *path, *value, *key;
	size_t index;

	memset(d->alerts, 0, sizeof(d->alerts));
	d->alert_count = d->firing = 0;
	while (answer_next(&rest, &path, &value)) {
		struct top_alert *row = NULL;

		key = answer_item(path, "rows", &index);
		if (key)
			row = ITEM(d->alerts, index, &d->alert_count);
		if (row)
			answer_take(row, alert_fields, key, value);
		if (key && !strcmp(key, "state"))
			d->firing += !strcmp(value, "firing");
	}
}

void top_data_take(struct top_data *d, enum top_view view, char *document, uint64_t now)
{
	d->known |= 1U << view;
	if (view == TOP_CODES)
		take_codes(d, document, now);
	else if (view == TOP_STATUS)
		take_status(d, document);
	else if (view == TOP_ALERTS)
		take_alerts(d, document);
	else if (view == TOP_PATHS)
		take_paths(d, document);
	else
		take_table(&d->tables[view - TOP_SOURCES], document, now);
}

void top_data_forget(struct top_data *d)
{
	memset(d->tables, 0, sizeof(d->tables));
	d->known &= 1U << TOP_CODES | 1U << TOP_STATUS;
	d->path_count = d->alert_count = 0;
}

static int order(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static int by_host(const void *left, const void *right, void *context)
{
	const struct top_host *a = left, *b = right;
	const enum top_sort *sort = context;
	int first = 0;

	if (*sort == TOP_BY_RATE)
		first = (a->rate < b->rate) - (a->rate > b->rate);
	else if (*sort == TOP_BY_LAST)
		first = order(a->last, b->last);
	if (!first)
		first = order(a->messages, b->messages);
	return first ? first : strverscmp(a->address, b->address);
}

static int by_path(const void *left, const void *right, void *context)
{
	const struct top_path *a = left, *b = right;
	const enum top_sort *sort = context;
	int first = *sort == TOP_BY_LAST ? order(a->last, b->last) : 0;

	if (!first)
		first = order(a->messages, b->messages);
	return first ? first : strverscmp(a->dst, b->dst);
}

void top_data_sort(struct top_data *d, enum top_sort sort)
{
	for (unsigned int i = 0; i < TOP_PATHS - TOP_SOURCES; i++)
		qsort_r(d->tables[i].rows, d->tables[i].count, sizeof(*d->tables[i].rows), by_host,
			&sort);
	qsort_r(d->paths, d->path_count, sizeof(*d->paths), by_path, &sort);
}

static void add_interface(struct top_interface *sum, const struct top_interface *t)
{
	sum->seen += t->seen;
	sum->unassigned += t->unassigned;
	sum->bad_checksum += t->bad_checksum;
	sum->truncated += t->truncated;
	sum->bad_header += t->bad_header;
	sum->fragment += t->fragment;
	for (unsigned int code = 0; code < UNREACH_CODES; code++) {
		struct top_code *to = &sum->codes[code];
		const struct top_code *from = &t->codes[code];

		to->messages += from->messages;
		to->bytes += from->bytes;
		to->rate += from->rate;
		to->last = from->last > to->last ? from->last : to->last;
	}
}

struct top_interface top_data_sum(const struct top_data *d, const char *name)
{
	struct top_interface sum = {};

	for (unsigned int i = 0; i < d->count; i++)
		if (!*name || !strcmp(d->interfaces[i].name, name))
			add_interface(&sum, &d->interfaces[i]);
	return sum;
}

const struct top_identity *top_data_identity(const struct top_data *d, const char *name)
{
	if (!*name)
		return &d->total;
	for (unsigned int i = 0; i < d->identity_count; i++)
		if (!strcmp(d->identities[i].name, name))
			return &d->identities[i];
	return NULL;
}
