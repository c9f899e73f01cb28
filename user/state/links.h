/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What kind of link an MTU speaks of, where it is a common one. */
#ifndef UNREACH_STATE_LINKS_H
#define UNREACH_STATE_LINKS_H

#include <stdint.h>

/* "GRE" for 1476; NULL where the MTU tells nothing. */
const char *link_by_mtu(uint32_t mtu);

#endif
