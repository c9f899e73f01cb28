// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The daemon's configuration: defaults, the file over them, the command line over both. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <sysexits.h>

#include "config.h"
#include "temp_dir.h"

#define WORDS_MAX 16

/* The configuration by a file of these lines and a command line of words parted by spaces. */
static int read_config(struct config *c, const char *lines, const char *words)
{
	static char path[256], copy[256];
	char *argv[WORDS_MAX] = { "unreachd", "-c", path };
	int argc = 3;
	FILE *to;

	snprintf(path, sizeof(path), "%s", temp_path("conf"));
	to = fopen(path, "w");
	assert_non_null(to);
	fprintf(to, "[unreachd]\n%s", lines);
	assert_int_equal(fclose(to), 0);
	snprintf(copy, sizeof(copy), "%s", words);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	return config_read(c, argc, argv);
}

static void test_defaults(void **state)
{
	char *argv[] = { "unreachd", NULL };
	struct config none, empty;

	(void)state;
	assert_int_equal(config_read(&none, 1, argv), -1);
	assert_int_equal(read_config(&empty, "", ""), -1);
	assert_int_equal(empty.xdp.event_rate, 10);
	assert_int_equal(empty.xdp.snaplen, 0); /* no pcap */
	assert_string_equal(empty.socket, "/run/unreach/unreachd.sock");
	assert_non_null(empty.file);
	assert_memory_equal(&none.xdp, &empty.xdp, sizeof(none.xdp));
	config_free(&none);
	config_free(&empty);
}

static void test_file(void **state)
{
	struct config c;

	(void)state;
	assert_int_equal(read_config(&c,
				     "interface = a, b\nmode = generic\nevent-rate = 7\n"
				     "pin-dir = none\npcap = /p\ninside = i\nwait = yes\n",
				     ""),
			 -1);
	assert_int_equal(c.interfaces.count, 2);
	assert_string_equal(c.interfaces.values[1], "b");
	assert_int_equal(c.xdp.mode, XDP_MODE_GENERIC);
	assert_int_equal(c.xdp.event_rate, 7);
	assert_null(c.xdp.pin_dir);
	assert_string_equal(c.pcap, "/p");
	assert_int_equal(c.xdp.snaplen, 256);
	assert_true(c.wait && c.xdp.watch_flows && !c.text);
	config_free(&c);
}

static void test_command_line_wins(void **state)
{
	struct config c;

	(void)state;
	assert_int_equal(read_config(&c,
				     "interface = a, b\nmode = generic\nevent-rate = 7\n"
				     "wait = no\ntext = yes\nlog = /file\n",
				     "-i c -m native --wait --text=no --pcap /words"),
			 -1);
	assert_int_equal(c.interfaces.count, 1);
	assert_string_equal(c.interfaces.values[0], "c");
	assert_true(c.wait && !c.text);
	assert_int_equal(c.xdp.mode, XDP_MODE_NATIVE);
	assert_int_equal(c.xdp.event_rate, 7);
	assert_string_equal(c.log, "/file");
	assert_string_equal(c.pcap, "/words");
	config_free(&c);
}

/* The default differs from the same when it is asked for: only then it must be had. */
static void test_listen(void **state)
{
	static const struct unreach_addr localhost = { .bytes = { [15] = 1 } };
	struct config c;

	(void)state;
	assert_int_equal(read_config(&c, "", ""), -1);
	assert_true(c.listen.port == 10792 && !c.listen.given);
	config_free(&c);
	assert_int_equal(read_config(&c, "listen = 127.0.0.1:10792\n", ""), -1);
	assert_true(c.listen.port == 10792 && c.listen.given);
	config_free(&c);
	assert_int_equal(read_config(&c, "listen = none\n", "--listen [::1]:80"), -1);
	assert_int_equal(c.listen.port, 80);
	assert_memory_equal(&c.listen.addr, &localhost, sizeof(localhost));
	config_free(&c);
	assert_int_equal(read_config(&c, "listen = [::1]:80\n", "--listen none"), -1);
	assert_int_equal(c.listen.port, 0);
	config_free(&c);
	assert_int_equal(read_config(&c, "listen = ::1:80\n", ""), EX_CONFIG);
	config_free(&c);
}

static void test_status(void **state)
{
	struct config c;

	(void)state;
	assert_int_equal(read_config(&c, "mode = x\n", ""), EX_CONFIG);
	config_free(&c);
	assert_int_equal(read_config(&c, "", "-m x"), EX_USAGE);
	config_free(&c);
	assert_int_equal(read_config(&c, "", "--check-config"), 0);
	config_free(&c);
}

static int status_of(const char *lines, const char *words)
{
	struct config c;
	int status = read_config(&c, lines, words);

	config_free(&c);
	return status;
}

/* JSON, pcapng and text in one file are none of them. */
static void test_one_sink_a_file(void **state)
{
	(void)state;
	assert_int_equal(status_of("", "-l - -w - --check-config"), EX_CONFIG);
	assert_int_equal(status_of("log = -\n", "-t"), EX_CONFIG);
	assert_int_equal(status_of("pcap = -\ntext = yes\n", ""), EX_CONFIG);
	assert_int_equal(status_of("log = x\npcap = x\n", ""), EX_CONFIG);
	assert_int_equal(status_of("log = x\npcap = y\n", "-t"), -1);
	assert_int_equal(status_of("log = x\npcap = -\n", ""), -1);
	assert_int_equal(status_of("log = x\npcap = x\n", "--version"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_command_line_wins),
		cmocka_unit_test(test_listen),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_one_sink_a_file),
	};

	temp_dir_make();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
