// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Segments and paths by hand into the detectors: which of them are findings, of
 * what basis and severity, and what the machine's own routes have to say.
 */
#include <errno.h>

#include "evidence_rows.h"

/* A segment that was quoted twice so far, at START and a second later. */
static struct unreach_head *add_head(uint32_t host, uint32_t n)
{
	struct head_row *row = &stub.heads[stub.count[UNREACH_HEADS]++];

	row->key.orig_src = host_in(10, host);
	row->key.orig_dst = path_of(n);
	row->key.slot = 2;
	row->key.tcp_seq = 7;
	row->key.src_port = 50000;
	row->key.dst_port = 443;
	row->value.reporter = host_in(192, 1);
	row->value.messages = 2;
	row->value.first = START;
	row->value.last = START + SECOND;
	row->value.episodes = 2;
	row->value.mtu = 1400;
	row->value.quoted_length = 1500;
	return &row->value;
}

static void test_walks(void **state)
{
	(void)state;
	assert_int_equal(look_at(0, NULL), 0);
	assert_int_equal(stub.walks, EVIDENCE_WALKS);
	assert_int_equal(stub.walked[0], UNREACH_ADVERTS);
	assert_int_equal(stub.walked[1], UNREACH_PATHS);
	assert_int_equal(stub.walked[2], UNREACH_HEADS);
	assert_int_equal(stub.walked[3], UNREACH_FLOWS);
	assert_int_equal(stub.walked[4], EVIDENCE_FLOODS);
	assert_int_equal(stub.walked[5], EVIDENCE_SCANS);
	/* A table that can't be read does not hide the others. */
	add_head(1, 1)->alarmed = START + SECOND;
	stub.result[UNREACH_ADVERTS] = -EIO;
	assert_int_equal(detect_look(&source, alerts, NULL, START + SECOND), -EIO);
	assert_int_equal(alerts_firing(alerts), 1);
}

static void test_segment(void **state)
{
	struct unreach_head *head = add_head(1, 1);

	(void)state;
	assert_int_equal(look_at(5 * SECOND, NULL), 0);
	head->episodes = 3;
	head->messages = 4;
	head->alarmed = START + SECOND;
	assert_int_equal(look_at(5 * SECOND, NULL), 1);
	assert_int_equal(lead(0)->kind, ALERT_IGNORED);
	assert_int_equal(lead(0)->basis, BASIS_SEGMENT);
	assert_int_equal(lead(0)->severity, SEVERITY_CRITICAL);
	assert_int_equal(lead(0)->level, LEVEL_CONFIRMED);
	assert_int_equal(lead(0)->class, UNREACH_CLASS_NONE);
	assert_int_equal(lead(0)->at, START + SECOND);
	assert_int_equal(lead(0)->first, START);
	assert_int_equal(lead(0)->last, START + SECOND);
	assert_int_equal(lead(0)->slot, 2);
	assert_int_equal(lead(0)->mtu, 1400);
	assert_int_equal(lead(0)->episodes, 3);
	assert_int_equal(alerts_get(alerts, 0)->messages, 4);
	assert_int_equal(alerts_get(alerts, 0)->flows, 1);
}

static void test_segment_quiet(void **state)
{
	(void)state;
	add_head(1, 1)->alarmed = START + SECOND;
	assert_int_equal(look_at(601 * SECOND - 1, NULL), 1);
	restart();
	assert_int_equal(look_at(601 * SECOND, NULL), 0);
}

/* Two segments of one flow are one flow. */
static void test_flows_counted(void **state)
{
	(void)state;
	add_head(1, 1)->alarmed = START + SECOND;
	add_head(1, 1)->alarmed = START + SECOND;
	stub.heads[1].key.tcp_seq = 8;
	add_head(1, 1)->alarmed = START + SECOND;
	stub.heads[2].key.src_port = 50001;
	assert_int_equal(look_at(2 * SECOND, NULL), 1);
	assert_int_equal(alerts_get(alerts, 0)->flows, 2);
	assert_int_equal(alerts_get(alerts, 0)->messages, 6);
}

/* What the machine says of itself. */
static struct self {
	bool ours, learned; /* is the flow ours? */
	uint32_t mtu; /* that was asked for */
	unsigned int asked;
} self;

static bool has_flow(void *context, const struct unreach_flow_key *flow)
{
	struct self *s = context;

	s->asked++;
	assert_int_equal(flow->host.bytes[12], 10);
	assert_int_equal(flow->peer.bytes[12], 203);
	assert_true(flow->host_port == 50000 && flow->peer_port == 443);
	return s->ours;
}

