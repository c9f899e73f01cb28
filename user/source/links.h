/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Word from the kernel that network interfaces have come, gone or changed
 * (rtnetlink(7), RTMGRP_LINK). Says that something did, not what: words can
 * get lost, so whoever listens looks for himself.
 */
#ifndef UNREACH_SOURCE_LINKS_H
#define UNREACH_SOURCE_LINKS_H

struct links;

/* NULL with errno. */
struct links *links_open(void);
/* Readable when there is word. */
int links_fd(const struct links *l);
/* Takes what there is of it. */
void links_take(struct links *l);
/* NULL-safe. */
void links_close(struct links *l);

#endif
