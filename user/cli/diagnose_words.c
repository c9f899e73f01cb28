// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What a verdict says to people: what it means and what to do; here, where the
 * port or the way to it is at fault. No rule stands here.
 */
#include "cli/diagnose_words.h"

#include <arpa/inet.h>
#include <string.h>

#include "unreach/codes.h"

struct words_address words_address(struct in_addr a)
{
	struct words_address text;

	inet_ntop(AF_INET, &a, text.text, sizeof(text.text));
	return text;
}

/* "198.51.100.2 says communication-prohibited (code 13): " */
static void say_message(const struct words *w)
{
	buf_printf(w->b, "%s says %s (code %u): ", words_address(w->p->reporter).text,
		   unreach_code_name(w->p->code), w->p->code);
}

static void udp_open_means(const struct words *w)
{
	buf_printf(w->b, "UDP port %u answers; TCP port %u does not.", w->d->udp_port,
		   w->d->tcp_port);
}

static void udp_open_advice(const struct words *w)
{
	buf_str(w->b,
		"If the service speaks UDP, the network is fine. If it should speak TCP too, it "
		"is not started for TCP, or a firewall lets UDP alone through.");
}

static void closed_means(const struct words *w)
{
	const struct probe_result *udp = &w->d->probes[PROBE_UDP];

	buf_printf(w->b,
		   "The host is there and says that nobody listens: TCP port %u is answered by "
		   "a reset",
		   w->d->tcp_port);
	if (udp->outcome == OUTCOME_UNREACHABLE && udp->code == 3)
		buf_printf(w->b, ", UDP port %u by port-unreachable", w->d->udp_port);
	else if (udp->outcome == OUTCOME_SILENT)
		buf_printf(w->b, "; UDP port %u is silent: open, or dropped by a firewall",
			   w->d->udp_port);
	buf_str(w->b, ". The way there and back works.");
}

static void closed_advice(const struct words *w)
{
	buf_printf(w->b,
		   "On that host: is the service started, on this port, and on this address and "
		   "not on 127.0.0.1 alone?\n    ss -ltnp 'sport = :%u'; ss -lunp 'sport = :%u'\n"
		   "A firewall can send resets too (reject with tcp reset).",
		   w->d->tcp_port, w->d->udp_port);
}

static void filtered_means(const struct words *w)
{
	buf_printf(w->b,
		   "The host is there, but TCP port %u is silent: neither accepted nor refused. "
		   "A firewall drops it, on the host or before it; a host without one would "
		   "have answered, by a reset if need be.",
		   w->d->tcp_port);
}

static void filtered_advice(const struct words *w)
{
	buf_printf(w->b,
		   "Look for a rule that drops this port, at the host, then on the way (security "
		   "groups, too):\n    nft list ruleset | grep -n drop\n"
		   "Is the port right? A service whose queue of new connections is full looks the "
		   "same:\n    ss -ltn 'sport = :%u'    # Recv-Q at its limit",
		   w->d->tcp_port);
}

static void rejected_means(const struct words *w)
{
	say_message(w);
	buf_str(w->b, "a firewall or filtering router refuses this on purpose.");
	if (w->p->code == 3)
		buf_str(w->b, " A host would have sent a reset for TCP; port-unreachable is what a "
			      "firewall's REJECT sends if it is told nothing else.");
	if (w->p->reporter.s_addr == w->d->address.s_addr)
		buf_str(w->b,
			" It stands on the host itself, or in front of it under its address.");
}

static void rejected_advice(const struct words *w)
{
	buf_printf(w->b,
		   "Ask whoever runs %s for this to be allowed, or use what is. On Linux the "
		   "rule is found by:\n    nft list ruleset | grep -n reject\n"
		   "%s'unreach explain %u' tells more of this code.",
		   words_address(w->p->reporter).text,
		   w->p->code == 13 ? "or it is a route:\n    ip route show type prohibit\n" : "",
		   w->p->code);
}

static void network_means(const struct words *w)
{
	say_message(w);
	buf_str(w->b,
		"that router has no route to the destination's network. All of that network is "
		"concerned, not only this host.");
}

static void network_advice(const struct words *w)
{
	buf_printf(w->b,
		   "Is the address right? A private or mistyped one ends so at a provider's "
		   "router. Else the route is missing at %s, or has been withdrawn: ask who runs "
		   "it. It may be passing (RFC 1122, 3.2.2.1): try again in a minute. On a Linux "
		   "router:\n    ip route get %s",
		   words_address(w->p->reporter).text, words_address(w->d->address).text);
}

static void host_means(const struct words *w)
{
	say_message(w);
	buf_str(w->b,
		"the last router reaches the network, but not this host: it does not answer ARP. "
		"The host is off, has another address, or sits in another VLAN.");
}

static void host_advice(const struct words *w)
{
	buf_printf(w->b,
		   "Is the host up, its cable and VLAN right, its address as expected? On %s, if "
		   "that is Linux:\n    ip neigh show %s    # FAILED, INCOMPLETE: no answer\n"
		   "Other hosts of that network may well be reached.",
		   words_address(w->p->reporter).text, words_address(w->d->address).text);
}

