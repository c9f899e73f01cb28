/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Metrics as text for Prometheus: its own format (0.0.4) and OpenMetrics 1.0.0,
 * which differ in how families are named and in how a document ends. The caller
 * says families and samples and need not know which it is.
 */
#ifndef UNREACH_BASE_EXPOSITION_H
#define UNREACH_BASE_EXPOSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum metric_type {
	METRIC_COUNTER, /* samples end in _total */
	METRIC_GAUGE,
	METRIC_INFO, /* samples end in _info and are 1 */
};

struct metric {
	const char *name; /* without the ending that its type has */
	enum metric_type type;
	const char *help; /* a sentence; no quotes, backslashes, newlines */
};

/* A list of them ends with a row without a name. Values may be any bytes. */
struct label {
	const char *name;
	const char *value;
};

struct exposition {
	struct buf *out;
	bool openmetrics;
	const struct metric *metric; /* the family that is being written */
};

/* Begins a family; each may be begun once. */
void exposition_family(struct exposition *e, const struct metric *metric);
/* A sample of the family. Label values that are no UTF-8 (a scraper would refuse all) are mended.
 */
void exposition_sample(struct exposition *e, const struct label *labels, uint64_t value);
/* Nothing comes after this. */
void exposition_end(struct exposition *e);

#endif
