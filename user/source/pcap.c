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

int capture_fail(struct capture *capture, int status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(capture->error, sizeof(capture->error), format, args);
	va_end(args);
	return status;
}

int capture_frame(struct capture *capture, uint32_t linktype, struct frame *frame)
{
	frame->number = ++capture->frames;
	if (frame_link(linktype, &frame->link))
		return capture->fn(capture->context, frame);
	if (!capture->skipped++)
		capture->skipped_link = linktype;
	return 0;
}

/* A classic capture while libpcap walks through it. */
struct walk {
	struct capture *capture;
	pcap_t *pcap;
	uint32_t linktype;
	int status; /* what ended it early */
};

/* Seconds are unsigned in the format; the fraction can be anything in a damaged file. */
static uint64_t unix_ns(const struct timeval *ts)
{
	int64_t ns = (int64_t)(uint32_t)ts->tv_sec * (int64_t)NS_PER_SEC + ts->tv_usec;

	return ns > 0 ? (uint64_t)ns : 0;
}

static void walk_frame(unsigned char *context, const struct pcap_pkthdr *header,
		       const unsigned char *bytes)
{
	struct walk *walk = (struct walk *)context;
	struct frame frame = {
		.bytes = bytes,
		.captured = header->caplen,
		.length = header->len,
		.time = unix_ns(&header->ts), /* tv_usec holds ns, see below */
	};

	walk->status = capture_frame(walk->capture, walk->linktype, &frame);
	if (walk->status)
		pcap_breakloop(walk->pcap);
}

/* The end of the reading: early by fn, regular, in the middle of a frame, or by damage. */
static int walk_end(struct walk *walk, int result, const char *name)
{
	if (walk->status || result == 0)
		return walk->status;
	if (ferror(pcap_file(walk->pcap)))
		return capture_fail(walk->capture, -EIO, "cannot read %s: %s", name,
				    pcap_geterr(walk->pcap));
	if (feof(pcap_file(walk->pcap))) {
		walk->capture->cut = true;
		return 0;
	}
	return capture_fail(walk->capture, -EINVAL, "%s is damaged at frame %llu: %s", name,
			    (unsigned long long)walk->capture->frames + 1, pcap_geterr(walk->pcap));
}

static int read_classic(struct capture *capture, FILE *file, const char *name)
{
	char reason[PCAP_ERRBUF_SIZE];
	struct walk walk = { .capture = capture };
	int result;

	walk.pcap =
		pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, reason);
	if (!walk.pcap) {
		fclose(file);
		return capture_fail(capture, -EINVAL, "%s is no capture (pcap or pcapng): %s", name,
				    reason);
	}
	walk.linktype = (uint32_t)pcap_datalink(walk.pcap);
	result = pcap_loop(walk.pcap, -1, walk_frame, (unsigned char *)&walk);
	result = walk_end(&walk, result, name);
	pcap_close(walk.pcap); /* and the file */
	return result;
}

static int read_pcapng(struct capture *capture, FILE *file, const char *name)
{
	int result = pcapng_read(capture, file, name);

	fclose(file);
	return result;
}

int capture_read_stream(struct capture *capture, FILE *file, const char *name)
{
	int first = getc(file);

	*capture = (struct capture){ .fn = capture->fn, .context = capture->context };
	if (first == EOF) {
		int status = ferror(file) ? -errno : -EINVAL;

		fclose(file);
		if (status != -EINVAL)
			return capture_fail(capture, status, "cannot read %s: %s", name,
					    strerror(-status));
		return capture_fail(capture, status, "%s is empty, not a capture", name);
	}
	ungetc(first, file);
	return first == PCAPNG_FIRST_BYTE ? read_pcapng(capture, file, name)
					  : read_classic(capture, file, name);
}

int capture_read(struct capture *capture, const char *path)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *file = is_stdin ? fdopen(dup(STDIN_FILENO), "r") : fopen(path, "re");
	char *chunk;
	int result;

	if (!file)
		return capture_fail(capture, -errno, "cannot open %s: %s", path, strerror(errno));
	chunk = malloc(CHUNK);
	if (chunk)
		setvbuf(file, chunk, _IOFBF, CHUNK);
	result = capture_read_stream(capture, file, is_stdin ? "stdin" : path);
	free(chunk);
	return result;
}
