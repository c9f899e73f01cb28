// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* All of codes.def. */
#include "cli/explain_pages.h"

#include <stddef.h>

const struct explain_code explain_codes[UNREACH_CODES] = {
#define UNREACH_CODE(number, ...) [number] = { __VA_ARGS__ },
#include "unreach/codes.def"
#undef UNREACH_CODE
};
