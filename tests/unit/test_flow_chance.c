// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Crowds of TCP flows whose packets are lost at random, both ways: not one may
 * be suspect. Senders as RFC 6298 and RFC 6675 have them, in rounds: what is
 * due is sent, and a round trip later what came of it is heard. All begin at
 * once, so that something is measured before the first one can be judged.
 */
#include <stdbool.h>

#include "segments.h"

#include "prog/random.h"

#define CROWD 64 /* flows at the same time */
#define FLOWS 100000
#define RTT (20 * MS)
#define RTO_LEAST (200 * MS)
#define RTO_MOST (120000 * MS)
#define TRIES 16 /* transmissions of a segment, and the sender gives up */
#define PROBES_AFTER (3000 * MS) /* so long in vain, and one in four tries a smaller segment */
#define LARGE 1460U /* bytes */
#define SMALL 200U
#define SMALLER 1036U

struct sender {
	struct unreach_flow row;
	struct unreach_peer peer;
	uint64_t at; /* when the next step is */
	uint64_t sent; /* when the last was sent */
	uint64_t began; /* when the head was first sent */
	uint64_t rto;
	uint32_t larges, count; /* segments: so many large ones first */
	uint32_t una; /* the head, counted from 0 */
	uint32_t tries; /* of it */
	uint32_t due; /* bits of segments to send, or on their way */
	uint32_t there, told; /* bits of those that arrived, and that the sender knows of */
	uint32_t left; /* flows to the same peer */
	bool probes, smaller; /* does it try smaller segments; is the head one now */
	bool over; /* nothing of interest follows */
	bool listens; /* is the next step to hear */
};

struct crowd {
	struct sender senders[CROWD];
	uint32_t percent; /* lost each way */
	uint32_t flows_a_peer;
	uint32_t begun, listed;
};

static struct crowd crowd;

/* The sequence number of a segment, of the one behind the last too. */
static uint32_t seq_of(const struct sender *s, uint32_t i)
{
	uint32_t larges = i < s->larges ? i : s->larges;

	return 1 + larges * LARGE + (i - larges) * SMALL;
}

static bool is_lost(void)
{
	return any(100) < crowd.percent;
}

static void begin(struct sender *s, uint64_t now)
{
	static const uint8_t larges[] = { 1, 1, 2, 10 }, smalls[] = { 0, 1, 1, 5 };
	struct unreach_peer known = s->peer;
	uint32_t left = s->left;

	memset(s, 0, sizeof(*s));
	if (left) {
		s->peer = known;
		s->left = left - 1;
	} else {
		s->left = crowd.flows_a_peer - 1;
	}
	s->at = s->began = now + any(1000) * MS;
	s->rto = RTO_LEAST + RTT;
	s->larges = larges[any(4)];
	s->count = s->larges + smalls[any(4)];
	s->due = (1U << s->count) - 1;
	s->probes = !any(4);
	crowd.begun++;
}

static void send_one(struct sender *s, uint32_t i)
{
	uint32_t payload = s->smaller ? SMALLER : seq_of(s, i + 1) - seq_of(s, i);
	const struct unreach_segment segment = { .seq = seq_of(s, i),
						 .length = 40 + payload,
						 .payload = payload,
						 .flags = UNREACH_TCP_ACK,
						 .df = 1 };

	s->tries += i == s->una;
	if (unreach_flow_send(&s->row, &s->peer, &segment, s->at))
		unreach_flow_judge(&s->row, &s->peer, &all, s->at);
}

/* What the peer's SACK option says, as unreach_sack_read does. */
static __u64 sacks(void *context, __u32 above, __u32 border)
{
	const struct sender *s = context;
	__u64 found = UNREACH_SACK_THERE;
	uint32_t i, left, widest = 0, blocks = 0;

	for (i = s->una; i < s->count; i++) {
		if (!(s->there & 1U << i))
			continue;
		left = seq_of(s, i);
		while (s->there & 1U << i)
			i++;
		if (!unreach_before(above, left))
			continue;
		if (unreach_before(left, border)) {
			widest = seq_of(s, i) - left > widest ? seq_of(s, i) - left : widest;
			continue;
		}
		found |= UNREACH_SACK_BEYOND;
		if (blocks++ || left != border)
			found |= UNREACH_SACK_HOLES;
	}
	return found | widest;
}

