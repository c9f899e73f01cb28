/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random choices that can be made again: one sequence a program, from a seed
 * that the environment may set and the test prints.
 */
#ifndef UNREACH_TESTS_PROG_RANDOM_H
#define UNREACH_TESTS_PROG_RANDOM_H

#include <stdint.h>
#include <stdlib.h>

static uint64_t seed;

/* A number below `below`: xorshift64* (Vigna 2016), the same from the same seed everywhere. */
static inline uint32_t any(uint32_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (uint32_t)((seed * 0x2545f4914f6cdd1dULL) >> 32) % below;
}

/* A number from the environment. */
static inline unsigned long number(const char *name, unsigned long otherwise)
{
	const char *value = getenv(name);

	return value ? strtoul(value, NULL, 0) : otherwise;
}

#endif
