// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Differences between answers. One that comes early (a key was pressed) changes
 * nothing yet; after a silence each second of it gets the average. A counter
 * that went back began anew: all it has is new.
 */
#include "cli/top_rates.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define EARLY_NS (900 * NS_PER_MSEC)
#define STALE_NS (10 * NS_PER_SEC) /* a rate over more than this is none of now */

static double rate_of(uint64_t before, uint64_t now, uint64_t elapsed_ns)
{
	uint64_t more = now >= before ? now - before : now;

	return (double)more * NS_PER_SEC / (double)elapsed_ns;
}

static bool is_watched(const struct top_data *d, const char *name)
{
	for (unsigned int i = 0; i < d->count; i++)
		if (!strcmp(d->interfaces[i].name, name))
			return true;
	return false;
}

static const struct top_history *find(const struct top_data *d, const char *name)
{
	for (unsigned int i = 0; i < UNREACH_SLOTS; i++)
		if (!strcmp(d->histories[i].name, name))
			return &d->histories[i];
	return NULL;
}

/* A history that begins now, in the place of one that nobody asks for. */
static void begin(struct top_data *d, const struct top_interface *t)
{
	struct top_history *h = d->histories;

	while (h < d->histories + UNREACH_SLOTS - 1 && is_watched(d, h->name))
		h++;
	memset(h, 0, sizeof(*h));
	snprintf(h->name, sizeof(h->name), "%s", t->name);
	for (unsigned int code = 0; code < UNREACH_CODES; code++)
		h->base[code] = t->codes[code].messages;
}

/* Gives the samples of these seconds to one interface. */
static void go_on(struct top_data *d, const struct top_interface *t, unsigned int seconds,
		  uint64_t elapsed)
{
	struct top_history *h = (struct top_history *)find(d, t->name);

	for (unsigned int code = 0; code < UNREACH_CODES; code++) {
		double rate = rate_of(h->base[code], t->codes[code].messages, elapsed);

		for (unsigned int i = 0; i < seconds; i++)
			h->samples[code][(d->samples + i) % TOP_SAMPLES] = (float)rate;
		h->base[code] = t->codes[code].messages;
	}
}

void top_rates_sample(struct top_data *d, uint64_t now)
{
	uint64_t elapsed = now - d->sampled_at, seconds = (elapsed + NS_PER_SEC / 2) / NS_PER_SEC;

	for (unsigned int i = 0; i < d->count; i++)
		if (!find(d, d->interfaces[i].name))
			begin(d, &d->interfaces[i]);
	if (!d->sampled_at)
		d->sampled_at = now;
	if (d->sampled_at == now || elapsed < EARLY_NS)
		return;
	if (seconds > TOP_SAMPLES)
		seconds = TOP_SAMPLES;
	for (unsigned int i = 0; i < d->count; i++)
		go_on(d, &d->interfaces[i], (unsigned int)seconds, elapsed);
	d->samples += seconds;
	d->sampled_at = now;
}

double top_data_sample(const struct top_data *d, const char *name, unsigned int code,
		       unsigned int age)
{
	double sum = 0;

	if (age >= d->samples || age >= TOP_SAMPLES)
		return -1;
	for (unsigned int i = 0; i < d->count; i++) {
		const struct top_history *h = find(d, d->interfaces[i].name);

		if (h && (!*name || !strcmp(h->name, name)))
			sum += (double)h->samples[code][(d->samples - 1 - age) % TOP_SAMPLES];
	}
	return sum;
}

/* The same row as it was; NULL: it is new among those that are shown. */
static const struct top_host *before(const struct top_table *t, const struct top_host *row)
{
	for (unsigned int i = 0; i < t->base_count; i++)
		if (!strcmp(t->base[i].address, row->address) &&
		    !strcmp(t->base[i].interface, row->interface))
			return &t->base[i];
	return NULL;
}

void top_rates_of_rows(struct top_table *t, uint64_t now)
{
	uint64_t elapsed = now - t->base_at;
	bool early = t->base_at && elapsed < EARLY_NS;

	for (unsigned int i = 0; i < t->count; i++) {
		struct top_host *row = &t->rows[i];
		const struct top_host *old = before(t, row);

		row->rate = -1;
		if (old && early)
			row->rate = old->rate;
		else if (old && elapsed < STALE_NS)
			row->rate = rate_of(old->messages, row->messages, elapsed);
	}
	if (early)
		return;
	memcpy(t->base, t->rows, sizeof(t->base));
	t->base_count = t->count;
	t->base_at = now;
}
