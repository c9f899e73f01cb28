// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The two text formats. In Prometheus' own one a family bears its samples' full
 * name and there is no type "info"; in OpenMetrics a family's name lacks the
 * ending, and the document's end is marked, so that a cut one is noticed.
 */
#include "base/exposition.h"

static const char *const endings[] = {
	[METRIC_COUNTER] = "_total",
	[METRIC_GAUGE] = "",
	[METRIC_INFO] = "_info",
};

static const char *type_name(const struct exposition *e)
{
	switch (e->metric->type) {
	case METRIC_COUNTER:
		return "counter";
	case METRIC_INFO:
		return e->openmetrics ? "info" : "gauge";
	default:
		return "gauge";
	}
}

/* A line that tells something of the whole family. */
static void put_about(struct exposition *e, const char *what, const char *text)
{
	const char *ending = e->openmetrics ? "" : endings[e->metric->type];

	buf_printf(e->out, "# %s %s%s %s\n", what, e->metric->name, ending, text);
}

void exposition_family(struct exposition *e, const struct metric *metric)
{
	e->metric = metric;
	put_about(e, "HELP", metric->help);
	put_about(e, "TYPE", type_name(e));
}

/* Only these three have an escape. */
static void put_value(struct buf *b, const char *text)
{
	size_t left = strlen(text), n;

	for (; left; text += n, left -= n) {
		n = buf_utf8_length(text, left);
		if (!n) {
			buf_str(b, "\xef\xbf\xbd"); /* U+FFFD */
			n = 1;
		} else if (*text == '\n') {
			buf_str(b, "\\n");
		} else {
			if (*text == '"' || *text == '\\')
				buf_char(b, '\\');
			buf_mem(b, text, n);
		}
	}
}

void exposition_sample(struct exposition *e, const struct label *labels, uint64_t value)
{
	const struct label *l;

	buf_str(e->out, e->metric->name);
	buf_str(e->out, endings[e->metric->type]);
	for (l = labels; l->name; l++) {
		buf_char(e->out, l == labels ? '{' : ',');
		buf_str(e->out, l->name);
		buf_str(e->out, "=\"");
		put_value(e->out, l->value);
		buf_char(e->out, '"');
	}
	if (l != labels)
		buf_char(e->out, '}');
	buf_char(e->out, ' ');
	buf_u64(e->out, value);
	buf_char(e->out, '\n');
}

void exposition_end(struct exposition *e)
{
	if (e->openmetrics)
		buf_str(e->out, "# EOF\n");
}
