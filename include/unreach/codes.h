/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of the codes, for the host only: the kernel counts by number. */
#ifndef UNREACH_CODES_H
#define UNREACH_CODES_H

#include "abi.h"

static const char *const unreach_code_names[UNREACH_CODES] = {
#define UNREACH_CODE(number, name, ...) [number] = name,
#include "codes.def"
#undef UNREACH_CODE
};

/* The name of an IPv4 code; "unassigned" above 15. */
static inline const char *unreach_code_name(unsigned int code)
{
	return code < UNREACH_CODES ? unreach_code_names[code] : "unassigned";
}

#endif
