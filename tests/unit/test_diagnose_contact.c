// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What an entry of a socket's error queue means to a probe. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/diagnose_contact.h"
#include "cli/diagnose_socket.h"

enum { UNREACH = 3, REDIRECT = 5, TIME_EXCEEDED = 11 };

static const struct {
	const char *name;
	enum probe_kind kind;
	struct socket_error error;
	bool tells;
	enum outcome outcome;
	unsigned int seen; /* rows */
} errors[] = {
	{ "a reset",
	  PROBE_TCP,
	  { .local = true, .error = ECONNREFUSED },
	  true,
	  OUTCOME_REFUSED,
	  0 },
	{ "refused by REJECT",
	  PROBE_TCP,
	  { .type = UNREACH, .code = 3, .error = ECONNREFUSED },
	  true,
	  OUTCOME_UNREACHABLE,
	  1 },
	{ "UDP has no reset",
	  PROBE_UDP,
	  { .local = true, .error = ECONNREFUSED },
	  true,
	  OUTCOME_LOCAL,
	  0 },
	{ "no route", PROBE_TCP, { .local = true, .error = ENETUNREACH }, true, OUTCOME_LOCAL, 0 },
	{ "code 13",
	  PROBE_ECHO,
	  { .type = UNREACH, .code = 13, .error = EHOSTUNREACH },
	  true,
	  OUTCOME_UNREACHABLE,
	  1 },
	{ "too long",
	  PROBE_ECHO,
	  { .type = UNREACH, .code = 4, .mtu = 1400, .error = EMSGSIZE },
	  true,
	  OUTCOME_UNREACHABLE,
	  1 },
	{ "a loop",
	  PROBE_UDP,
	  { .type = TIME_EXCEEDED, .error = EHOSTUNREACH },
	  true,
	  OUTCOME_EXPIRED,
	  0 },
	{ "a redirect", PROBE_ECHO, { .type = REDIRECT, .error = EREMOTEIO }, false, 0, 0 },
};

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct probe_result result;
		struct seen seen = {};

		if (contact_judge(errors[i].kind, &errors[i].error, &result, &seen) !=
		    errors[i].tells)
			fail_msg("%s", errors[i].name);
		if (seen.count != errors[i].seen)
			fail_msg("%s: %u rows", errors[i].name, seen.count);
		if (!errors[i].tells)
			continue;
		if (result.outcome != errors[i].outcome || result.error != errors[i].error.error ||
		    result.code != errors[i].error.code)
			fail_msg("%s: outcome %d, code %u", errors[i].name, result.outcome,
				 result.code);
		if (seen.count)
			assert_int_equal(seen.rows[0].mtu, errors[i].error.mtu);
	}
}

/* Another code's second word is no MTU. */
static void test_mtu_of_code_4_alone(void **state)
{
	const struct socket_error e = { .type = UNREACH, .code = 13, .mtu = 77 };
	struct probe_result result;
	struct seen seen = {};

	(void)state;
	assert_true(contact_judge(PROBE_UDP, &e, &result, &seen));
	assert_int_equal(seen.rows[0].mtu, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_mtu_of_code_4_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
