// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The view of paths over rows made by hand: verdicts, flags, notes, and which rows are shown. */
#include "shown.h"

#define ROWS_MAX 1000
#define FLOWS_MAX 8

static struct path_row rows[ROWS_MAX];
static size_t row_count;
static struct flow_row flows[FLOWS_MAX];
static size_t flow_count;
static int walk_error;

static int walk(void *context, unsigned int which, evidence_fn fn, void *fn_context)
{
	size_t i;

	(void)context;
	for (i = 0; which == UNREACH_PATHS && i < row_count; i++)
		fn(fn_context, &rows[i].key, &rows[i].value);
	for (i = 0; which == UNREACH_FLOWS && i < flow_count; i++)
		fn(fn_context, &flows[i].key, &flows[i].value);
	return walk_error;
}

static int open_rows(void **state)
{
	open_fake(state);
	fake.model.evidence.walk = walk;
	row_count = 0;
	flow_count = 0;
	walk_error = 0;
	return 0;
}

static void assert_counts(const struct query *query, const char *what, unsigned int count)
{
	assert_int_equal(count_shown(view_paths, query, what), count);
}

/* A path that was told an MTU once a second for a minute, and heeded. */
static struct path_row *add_row(uint64_t messages)
{
	const unsigned int i = (unsigned int)row_count;
	struct path_row *row = &rows[row_count++];
	char src[32];

	snprintf(src, sizeof(src), "10.0.%u.%u", i / 256, i % 256);
	*row = (struct path_row){
		.key = { fake_addr(src), fake_addr("203.0.113.9"), fake_addr("192.0.2.1"), 0 },
		.value = { .messages = messages,
			   .first = FAKE_NOW - 60 * NS_PER_SEC,
			   .last = FAKE_NOW - NS_PER_SEC,
			   .told = FAKE_NOW - 60 * NS_PER_SEC,
			   .mtu = 1400,
			   .tcp_mtu = 1400,
			   .quoted_length = 1500,
			   .usable = 1 },
	};
	return row;
}

/* The one row there is has this verdict. */
static void assert_verdict(const char *verdict)
{
	char *got = shown(view_paths, &everything, true), expected[64];

	assert_int_equal(row_count, 1);
	snprintf(expected, sizeof(expected), "\"verdict\":\"%s\"", verdict);
	if (count_of(got, expected) != 1)
		fail_msg("not %s: %s", verdict, got);
	free(got);
}

/* Ignored: for as long as an alert about it would fire, and whatever else is said of it. */
static void ignored(void **state)
{
	struct unreach_path *path = &add_row(10)->value;

	(void)state;
	assert_verdict("told");
	path->longer = 7; /* is late, which proves nothing */
	assert_verdict("told");
	fake.model.now = ALERT_QUIET_NS + 50 * NS_PER_SEC;
	path->ignored = 50 * NS_PER_SEC + 1;
	assert_verdict("ignored");
	path->flags = UNREACH_FLAG_TINY;
	assert_verdict("ignored");
	path->flags = 0;
	path->ignored = 50 * NS_PER_SEC;
	assert_verdict("told");
}

/* Flow after flow, of which the last counts. */
static void ignored_by_flows(void **state)
{
	struct unreach_path *path = &add_row(10)->value;

	(void)state;
	fake.model.now = ALERT_QUIET_NS + 50 * NS_PER_SEC;
	path->late_flows = UNREACH_LATE_FLOWS;
	path->late_last = 60 * NS_PER_SEC;
	assert_verdict("told");
	path->alarmed = 40 * NS_PER_SEC;
	assert_verdict("ignored");
	path->late_last = 50 * NS_PER_SEC;
	assert_verdict("told");
}

