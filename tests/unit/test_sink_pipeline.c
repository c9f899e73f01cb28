// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The pipeline over sinks that answer as they are told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "pipeline.h"

/* A sink that answers as it is told. */
struct fake {
	struct sink sink;
	int answer;
	unsigned int written, alerted, flushed, reopened, closed;
};

static void fake_write(struct sink *sink, const struct event *ev)
{
	(void)ev;
	((struct fake *)sink)->written++;
}

static void fake_alert(struct sink *sink, const struct alert *a, int64_t to_wall)
{
	(void)a;
	(void)to_wall;
	((struct fake *)sink)->alerted++;
}

static int fake_flush(struct sink *sink)
{
	((struct fake *)sink)->flushed++;
	return ((struct fake *)sink)->answer;
}

static int fake_reopen(struct sink *sink)
{
	((struct fake *)sink)->reopened++;
	return 0;
}

static void fake_close(struct sink *sink)
{
	((struct fake *)sink)->closed++;
}

static void test_pipeline(void **state)
{
	static const struct sink_ops ops = { .write = fake_write,
					     .alert = fake_alert,
					     .flush = fake_flush,
					     .reopen = fake_reopen,
					     .close = fake_close };
	static const struct sink_ops fixed = { .write = fake_write,
					       .flush = fake_flush,
					       .close = fake_close };
	struct fake good = { .sink = { .ops = &ops, .path = "good" } };
	struct fake bad = { .sink = { .ops = &fixed, .path = "bad" } };
	struct pipeline p = { .recent = calloc(1, sizeof(struct recent)) };
	const char interface[UNREACH_NAME_LEN] = "eth0";
	struct unreach_record record = {};
	struct event ev = { .record = &record, .interface = interface };

	(void)state;
	assert_int_equal(pipeline_add(&p, &bad.sink), 0);
	assert_int_equal(pipeline_add(&p, &good.sink), 0);
	assert_int_equal(pipeline_flush(&p), 0);
	assert_int_equal(good.flushed, 0); /* nothing to write */
	pipeline_event(&p, &ev);
	bad.answer = -ENOSPC;
	assert_int_equal(pipeline_flush(&p), -ENOSPC);
	assert_true(bad.sink.failing);
	assert_false(good.sink.failing);
	assert_int_equal(good.flushed, 1);
	pipeline_event(&p, &ev);
	bad.answer = 0;
	assert_int_equal(pipeline_flush(&p), 0);
	assert_false(bad.sink.failing);
	assert_int_equal(good.written, 2);
	assert_int_equal(p.recent->next, 2);
	/* An alert is for the sinks that take it, and it alone is worth a flush. */
	pipeline_alert(&p, &(struct alert){}, 0);
	assert_int_equal(good.alerted, 1);
	assert_int_equal(bad.alerted, 0);
	assert_int_equal(pipeline_flush(&p), 0);
	assert_int_equal(good.flushed, 3);
	pipeline_reopen(&p);
	assert_int_equal(good.reopened, 1);
	assert_int_equal(pipeline_add(&p, &good.sink), 0);
	assert_int_equal(pipeline_add(&p, &good.sink), 0);
	assert_int_equal(pipeline_add(&p, &good.sink), -ENOSPC);
	pipeline_close(&p);
	assert_int_equal(good.closed, 3);
	assert_int_equal(bad.closed, 1);
	free(p.recent);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipeline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
