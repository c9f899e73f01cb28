/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The daemon's way to its interfaces: which ones, and what the user should
 * know of each. How a program is attached is source/'s matter.
 */
#ifndef UNREACH_ATTACH_H
#define UNREACH_ATTACH_H

#include "base/opts.h"
#include "source/xdp.h"

/*
 * Watches each interface of the list, or the default route's, which is added
 * to it. With `wait` those that are not there, or are held by another program,
 * are waited for. 0 where at least one is watched or waited for, else the first
 * -errno; all is said.
 */
int attach_interfaces(struct xdp *xdp, struct opt_list *list, bool wait);
/* Looks at all interfaces again: one may have gone, or be back. Says what changed. */
void attach_again(struct xdp *xdp);
/*
 * Watches flows from the inside interface (NULL: not any more). A failure is
 * said, and costs silent black holes only; with `wait` it is waited for, as above.
 */
void attach_inside(struct xdp *xdp, const char *inside, bool wait);
/* Says why nothing can be said of silent black holes, once each time when that changes. */
void attach_judge_flows(struct xdp *xdp, enum flow_watch_state *said);

#endif
