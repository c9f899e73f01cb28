// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Every page: that it is there, fits one screen, and holds what it must; and
 * words that stand for nothing. The rules in it are tried on kernels by the lab.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/explain.h"
#include "cli/explain_pages.h"
#include "cli/prose.h"
#include "state/links.h"
#include "unreach/codes.h"

enum { SCREEN_LINES = 24 };

/* What `unreach explain WORD` prints, to be freed; its exit status in *status. */
static char *page(const char *word, int *status)
{
	char *argv[] = { (char *)"explain", (char *)word, NULL };
	FILE *terminal = stdout;
	char *text = NULL;
	size_t length;

	stdout = open_memstream(&text, &length);
	assert_non_null(stdout);
	*status = cli_explain(word ? 2 : 1, argv);
	fclose(stdout);
	stdout = terminal;
	return text;
}

/* A page that fits 80 columns and 24 lines. */
static char *screen(const char *word)
{
	int status;
	char *text = page(word, &status);
	unsigned int lines = 0;

	assert_int_equal(status, 0);
	for (const char *at = text; *at; at += strcspn(at, "\n") + 1) {
		if (strcspn(at, "\n") > PROSE_COLUMNS)
			fail_msg("%s: %.*s", word, (int)strcspn(at, "\n"), at);
		lines++;
	}
	if (lines > SCREEN_LINES || lines < 4)
		fail_msg("%s: %u lines", word, lines);
	return text;
}

static void assert_page_has(const char *word, const char *wanted)
{
	char *text = screen(word), *at = text;

	/* Lines are broken at spaces: what is wanted is looked for without. */
	for (; *at; at++)
		if (*at == '\n')
			*at = ' ';
	if (!strstr(text, wanted))
		fail_msg("%s does not say '%s': %s", word, wanted, text);
	free(text);
}

static void test_codes(void **state)
{
	(void)state;
	for (unsigned int code = 0; code < UNREACH_CODES; code++) {
		const struct explain_code *c = &explain_codes[code];
		char number[4], *by_number, *by_name;

		snprintf(number, sizeof(number), "%u", code);
		by_number = screen(number);
		by_name = screen(c->name);
		assert_string_equal(by_number, by_name);
		assert_string_equal(c->name, unreach_code_name(code));
		assert_page_has(number, code < 6 ? "RFC 792" : code < 13 ? "RFC 1122" : "RFC 1812");
		assert_page_has(number, c->title);
		free(by_number);
		free(by_name);
	}
}

/* iptables has words for seven of them, and the rest but 4 are numbers to nft. */
static void test_rules(void **state)
{
	static const bool in_iptables[UNREACH_CODES] = {
		[0] = true, [1] = true, [2] = true, [3] = true, [9] = true, [10] = true, [13] = true
	};
	static const bool rare[UNREACH_CODES] = {
		[5] = true,  [6] = true,  [7] = true,  [8] = true,  [9] = true,
		[10] = true, [11] = true, [12] = true, [14] = true, [15] = true
	};

	(void)state;
	for (unsigned int code = 0; code < UNREACH_CODES; code++) {
		assert_int_equal(explain_codes[code].iptables != NULL, in_iptables[code]);
		assert_int_equal(explain_codes[code].nft != NULL, code != 4);
		assert_int_equal(explain_codes[code].history != NULL, rare[code]);
	}
}

static void test_mtus(void **state)
{
	static const struct {
		const char *mtu, *says;
	} pages[] = {
		{ "1500", "Ethernet" },
		{ "1492", "PPPoE" },
		{ "1496", "VLAN tag" },
		{ "1480", "IP in IP" },
		{ "1476", "GRE" },
		{ "1472", "key" },
		{ "1450", "VXLAN" },
		{ "1438", "IPsec" },
		{ "1440", "most likely" },
		{ "1420", "WireGuard" },
		{ "9000", "jumbo frames" },
		{ "576", "minimum" },
		{ "1280", "IPv6" },
		{ "1400", "100 bytes less" },
		{ "1400", "a tunnel in a tunnel" },
		{ "1479", "a tunnel in a tunnel" },
		{ "1499", "1 byte less" },
		{ "1499", "no tunnel over IP" },
		{ "1488", "MPLS" },
		{ "1481", "no tunnel over IP" },
		{ "65535", "loopback" },
		{ "68", "no common link" },
		{ "1476", "MSS" },
		{ "1476", "1436" },
		{ "1476", "-s 1448" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		assert_page_has(pages[i].mtu, pages[i].says);
}

/* The headers that are named add up to what is missing of 1500. */
static void test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < EXPLAIN_LINKS; i++) {
		const struct explain_link *link = &explain_links[i];
		const char *at = link->headers;
		long sum = strtol(at, NULL, 10);

		assert_non_null(link_by_mtu(link->mtu));
		assert_ptr_equal(explain_link(link->mtu), link);
		if (sum != 1500 || link->mtu == 1438) /* ESP's depend on the cipher */
			continue;
		while ((at = strstr(at, " - ")))
			sum -= strtol(at += 3, NULL, 10);
		assert_int_equal(sum, link->mtu);
	}
	assert_null(explain_link(1400));
}

static void test_topics(void **state)
{
	static const char *const topics[] = { "network-or-host", "reject-or-drop", "reset",
					      "no-reply" };

	(void)state;
	assert_int_equal(sizeof(topics) / sizeof(topics[0]), EXPLAIN_TOPICS);
	for (size_t i = 0; i < EXPLAIN_TOPICS; i++)
		assert_page_has(topics[i], explain_topics[i].title);
}

/* All of it: each code, link and topic is named. */
static void test_table(void **state)
{
	(void)state;
	for (unsigned int code = 0; code < UNREACH_CODES; code++)
		assert_page_has(NULL, unreach_code_name(code));
	for (size_t i = 0; i < EXPLAIN_TOPICS; i++)
		assert_page_has(NULL, explain_topics[i].name);
	assert_page_has(NULL, "1476 GRE");
}

static void test_unknown(void **state)
{
	static const char *const words[] = { "16",  "67", "65536",
					     "-1",  "4x", "port",
					     "GRE", " 4", "99999999999999999999" };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		int status;
		char *text = page(words[i], &status);

		assert_int_equal(status, 2);
		assert_string_equal(text, "");
		free(text);
	}
}

static void test_prose(void **state)
{
	struct buf b = {};
	char longer[200];

	(void)state;
	prose_labelled(&b, 4, "ab", "one two\n  kept  as it is\nthree");
	buf_char(&b, 0);
	assert_string_equal(b.data, "ab  one two\n      kept  as it is\n    three\n");
	b.len = 0;
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	longer[70] = ' ';
	prose(&b, 2, longer); /* the second word is longer than a line */
	buf_char(&b, 0);
	assert_int_equal(strcspn(b.data, "\n"), 72);
	assert_int_equal(strlen(b.data), 2 + 70 + 1 + 2 + 128 + 1);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),	cmocka_unit_test(test_rules),
		cmocka_unit_test(test_mtus),	cmocka_unit_test(test_headers),
		cmocka_unit_test(test_topics),	cmocka_unit_test(test_table),
		cmocka_unit_test(test_unknown), cmocka_unit_test(test_prose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
