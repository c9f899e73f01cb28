// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The search for a path's MTU against made-up paths: each is a row of links
 * with an MTU and what their router does with what is longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/diagnose_search.h"

enum { SMALL = 84, LINKS_MOST = 3 };
enum manner {
	TELLS = 1,
	SILENT,
	TELLS_NOTHING, /* an MTU of 0: RFC 792 */
	TELLS_MORE, /* what it refuses */
	TELLS_LESS, /* than has been answered */
};

struct link {
	uint32_t mtu;
	enum manner manner;
};

struct path {
	const char *name;
	uint32_t own; /* the MTU of our own link */
	struct link links[LINKS_MOST];
	bool deaf; /* the host answers nothing */
	/* what is found, in at most so many tries */
	enum path_state state;
	uint32_t passes, stuck, told;
	unsigned int tries;
};

/* clang-format off */
static const struct path paths[] = {
	{ "as wide as our link", 1500, {}, false, PATH_WHOLE, 1500, 0, 0, 1 },
	{ "a tunnel that tells", 1500, { { 1476, TELLS } }, false, PATH_TOLD, 1476, 0, 1476, 2 },
	{ "two tunnels", 1500, { { 1476, TELLS }, { 1400, TELLS } }, false, PATH_TOLD, 1400, 0, 1400, 3 },
	{ "jumbo frames into Ethernet", 9000, { { 1500, TELLS } }, false, PATH_TOLD, 1500, 0, 1500, 2 },
	{ "silence", 1500, { { 1400, SILENT } }, false, PATH_HOLE, 1400, 1401, 0, 13 },
	{ "silence by one byte", 1500, { { 1499, SILENT } }, false, PATH_HOLE, 1499, 1500, 0, 13 },
	{ "silence below what was told", 1500, { { 1476, TELLS }, { 1280, SILENT } }, false, PATH_HOLE, 1280, 1281, 1476, 14 },
	{ "silence above what is told", 1500, { { 1450, SILENT }, { 1400, TELLS } }, false, PATH_HOLE, 1400, 1500, 1400, 6 },
	{ "an old router", 1500, { { 1400, TELLS_NOTHING } }, false, PATH_TOLD, 1400, 0, 0, 13 },
	{ "a router that lies", 1500, { { 1400, TELLS_MORE } }, false, PATH_TOLD, 1400, 0, 0, 13 },
	{ "a router that asks for too little", 1500, { { 1400, TELLS_LESS } }, false, PATH_TOLD, 1400, 0, 0, 13 },
	{ "deaf, told", 1500, { { 1400, TELLS } }, true, PATH_TOLD, 0, 0, 1400, 2 },
	{ "deaf, told twice", 1500, { { 1476, TELLS }, { 1400, TELLS } }, true, PATH_TOLD, 0, 0, 1400, 3 },
	{ "deaf, silent", 1500, { { 1400, SILENT } }, true, PATH_NOT_MEASURED, 0, 0, 0, 1 },
	{ "loopback", 65535, {}, false, PATH_WHOLE, 65535, 0, 0, 1 },
	{ "loopback with a hole", 65535, { { 1500, SILENT } }, false, PATH_HOLE, 1500, 1501, 0, 17 },
	{ "the least there is", 1500, { { 85, SILENT } }, false, PATH_HOLE, 85, 86, 0, 13 },
};
/* clang-format on */

/* What the router in front of the link says about a packet of `size` bytes. */
static uint32_t named(const struct link *link, uint32_t size)
{
	switch (link->manner) {
	case TELLS:
		return link->mtu;
	case TELLS_MORE:
		return size;
	case TELLS_LESS:
		return SEARCH_LEAST;
	default:
		return 0;
	}
}

/* What becomes of the search's next packet on that path. */
static void transmit(struct search *s, const struct path *path)
{
	const uint32_t size = search_next(s);
	const struct in_addr router = { .s_addr = 0x026433c6 };

	for (unsigned int i = 0; i < LINKS_MOST && path->links[i].manner; i++) {
		const struct link *link = &path->links[i];

		if (size <= link->mtu)
			continue;
		if (link->manner == SILENT)
			search_silent(s);
		else
			search_told(s, named(link, size), router);
		return;
	}
	if (path->deaf)
		search_silent(s);
	else
		search_passed(s);
}

static void test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct path *p = &paths[i];
		struct path_result r = {};
		struct search s;
		unsigned int tries = 0;

		search_begin(&s, p->own, p->deaf ? 0 : SMALL);
		while (search_next(&s) && tries++ < 100)
			transmit(&s, p);
		search_result(&s, false, &r);
		if (r.state != p->state || r.passes != p->passes || r.stuck != p->stuck ||
		    r.told != p->told || tries > p->tries || r.link_mtu != p->own)
			fail_msg("%s: state %d passes %u stuck %u told %u in %u tries", p->name,
				 r.state, r.passes, r.stuck, r.told, tries);
	}
}

/* Every MTU there may be is found, to the byte. */
static void test_every_mtu(void **state)
{
	(void)state;
	for (uint32_t mtu = SMALL; mtu <= 1500; mtu++) {
		const struct path path = { .links = { { mtu, SILENT } } };
		struct path_result r = {};
		struct search s;

		search_begin(&s, 1500, SMALL);
		while (search_next(&s))
			transmit(&s, &path);
		search_result(&s, false, &r);
		assert_int_equal(r.passes, mtu);
		assert_int_equal(r.stuck, mtu == 1500 ? 0 : mtu + 1);
	}
}

/* Ended before its time: an interval, no verdict where nothing vanished. */
static void test_cut(void **state)
{
	struct path_result r = {};
	struct search s;

	(void)state;
	search_begin(&s, 1500, SMALL);
	search_result(&s, true, &r);
	assert_int_equal(r.state, PATH_UNCLEAR);
	search_silent(&s);
	search_passed(&s);
	search_result(&s, true, &r);
	assert_int_equal(r.state, PATH_HOLE);
	assert_in_range(r.passes, SMALL + 1, 1499);
	assert_int_equal(r.stuck, 1500);
	search_begin(&s, 1500, SMALL);
	search_told(&s, 1400, (struct in_addr){ .s_addr = 1 });
	search_result(&s, true, &r);
	assert_int_equal(r.state, PATH_UNCLEAR);
	assert_int_equal(r.told, 1400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_every_mtu),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