static void invalid(void **state)
{
	struct unreach_path *path = &add_row(10)->value;

	(void)state;
	/* Never usable, for a reason. */
	path->usable = 0;
	path->flags = UNREACH_FLAG_POINTLESS;
	assert_verdict("invalid");
	path->flags = UNREACH_FLAG_NO_DF | UNREACH_FLAG_ECHO;
	assert_verdict("invalid");
	path->flags = UNREACH_FLAG_OFF_PATH;
	assert_verdict("invalid");
	/* Among usable ones these are told all the same; what a host acts upon is not. */
	path->usable = 1;
	assert_verdict("told");
	path->flags = UNREACH_FLAG_TINY;
	assert_verdict("invalid");
	path->flags = UNREACH_FLAG_IMPOSSIBLE;
	assert_verdict("invalid");
}

/* A large ping is told as honestly as anything: an alert tells where it does harm. */
static void echoes(void **state)
{
	struct finding f = fake_finding("10.0.0.0", 5 * NS_PER_SEC);
	struct unreach_path *path = &add_row(10)->value;

	(void)state;
	path->flags = UNREACH_FLAG_ECHO;
	assert_verdict("told");
	path->usable = 0;
	assert_verdict("told");
	f.kind = ALERT_INVALID;
	f.basis = BASIS_CLASS;
	f.class = UNREACH_CLASS_ECHO;
	f.reporter = fake_addr("192.0.2.99");
	alerts_begin(fake.alerts);
	alerts_report(fake.alerts, &f, FAKE_NOW);
	alerts_end(fake.alerts, FAKE_NOW);
	assert_verdict("told");
	f.reporter = fake_addr("192.0.2.1");
	alerts_begin(fake.alerts);
	alerts_report(fake.alerts, &f, FAKE_NOW);
	alerts_end(fake.alerts, FAKE_NOW);
	assert_verdict("invalid");
}

static void flags(void **state)
{
	struct unreach_path *path = &add_row(10)->value;
	char *got;

	(void)state;
	path->usable = 0;
	assert_counts(&everything, "\"flags\":[]", 1);
	path->flags = UNREACH_FLAG_LEGACY;
	assert_counts(&everything, "\"flags\":[\"legacy\"]", 1);
	path->flags = UNREACH_FLAG_LEGACY | UNREACH_FLAG_IMPOSSIBLE | UNREACH_FLAG_TINY |
		      UNREACH_FLAG_POINTLESS | UNREACH_FLAG_NO_DF | UNREACH_FLAG_OFF_PATH |
		      UNREACH_FLAG_ECHO | UNREACH_FLAG_BAD_QUOTE;
	assert_counts(&everything,
		      "\"flags\":[\"legacy\",\"impossible\",\"tiny\",\"pointless\",\"no-df\","
		      "\"off-path\",\"echo\",\"bad-quote\"]",
		      1);
	path->flags = UNREACH_FLAG_LEGACY | UNREACH_FLAG_NO_DF;
	got = shown(view_paths, &everything, false);
	assert_non_null(strstr(got, "  invalid  legacy,no-df\n"));
	free(got);
}

/* UDP that goes on for long is said, and is no verdict. */
static void udp(void **state)
{
	struct unreach_path *path = &add_row(10)->value;

	(void)state;
	path->udp_episodes = 20;
	path->udp_first = FAKE_NOW - 60 * NS_PER_SEC;
	path->udp_last = path->udp_first + 30 * NS_PER_SEC;
	assert_counts(&everything, "\"note\":\"udp-goes-on\"", 1);
	assert_verdict("told");
	path->udp_last--;
	assert_counts(&everything, "\"note\"", 0);
	path->udp_last++;
	path->udp_episodes--;
	assert_counts(&everything, "\"note\"", 0);
}

static void links(void **state)
{
	(void)state;
	add_row(3);
	add_row(2)->value.mtu = 1492;
	add_row(1)->value.mtu = 1438;
	assert_counts(&everything, "\"mtu\":1400,", 1);
	assert_counts(&everything, "\"link\":null", 1);
	assert_counts(&everything, "\"link\":\"PPPoE\"", 1);
	assert_counts(&everything, "\"link\":\"IPsec\"", 1);
}

