// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The reader of configuration files. The grammar is inih's; what inih cuts or
 * takes without a word is refused before it gets there, line by line: lines
 * longer than its buffer, bytes that no text has, sections that nobody reads, a
 * colon in the place of =.
 */
#include "base/opts_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reader {
	const struct opt *table;
	const char *section, *path;
	void *values;
	struct buf *errors;
	const char *at, *end; /* what is left of the content */
	unsigned int line; /* the one that was handed out last */
	bool windows; /* lines that end in CR LF: said once */
	bool foreign; /* below another section's name */
	char *texts; /* room for all values: together they are shorter than the file */
	size_t used;
	unsigned int told[OPTS_FILE_ROWS]; /* the line in which an option stands first */
};

#define SAY(r, format, ...) \
	buf_printf((r)->errors, "%s:%u: " format "\n", (r)->path, (r)->line, __VA_ARGS__)

static int judged_right(void *context, const char *section, const char *name, const char *value)
{
	(void)context;
	(void)section;
	(void)name;
	(void)value;
	return 1;
}

static bool is_comment(char c)
{
	return c == '#' || c == ';';
}

/* "[section]", and a comment at the most. */
static bool names_section(const char *line, const char *section)
{
	size_t length = strlen(section);

	if (strncmp(line + 1, section, length) != 0 || line[1 + length] != ']')
		return false;
	line += length + 2;
	line += strspn(line, " \t");
	return !*line || is_comment(*line);
}

static bool has_controls(const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (iscntrl((unsigned char)line[i]) && line[i] != '\t')
			return true;
	return false;
}

/* The next line of the content without its end and the blanks around it; its length. */
static size_t cut_line(struct reader *r, const char **line)
{
	const char *end = memchr(r->at, '\n', (size_t)(r->end - r->at));
	const char *from = r->at;

	r->line++;
	r->at = end ? end + 1 : r->end;
	end = end ? end : r->end;
	if (end > from && end[-1] == '\r') {
		end--;
		if (!r->windows)
			SAY(r, "ends in %s, as on Windows; lines of this file end in LF alone",
			    "CR LF");
		r->windows = true;
	}
	while (end > from && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	while (end > from && (*from == ' ' || *from == '\t'))
		from++;
	*line = from;
	return (size_t)(end - from);
}

/* May inih see this line? What is wrong with it is said; a section's name ends the one before. */
static bool is_line(struct reader *r, const char *line)
{
	if (*line == '[') {
		r->foreign = !names_section(line, r->section);
		if (r->foreign)
			SAY(r, "'%s' is not [%s], the only section that is read", line, r->section);
		return !r->foreign;
	}
	if (line[strcspn(line, "=:")] == '=' && !ini_parse_string(line, judged_right, NULL))
		return true;
	SAY(r, "'%s' is neither 'option = value' nor a comment", line);
	return false;
}

/* inih's reader: the next line into `text`, an empty one in the place of one that is refused. */
static char *hand_out(char *text, int size, void *context)
{
	struct reader *r = context;
	const char *line;
	size_t length;

	if (r->at == r->end)
		return NULL;
	length = cut_line(r, &line);
	text[0] = '\0';
	if (has_controls(line, length)) {
		SAY(r, "holds %s: this is a text file, with LF at the end of a line",
		    "a control character");
	} else if (!length || is_comment(*line)) {
		return text;
	} else if (length + 2 > (size_t)size) { /* inih takes one that fills it for two */
		SAY(r, "is longer than %d bytes", size - 2);
	} else {
		memcpy(text, line, length);
		text[length] = '\0';
		if (!is_line(r, text))
			text[0] = '\0';
	}
	return text;
}

/* A copy that lives as long as the values. */
static char *keep(struct reader *r, const char *value)
{
	size_t size = strlen(value) + 1;
	char *copy = memcpy(r->texts + r->used, value, size);

	r->used += size;
	return copy;
}

static void set(struct reader *r, const struct opt *o, const char *value)
{
	char error[512];

	if (opt_set(o, value, r->values, error, sizeof(error)))
		SAY(r, "%s: %s", o->name, error);
}

/* "a, b" */
static void set_each(struct reader *r, const struct opt *o, char *value)
{
	char *next;

	do {
		char *end = value + strcspn(value, ",");

		next = *end ? end + 1 : NULL;
		while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
			end--;
		*end = '\0';
		set(r, o, value + strspn(value, " \t"));
		value = next;
	} while (next);
}

/* What would be a part of the value, and hardly was meant so. */
static bool is_plain(struct reader *r, const struct opt *o, const char *value)
{
	if (*value == '"' || *value == '\'')
		SAY(r, "%s: %s: values are written without quotes", o->name, value);
	else if (strstr(value, " #") || strstr(value, "\t#") || *value == '#')
		SAY(r, "%s: '%s': behind a value a comment begins with ;", o->name, value);
	else
		return true;
	return false;
}

static const struct opt *find(const struct opt *table, const char *name)
{
	while (table->name && strcmp(table->name, name) != 0)
		table++;
	return table->name ? table : NULL;
}

/* May it stand here? */
static bool is_allowed(struct reader *r, const struct opt *o)
{
	unsigned int *told = &r->told[o - r->table];

	if (o->not_in_file) {
		SAY(r, "%s: belongs on the command line, not into a file", o->name);
		return false;
	}
	if (o->kind != OPT_LIST && *told) {
		SAY(r, "%s: stands in line %u already", o->name, *told);
		return false;
	}
	*told = r->line;
	return true;
}

/* inih's handler. All is said here, so for inih nothing is ever wrong. */
static int take(void *context, const char *section, const char *name, const char *value)
{
	struct reader *r = context;
	const struct opt *o = find(r->table, name);

	if (r->foreign)
		return 1;
	if (!*section)
		SAY(r, "%s: stands before [%s]", name, r->section);
	else if (!o)
		SAY(r, "unknown option '%s'; --help lists them", name);
	else if (is_allowed(r, o) && is_plain(r, o, value)) {
		if (o->kind == OPT_LIST)
			set_each(r, o, keep(r, value));
		else
			set(r, o, keep(r, value));
	}
	return 1;
}

/* The content, `size` bytes of which fit; its length or -errno. */
static ssize_t read_content(const char *path, char *content, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), error = 0;
	ssize_t length = 0, n = 1;

	if (fd < 0)
		return -errno;
	while (n > 0 && (size_t)length < size) {
		n = read(fd, content + length, size - (size_t)length);
		if (n > 0)
			length += n;
		else if (n < 0)
			error = errno;
	}
	close(fd);
	return error ? -error : length;
}

