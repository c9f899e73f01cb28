/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The Community ID (version 1, seed 0) of the datagram that a message quotes:
 * the name by which flow logs of other programs know its flow. Knows nothing of
 * lines and options.
 */
#ifndef UNREACH_STATE_COMMUNITY_H
#define UNREACH_STATE_COMMUNITY_H

#include <stdbool.h>

#include "unreach/abi.h"

/* "1:", a SHA-1 in base64, a zero byte. */
#define COMMUNITY_ID_SIZE 31

/*
 * Both directions of a flow have the same one. False, and nothing written,
 * where too little is quoted: an address, the protocol, or the ports of one that
 * has ports (a later fragment quotes none).
 */
bool community_id(const struct unreach_event *e, char text[COMMUNITY_ID_SIZE]);

#endif
