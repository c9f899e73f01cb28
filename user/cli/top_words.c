// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Units grow with what is told, so that a word stays short. */
#include "cli/top_words.h"

#include <stdio.h>

#include "base/clock.h"

struct top_word top_ago(uint64_t at, uint64_t now)
{
	uint64_t s = now > at ? (now - at) / NS_PER_SEC : 0;
	struct top_word w = { "-" };

	if (!at)
		return w;
	if (s < 100)
		snprintf(w.text, sizeof(w.text), "%us", (unsigned int)s);
	else if (s < 100 * 60)
		snprintf(w.text, sizeof(w.text), "%um", (unsigned int)(s / 60));
	else if (s < 72 * 3600)
		snprintf(w.text, sizeof(w.text), "%uh", (unsigned int)(s / 3600));
	else
		snprintf(w.text, sizeof(w.text), "%llud", (unsigned long long)(s / 86400));
	return w;
}

struct top_word top_rate(double rate)
{
	struct top_word w = { "-" };

	if (rate >= 1e6)
		snprintf(w.text, sizeof(w.text), "%.2fM", rate / 1e6);
	else if (rate >= 999.95)
		snprintf(w.text, sizeof(w.text), "%.0f", rate);
	else if (rate >= 0)
		snprintf(w.text, sizeof(w.text), "%.1f", rate);
	return w;
}
