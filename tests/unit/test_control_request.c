// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Requests as bytes: what each says, and that everything else is refused in a way that helps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/addr.h"
#include "serve/request.h"

#define KEYS "there are json= lines= interface= code= rows="
#define EVENT_KEYS "there are json= interface= code= rows= source= target= follow="

static struct request request;
static char error[256];

static int parse(const char *line)
{
	return request_parse(&request, line, strlen(line), error, sizeof(error));
}

static void assert_refused(const char *line, const char *why)
{
	assert_int_equal(parse(line), -22);
	assert_string_equal(error, why);
}

static void documents(void **state)
{
	const struct view *view;

	(void)state;
	for (view = views; view->name; view++) {
		assert_int_equal(parse(view->name), 0);
		assert_ptr_equal(request.view, view);
		assert_false(request.json);
		assert_false(request.follow);
		assert_null(request.query.interface);
		assert_int_equal(request.query.code, -1);
		assert_int_equal(request.query.rows, view->show == view_alerts ? 0 : REQUEST_ROWS);
		assert_false(request.query.has_source || request.query.has_target);
	}
	assert_int_equal(parse("sources json=1 interface=eth0.100 code=4 rows=0"), 0);
	assert_true(request.json);
	assert_string_equal(request.query.interface, "eth0.100");
	assert_int_equal(request.query.code, 4);
	assert_int_equal(request.query.rows, 0);
	assert_int_equal(parse("  sources   code=port-unreachable  rows=4294967295 json=0 "), 0);
	assert_int_equal(request.query.code, 3);
	assert_int_equal(request.query.rows, UINT32_MAX);
	assert_false(request.json);
}

static void events(void **state)
{
	struct unreach_addr addr;

	(void)state;
	assert_int_equal(parse("events"), 0);
	assert_null(request.view);
	assert_false(request.follow);
	assert_int_equal(parse("events follow=1 source=192.0.2.1 target=2001:db8::9"), 0);
	assert_true(request.follow);
	assert_true(request.query.has_source && request.query.has_target);
	addr_parse(&addr, "192.0.2.1");
	assert_memory_equal(&request.query.source, &addr, sizeof(addr));
	addr_parse(&addr, "2001:db8::9");
	assert_memory_equal(&request.query.target, &addr, sizeof(addr));
}

/* A view, whose changes can be followed. */
static void alerts(void **state)
{
	(void)state;
	assert_int_equal(parse("alerts follow=1 json=1 interface=eth0"), 0);
	assert_ptr_equal(request.view->show, view_alerts);
	assert_true(request.follow && request.json);
	assert_int_equal(parse("alerts follow=0"), 0);
	assert_false(request.follow);
	assert_refused("alerts code=4",
		       "no key is called 'code' here; there are json= lines= interface= "
		       "follow=");
	assert_refused("paths follow=1", "no key is called 'follow' here; there are json= lines= "
					 "interface= code= rows=");
}

/* Of documents, in one form at a time. */
static void lines(void **state)
{
	static const char both[] = "lines=1 goes with neither json=1 nor follow=1";

	(void)state;
	assert_int_equal(parse("sources lines=1 rows=100 code=4"), 0);
	assert_true(request.lines);
	assert_int_equal(parse("alerts json=1 lines=0"), 0);
	assert_false(request.lines);
	assert_refused("codes lines=1 json=1", both);
	assert_refused("codes json=1 lines=1", both);
	assert_refused("alerts lines=1 follow=1", both);
	assert_refused("events lines=1", "no key is called 'lines' here; " EVENT_KEYS);
	assert_refused("codes lines=2", "lines= takes 0 or 1, not '2'");
}

/* An interface's name may hold anything but blanks. */
static void interfaces(void **state)
{
	(void)state;
	assert_int_equal(parse("codes interface=a=b'\"\\"), 0);
	assert_string_equal(request.query.interface, "a=b'\"\\");
	assert_int_equal(parse("codes interface=\xc3\xa4\xff"), 0);
	assert_string_equal(request.query.interface, "\xc3\xa4\xff");
	assert_int_equal(parse("codes interface=123456789012345"), 0);
	assert_refused("codes interface=1234567890123456",
		       "interface= takes a name of 1 to 15 bytes, not '1234567890123456'");
	assert_refused("codes interface=", "interface= takes a name of 1 to 15 bytes, not ''");
}

#define VIEWS "there are codes, sources, targets, senders, paths, alerts, status, events"