static void loop_means(const struct words *w)
{
	buf_printf(w->b,
		   "%s says that the packet's time to live ran out on the way: routers hand it "
		   "round in a circle.",
		   words_address(w->p->reporter).text);
}

static void loop_advice(const struct words *w)
{
	buf_printf(w->b,
		   "Find the routers that repeat, and compare their routes to the destination:\n"
		   "    tracepath -n %s",
		   words_address(w->d->address).text);
}

static void no_route_means(const struct words *w)
{
	buf_printf(w->b, "This host itself has no route to the destination (%s). Nothing was sent.",
		   strerror(w->p->error));
}

static void no_route_advice(const struct words *w)
{
	buf_printf(w->b,
		   "Is the interface up, and is there a default route?\n    ip route get %s\n"
		   "    ip route; ip rule; ip -br addr",
		   words_address(w->d->address).text);
}

static void neighbour_means(const struct words *w)
{
	buf_printf(w->b,
		   "On this host's own link nobody answers ARP: not the destination, or not the "
		   "gateway to it. This host (%s) says so to itself.",
		   words_address(w->d->local).text);
}

static void neighbour_advice(const struct words *w)
{
	buf_printf(w->b,
		   "Who is asked, and is it up, in this VLAN, with that address?\n"
		   "    ip route get %s    # with 'via': the gateway is asked\n"
		   "    ip neigh",
		   words_address(w->d->address).text);
}

static void policy_means(const struct words *w)
{
	if (w->p->outcome == OUTCOME_UNREACHABLE)
		say_message(w);
	buf_str(w->b, "this host itself forbids it: its own firewall (output), or a route of type "
		      "prohibit. Nothing left it.");
}

static void policy_advice(const struct words *w)
{
	buf_printf(w->b, "Look at both:\n    ip route get %s\n    nft list ruleset",
		   words_address(w->d->address).text);
}

static void failure_means(const struct words *w)
{
	buf_printf(w->b, "This host could not send: %s.", strerror(w->p->error));
}

static void failure_advice(const struct words *w)
{
	buf_printf(w->b,
		   "Look at its interfaces and addresses:\n    ip route get %s\n    ip -s link",
		   words_address(w->d->address).text);
}

static void silent_means(const struct words *w)
{
	buf_str(w->b,
		"Nothing came back, no answer and no error. A firewall drops what was sent (DROP "
		"instead of REJECT), or the host is off behind a router that says nothing, or "
		"answers are lost on the way back.\nFrom here these can't be told apart. A router "
		"that asked for the host in vain would have said so within about three seconds, "
		"unless its messages are dropped too.");
}

static void silent_advice(const struct words *w)
{
	buf_printf(w->b,
		   "See how far it gets, then look at what stands behind the last answer:\n"
		   "    tracepath -n %s\n"
		   "If you can, watch at the destination whether anything arrives:\n"
		   "    tcpdump -ni any host %s\n"
		   "Arrives and is answered: the way back is at fault. Does not: the way there.",
		   words_address(w->d->address).text,
		   w->d->local.s_addr ? words_address(w->d->local).text : "THIS-HOST");
}

typedef void (*words_fn)(const struct words *w);

static const struct {
	words_fn means, advice;
} words[VERDICTS] = {
	[VERDICT_OPEN] = { words_open_means, words_open_advice },
	[VERDICT_UDP_OPEN] = { udp_open_means, udp_open_advice },
	[VERDICT_NARROW_PATH] = { words_narrow_means, words_narrow_advice },
	[VERDICT_BLACK_HOLE] = { words_hole_means, words_hole_advice },
	[VERDICT_UNHEARD] = { words_unheard_means, words_unheard_advice },
	[VERDICT_CLOSED] = { closed_means, closed_advice },
	[VERDICT_FILTERED] = { filtered_means, filtered_advice },
	[VERDICT_REJECTED] = { rejected_means, rejected_advice },
	[VERDICT_NETWORK_UNREACHABLE] = { network_means, network_advice },
	[VERDICT_HOST_UNREACHABLE] = { host_means, host_advice },
	[VERDICT_ROUTING_LOOP] = { loop_means, loop_advice },
	[VERDICT_NO_ROUTE] = { no_route_means, no_route_advice },
	[VERDICT_NO_NEIGHBOUR] = { neighbour_means, neighbour_advice },
	[VERDICT_LOCAL_POLICY] = { policy_means, policy_advice },
	[VERDICT_LOCAL_FAILURE] = { failure_means, failure_advice },
	[VERDICT_SILENT] = { silent_means, silent_advice },
};

void verdict_meaning(struct buf *b, const struct diagnosis *d, const struct verdict *v)
{
	words[v->kind].means(&(struct words){ b, d, &d->probes[v->decisive] });
}

void verdict_advice(struct buf *b, const struct diagnosis *d, const struct verdict *v)
{
	words[v->kind].advice(&(struct words){ b, d, &d->probes[v->decisive] });
}
