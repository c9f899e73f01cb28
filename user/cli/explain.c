// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The word that was given -> a page of one screen, or without one the table of
 * all. JSON has the same rows, those that the word selects.
 */
#include "cli/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/explain_pages.h"
#include "cli/options.h"
#include "cli/page.h"
#include "cli/prose.h"
#include "state/links.h"
#include "view/view.h"

enum { LABEL = 10, MTU_LEAST = 68, MTU_MOST = 65535 };
/* Headers before TCP's payload, and before that of ping: IPv4 20, TCP 20 or ICMP 8. */
enum { IPV4_HEADER = 20, TCP_HEADERS = 40, PING_HEADERS = 28 };

struct options {
	bool json, help;
};

static const struct opt options[] = {
	OPTION_JSON(struct options),
	OPTIONS_END(struct options),
};

/* What was asked for: all, or one of these. */
struct subject {
	bool all;
	int code; /* negative: none */
	uint32_t mtu; /* 0: none */
	const struct explain_topic *topic;
};

/* False where the word stands for nothing, which is said. */
static bool find(struct subject *s, const char *word)
{
	char *end;
	unsigned long number = strtoul(word, &end, 10);
	bool is_number = *word >= '0' && *word <= '9' && !*end;

	*s = (struct subject){ .code = view_code(word) };
	if (s->code >= 0)
		return true;
	for (size_t i = 0; i < EXPLAIN_TOPICS; i++)
		if (!strcmp(word, explain_topics[i].name))
			s->topic = &explain_topics[i];
	if (is_number && number >= MTU_LEAST && number <= MTU_MOST)
		s->mtu = (uint32_t)number;
	if (s->topic || s->mtu)
		return true;
	if (is_number)
		log_error("explain %s: codes are 0 to 15, MTUs %d to %d", word, MTU_LEAST,
			  MTU_MOST);
	else
		log_error("explain: there is no '%s'; 'unreach explain' lists what there is", word);
	return false;
}

static void put_code(struct buf *b, unsigned int code)
{
	const struct explain_code *c = &explain_codes[code];

	buf_printf(b, "code %u, %s: %s\n\n", code, c->name, c->title);
	prose_labelled(b, LABEL, "from", c->sender);
	prose_labelled(b, LABEL, "RFC", c->rfc);
	prose_labelled(b, LABEL, "means", c->meaning);
	prose_labelled(b, LABEL, "check", c->check);
	prose_labelled(b, LABEL, "nft",
		       c->nft ? c->nft : "no rule makes sense: its MTU would be 0");
	prose_labelled(b, LABEL, "iptables", c->iptables ? c->iptables : "has no word for it");
	if (c->history)
		prose_labelled(b, LABEL, "history", c->history);
}

/* What is true of any MTU. */
static void put_sizes(struct buf *b, uint32_t mtu)
{
	char text[128];

	snprintf(text, sizeof(text), "TCP carries %u bytes in a packet (MSS); longest ping: -s %u",
		 mtu > TCP_HEADERS ? mtu - TCP_HEADERS : 0, mtu - PING_HEADERS);
	prose_labelled(b, LABEL, "sizes", text);
}

/* What it may be that takes so many bytes of Ethernet's 1500. */
static void put_missing_bytes(struct buf *b, uint32_t less)
{
	char text[256];

	snprintf(text, sizeof(text), "%u byte%s less than Ethernet's 1500: %s", less,
		 less == 1 ? "" : "s",
		 less < IPV4_HEADER
			 ? "no tunnel over IP, which takes 20 at least. Tags or labels of 4 bytes "
			   "each (VLAN, MPLS), if it is a multiple of 4; else a value that was set "
			   "by hand, or a forgery."
			 : "several headers around each other (a tunnel in a tunnel), or a value "
			   "that was set by hand to be safe.");
	prose_labelled(b, LABEL, "means", text);
}

static void put_unknown_mtu(struct buf *b, uint32_t mtu)
{
	buf_printf(b, "MTU %u: no common link\n\n", mtu);
	if (mtu < 1500) {
		put_missing_bytes(b, 1500 - mtu);
	} else {
		prose_labelled(b, LABEL, "means",
			       "More than Ethernet's 1500: jumbo frames of some size, a loopback, "
			       "or a link within one machine.");
	}
	put_sizes(b, mtu);
	prose_labelled(b, LABEL, "check",
		       "The router that names it: what is its next link (ip link, ip -d link), and "
		       "is the MTU meant to be so? Common ones: unreach explain.");
}

static void put_mtu(struct buf *b, uint32_t mtu)
{
	const struct explain_link *link = explain_link(mtu);

	if (!link) {
		put_unknown_mtu(b, mtu);
		return;
	}
	buf_printf(b, "MTU %u: %s%s\n\n", mtu, link_by_mtu(mtu),
		   mtu == link->mtu ? "" : ", most likely");
	prose_labelled(b, LABEL, "bytes", link->headers);
	prose_labelled(b, LABEL, "means", link->meaning);
	put_sizes(b, mtu);
	prose_labelled(b, LABEL, "check", link->check);
}