static void names(void **state)
{
	(void)state;
	assert_refused("", "no view is called ''; " VIEWS);
	assert_refused("   ", "no view is called ''; " VIEWS);
	assert_refused("path", "no view is called 'path'; " VIEWS);
	assert_refused("code", "no view is called 'code'; " VIEWS);
	assert_refused("CODES", "no view is called 'CODES'; " VIEWS);
	assert_refused("json=1 codes", "no view is called 'json=1'; " VIEWS);
	assert_refused("GET /metrics HTTP/1.1", "no view is called 'GET'; " VIEWS);
	assert_refused("x\xff\xfe%s%n", "no view is called 'x?\?%s%n'; " VIEWS);
}

static void keys(void **state)
{
	(void)state;
	assert_refused("codes json", "no key is called 'json' here; " KEYS);
	assert_refused("codes follow=1", "no key is called 'follow' here; " KEYS);
	assert_refused("sources source=192.0.2.1", "no key is called 'source' here; " KEYS);
	assert_refused("codes colour=1", "no key is called 'colour' here; " KEYS);
	assert_refused("codes =1", "no key is called '' here; " KEYS);
	assert_refused("codes 0123456789012345678901234567890123456789",
		       "no key is called '01234567890123456789012345678901' here; " KEYS);
	assert_refused("events Follow=1", "no key is called 'Follow' here; " EVENT_KEYS);
	assert_refused("codes json=1 json=1", "json= is given twice");
	assert_refused("events rows=1 code=3 rows=1", "rows= is given twice");
}

static void values(void **state)
{
	(void)state;
	assert_refused("codes json=", "json= takes 0 or 1, not ''");
	assert_refused("codes json=true", "json= takes 0 or 1, not 'true'");
	assert_refused("codes json=01", "json= takes 0 or 1, not '01'");
	assert_refused("codes json=1=1", "json= takes 0 or 1, not '1=1'");
	assert_refused("events follow=2", "follow= takes 0 or 1, not '2'");
	assert_refused("codes code=16", "code= takes 0 to 15, or the name of a code, not '16'");
	assert_refused("codes code=-1", "code= takes 0 to 15, or the name of a code, not '-1'");
	assert_refused("sources rows=", "rows= takes 0 (all) to 4294967295, not ''");
	assert_refused("sources rows=-1", "rows= takes 0 (all) to 4294967295, not '-1'");
	assert_refused("sources rows=+1", "rows= takes 0 (all) to 4294967295, not '+1'");
	assert_refused("sources rows=1x", "rows= takes 0 (all) to 4294967295, not '1x'");
	assert_refused("sources rows=4294967296",
		       "rows= takes 0 (all) to 4294967295, not '4294967296'");
	assert_refused("sources rows=18446744073709551616000",
		       "rows= takes 0 (all) to 4294967295, not '18446744073709551616000'");
	assert_refused("events source=host", "source= takes an address, not 'host'");
	assert_refused("events target=192.0.2.256", "target= takes an address, not '192.0.2.256'");
}

static void bytes(void **state)
{
	char line[REQUEST_MAX + 1];

	(void)state;
	assert_refused("codes\tjson=1", "byte 6 of the request is a control character; a request "
					"is one line: NAME key=value ...");
	assert_refused("codes\r", "byte 6 of the request is a control character; a request is "
				  "one line: NAME key=value ...");
	assert_int_equal(request_parse(&request, "codes\0json=1", 12, error, sizeof(error)), -22);
	assert_non_null(strstr(error, "byte 6 of"));
	memset(line, ' ', sizeof(line));
	memcpy(line, "status", 6);
	assert_int_equal(request_parse(&request, line, REQUEST_MAX - 1, error, sizeof(error)), 0);
	assert_int_equal(request_parse(&request, line, REQUEST_MAX, error, sizeof(error)), -22);
	assert_string_equal(error, "a request has at most 512 bytes");
}

/* An error that does not fit is cut, not written past its end. */
static void small_errors(void **state)
{
	size_t size;

	(void)state;
	for (size = 1; size < sizeof(error); size++) {
		char *exact = test_malloc(size);

		assert_int_equal(request_parse(&request, "nothing", 7, exact, size), -22);
		assert_int_equal(request_parse(&request, "events x", 8, exact, size), -22);
		assert_true(strlen(exact) < size);
		test_free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents),  cmocka_unit_test(events),
		cmocka_unit_test(alerts),     cmocka_unit_test(lines),
		cmocka_unit_test(interfaces), cmocka_unit_test(names),
		cmocka_unit_test(keys),	      cmocka_unit_test(values),
		cmocka_unit_test(bytes),      cmocka_unit_test(small_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