static void hear_ack(struct sender *s, uint32_t ack)
{
	const struct unreach_segment segment = {
		.ack = ack, .length = 40, .window = 100, .flags = UNREACH_TCP_ACK
	};
	struct unreach_arrival arrival;

	if (unreach_flow_answer(&s->row, &s->peer, &all, &segment, sacks, s, &arrival, s->at))
		unreach_flow_judge(&s->row, &s->peer, &all, s->at);
	if (!arrival.length)
		return;
	unreach_peer_vote(&s->peer, &all, &arrival, s->at);
	unreach_peer_passed(&s->peer, &arrival, s->at);
}

/* The first segment that is not among these. */
static uint32_t first_missing(uint32_t bits)
{
	return (uint32_t)__builtin_ctz(~bits);
}

/* What was sent arrives, or does not, and so do the answers; was anything heard that is new? */
static bool hear(struct sender *s)
{
	uint32_t before = s->told, i;

	for (i = 0; i < s->count; i++) {
		if (!(s->due & 1U << i) || is_lost())
			continue;
		s->there |= s->smaller ? 0 : 1U << i;
		if (is_lost())
			continue;
		if (first_missing(s->there) > s->una) {
			hear_ack(s, seq_of(s, first_missing(s->there)));
		} else if (s->smaller) {
			hear_ack(s, seq_of(s, i) + SMALLER);
			s->over = true; /* the path's MTU is found, it thinks */
		} else {
			hear_ack(s, seq_of(s, s->una));
		}
		s->told = s->there;
	}
	return s->told != before;
}

/* Which segments are next: at once where something was heard, else after the time-out. */
static void decide(struct sender *s, bool news)
{
	uint32_t una = first_missing(s->told);

	if (una > s->una) {
		s->una = una;
		s->tries = 0;
		s->rto = RTO_LEAST + RTT;
		s->began = s->at;
		s->due = 3U << una & ~s->told;
		s->smaller = false;
	} else {
		s->due = 1U << s->una;
		if (!news) {
			s->at = s->sent + s->rto;
			s->rto = s->rto * 2 < RTO_MOST ? s->rto * 2 : RTO_MOST;
		}
		s->smaller = s->probes && s->una < s->larges && s->at > s->began + PROBES_AFTER;
	}
}

static void step(struct sender *s)
{
	uint32_t i;

	if (s->listens) {
		s->listens = false;
		if (s->una < s->count)
			decide(s, hear(s));
		return;
	}
	for (i = 0; i < s->count; i++)
		if (s->due & 1U << i)
			send_one(s, i);
	s->sent = s->at;
	s->at += RTT;
	s->listens = true;
}

static struct sender *next_one(void)
{
	struct sender *next = crowd.senders;
	unsigned int i;

	for (i = 1; i < CROWD; i++)
		if (crowd.senders[i].at < next->at)
			next = &crowd.senders[i];
	return next;
}

/* Plays flows to the end; how many were listed as suspect, or worse. */
static uint32_t play(uint32_t percent, uint32_t flows_a_peer)
{
	unsigned int i;

	memset(&all, 0, sizeof(all));
	crowd = (struct crowd){ .percent = percent, .flows_a_peer = flows_a_peer };
	seed = 0x756e7265616368ULL + percent;
	for (i = 0; i < CROWD; i++)
		begin(&crowd.senders[i], START);
	while (crowd.begun < FLOWS) {
		struct sender *s = next_one();
		bool listed;

		step(s);
		listed = s->row.suspect || s->row.confirmed;
		crowd.listed += listed;
		if (listed || s->over || s->una >= s->count || s->tries >= TRIES)
			begin(s, s->at);
	}
	return crowd.listed;
}

/* Each flow has a peer of its own; 16 have the same; all of a sender's have. */
static void assert_none_listed(uint32_t percent)
{
	assert_int_equal(play(percent, 1), 0);
	assert_int_equal(play(percent, 16), 0);
	assert_int_equal(play(percent, FLOWS), 0);
}

static void test_loss_5(void **state)
{
	(void)state;
	assert_none_listed(5);
}

static void test_loss_10(void **state)
{
	(void)state;
	assert_none_listed(10);
}

static void test_loss_20(void **state)
{
	(void)state;
	assert_none_listed(20);
}

static void test_loss_40(void **state)
{
	(void)state;
	assert_none_listed(40);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loss_5),
		cmocka_unit_test(test_loss_10),
		cmocka_unit_test(test_loss_20),
		cmocka_unit_test(test_loss_40),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