/* One that cannot be read at all. */
static int refuse(struct reader *r, int rc)
{
	if (rc == -EFBIG)
		buf_printf(r->errors, "%s is longer than %d bytes: no configuration file is\n",
			   r->path, OPTS_FILE_MOST);
	else
		buf_printf(r->errors, "cannot read %s: %s\n", r->path, strerror(-rc));
	return rc;
}

static int parse(struct reader *r)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t before = r->errors->len;

	if (r->end - r->at >= 3 && !memcmp(r->at, mark, 3)) {
		r->line = 1;
		SAY(r, "begins with %s; save it as UTF-8 without one", "a byte order mark");
		r->line = 0;
		r->at += 3;
	}
	if (ini_parse_stream(hand_out, r, take, r) < 0)
		return refuse(r, -ENOMEM);
	return r->errors->len == before && !r->errors->failed ? 0 : -EINVAL;
}

int opts_read_file(const struct opt *table, const char *section, const char *path, void *values,
		   char **texts, struct buf *errors)
{
	struct reader r = {
		.table = table, .section = section, .path = path, .values = values, .errors = errors
	};
	char *content = malloc(OPTS_FILE_MOST + 1);
	ssize_t length = -ENOMEM;
	int rc;

	r.texts = *texts = malloc(OPTS_FILE_MOST + 1);
	if (content && r.texts)
		length = read_content(path, content, OPTS_FILE_MOST + 1);
	if (length > OPTS_FILE_MOST)
		length = -EFBIG;
	if (length < 0) {
		rc = refuse(&r, (int)length);
	} else {
		r.at = content;
		r.end = content + length;
		rc = parse(&r);
	}
	free(content);
	return rc;
}
