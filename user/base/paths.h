/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where daemon and client meet, if nobody says otherwise. */
#ifndef UNREACH_BASE_PATHS_H
#define UNREACH_BASE_PATHS_H

#define CONTROL_SOCKET "/run/unreach/unreachd.sock"
/* Members of this group may use the socket. */
#define CONTROL_GROUP "unreach"

#endif