static bool has_learned(void *context, const struct unreach_addr *src,
			const struct unreach_addr *dst, uint32_t mtu)
{
	struct self *s = context;

	assert_true(s->ours);
	assert_int_equal(src->bytes[12], 10);
	assert_int_equal(dst->bytes[12], 203);
	s->mtu = mtu;
	return s->learned;
}

static const struct local local = { has_flow, has_learned, &self };

static void test_unlearned(void **state)
{
	(void)state;
	self = (struct self){ .ours = true };
	add_head(1, 1)->last = START + 300 * NS_PER_MSEC;
	assert_int_equal(look_at(SECOND - 1, &local), 0);
	assert_int_equal(self.asked, 0); /* too early to ask */
	assert_int_equal(look_at(SECOND, &local), 1);
	assert_int_equal(self.mtu, 1400);
	assert_int_equal(lead(0)->basis, BASIS_UNLEARNED);
	assert_int_equal(lead(0)->severity, SEVERITY_CRITICAL);
	assert_int_equal(lead(0)->at, START + SECOND);
	assert_int_equal(notes.count, 1);
}

static void test_learned(void **state)
{
	struct unreach_head *head = add_head(1, 1);

	(void)state;
	self = (struct self){ .ours = true, .learned = true };
	assert_int_equal(look_at(2 * SECOND, &local), 0);
	self = (struct self){ .ours = false };
	assert_int_equal(look_at(2 * SECOND, &local), 0);
	/* Somebody else's segment is judged as ever. */
	head->alarmed = START + SECOND;
	assert_int_equal(look_at(2 * SECOND, &local), 1);
	assert_int_equal(lead(0)->basis, BASIS_SEGMENT);
}

/* Nobody asks about what nobody would tell. */
static void test_not_asked(void **state)
{
	(void)state;
	self = (struct self){ .ours = true };
	add_head(1, 1);
	assert_int_equal(look_at(601 * SECOND, &local), 0);
	assert_int_equal(self.asked, 0);
}

/* One deaf segment is one alert with one id, whatever its ground is by now. */
static void test_unlearned_restart(void **state)
{
	struct unreach_head *head = add_head(1, 1);
	uint64_t id;

	(void)state;
	self = (struct self){ .ours = true };
	assert_int_equal(look_at(SECOND, &local), 1);
	id = alerts_get(alerts, 0)->id;
	head->episodes = 3;
	head->last = START + 3 * SECOND;
	head->alarmed = START + 3 * SECOND;
	assert_int_equal(look_at(4 * SECOND, &local), 1);
	assert_int_equal(notes.count, 1);
	restart();
	assert_int_equal(look_at(4 * SECOND, &local), 1);
	assert_int_equal(alerts_get(alerts, 0)->id, id);
}

static void test_flows(void **state)
{
	struct unreach_path *path = add_path(1, 1, 1400);

	(void)state;
	path->longer = 5;
	path->late_flows = 2;
	path->late_last = START + 20 * SECOND;
	assert_int_equal(look_at(30 * SECOND, NULL), 0);
	path->late_flows = 3;
	path->alarmed = START + 25 * SECOND;
	path->late_last = START + 25 * SECOND;
	assert_int_equal(look_at(30 * SECOND, NULL), 1);
	assert_int_equal(lead(0)->basis, BASIS_FLOWS);
	assert_int_equal(lead(0)->severity, SEVERITY_WARNING);
	assert_int_equal(lead(0)->level, LEVEL_PROBABLE);
	assert_int_equal(lead(0)->episodes, 3);
	assert_int_equal(lead(0)->at, START + 25 * SECOND);
	assert_int_equal(alerts_get(alerts, 0)->messages, 5);
	/* Segments of that host make it certain. */
	add_head(1, 1)->alarmed = START + 28 * SECOND;
	assert_int_equal(look_at(30 * SECOND, NULL), 1);
	assert_int_equal(notes.count, 2);
	assert_int_equal(lead(0)->severity, SEVERITY_CRITICAL);
	assert_int_equal(look_at(625 * SECOND, NULL), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_walks),	  TEST(test_segment),		TEST(test_segment_quiet),
		TEST(test_flows_counted), TEST(test_unlearned),		TEST(test_learned),
		TEST(test_not_asked),	  TEST(test_unlearned_restart), TEST(test_flows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
