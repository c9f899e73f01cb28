/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which of two formats a request accepts. Knows no socket and no library. */
#ifndef UNREACH_SERVE_NEGOTIATE_H
#define UNREACH_SERVE_NEGOTIATE_H

#include <stdbool.h>

/*
 * Does the value of an Accept header (RFC 9110, 12.5.1; NULL: there is none)
 * name OpenMetrics 1.0.0, with or without its version? How it weighs it against
 * others does not matter, unless that is q=0.
 */
bool negotiate_openmetrics(const char *accept);

#endif
