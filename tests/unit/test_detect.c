// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Rows of evidence by hand into the detectors: which of them are findings, of
 * what basis and severity, what the machine's own routes have to say, and
 * which pings are attacks. Rows stand in any order, and looks come at any time.
 */
#include <errno.h>

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

static int walk(void *context, unsigned int which, evidence_fn fn, void *fn_context)
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

static int set_up(void **state)
{
	(void)state;
	memset(&stub, 0, sizeof(stub));
	alerts = new_alerts(&notes);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	alerts_free(alerts);
	return 0;
}

/* A look at `after` START; says how many alerts fire. */
static size_t look_at(uint64_t after, const struct local *local)
{
	assert_int_equal(detect_look(&source, alerts, local, START + after), 0);
	return alerts_firing(alerts);
}

/* Another daemon, which knows nothing but the tables. */
static void restart(void)
{
	alerts_free(alerts);
	alerts = new_alerts(&notes);
}

static const struct finding *lead(size_t i)
{
	assert_true(i < alerts_firing(alerts));
	return &alerts_get(alerts, i)->lead;
}

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

/* A path on which TCP was told that MTU at START. */
static struct unreach_path *add_path(uint32_t host, uint32_t n, uint32_t tcp_mtu)
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

static struct unreach_advert *add_advert(uint32_t reporter, uint32_t n, enum unreach_class class,
					 uint32_t mtu)
{
	struct advert_row *row = &stub.adverts[stub.count[UNREACH_ADVERTS]++];

	row->key.reporter = host_in(192, reporter);
	row->key.orig_dst = path_of(n);
	row->key.class = class;
	row->value.orig_src = host_in(10, 1);
	row->value.messages = 3;
	row->value.first = START;
	row->value.last = START + SECOND;
	row->value.mtu = mtu;
	row->value.quoted_length = 1500;
	if (class == UNREACH_CLASS_ECHO) {
		row->value.alarmed = row->value.first;
		row->value.before = row->value.last;
	}
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

static void test_invalid(void **state)
{
	unsigned int kind;

	(void)state;
	for (kind = 0; kind < UNREACH_CLASSES; kind++)
		add_advert(kind, kind, kind, 300);
	assert_int_equal(look_at(2 * SECOND, NULL), 0);
	for (kind = 0; kind < UNREACH_CLASSES; kind++)
		stub.adverts[kind].value.alarmed = START + kind;
	assert_int_equal(look_at(2 * SECOND, NULL), UNREACH_CLASSES - 1);
	for (kind = 0; kind < UNREACH_CLASSES - 1; kind++) {
		const struct finding *f = lead(kind);

		assert_int_equal(f->kind, ALERT_INVALID);
		assert_int_equal(f->basis, BASIS_CLASS);
		assert_true(f->class != UNREACH_CLASS_ECHO); /* never by number */
		assert_int_equal(f->severity == SEVERITY_CRITICAL, f->class <= UNREACH_CLASS_TINY);
		assert_int_equal(f->at, START + f->class);
	}
	assert_int_equal(look_at(601 * SECOND, NULL), 0);
}

/* A ping's advert that tells less than TCP was told there. */
static void test_echo(void **state)
{
	struct unreach_path *path = add_path(1, 1, 0);

	(void)state;
	add_advert(9, 1, UNREACH_CLASS_ECHO, 1000);
	add_path(1, 2, 1400); /* another destination */
	assert_int_equal(look_at(2 * SECOND, NULL), 0);
	path->tcp_mtu = 900;
	assert_int_equal(look_at(2 * SECOND, NULL), 0);
	path->tcp_mtu = 1000;
	assert_int_equal(look_at(2 * SECOND, NULL), 0);
	path->tcp_mtu = 1001;
	assert_int_equal(look_at(2 * SECOND, NULL), 1);
	assert_int_equal(lead(0)->class, UNREACH_CLASS_ECHO);
	assert_int_equal(lead(0)->severity, SEVERITY_CRITICAL);
	assert_int_equal(lead(0)->mtu, 1000);
	assert_memory_equal(lead(0)->reporter.bytes, host_in(192, 9).bytes, 16);
	assert_int_equal(alerts_get(alerts, 0)->messages, 3);
	assert_int_equal(look_at(601 * SECOND, NULL), 0);
}

/* What one TCP path says of an echo is as good as what another says. */
static void test_echo_any_order(void **state)
{
	struct path_row row;
	uint64_t id, at;

	(void)state;
	add_advert(9, 1, UNREACH_CLASS_ECHO, 1000);
	add_path(1, 1, 1400)->first = START + 2 * SECOND;
	add_path(2, 1, 1400)->first = START + 3 * SECOND;
	assert_int_equal(look_at(4 * SECOND, NULL), 1);
	id = alerts_get(alerts, 0)->id;
	at = lead(0)->at;
	row = stub.paths[0];
	stub.paths[0] = stub.paths[1];
	stub.paths[1] = row;
	restart();
	assert_int_equal(look_at(4 * SECOND, NULL), 1);
	assert_int_equal(lead(0)->at, at);
	assert_int_equal(alerts_get(alerts, 0)->id, id);
}

/* Two that say the same: whichever row comes first, the same is told. */
static void test_echo_reporters(void **state)
{
	struct advert_row row;
	uint64_t id;

	(void)state;
	add_path(1, 1, 1400);
	add_advert(8, 1, UNREACH_CLASS_ECHO, 1000);
	add_advert(9, 1, UNREACH_CLASS_ECHO, 1000)->first -= SECOND;
	look_at(4 * SECOND, NULL);
	id = alerts_get(alerts, 0)->id;
	row = stub.adverts[0];
	stub.adverts[0] = stub.adverts[1];
	stub.adverts[1] = row;
	restart();
	look_at(4 * SECOND, NULL);
	assert_int_equal(alerts_get(alerts, 0)->id, id);
}

/* More pings come: it is the alert that it was, also for who was not there. */
static void test_echo_restart(void **state)
{
	struct unreach_advert *advert = add_advert(9, 1, UNREACH_CLASS_ECHO, 1000);
	uint64_t id, at;

	(void)state;
	add_path(1, 1, 1400);
	assert_int_equal(look_at(2 * SECOND, NULL), 1);
	id = alerts_get(alerts, 0)->id;
	at = lead(0)->at;
	advert->last = START + 30 * SECOND;
	advert->messages = 20;
	assert_int_equal(look_at(31 * SECOND, NULL), 1);
	assert_int_equal(lead(0)->at, at);
	assert_int_equal(notes.count, 1);
	restart();
	assert_int_equal(look_at(31 * SECOND, NULL), 1);
	assert_int_equal(lead(0)->at, at);
	assert_int_equal(alerts_get(alerts, 0)->id, id);
}

/* What TCP was told two days ago nobody remembers (RFC 1191, 6.3): the path may be another. */
static void test_echo_after_days(void **state)
{
	const uint64_t days = 2 * 86400 * SECOND;
	struct unreach_advert *advert = add_advert(9, 1, UNREACH_CLASS_ECHO, 1000);

	(void)state;
	add_path(1, 1, 1400);
	advert->first = advert->last = START + days;
	assert_int_equal(look_at(days + SECOND, NULL), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_walks),
		TEST(test_segment),
		TEST(test_segment_quiet),
		TEST(test_flows_counted),
		TEST(test_unlearned),
		TEST(test_learned),
		TEST(test_not_asked),
		TEST(test_unlearned_restart),
		TEST(test_flows),
		TEST(test_invalid),
		TEST(test_echo),
		TEST(test_echo_any_order),
		TEST(test_echo_reporters),
		TEST(test_echo_restart),
		TEST(test_echo_after_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
