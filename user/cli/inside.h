/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The inside of a border in captures: a capture of its own that is read beside
 * the one from the outside, by time, or an interface in the same file. Feeds
 * the flow watcher (state/flows.h) with both.
 */
#ifndef UNREACH_CLI_INSIDE_H
#define UNREACH_CLI_INSIDE_H

#include "source/pcap.h"
#include "state/flows.h"

struct inside {
	const char *name; /* of the file or interface; NULL: there is no inside */
	bool is_file;
	bool met; /* a frame of the inside was */
	struct capture capture;
	struct frame frame; /* the next one of the file */
	bool pending; /* there is one */
	uint64_t last; /* time of the last one that was taken in, ns; 0: none was */
	struct flows flows;
};

/* `name` is a file if there is one of that name, else an interface. 0, or -errno with
 * in->capture.error. */
int inside_open(struct inside *in, const char *name);
/* Takes in what came on the inside up to the time `now`, in its order; 0 or -errno as above. */
int inside_advance(struct inside *in, uint64_t now);
/* Takes in a frame of the capture from the outside, of the interface in that slot; 0 or -ENOMEM. */
int inside_take(struct inside *in, const struct frame *frame, uint32_t slot);
void inside_close(struct inside *in);

#endif
