/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The path's MTU, by probes with DF set: what routers say to them, what the
 * host answers, and a search in between (diagnose_search.h). Fills d->path and
 * d->seen.
 */
#ifndef UNREACH_CLI_DIAGNOSE_PATH_H
#define UNREACH_CLI_DIAGNOSE_PATH_H

#include "cli/diagnose_result.h"

/* What it takes at most, of which the last part is kept to make sure of a hole. */
enum { PATH_SECONDS = 18, PATH_CONFIRM_SECONDS = 6 };

/* After contact(); does nothing where nobody was reached. */
void path_measure(struct diagnosis *d);

#endif
