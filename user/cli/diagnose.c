// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Options and the order of things: the name, first contact, the path's MTU, the
 * monitor, the verdict. Each of them is bounded in time, and so is the whole.
 */
#include "cli/diagnose.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/diagnose_contact.h"
#include "cli/diagnose_monitor.h"
#include "cli/diagnose_path.h"
#include "cli/diagnose_progress.h"
#include "cli/diagnose_show.h"
#include "cli/options.h"
#include "cli/page.h"

enum { RESOLVE_SECONDS = 5, MOST_SECONDS = 30, HTTPS = 443 };
_Static_assert((RESOLVE_SECONDS + PATH_SECONDS) * 1000 + CONTACT_MS + MONITOR_PATIENCE_MS +
			       MONITOR_LISTEN_MS <=
		       MOST_SECONDS * 1000,
	       "what --help promises");

struct options {
	const char *socket;
	bool json, help;
};

static const struct opt options[] = {
	OPTION_JSON(struct options),
	OPTION_SOCKET(struct options, ", if there is one"),
	OPTIONS_END(struct options),
};

static int usage(void)
{
	printf("usage: unreach diagnose HOST [PORT] [option]...\n\n"
	       "Why there is no connection to HOST (IPv4): sends echo requests, connects to TCP\n"
	       "PORT (%d), sends datagrams to UDP PORT (%d), measures the path's MTU, and says\n"
	       "what the answers mean. Needs no privileges and takes %d seconds at most.\n\n",
	       HTTPS, TRACEROUTE_PORT, MOST_SECONDS);
	opts_help(options, stdout);
	return EXIT_SUCCESS;
}

/* The address of a name, within RESOLVE_SECONDS; 0, or an EAI_ value. */
static int resolve(const char *host, struct in_addr *address)
{
	const struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	const struct timespec patience = { .tv_sec = RESOLVE_SECONDS };
	struct gaicb request = { .ar_name = host, .ar_request = &hints };
	struct gaicb *list[] = { &request };
	const struct sockaddr_in *found;
	int rc;

	progress("looking up %s", host);
	rc = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
	if (rc)
		return rc;
	while ((rc = gai_suspend((const struct gaicb *const *)list, 1, &patience)) == EAI_INTR)
		;
	rc = rc == EAI_AGAIN ? EAI_AGAIN : gai_error(&request);
	if (rc)
		return rc;
	found = (const struct sockaddr_in *)(const void *)request.ar_result->ai_addr;
	*address = found->sin_addr;
	freeaddrinfo(request.ar_result);
	return 0;
}

/* 0, or an exit status; what is wrong is said. */
static int find_host(struct diagnosis *d)
{
	struct in6_addr six;
	int rc;

	if (inet_pton(AF_INET6, d->host, &six) == 1) {
		log_error("diagnose %s: IPv6 is not covered; give an IPv4 address or a name",
			  d->host);
		return EXIT_USAGE;
	}
	if (inet_pton(AF_INET, d->host, &d->address) != 1) {
		rc = resolve(d->host, &d->address);
		progress_end();
		if (rc) {
			log_error("cannot find an IPv4 address of %s: %s; check the name, or give "
				  "the address",
				  d->host,
				  rc == EAI_AGAIN ? "no answer from the resolver"
						  : gai_strerror(rc));
			return EXIT_FAILURE;
		}
	}
	if (!d->address.s_addr || ntohl(d->address.s_addr) >= INADDR_UNSPEC_GROUP) {
		log_error("diagnose %s: this is not the address of one host", d->host);
		return EXIT_USAGE;
	}
	return 0;
}

/* The address that we send from, as the routes say; 0.0.0.0 without a route. */
static struct in_addr find_local(struct in_addr address)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(TRACEROUTE_PORT),
					.sin_addr = address };
	struct sockaddr_in from = {};
	socklen_t length = sizeof(from);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return from.sin_addr;
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) ||
	    getsockname(fd, (struct sockaddr *)&from, &length))
		from = (struct sockaddr_in){};
	close(fd);
	return from.sin_addr;
}

static bool find_ports(struct diagnosis *d, const char *text)
{
	char *end;
	unsigned long port;

	d->tcp_port = HTTPS;
	d->udp_port = TRACEROUTE_PORT;
	if (!text)
		return true;
	port = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || !port || port > UINT16_MAX) {
		log_error("diagnose: port '%s': must be a number from 1 to 65535", text);
		return false;
	}
	d->tcp_port = d->udp_port = (uint16_t)port;
	return true;
}

static int diagnose(struct diagnosis *d, const struct options *o)
{
	uint64_t start = clock_mono(), unix_ns = start + (uint64_t)clock_mono_to_wall();
	struct buf out = {};
	struct verdict verdict;
	int status = find_host(d);

	if (status)
		return status;
	d->local = find_local(d->address);
	contact(d);
	path_measure(d);
	monitor_ask(d, o->socket, unix_ns);
	progress_end();
	verdict = verdict_of(d);
	if (o->json)
		show_diagnosis_json(&out, d, &verdict, unix_ns,
				    (double)(clock_mono() - start) / NS_PER_SEC);
	else
		show_diagnosis_text(&out, d, &verdict, o->socket);
	return page_show(&out);
}

static int run(int argc, char **argv, char **operands)
{
	struct options o = { .socket = CONTROL_SOCKET };
	struct diagnosis d = {};
	int count = 0;

	if (options_parse(options, argc, argv, &o, operands, &count))
		return EXIT_USAGE;
	if (o.help)
		return usage();
	if (!count || count > 2) {
		if (count)
			log_error("diagnose HOST [PORT] takes no '%s'; see unreach diagnose --help",
				  operands[2]);
		else
			log_error("diagnose whom? give HOST [PORT], or see --help");
		return EXIT_USAGE;
	}
	d.host = operands[0];
	if (!find_ports(&d, count == 2 ? operands[1] : NULL))
		return EXIT_USAGE;
	return diagnose(&d, &o);
}

int cli_diagnose(int argc, char **argv)
{
	return run(argc, argv, argv + 1);
}
