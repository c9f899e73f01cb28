/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A key changes what the user chose. Pure; knows no terminal but its keys' numbers. */
#ifndef UNREACH_CLI_TOP_KEYS_H
#define UNREACH_CLI_TOP_KEYS_H

#include "cli/top_choice.h"

/* What is to be done beside showing it. */
enum top_effect {
	EFFECT_NONE,
	EFFECT_ASK, /* something else is shown: ask for it */
	EFFECT_FORGET, /* and what was known is about something else */
	EFFECT_QUIT,
};

enum top_effect top_key(struct top_choice *choice, const struct top_data *d, int key);

#endif
