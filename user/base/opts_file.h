/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A configuration file that is read by a table of options: one section, and in
 * it `option = value` by the long names, each once. A comment is a line that
 * starts with # or ;, or what stands behind a value, a blank and ;. The values
 * of a list are parted by commas, or the option stands there again.
 */
#ifndef UNREACH_BASE_OPTS_FILE_H
#define UNREACH_BASE_OPTS_FILE_H

#include "base/buf.h"
#include "base/opts.h"

#define OPTS_FILE_MOST 65536 /* bytes of a file */
#define OPTS_FILE_ROWS 64 /* options of a table, at the most */

/*
 * Fills `values` from the file and appends a line to `errors` for each thing
 * that is wrong: the file, the line, the option, the value, what is allowed.
 * *texts is what strings in `values` point into: to be freed when these are no
 * longer used, whatever came of it. Returns 0; -EINVAL where the content is
 * wrong; another -errno where it could not be read, which is said too.
 */
int opts_read_file(const struct opt *table, const char *section, const char *path, void *values,
		   char **texts, struct buf *errors);

#endif
