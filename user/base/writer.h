/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What views speak: objects, arrays and typed values, written once and shown
 * as JSON, as lines for our own client, or as text for people. In that an array
 * of objects becomes a table whose columns are the keys of its rows, an object
 * inside a row is shown inline as "key:value key:value", a single value as
 * "key  value"; numbers stand to the right. The caller need not know which it is.
 */
#ifndef UNREACH_BASE_WRITER_H
#define UNREACH_BASE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "unreach/abi.h"

struct writer;

/* All append to `out`, which stays the caller's; NULL where memory is out. */
struct writer *writer_json(struct buf *out);
struct writer *writer_text(struct buf *out);
/* One line a value, "KEY.KEY<TAB>VALUE", printable ASCII; an empty line ends it. */
struct writer *writer_lines(struct buf *out);
/* Ends the document (a newline) and frees the writer; 0 or -ENOMEM. NULL-safe. */
int writer_finish(struct writer *w);

/* `key` is NULL inside arrays and for the outermost object. Keys are literals, they need no
 * escaping. */
void writer_object(struct writer *w, const char *key);
void writer_end_object(struct writer *w);
void writer_array(struct writer *w, const char *key);
void writer_end_array(struct writer *w);
void writer_string(struct writer *w, const char *key, const char *value); /* NULL: null */
void writer_u64(struct writer *w, const char *key, uint64_t value);
void writer_float(struct writer *w, const char *key, double value); /* one decimal place */
void writer_bool(struct writer *w, const char *key, bool value);
void writer_addr(struct writer *w, const char *key, const struct unreach_addr *value);
/* Unix ns as RFC 3339 (JSON) or local-free UTC time (text); 0 is null, "-" as text. */
void writer_time(struct writer *w, const char *key, uint64_t unix_ns);
/* Is it for people? Some things are put in other words for programs. */
bool writer_is_text(const struct writer *w);

#endif
