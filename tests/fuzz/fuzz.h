/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every fuzzer has: libFuzzer's entries, a check that it takes for a find, its flags. */
#ifndef UNREACH_TESTS_FUZZ_FUZZ_H
#define UNREACH_TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdlib.h>

#define FUZZ_FLAGS_MOST 64

#define CHECK(condition)                  \
	do {                              \
		if (!(condition))         \
			__builtin_trap(); \
	} while (0)

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* From LLVMFuzzerInitialize, once: one more flag for libFuzzer. */
static inline void fuzz_add_flag(int *argc, char ***argv, char *flag)
{
	static char *flags[FUZZ_FLAGS_MOST + 2];

	if (*argc > FUZZ_FLAGS_MOST)
		abort();
	for (int i = 0; i < *argc; i++)
		flags[i] = (*argv)[i];
	flags[(*argc)++] = flag;
	*argv = flags;
}

#endif
