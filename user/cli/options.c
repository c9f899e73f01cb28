// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* One line on stderr for what can't be done as it was asked for. */
#include "cli/options.h"

#include <errno.h>

#include "base/log.h"
#include "view/view.h"

int options_parse(const struct opt *table, int argc, char **argv, void *values, char **operands,
		  int *count)
{
	char error[256];
	int rc = opts_parse(table, argc, argv, values, operands, count, error, sizeof(error));

	if (rc)
		log_error("%s", error);
	return rc;
}

static int wrong(const char *option, const char *value, const char *allowed)
{
	log_error("--%s %s: must be %s", option, value, allowed);
	return -EINVAL;
}

int options_code(const char *text)
{
	int code = view_code(text);

	if (code < 0)
		return wrong("code", text, "a number from 0 to 15 or a code's name");
	return code;
}

int options_address(const char *option, const char *text, struct unreach_addr *addr)
{
	if (addr_parse(addr, text))
		return wrong(option, text, "an IP address");
	return 0;
}

int options_interface(const char *name)
{
	const char *c = name;

	while ((unsigned char)*c > ' ')
		c++;
	if (c > name && !*c && c - name < UNREACH_NAME_LEN)
		return 0;
	return wrong("interface", name, "an interface's name");
}