static int by_messages(const void *left, const void *right)
{
	const struct path_row *a = left, *b = right;

	if (a->value.messages != b->value.messages)
		return a->value.messages > b->value.messages ? -1 : 1;
	return memcmp(&a->key, &b->key, sizeof(a->key));
}

/* The first `count` of the sorted rows, and no others. */
static void assert_rows(const char *got, const struct path_row *sorted, size_t count)
{
	char expected[128];
	size_t i;

	for (i = 0; i < count; i++) {
		struct buf src = {};

		addr_format(&src, &sorted[i].key.orig_src);
		snprintf(expected, sizeof(expected), "\"src\":\"%.*s\",", (int)src.len, src.data);
		got = strstr(got, "\"src\"");
		assert_non_null(got);
		assert_memory_equal(got, expected, strlen(expected));
		got++;
		buf_free(&src);
	}
	assert_null(strstr(got, "\"src\""));
}

/* Whatever is picked is what a full sort puts first; `entries` are all there are. */
static void most_messages_first(void **state)
{
	const uint32_t sizes[] = { 1, 2, 20, ROWS_MAX - 1, ROWS_MAX, 5000, 0 };
	static struct path_row sorted[ROWS_MAX];
	size_t i;

	(void)state;
	while (row_count < ROWS_MAX)
		add_row(row_count * 7919 % 500 + 1);
	memcpy(sorted, rows, sizeof(rows));
	qsort(sorted, ROWS_MAX, sizeof(*sorted), by_messages);
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		const struct query query = { .code = -1, .rows = sizes[i] };
		char *got = shown(view_paths, &query, true);

		assert_rows(got, sorted, sizes[i] && sizes[i] < ROWS_MAX ? sizes[i] : ROWS_MAX);
		assert_int_equal(count_of(got, "\"entries\":1000,"), 1);
		free(got);
	}
}

/* Rows are of one interface, what is said of the table is of all. */
static void of_an_interface(void **state)
{
	const struct query wan = { .code = -1, .interface = "wan-1" };
	unsigned int i;

	(void)state;
	for (i = 0; i < 2; i++)
		fake.interfaces[i].counters.evidence[UNREACH_PATHS] =
			(struct unreach_attribution){ 100, 90, { 7, 3 } };
	add_row(3);
	add_row(2)->key.slot = 1;
	add_row(1)->key.slot = 9; /* counted before, not watched now */
	assert_counts(&everything, "\"interface\":\"\"", 1);
	assert_counts(&everything, "\"verdict\"", 3);
	assert_counts(&wan, "\"verdict\"", 1);
	assert_counts(&wan, "\"interface\":\"wan-1\",\"src\":\"10.0.0.1\"", 1);
	assert_counts(&wan, "\"attributed\":180,\"unattributed\":20,\"entries\":3,", 1);
	assert_counts(&wan, "\"unattributed_by\":{\"admission\":14,\"table\":6}", 1);
}

static const struct flow_watch *watch_lan(void *context)
{
	static const struct flow_watch lan = { .inside = "lan0" };

	(void)context;
	return &lan;
}

/* A flow of that host with a peer of its own, in which large packets may vanish: a suspect. */
static struct unreach_flow *add_flow(const char *host)
{
	struct flow_row *row = &flows[flow_count++];

	*row = (struct flow_row){
		.key = { fake_addr(host), fake_addr("198.18.0.1"), 40000, 443 },
		.value = { .suspect = FAKE_NOW - 5 * NS_PER_SEC,
			   .sent = { FAKE_NOW - NS_PER_SEC },
			   .stuck = 1500 },
	};
	fake.model.flow_watch = watch_lan;
	return &row->value;
}

