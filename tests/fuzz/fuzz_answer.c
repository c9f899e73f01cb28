// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Any bytes as what answers at the control socket: the client copies an answer
 * that is one to stdout, byte by byte, and succeeds only where that is whole.
 * The first byte says after how many bytes the answer makes a pause.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/ask.h"
#include "fuzz/fuzz.h"

static struct sockaddr_un address = { .sun_family = AF_UNIX };
static int listener, out;

/* An answer of the other side. */
struct answer {
	const uint8_t *data;
	size_t size, pause; /* after so many of them */
};

static void remove_socket(void)
{
	unlink(address.sun_path);
}

/* The client's words on stderr are to be dropped; stdout is ours, to look at what it wrote. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char quiet[] = "-close_fd_mask=2";

	fuzz_add_flag(argc, argv, quiet);
	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/unreach-fuzz-%d", getpid());
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	out = memfd_create("stdout", MFD_CLOEXEC);
	if (listener < 0 || out < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 1))
		abort();
	atexit(remove_socket);
	return 0;
}

static void put(int fd, const uint8_t *data, size_t size)
{
	/* The client may have heard enough. */
	if (size && send(fd, data, size, MSG_NOSIGNAL) < 0)
		return;
}

static void *serve(void *context)
{
	const struct answer *a = context;
	int fd = accept(listener, NULL, NULL);
	char request[64];

	CHECK(fd >= 0 && read(fd, request, sizeof(request)) > 0);
	put(fd, a->data, a->pause);
	if (a->pause < a->size)
		sched_yield();
	put(fd, a->data + a->pause, a->size - a->pause);
	close(fd);
	return NULL;
}

/* What is behind the status line "ok"; NULL where there is no such line. */
static const uint8_t *document(const uint8_t *data, size_t size)
{
	return size >= 3 && !memcmp(data, "ok\n", 3) ? data + 3 : NULL;
}

static void check(const struct answer *a, int status)
{
	const uint8_t *document_at = document(a->data, a->size);
	size_t length = document_at ? a->size - 3 : 0;
	off_t written = lseek(STDOUT_FILENO, 0, SEEK_END);
	bool whole = document_at && (!length || document_at[length - 1] == '\n');
	uint8_t *copy = malloc(length + 1);

	CHECK(copy && written == (off_t)length);
	CHECK(pread(out, copy, length + 1, 0) == (ssize_t)length);
	CHECK(!length || !memcmp(copy, document_at, length));
	CHECK(status == (whole ? EXIT_SUCCESS : EXIT_FAILURE));
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct ask question = { .socket = address.sun_path,
				      .request = "status json=1\n",
				      .heading = "" };
	struct answer a;
	pthread_t thread;
	int status;

	if (!size)
		return -1;
	a = (struct answer){ .data = data + 1, .size = size - 1 };
	a.pause = data[0] < a.size ? data[0] : a.size;
	if (ftruncate(out, 0) || lseek(out, 0, SEEK_SET) ||
	    pthread_create(&thread, NULL, serve, &a))
		abort();
	status = ask(&question);
	pthread_join(thread, NULL);
	check(&a, status);
	return 0;
}
