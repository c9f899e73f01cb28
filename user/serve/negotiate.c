// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The Accept header: media ranges between commas, parameters between
 * semicolons. What cannot be understood is passed over.
 */
#include "serve/negotiate.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t"

/* A stretch of the header. */
struct part {
	const char *at;
	size_t length;
};

/* The next part up to one of `ends`, without blanks around it; moves *at to that end. */
static struct part next_part(const char **at, const char *ends)
{
	const char *from = *at + strspn(*at, BLANKS);
	size_t length = strcspn(from, ends);

	*at = from + length;
	while (length && strchr(BLANKS, from[length - 1]))
		length--;
	return (struct part){ from, length };
}

static bool is(struct part p, const char *text)
{
	return p.length == strlen(text) && !strncasecmp(p.at, text, p.length);
}

/* "q=0", "q=0.00" */
static bool is_refusal(struct part p)
{
	return p.length > 2 && !strncasecmp(p.at, "q=", 2) &&
	       strspn(p.at + 2, "0.") >= p.length - 2;
}

/* Is it another version than ours? */
static bool is_foreign(struct part p)
{
	return p.length > 8 && !strncasecmp(p.at, "version=", 8) && !is(p, "version=1.0.0");
}

bool negotiate_openmetrics(const char *accept)
{
	const char *at = accept;

	while (at && *at) {
		bool wanted = is(next_part(&at, ",;"), "application/openmetrics-text");

		while (*at == ';') {
			struct part parameter;

			at++;
			parameter = next_part(&at, ",;");
			if (is_refusal(parameter) || is_foreign(parameter))
				wanted = false;
		}
		if (wanted)
			return true;
		at += *at == ',';
	}
	return false;
}
