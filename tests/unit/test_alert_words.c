// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What is said of an alert: of each sort, of any extent, in words that can be printed anywhere. */
#include "alert_sorts.h"

static char *words_of(void (*words)(struct buf *b, const struct alert *a), const struct alert *a)
{
	struct buf b = {};

	words(&b, a);
	buf_char(&b, 0);
	assert_false(b.failed);
	return b.data;
}

/* Each figure is said of the message that it is of: the host is the first's, the length the last's.
 */
static void test_adverts(void **state)
{
	struct alert a = alert_number(BASIS_CLASS + UNREACH_CLASS_TINY);
	static const char want[] = "8 adverts; for 203.0.113.9 an MTU of 300 bytes was told, the "
				   "first packet quoted was from 10.0.0.7, the last was 1500 bytes "
				   "long";
	char *words;

	(void)state;
	/* Of how many hosts is not known, which the keys say. */
	a.more = true;
	words = words_of(alert_evidence, &a);
	assert_string_equal(words, want);
	free(words);
	a.hosts = 3;
	words = words_of(alert_evidence, &a);
	assert_memory_equal(words, want, sizeof(want) - 1);
	assert_string_equal(words + sizeof(want) - 1, "; 3 hosts at least");
	free(words);
}

/* Nobody wants to read "1 times", and nobody can print a control byte. */
static void check_words(const char *words)
{
	static const char *const wrong[] = {
		"(null)",  "  ",	" ,",  " 1 times", " 1 flows",
		"1 hosts", "1 adverts", "nan", "inf",	   "18446744"
	};
	size_t i;

	assert_true(strlen(words) > 10);
	for (i = 0; words[i]; i++)
		assert_true((unsigned char)words[i] >= ' ' && (unsigned char)words[i] < 0x7f);
	assert_true(words[0] != ' ' && words[i - 1] != ' ' && words[i - 1] != '.');
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_null(strstr(words, wrong[i]));
}

static void check_all_words(const struct alert *a)
{
	static void (*const all[])(struct buf * b,
				   const struct alert *a) = { alert_evidence, alert_meaning,
							      alert_unknown, alert_advice };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		char *words = words_of(all[i], a);

		check_words(words);
		free(words);
	}
}

static void test_words(void **state)
{
	static const uint32_t mtus[] = { 0,    1,    67,   68,	 552,  576,
					 1280, 1400, 1476, 1492, 9000, UINT32_MAX };
	unsigned int n, extent, m;

	(void)state;
	for (n = 0; n < SORTS; n++) {
		for (extent = 0; extent < 16; extent++) {
			for (m = 0; m < sizeof(mtus) / sizeof(mtus[0]); m++) {
				struct alert a = alert_number(n);

				a.lead.mtu = mtus[m];
				a.hosts = extent & 1 ? 64 : 1;
				a.destinations = extent & 2 ? 64 : 1;
				a.flows = extent & 4 ? 64 : 0;
				a.messages = extent & 8 ? 1 : 70;
				a.more = extent & 4;
				check_all_words(&a);
			}
		}
	}
}

/* What they say, they say of this alert. */
static void test_meanings_differ(void **state)
{
	char *seen[SORTS];
	unsigned int n, other;

	(void)state;
	for (n = 0; n < SORTS; n++) {
		struct alert a = alert_number(n);

		seen[n] = words_of(n < BASIS_CLASS || n >= SILENT ? alert_evidence : alert_meaning,
				   &a);
		for (other = 0; other < n; other++)
			assert_string_not_equal(seen[n], seen[other]);
	}
	for (n = 0; n < SORTS; n++)
		free(seen[n]);
}

/* Who is deaf, by what is deaf. */
static void test_extent(void **state)
{
	struct alert a = alert_number(BASIS_SEGMENT);
	char *words = words_of(alert_meaning, &a);

	(void)state;
	assert_non_null(strstr(words, "ECMP"));
	free(words);
	a.destinations = 12;
	words = words_of(alert_meaning, &a);
	assert_non_null(strstr(words, "10.0.0.7"));
	assert_non_null(strstr(words, "its own firewall"));
	free(words);
	words = words_of(alert_evidence, &a);
	assert_non_null(strstr(words, "12 destinations"));
	free(words);
	a.hosts = 3;
	words = words_of(alert_meaning, &a);
	assert_non_null(strstr(words, "3 hosts"));
	free(words);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adverts),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_meanings_differ),
		cmocka_unit_test(test_extent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
