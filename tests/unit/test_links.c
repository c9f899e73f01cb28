// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What an MTU says of a link, and that its neighbours say nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "state/links.h"

static const struct {
	uint32_t least, most;
	const char *name;
} known[] = {
	{ 576, 576, "old Internet minimum" },
	{ 1280, 1280, "IPv6 minimum" },
	{ 1420, 1420, "WireGuard" },
	{ 1436, 1440, "IPsec" },
	{ 1450, 1450, "VXLAN" },
	{ 1472, 1472, "GRE with a key" },
	{ 1476, 1476, "GRE" },
	{ 1480, 1480, "IP in IP" },
	{ 1492, 1492, "PPPoE" },
	{ 1496, 1496, "VLAN tag" },
	{ 1500, 1500, "Ethernet" },
	{ 9000, 9000, "jumbo frames" },
};

static const char *expected(uint32_t mtu)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (mtu >= known[i].least && mtu <= known[i].most)
			return known[i].name;
	return NULL;
}

/* Every MTU that fits an advert's field (RFC 1191, 4), and what a host could make of one. */
static void every_mtu(void **state)
{
	uint32_t mtu;

	(void)state;
	for (mtu = 0; mtu <= UINT16_MAX; mtu++) {
		const char *name = link_by_mtu(mtu), *want = expected(mtu);

		if (!want)
			assert_null(name);
		else
			assert_string_equal(name, want);
	}
	assert_null(link_by_mtu(UINT32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mtu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
