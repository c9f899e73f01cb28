/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Messages made for tests that count: who reports what of whom is a number
 * each, everything else is the same. Knows nothing of the program.
 */
#ifndef UNREACH_TESTS_PROG_MESSAGE_H
#define UNREACH_TESTS_PROG_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "unreach/classify.h"

#define MESSAGE_SIZE (14 + 20 + 8 + 28)
#define MESSAGE_LENGTH (MESSAGE_SIZE - 14)

struct message {
	uint32_t source, sender, target; /* 24 bits each: hosts of 10/8, 192/8, 203/8 */
	uint8_t code;
	bool bad; /* has a wrong checksum */
};

static inline void message_host(uint8_t *to, uint8_t net, uint32_t host)
{
	to[0] = net;
	to[1] = (uint8_t)(host >> 16);
	to[2] = (uint8_t)(host >> 8);
	to[3] = (uint8_t)host;
}

/* Fills an Ethernet frame of MESSAGE_SIZE bytes. */
static inline void message_frame(const struct message *m, uint8_t *frame)
{
	static const uint8_t same[MESSAGE_SIZE] = {
		[12] = 0x08, [14] = 0x45, [17] = MESSAGE_LENGTH, [22] = 60, [23] = 1,
		[30] = 192,  [34] = 3,	  [42] = 0x45,		 [45] = 60, [50] = 60,
		[51] = 17
	};
	uint32_t sum = 0;
	uint16_t check;

	memcpy(frame, same, sizeof(same));
	message_host(frame + 26, 10, m->source);
	message_host(frame + 54, 192, m->sender);
	message_host(frame + 58, 203, m->target);
	frame[35] = m->code;
	for (int i = 34; i < MESSAGE_SIZE; i += 2)
		sum += (uint32_t)(frame[i] << 8 | frame[i + 1]);
	check = (uint16_t)(~unreach_fold(sum) ^ m->bad);
	frame[36] = (uint8_t)(check >> 8);
	frame[37] = (uint8_t)check;
}

/* The key under which a table remembers the host of that net. */
static inline struct unreach_host_key message_key(uint8_t net, uint32_t host, uint32_t slot)
{
	struct unreach_host_key key = { .addr.bytes = { [10] = 0xff, [11] = 0xff }, .slot = slot };

	message_host(key.addr.bytes + 12, net, host);
	return key;
}

#endif