/* Silence has no messages, so it stands behind what has; the gravest first. One row a pair. */
static void silent_first(void **state)
{
	(void)state;
	add_row(3);
	add_flow("10.0.1.3");
	add_flow("10.0.1.2");
	add_flow("10.0.1.2")->probable = FAKE_NOW - NS_PER_SEC;
	add_flow("10.0.1.5")->confirmed = FAKE_NOW - NS_PER_SEC;
	add_flow("10.0.1.4")->suspect = 0; /* nothing is wrong with it */
	add_row(2);
	assert_order(view_paths, &everything, "10.0.1.5 10.0.1.2 10.0.1.3 10.0.0.0 10.0.0.1");
	assert_counts(&everything, "\"verdict\":\"silent\"", 3);
	assert_counts(&everything, "\"entries\":5,", 1);
}

static void silent_within_the_limit(void **state)
{
	static const char *const expected[] = {
		"10.0.1.2 10.0.1.3 10.0.0.0 10.0.0.1",
		"10.0.1.2",
		"10.0.1.2 10.0.1.3",
		"10.0.1.2 10.0.1.3 10.0.0.0",
		"10.0.1.2 10.0.1.3 10.0.0.0 10.0.0.1",
		"10.0.1.2 10.0.1.3 10.0.0.0 10.0.0.1",
	};
	uint32_t i;

	(void)state;
	add_row(3);
	add_row(2);
	add_flow("10.0.1.3");
	add_flow("10.0.1.2");
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		const struct query query = { .code = -1, .rows = i };

		assert_order(view_paths, &query, expected[i]);
		assert_counts(&query, "\"entries\":4,", 1);
	}
}

static void silent_of_an_interface(void **state)
{
	const struct query lan = { .code = -1, .interface = "lan0" };
	const struct query wan = { .code = -1, .interface = "wan-1" };

	(void)state;
	add_row(3)->key.slot = 1;
	add_flow("10.0.1.2");
	assert_order(view_paths, &lan, "10.0.1.2");
	assert_order(view_paths, &wan, "10.0.0.0");
	assert_counts(&lan, "\"entries\":2,", 1);
	assert_counts(&lan, "\"interface\":\"lan0\"", 1);
}

/* A row fits a terminal of 160 columns, with a link and a flag in it. */
static void fits_a_line(void **state)
{
	struct path_row *row = add_row(1234567);
	char *got, *line, *rest = NULL;

	(void)state;
	row->value.mtu = 1476;
	row->value.usable = 0;
	row->value.flags = UNREACH_FLAG_POINTLESS;
	got = shown(view_paths, &everything, false);
	assert_non_null(strstr(got, "  LONGER  QUOTED  "));
	for (line = strtok_r(got, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		assert_true(strlen(line) <= 160);
	free(got);
}

static void fails(void **state)
{
	struct buf b = {};
	struct writer *w = writer_json(&b);

	(void)state;
	walk_error = -EPERM;
	add_row(1);
	assert_int_equal(view_paths(w, &fake.model, &everything), -EPERM);
	writer_finish(w);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(ignored, open_rows),
		cmocka_unit_test_setup(ignored_by_flows, open_rows),
		cmocka_unit_test_setup(invalid, open_rows),
		cmocka_unit_test_setup(echoes, open_rows),
		cmocka_unit_test_setup(flags, open_rows),
		cmocka_unit_test_setup(udp, open_rows),
		cmocka_unit_test_setup(links, open_rows),
		cmocka_unit_test_setup(most_messages_first, open_rows),
		cmocka_unit_test_setup(of_an_interface, open_rows),
		cmocka_unit_test_setup(silent_first, open_rows),
		cmocka_unit_test_setup(silent_within_the_limit, open_rows),
		cmocka_unit_test_setup(silent_of_an_interface, open_rows),
		cmocka_unit_test_setup(fits_a_line, open_rows),
		cmocka_unit_test_setup(fails, open_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
