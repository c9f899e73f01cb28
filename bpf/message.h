/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A message on its way through the program: the little of it that every
 * message is asked for. Most messages need no more, so the rest is decoded
 * into the workspace only where an event or a path wants it. What is not
 * static here the verifier walks by itself, and not once for each way to get
 * there.
 */
#ifndef UNREACH_BPF_MESSAGE_H
#define UNREACH_BPF_MESSAGE_H

#include "maps.h"
#include "sum.h"

/* No place is beyond, which the verifier must be told of what it can't follow. */
#define PLACE_MASK 0x3fff
_Static_assert(UNREACH_FRAME_SPAN <= PLACE_MASK, "the mask covers all places");

static __always_inline struct workspace *workspace_of_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&workspace, &zero);
}

static __always_inline struct unreach_cursor frame_cursor(struct xdp_md *ctx)
{
	return unreach_cursor((const void *)(long)ctx->data, (const void *)(long)ctx->data_end);
}

/* What the frame is. Each kind of device has code of its own, and the other's is dead at load. */
static __always_inline enum unreach_outcome find(struct unreach_cursor *c)
{
	return link_type == UNREACH_LINK_IP ? unreach_find(c, UNREACH_LINK_IP)
					    : unreach_find(c, UNREACH_LINK_ETHERNET);
}

/* Puts the cursor to where the message stands. */
static __always_inline void cursor_to(struct unreach_cursor *c, const struct place *place)
{
	c->ip = place->ip & PLACE_MASK;
	c->at = place->at & PLACE_MASK;
	c->limit = place->limit;
}

/* Notes the address (4 bytes, network order) for that table. */
static __always_inline void message_host(struct message *m, enum unreach_table table,
					 const __u8 *addr)
{
	m->hosts[table] = *(const __u32 *)addr;
	m->tables |= 1 << table;
}

/* Under which a table remembers the message's address. */
static __always_inline struct unreach_host_key host_key(__u32 address)
{
	struct unreach_host_key key = { .slot = slot };

	unreach_ipv4(&key.addr, (const __u8 *)&address);
	return key;
}

/* Reads what every message is asked for, of one that find has found. */
static __always_inline void message_read(struct message *m, struct unreach_cursor *c)
{
	const __u8 *quoted;

	m->length = unreach_be16(c->outer + 2);
	m->code = c->icmp[1];
	m->tables = 0;
	m->hosts[UNREACH_SOURCES] = 0; /* emit is given it even where sources are not tracked */
	if (track & 1 << UNREACH_SOURCES)
		message_host(m, UNREACH_SOURCES, c->outer + 12);
	quoted = track & 1 << UNREACH_TARGETS ? unreach_quoted_ip(c, 20) : 0;
	if (quoted)
		message_host(m, UNREACH_TARGETS, quoted + 16);
	quoted = track & 1 << UNREACH_SENDERS ? unreach_quoted_ip(c, 16) : 0;
	if (quoted)
		message_host(m, UNREACH_SENDERS, quoted + 12);
	m->checksum = unreach_checksum(c, sum_message);
	m->place = (struct place){ c->ip, c->at, c->limit, 0 };
}

/* Copies the frame, as far as it is ever looked at, into the workspace; how many bytes, 0: none. */
static __always_inline __u32 copy_frame(struct xdp_md *ctx, struct workspace *work)
{
	__u64 last = bpf_xdp_get_buff_len(ctx) - 1;

	if (last >= sizeof(work->frame))
		last = sizeof(work->frame) - 1;
	OPAQUE(last); /* or the compiler hides from old verifiers that the length is not 0 */
	return bpf_xdp_load_bytes(ctx, 0, work->frame, last + 1) ? 0 : last + 1;
}

/* A cursor over the `copied` bytes of the frame in the workspace. */
static __always_inline struct unreach_cursor copy_cursor(const struct workspace *work, __u32 copied)
{
	if (copied > sizeof(work->frame))
		copied = 0;
	return unreach_cursor(work->frame, work->frame + copied);
}

/*
 * What the frame is by a copy of all of it, and the message, in the workspace. The kernel
 * refuses no copy; if it did, the frame would be what its linear part says, `linear`, but
 * there would be no message.
 */
__noinline __u32 read_copy(struct xdp_md *ctx, __u32 linear)
{
	struct workspace *work = workspace_of_cpu();
	enum unreach_outcome outcome;
	struct unreach_cursor c;
	__u32 copied;

	if (!work || !have_load_bytes) /* walked even where it is not called */
		return UNREACH_NOT_OURS;
	copied = copy_frame(ctx, work);
	if (!copied)
		return linear == UNREACH_OK ? UNREACH_TRUNCATED : linear;
	c = copy_cursor(work, copied);
	outcome = find(&c);
	if (outcome == UNREACH_OK) {
		message_read(&work->message, &c);
		work->message.place.copied = copied;
	}
	return outcome;
}

/* By twos, the most that a MAC address in a frame and in a record is aligned to. */
static __always_inline void copy_mac(__u8 *to, const __u8 *from)
{
	((__u16 *)to)[0] = ((const __u16 *)from)[0];
	((__u16 *)to)[1] = ((const __u16 *)from)[1];
	((__u16 *)to)[2] = ((const __u16 *)from)[2];
}

/* Decodes the message at the cursor's place, of a frame that is looked at from its first byte. */
static __always_inline void decode(struct unreach_cursor *c, const struct place *place,
				   __u32 checksum, struct unreach_event *event, __u8 *neighbour)
{
	const __u8 *source = link_type == UNREACH_LINK_ETHERNET ? unreach_at(c, 6, 6) : 0;

	cursor_to(c, place);
	c->tags = (c->ip - unreach_link_header(link_type)) / 4;
	if (source)
		copy_mac(neighbour, source);
	else
		__builtin_memset(neighbour, 0, 6);
	unreach_fill(c, link_type, event);
	unreach_judge(checksum, event);
}

/* Decodes the message into the workspace, from where it stands in the frame. */
__noinline int decode_frame(struct xdp_md *ctx, __u32 checksum)
{
	struct workspace *work = workspace_of_cpu();
	struct unreach_cursor c = frame_cursor(ctx);

	if (work)
		decode(&c, &work->message.place, checksum, &work->event, work->neighbour);
	return 0;
}

/* Decodes the message into the workspace, from the frame's copy. */
__noinline int decode_copy(__u32 checksum)
{
	struct workspace *work = workspace_of_cpu();
	struct unreach_cursor c;

	if (!work)
		return 0;
	c = copy_cursor(work, work->message.place.copied);
	decode(&c, &work->message.place, checksum, &work->event, work->neighbour);
	return 0;
}

#endif
