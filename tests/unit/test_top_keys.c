// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Each key of `top`, in each of its modes. */
#include "top.h"

#include "cli/top_keys.h"
#include "cli/top_term.h"

static enum top_effect press(int key)
{
	return top_key(&choice, &data, key);
}

static void type(const char *text)
{
	while (*text)
		assert_int_equal(press(*text++), EFFECT_NONE);
}

static void quit(void **state)
{
	(void)state;
	assert_int_equal(press('q'), EFFECT_QUIT);
}

static void sort(void **state)
{
	(void)state;
	assert_int_equal(press('s'), EFFECT_NONE);
	assert_int_equal(choice.sort, TOP_BY_RATE);
	press('s');
	assert_int_equal(choice.sort, TOP_BY_LAST);
	press('s');
	assert_int_equal(choice.sort, TOP_BY_MESSAGES);
}

static void panes(void **state)
{
	static const enum top_view order[] = { TOP_TARGETS, TOP_SENDERS, TOP_PATHS, TOP_ALERTS,
					       TOP_SOURCES };

	(void)state;
	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++) {
		assert_int_equal(press(i % 2 ? 't' : '\t'), EFFECT_ASK);
		assert_int_equal(choice.pane, order[i]);
	}
}

static void interfaces(void **state)
{
	(void)state;
	answer(TOP_CODES, NS_PER_SEC);
	assert_int_equal(press('i'), EFFECT_FORGET);
	assert_string_equal(choice.interface, "eth0");
	press('i');
	assert_string_equal(choice.interface, "wan-1");
	press('i');
	assert_string_equal(choice.interface, "");
	snprintf(choice.interface, sizeof(choice.interface), "gone");
	press('i');
	assert_string_equal(choice.interface, "");
}

static void codes(void **state)
{
	(void)state;
	press('c');
	assert_true(choice.typing);
	type("13");
	assert_int_equal(press(TERM_BACKSPACE), EFFECT_NONE);
	assert_string_equal(choice.typed, "1");
	assert_int_equal(press(TERM_ENTER), EFFECT_FORGET);
	assert_int_equal(choice.code, 1);
	press('c');
	type("port-unreachable");
	press(TERM_ENTER);
	assert_int_equal(choice.code, 3);
	press('c');
	type("q");
	assert_int_equal(press(TERM_ESCAPE), EFFECT_NONE);
	assert_false(choice.typing);
	assert_int_equal(choice.code, 3);
	press('c');
	assert_int_equal(press(TERM_ENTER), EFFECT_FORGET);
	assert_int_equal(choice.code, -1);
}

static void no_such_code(void **state)
{
	(void)state;
	press('c');
	type("16");
	assert_int_equal(press(TERM_ENTER), EFFECT_NONE);
	assert_false(choice.typing);
	assert_int_equal(choice.code, -1);
	assert_string_equal(choice.said, "no code is called '16'; `unreach explain` lists them");
	press('x');
	assert_string_equal(choice.said, "");
}

/* More than fits, bytes that are no text, and a backspace too many. */
static void typed_nonsense(void **state)
{
	(void)state;
	press('c');
	press(TERM_BACKSPACE);
	for (int key = 0; key < 2000; key++)
		if (key != TERM_ENTER && key != TERM_ESCAPE && key != TERM_BACKSPACE && key != '\b')
			assert_int_equal(press(key), EFFECT_NONE);
	assert_true(choice.typing);
	assert_int_equal(strlen(choice.typed), sizeof(choice.typed) - 1);
	for (const char *c = choice.typed; *c; c++)
		assert_true(*c > ' ' && *c <= '~');
}

static void pausing(void **state)
{
	static const int useless[] = { TERM_OTHER, TERM_OTHER | 'c', 0, 'x' };

	(void)state;
	assert_int_equal(press('p'), EFFECT_NONE);
	assert_true(choice.paused);
	for (const char *key = "cit\t"; *key; key++) {
		assert_int_equal(press(*key), EFFECT_NONE);
		assert_string_equal(choice.said, "paused, nothing is asked; p goes on");
	}
	assert_false(choice.typing);
	assert_int_equal(choice.pane, TOP_SOURCES);
	/* Keys that do nothing are not told that they have to wait. */
	for (size_t i = 0; i < sizeof(useless) / sizeof(*useless); i++) {
		assert_int_equal(press(useless[i]), EFFECT_NONE);
		assert_string_equal(choice.said, "");
	}
	assert_int_equal(press('s'), EFFECT_NONE);
	assert_int_equal(press(' '), EFFECT_ASK);
	assert_false(choice.paused);
}

static void help(void **state)
{
	(void)state;
	press('?');
	assert_true(choice.help);
	assert_int_equal(press('i'), EFFECT_NONE);
	assert_false(choice.help);
	press('h');
	assert_int_equal(press('q'), EFFECT_QUIT);
}

static void other_keys(void **state)
{
	const struct top_choice before = choice;

	(void)state;
	press(TERM_OTHER);
	press(0);
	press('x');
	assert_memory_equal(&choice, &before, sizeof(choice));
}

#define TEST(name) cmocka_unit_test_setup(name, open_top)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(quit),  TEST(sort),	 TEST(panes),	       TEST(interfaces),
		TEST(codes), TEST(no_such_code), TEST(typed_nonsense), TEST(pausing),
		TEST(help),  TEST(other_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
