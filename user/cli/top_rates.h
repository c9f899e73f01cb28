/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What `top` knows by having asked before: history, and rates of rows. `now` is CLOCK_MONOTONIC. */
#ifndef UNREACH_CLI_TOP_RATES_H
#define UNREACH_CLI_TOP_RATES_H

#include "cli/top_data.h"

/* Goes on with the history by the interfaces as they were just answered. */
void top_rates_sample(struct top_data *d, uint64_t now);
/* Gives the rows that were just answered their rates. */
void top_rates_of_rows(struct top_table *t, uint64_t now);

#endif
