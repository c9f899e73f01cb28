/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Texts of a few characters for the cells of `top`. Knows no screen. */
#ifndef UNREACH_CLI_TOP_WORDS_H
#define UNREACH_CLI_TOP_WORDS_H

#include <stdint.h>

struct top_word {
	char text[24];
};

/* "12s", "3m", "5h", "2d" before `now`, both Unix ns; "-" for 0. */
struct top_word top_ago(uint64_t at, uint64_t now);
/* "0.5", "12345", "1.25M"; "-" below 0. */
struct top_word top_rate(double rate);

#endif
