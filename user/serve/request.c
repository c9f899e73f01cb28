// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Bytes -> question. The line is copied, cut at its spaces, and each word goes
 * through the table of keys: what has no row there is refused. Pure, so that
 * tests and the fuzzer call it as the daemon does.
 */
#include "serve/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"

/* What a key is for. */
enum { EVENTS = 1 << 0, ALERTS = 1 << 1, VIEWS = 1 << 2, ALL = EVENTS | ALERTS | VIEWS };

struct key {
	const char *name;
	unsigned int subjects;
	const char *allowed;
	/* 0 or -EINVAL */
	int (*read)(struct request *r, const char *value);
};

static int read_bool(bool *to, const char *value)
{
	if (strcmp(value, "0") && strcmp(value, "1"))
		return -EINVAL;
	*to = *value == '1';
	return 0;
}

static int read_json(struct request *r, const char *value)
{
	return read_bool(&r->json, value);
}

static int read_lines(struct request *r, const char *value)
{
	return read_bool(&r->lines, value);
}

static int read_follow(struct request *r, const char *value)
{
	return read_bool(&r->follow, value);
}

static int read_interface(struct request *r, const char *value)
{
	if (!*value || strlen(value) >= sizeof(r->interface))
		return -EINVAL;
	strcpy(r->interface, value);
	r->query.interface = r->interface;
	return 0;
}

static int read_code(struct request *r, const char *value)
{
	r->query.code = view_code(value);
	return r->query.code < 0 ? -EINVAL : 0;
}

static int read_rows(struct request *r, const char *value)
{
	uint64_t rows = 0;

	if (!*value)
		return -EINVAL;
	for (; *value; value++) {
		if (*value < '0' || *value > '9')
			return -EINVAL;
		rows = 10 * rows + (uint64_t)(*value - '0');
		if (rows > UINT32_MAX)
			return -EINVAL;
	}
	r->query.rows = (uint32_t)rows;
	return 0;
}

static int read_source(struct request *r, const char *value)
{
	r->query.has_source = true;
	return addr_parse(&r->query.source, value);
}

static int read_target(struct request *r, const char *value)
{
	r->query.has_target = true;
	return addr_parse(&r->query.target, value);
}

static const struct key keys[] = {
	{ "json", ALL, "0 or 1", read_json },
	{ "lines", ALERTS | VIEWS, "0 or 1", read_lines },
	{ "interface", ALL, "a name of 1 to 15 bytes", read_interface },
	{ "code", EVENTS | VIEWS, "0 to 15, or the name of a code", read_code },
	{ "rows", EVENTS | VIEWS, "0 (all) to 4294967295", read_rows },
	{ "source", EVENTS, "an address", read_source },
	{ "target", EVENTS, "an address", read_target },
	{ "follow", EVENTS | ALERTS, "0 or 1", read_follow },
	{},
};

/* Which of these the request is. */
static unsigned int subject_of(const struct request *r)
{
	if (!r->view)
		return EVENTS;
	return r->view->show == view_alerts ? ALERTS : VIEWS;
}

/* What came, fit to be shown: not all of it, and nothing that is not print. */
struct shown {
	char text[33];
};

static struct shown shown(const char *word)
{
	struct shown s;
	size_t i;

	for (i = 0; i < sizeof(s.text) - 1 && word[i]; i++)
		s.text[i] = word[i] >= ' ' && word[i] <= '~' ? word[i] : '?';
	s.text[i] = 0;
	return s;
}

static int refuse_name(const char *name, char *error, size_t error_size)
{
	const struct view *view;
	size_t len;

	len = (size_t)snprintf(error, error_size, "no view is called '%s'; there are",
			       shown(name).text);
	for (view = views; view->name && len < error_size; view++)
		len += (size_t)snprintf(error + len, error_size - len, " %s,", view->name);
	if (len < error_size)
		snprintf(error + len, error_size - len, " events");
	return -EINVAL;
}

static int read_name(struct request *r, const char *name, char *error, size_t error_size)
{
	const struct view *view;

	if (!strcmp(name, "events"))
		return 0;
	for (view = views; view->name && strcmp(name, view->name); view++)
		;
	if (!view->name)
		return refuse_name(name, error, error_size);
	r->view = view;
	/* Few enough to be shown all: they can't be asked for by number. */
	if (subject_of(r) == ALERTS)
		r->query.rows = 0;
	return 0;
}

static int refuse_key(const struct request *r, const char *word, char *error, size_t error_size)
{
	const struct key *key;
	size_t len;

	len = (size_t)snprintf(error, error_size, "no key is called '%s' here; there are",
			       shown(word).text);
	for (key = keys; key->name && len < error_size; key++)
		if (key->subjects & subject_of(r))
			len += (size_t)snprintf(error + len, error_size - len, " %s=", key->name);
	return -EINVAL;
}

/* One "key=value"; `given` has a bit for each key that came before. */
static int read_key(struct request *r, char *word, unsigned int *given, char *error,
		    size_t error_size)
{
	char *value = strchr(word, '=');
	const struct key *key = keys;

	if (value)
		*value++ = 0;
	while (key->name && (strcmp(key->name, word) || !(key->subjects & subject_of(r))))
		key++;
	if (!value || !key->name)
		return refuse_key(r, word, error, error_size);
	if (*given & 1U << (key - keys)) {
		snprintf(error, error_size, "%s= is given twice", key->name);
		return -EINVAL;
	}
	*given |= 1U << (key - keys);
	if (!key->read(r, value))
		return 0;
	snprintf(error, error_size, "%s= takes %s, not '%s'", key->name, key->allowed,
		 shown(value).text);
	return -EINVAL;
}

/* A line of text without its end; -EINVAL where it is none, or too long. */
static int copy_line(char *line, const char *bytes, size_t len, char *error, size_t error_size)
{
	size_t i;

	if (len >= REQUEST_MAX) {
		snprintf(error, error_size, "a request has at most %d bytes", REQUEST_MAX);
		return -EINVAL;
	}
	for (i = 0; i < len; i++) {
		if ((unsigned char)bytes[i] < ' ' || bytes[i] == 0x7f) {
			snprintf(error, error_size,
				 "byte %zu of the request is a control character; "
				 "a request is one line: NAME key=value ...",
				 i + 1);
			return -EINVAL;
		}
	}
	memcpy(line, bytes, len);
	line[len] = 0;
	return 0;
}

int request_parse(struct request *r, const char *bytes, size_t len, char *error, size_t error_size)
{
	char line[REQUEST_MAX], *rest = NULL, *word;
	unsigned int given = 0;
	int rc;

	*r = (struct request){ .query = { .code = -1, .rows = REQUEST_ROWS } };
	rc = copy_line(line, bytes, len, error, error_size);
	if (rc)
		return rc;
	word = strtok_r(line, " ", &rest);
	rc = read_name(r, word ? word : "", error, error_size);
	while (!rc && (word = strtok_r(NULL, " ", &rest)))
		rc = read_key(r, word, &given, error, error_size);
	if (!rc && r->lines && (r->json || r->follow)) {
		snprintf(error, error_size, "lines=1 goes with neither json=1 nor follow=1");
		rc = -EINVAL;
	}
	return rc;
}
