// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Three modes: a code is being typed, the help is shown, or neither. */
#include "cli/top_keys.h"

#include <stdio.h>
#include <string.h>

#include "cli/top_term.h"
#include "view/view.h"

static enum top_effect accept_code(struct top_choice *choice)
{
	int code = choice->typed[0] ? view_code(choice->typed) : -1;

	choice->typing = false;
	if (choice->typed[0] && code < 0) {
		snprintf(choice->said, sizeof(choice->said),
			 "no code is called '%s'; `unreach explain` lists them", choice->typed);
		return EFFECT_NONE;
	}
	choice->code = code;
	return EFFECT_FORGET;
}

static enum top_effect type(struct top_choice *choice, int key)
{
	size_t len = strlen(choice->typed);

	if (key == TERM_ENTER)
		return accept_code(choice);
	if (key == TERM_ESCAPE)
		choice->typing = false;
	else if (key == TERM_BACKSPACE && len)
		choice->typed[len - 1] = 0;
	else if (key > ' ' && key <= '~' && len < sizeof(choice->typed) - 1)
		choice->typed[len] = (char)key;
	return EFFECT_NONE;
}

static enum top_effect ask_code(struct top_choice *choice)
{
	choice->typing = true;
	memset(choice->typed, 0, sizeof(choice->typed));
	return EFFECT_NONE;
}

/* After the last one all of them. */
static enum top_effect next_interface(struct top_choice *choice, const struct top_data *d)
{
	unsigned int i = 0;

	while (choice->interface[0] && i < d->count &&
	       strcmp(d->interfaces[i++].name, choice->interface))
		;
	if (i < d->count)
		snprintf(choice->interface, sizeof(choice->interface), "%s", d->interfaces[i].name);
	else
		choice->interface[0] = 0;
	return EFFECT_FORGET;
}

static enum top_effect next_pane(struct top_choice *choice)
{
	if (choice->pane == TOP_ALERTS)
		choice->pane = TOP_SOURCES;
	else
		choice->pane = choice->pane == TOP_PATHS ? TOP_ALERTS : choice->pane + 1;
	return EFFECT_ASK;
}

/* Does it show what has to be asked for? */
static bool must_ask(int key)
{
	return key == 'c' || key == 'i' || key == 't' || key == '\t';
}

/* Nothing may be asked now. */
static bool is_held(struct top_choice *choice, int key)
{
	if (!choice->paused || !must_ask(key))
		return false;
	snprintf(choice->said, sizeof(choice->said), "paused, nothing is asked; p goes on");
	return true;
}

static enum top_effect command(struct top_choice *choice, const struct top_data *d, int key)
{
	switch (key) {
	case 'q':
		return EFFECT_QUIT;
	case 'h':
	case '?':
		choice->help = true;
		return EFFECT_NONE;
	case 'p':
	case ' ':
		choice->paused = !choice->paused;
		return choice->paused ? EFFECT_NONE : EFFECT_ASK;
	case 's':
		choice->sort = (choice->sort + 1) % TOP_SORTS;
		return EFFECT_NONE;
	case 'c':
		return ask_code(choice);
	case 'i':
		return next_interface(choice, d);
	case 't':
	case '\t':
		return next_pane(choice);
	default:
		return EFFECT_NONE;
	}
}

enum top_effect top_key(struct top_choice *choice, const struct top_data *d, int key)
{
	choice->said[0] = 0;
	if (choice->typing)
		return type(choice, key);
	if (choice->help) {
		choice->help = false;
		return key == 'q' ? EFFECT_QUIT : EFFECT_NONE;
	}
	return is_held(choice, key) ? EFFECT_NONE : command(choice, d, key);
}
