/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A diagnosis as text for people or as one JSON object. Judges nothing. */
#ifndef UNREACH_CLI_DIAGNOSE_SHOW_H
#define UNREACH_CLI_DIAGNOSE_SHOW_H

#include "cli/diagnose_verdict.h"

/* `socket`: where the monitor was looked for. Both append; what is out of memory is in b->failed.
 */
void show_diagnosis_text(struct buf *b, const struct diagnosis *d, const struct verdict *v,
			 const char *socket);
/* `unix_ns`: when it was begun; `seconds`: what it took. */
void show_diagnosis_json(struct buf *b, const struct diagnosis *d, const struct verdict *v,
			 uint64_t unix_ns, double seconds);

#endif