static void put_topic(struct buf *b, const struct explain_topic *topic)
{
	buf_printf(b, "%s\n\n", topic->title);
	prose(b, 0, topic->text);
}

static void put_table(struct buf *b)
{
	struct buf links = {}, topics = {};

	for (unsigned int code = 0; code < UNREACH_CODES; code++)
		buf_printf(b, "%2u  %-27s%s\n", code, explain_codes[code].name,
			   explain_codes[code].title);
	buf_char(b, '\n');
	for (size_t i = 0; i < EXPLAIN_LINKS; i++)
		buf_printf(&links, "%s%u %s", i ? ", " : "", explain_links[i].mtu,
			   link_by_mtu(explain_links[i].mtu));
	for (size_t i = 0; i < EXPLAIN_TOPICS; i++)
		buf_printf(&topics, "%s%s", i ? ", " : "", explain_topics[i].name);
	prose_labelled_buf(b, LABEL, "MTUs", &links);
	prose_labelled_buf(b, LABEL, "topics", &topics);
	buf_free(&links);
	buf_free(&topics);
	prose_labelled(b, LABEL, "more",
		       "unreach explain 4, ... port-unreachable, ... 1476, ... no-reply");
}

static void show_text(struct buf *b, const struct subject *s)
{
	if (s->all)
		put_table(b);
	else if (s->code >= 0)
		put_code(b, (unsigned int)s->code);
	else if (s->mtu)
		put_mtu(b, s->mtu);
	else
		put_topic(b, s->topic);
}

static void write_code(struct writer *w, unsigned int code)
{
	const struct explain_code *c = &explain_codes[code];

	writer_object(w, NULL);
	writer_u64(w, "code", code);
	writer_string(w, "name", c->name);
	writer_string(w, "title", c->title);
	writer_string(w, "sender", c->sender);
	writer_string(w, "rfc", c->rfc);
	writer_string(w, "meaning", c->meaning);
	writer_string(w, "check", c->check);
	writer_string(w, "nft", c->nft);
	writer_string(w, "iptables", c->iptables);
	writer_string(w, "history", c->history);
	writer_end_object(w);
}

/* `link` is NULL where the MTU speaks of none. */
static void write_link(struct writer *w, uint32_t mtu, const struct explain_link *link)
{
	writer_object(w, NULL);
	writer_u64(w, "mtu", mtu);
	writer_string(w, "link", link_by_mtu(mtu));
	writer_string(w, "headers", link ? link->headers : NULL);
	writer_string(w, "meaning", link ? link->meaning : NULL);
	writer_string(w, "check", link ? link->check : NULL);
	writer_end_object(w);
}

static void write_topic(struct writer *w, const struct explain_topic *topic)
{
	writer_object(w, NULL);
	writer_string(w, "topic", topic->name);
	writer_string(w, "title", topic->title);
	writer_string(w, "text", topic->text);
	writer_end_object(w);
}

static void show_json(struct buf *b, const struct subject *s)
{
	struct writer *w = page_json(b, "explain");

	if (!w)
		return;
	writer_array(w, "codes");
	for (unsigned int code = 0; code < UNREACH_CODES; code++)
		if (s->all || s->code == (int)code)
			write_code(w, code);
	writer_end_array(w);
	writer_array(w, "links");
	for (size_t i = 0; s->all && i < EXPLAIN_LINKS; i++)
		write_link(w, explain_links[i].mtu, &explain_links[i]);
	if (s->mtu)
		write_link(w, s->mtu, explain_link(s->mtu));
	writer_end_array(w);
	writer_array(w, "topics");
	for (size_t i = 0; i < EXPLAIN_TOPICS; i++)
		if (s->all || s->topic == &explain_topics[i])
			write_topic(w, &explain_topics[i]);
	writer_end_array(w);
	page_json_end(w);
}

static int usage(void)
{
	printf("usage: unreach explain [CODE|NAME|MTU|TOPIC] [option]...\n\n"
	       "What a code of ICMP unreachable, an MTU or a lack of answers means, and what to\n"
	       "check next; without a word, all that there is.\n\n");
	opts_help(options, stdout);
	return EXIT_SUCCESS;
}

static int show(const struct subject *s, bool json)
{
	struct buf out = {};

	if (json)
		show_json(&out, s);
	else
		show_text(&out, s);
	return page_show(&out);
}

int cli_explain(int argc, char **argv)
{
	struct options o = {};
	struct subject s = { .all = true, .code = -1 };
	int count = 0;

	if (options_parse(options, argc, argv, &o, argv + 1, &count))
		return EXIT_USAGE;
	if (o.help)
		return usage();
	if (count > 1) {
		log_error("explain takes one word, no '%s'; see unreach explain --help", argv[2]);
		return EXIT_USAGE;
	}
	if (count && !find(&s, argv[1]))
		return EXIT_USAGE;
	return show(&s, o.json);
}
