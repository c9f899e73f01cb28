// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Opens a capture, tells its format by the first byte, and reads the classic
 * one through libpcap. pcapng is our own matter (pcapng.c): libpcap hides a
 * packet's interface and refuses files whose interfaces differ in link type.
 */
#include "source/pcap.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "source/pcapng.h"

/* Read at once from the file. */
#define CHUNK (256 * 1024)
/* RFC 1952, 2.3.1. */
#define GZIP_FIRST_BYTE 0x1f

int capture_fail(struct capture *capture, int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(capture->error, sizeof(capture->error), format, args);
	va_end(args);
	return status;
}

/* Seconds are unsigned in the format; the fraction can be anything in a damaged file. */
static uint64_t unix_ns(const struct timeval *ts)
{
	int64_t ns = (int64_t)(uint32_t)ts->tv_sec * (int64_t)NS_PER_SEC + ts->tv_usec;

	return ns > 0 ? (uint64_t)ns : 0;
}

/* The end of a classic capture: regular, in the middle of a frame, or by damage. */
static int end_classic(struct capture *c, int result)
{
	FILE *file = pcap_file(c->pcap);

	if (result == PCAP_ERROR_BREAK)
		return 0;
	if (ferror(file))
		return capture_fail(c, -EIO, "cannot read %s: %s", c->name, pcap_geterr(c->pcap));
	if (feof(file)) {
		c->cut = true;
		return 0;
	}
	return capture_fail(c, -EINVAL, "%s is damaged at frame %llu: %s", c->name,
			    (unsigned long long)c->frames + 1, pcap_geterr(c->pcap));
}

static int next_classic(struct capture *c, uint32_t *linktype, struct frame *frame)
{
	struct pcap_pkthdr *header;
	const unsigned char *bytes;
	int result = pcap_next_ex(c->pcap, &header, &bytes);

	if (result != 1)
		return end_classic(c, result);
	*linktype = c->linktype;
	*frame = (struct frame){
		.bytes = bytes,
		.captured = header->caplen,
		.length = header->len,
		.time = unix_ns(&header->ts), /* tv_usec holds ns, see open_classic */
	};
	return 1;
}

static int open_classic(struct capture *c)
{
	char reason[PCAP_ERRBUF_SIZE];

	c->pcap = pcap_fopen_offline_with_tstamp_precision(c->file, PCAP_TSTAMP_PRECISION_NANO,
							   reason);
	if (!c->pcap)
		return capture_fail(c, -EINVAL, "%s is no capture (pcap or pcapng): %s", c->name,
				    reason);
	c->linktype = (uint32_t)pcap_datalink(c->pcap);
	return 0;
}

static int open_pcapng(struct capture *c)
{
	c->pcapng = pcapng_open(c, c->file);
	return c->pcapng ? 0 : capture_fail(c, -ENOMEM, "%s: out of memory", c->name);
}

static int open_format(struct capture *c, int first)
{
	if (first == PCAPNG_FIRST_BYTE)
		return open_pcapng(c);
	if (first == GZIP_FIRST_BYTE)
		return capture_fail(c, -EINVAL,
				    "%s is packed (gzip); unpack it: zcat FILE | unreach read -",
				    c->name);
	return open_classic(c);
}

/* There is not even a first byte. */
static int no_bytes(struct capture *c)
{
	if (ferror(c->file))
		return capture_fail(c, -errno, "cannot read %s: %s", c->name, strerror(errno));
	return capture_fail(c, -EINVAL, "%s is empty, not a capture", c->name);
}

int capture_open_stream(struct capture *c, FILE *file, const char *name)
{
	int first, result;

	*c = (struct capture){ .name = name, .file = file, .chunk = malloc(CHUNK) };
	if (c->chunk)
		setvbuf(file, c->chunk, _IOFBF, CHUNK);
	first = getc(file);
	if (first == EOF) {
		result = no_bytes(c);
	} else {
		ungetc(first, file);
		result = open_format(c, first);
	}
	if (result)
		capture_close(c);
	return result;
}

int capture_open(struct capture *c, const char *path)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *file = is_stdin ? fdopen(dup(STDIN_FILENO), "r") : fopen(path, "re");

	if (file)
		return capture_open_stream(c, file, is_stdin ? "stdin" : path);
	*c = (struct capture){};
	return capture_fail(c, -errno, "cannot open %s: %s", path, strerror(errno));
}

int capture_next(struct capture *c, struct frame *frame)
{
	uint32_t linktype;
	int result;

	for (;;) {
		result = c->pcap ? next_classic(c, &linktype, frame)
				 : pcapng_next(c->pcapng, &linktype, frame);
		if (result <= 0)
			return result;
		frame->number = ++c->frames;
		if (frame_link(linktype, &frame->link))
			return 1;
		if (!c->skipped++)
			c->skipped_link = linktype;
	}
}

void capture_close(struct capture *c)
{
	if (c->pcap)
		pcap_close(c->pcap); /* and the file */
	else if (c->file)
		fclose(c->file);
	pcapng_close(c->pcapng);
	free(c->chunk);
	c->pcap = NULL;
	c->pcapng = NULL;
	c->file = NULL;
	c->chunk = NULL;
}

int capture_each(struct capture *c, frame_fn fn, void *context)
{
	struct frame frame;
	int result = 0;

	while (!result && (result = capture_next(c, &frame)) > 0)
		result = fn(context, &frame);
	capture_close(c);
	return result;
}

int capture_read(struct capture *c, const char *path, frame_fn fn, void *context)
{
	int result = capture_open(c, path);

	return result ? result : capture_each(c, fn, context);
}
