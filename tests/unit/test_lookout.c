// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One look at the evidence, as the daemon takes it: what the sinks get of what it tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "lookout.h"
#include "state/floods.h"
#include "state/scans.h"

static unsigned int written[ALERT_KINDS];

static void take_alert(struct sink *sink, const struct alert *a, int64_t to_wall)
{
	(void)sink;
	(void)to_wall;
	assert_false(a->resolved);
	written[a->lead.kind]++;
}

static int flush(struct sink *sink)
{
	(void)sink;
	return 0;
}

static struct unreach_addr numbered(unsigned int i)
{
	return (struct unreach_addr){ .bytes = { [10] = 0xff, 0xff, 10, 0, i >> 8, i & 0xff } };
}

/* As many findings of a kind as it can have alerts, each about another address. */
static int walk(void *context, unsigned int which, evidence_fn fn, void *fn_context)
{
	const uint64_t now = *(uint64_t *)context;

	for (unsigned int i = 0; i < ALERTS_OF_KIND; i++) {
		const struct unreach_addr addr = numbered(i);
		const struct flood_key source = { .source = addr, .code = FLOOD_OF_SOURCE };
		const struct flood flood = { 5000, now, now, now, 500 };
		const struct unreach_host_key sender = { .addr = addr };
		const struct scan scan = { 60, now, now, now, 60 };
		const struct unreach_advert_key told = { .reporter = addr,
							 .orig_dst = addr,
							 .class = UNREACH_CLASS_IMPOSSIBLE };
		const struct unreach_advert advert = {
			.messages = 9, .first = now, .last = now, .alarmed = now
		};

		if (which == EVIDENCE_FLOODS)
			fn(fn_context, &source, &flood);
		else if (which == EVIDENCE_SCANS)
			fn(fn_context, &sender, &scan);
		else if (which == UNREACH_ADVERTS)
			fn(fn_context, &told, &advert);
	}
	return 0;
}

static uint64_t adverts(void *context)
{
	(void)context;
	return 0;
}

static const char *interface(void *context, uint32_t slot)
{
	(void)context;
	(void)slot;
	return "eth0";
}

/* A look whose log nobody wants to read. */
static void look_quietly(struct lookout *w)
{
	int kept = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	assert_true(kept >= 0 && dup2(null, STDERR_FILENO) == STDERR_FILENO);
	lookout_look(w);
	assert_int_equal(dup2(kept, STDERR_FILENO), STDERR_FILENO);
	close(kept);
	close(null);
}

/* More changes than are remembered for followers: each is written all the same. */
static void many_at_once(void **state)
{
	static const struct sink_ops ops = { .alert = take_alert, .flush = flush };
	struct sink sink = { .ops = &ops, .path = "sink" };
	struct pipeline pipeline = {};
	uint64_t now = clock_mono();
	const struct lookout_options options = {
		.pipeline = &pipeline,
		.evidence = { walk, &now },
		.adverts = adverts,
		.interface = interface,
	};
	struct loop *loop = loop_new();
	struct lookout *w;

	(void)state;
	assert_non_null(loop);
	assert_int_equal(pipeline_add(&pipeline, &sink), 0);
	w = lookout_open(loop, &options);
	assert_non_null(w);
	look_quietly(w);
	assert_true(3 * ALERTS_OF_KIND > ALERT_CHANGES);
	assert_int_equal(alerts_firing(lookout_alerts(w)), 3 * ALERTS_OF_KIND);
	assert_int_equal(written[ALERT_INVALID], ALERTS_OF_KIND);
	assert_int_equal(written[ALERT_FLOOD], ALERTS_OF_KIND);
	assert_int_equal(written[ALERT_SCAN], ALERTS_OF_KIND);
	look_quietly(w);
	assert_int_equal(written[ALERT_SCAN], ALERTS_OF_KIND); /* once */
	lookout_close(w);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(many_at_once) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
