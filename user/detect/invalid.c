// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pmtud-invalid: adverts that no honest router sends, or that do harm (RFC
 * 5927, 7). Which rows are too many to be chance is decided where they are
 * kept (unreach/path.h), but for echoes: a large ping with DF is told as
 * honestly as anything. It is an attack only if it tells less than TCP to that
 * destination was told, since the host lets it shrink every connection there.
 */
#include <string.h>

#include "detect/detect.h"
#include "unreach/path.h"

/* Linux acts upon these at once, whatever connection they quote. */
static bool takes_effect(uint32_t class)
{
	return class == UNREACH_CLASS_IMPOSSIBLE || class == UNREACH_CLASS_TINY ||
	       class == UNREACH_CLASS_ECHO;
}

static struct finding finding_of(const struct unreach_advert_key *key,
				 const struct unreach_advert *advert)
{
	bool echo = key->class == UNREACH_CLASS_ECHO;

	return (struct finding){
		.kind = ALERT_INVALID,
		.basis = BASIS_CLASS,
		.class = key->class,
		.severity = takes_effect(key->class) ? SEVERITY_CRITICAL : SEVERITY_WARNING,
		.level = LEVEL_CONFIRMED,
		.slot = key->slot,
		.src = advert->orig_src,
		.dst = key->orig_dst,
		.reporter = key->reporter,
		.messages = advert->messages,
		.first = echo ? advert->alarmed : advert->first,
		.last = echo ? advert->before : advert->last,
		.at = advert->alarmed,
		.mtu = advert->mtu,
		.quoted_length = advert->quoted_length,
	};
}

struct echo_row {
	struct unreach_addr dst; /* the key */
	struct finding finding; /* of the advert that told least */
	uint64_t known; /* since when TCP to there is known to have been told more; 0: it is not */
};

struct table invalid_echoes(void)
{
	return (struct table){ .key_size = sizeof(struct unreach_addr),
			       .row_size = sizeof(struct echo_row) };
}

/* Does `a` tell less than `b`, or the same sooner? */
static bool tells_less(const struct finding *a, const struct finding *b)
{
	if (a->mtu != b->mtu)
		return a->mtu < b->mtu;
	if (a->first != b->first)
		return a->first < b->first;
	return memcmp(&a->reporter, &b->reporter, sizeof(a->reporter)) < 0;
}

/* Keeps an echo's advert for invalid_path; one that memory is out for waits for the next look. */
static void keep_echo(struct look *look, const struct finding *f)
{
	struct echo_row *row = table_make(&look->echoes, &f->dst);

	if (row && (!row->finding.messages || tells_less(f, &row->finding)))
		row->finding = *f;
}

void invalid_advert(void *context, const void *key, const void *value)
{
	struct look *look = context;
	struct finding f = finding_of(key, value);

	if (look->now >= f.last + ALERT_QUIET_NS)
		return;
	if (f.class == UNREACH_CLASS_ECHO)
		keep_echo(look, &f);
	else if (f.at)
		alerts_report(look->alerts, &f, look->now);
}

/* Holds what TCP was told on this path, not too long ago, against the echoes about its end. */
void invalid_path(void *context, const void *key, const void *value)
{
	struct look *look = context;
	const struct unreach_path_key *k = key;
	const struct unreach_path *path = value;
	struct echo_row *row = path->tcp_mtu ? table_find(&look->echoes, &k->orig_dst) : NULL;

	if (!row || row->finding.mtu >= path->tcp_mtu ||
	    row->finding.last >= path->tcp_last + UNREACH_TOLD_NS)
		return;
	if (!row->known || path->first < row->known)
		row->known = path->first;
}

void invalid_done(struct look *look)
{
	size_t i;

	for (i = 0; i < look->echoes.count; i++) {
		struct echo_row *row = table_row(&look->echoes, i);
		struct finding *f = &row->finding;

		if (!row->known)
			continue;
		f->at = f->first > row->known ? f->first : row->known;
		alerts_report(look->alerts, f, look->now);
	}
}
