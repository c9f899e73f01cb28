// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The verifier takes the program whatever tables are tracked, and in each mode of
 * events: what a choice leaves out is not read either. Old kernels mind that, so
 * this is one of the checks of tests/vm.
 */
#include "prog/kernel.h"

#define ALL_TABLES ((1U << UNREACH_TABLES) - 1)

static void load(uint32_t track, uint32_t events_mode)
{
	struct kernel k;

	print_message("track %u, events %u\n", track, events_mode);
	kernel_open(&k, UNREACH_LINK_ETHERNET);
	k.skel->rodata->track = track;
	k.skel->rodata->events_mode = events_mode;
	kernel_load(&k);
	kernel_close(&k);
}

static void each_choice_loads(void **state)
{
	(void)state;
	for (uint32_t track = 0; track <= ALL_TABLES; track++)
		load(track, 0);
	load(ALL_TABLES, 1);
	load(ALL_TABLES, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(each_choice_loads) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
