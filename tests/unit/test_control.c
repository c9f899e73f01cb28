// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The control socket under attack: requests that are wrong, late or broken off,
 * answers that nobody takes, more connections than there is room for.
 */
#include "test_control.h"

#include <sys/resource.h>
#include <time.h>

#include "serve/request.h"

static void documents(void **state)
{
	const struct view *view;
	char request[64], start_of_it[64];

	(void)state;
	fake_alert(&fake, "198.51.100.7", NS_PER_SEC); /* without one it is one line */
	for (view = views; view->name; view++) {
		snprintf(request, sizeof(request), "%s json=1\n", view->name);
		snprintf(start_of_it, sizeof(start_of_it), "ok\n{\"view\":\"%s\",", view->name);
		assert_answers(ask(request), start_of_it);
		snprintf(request, sizeof(request), "%s\n", view->name);
		snprintf(start_of_it, sizeof(start_of_it), "ok\nview %s  ", view->name);
		assert_answers(ask(request), start_of_it);
	}
	assert_int_equal(control_connections(control), 0);
}

static void malformed(void **state)
{
	const char *requests[] = {
		"\n",
		"\r\n",
		"nothing\n",
		"codes json=2\n",
		"codes json=1 json=1\n",
		"codes follow=1\n",
		"codes\tjson=1\n",
		"codes interface=nowhere\n",
		"\177ELF\n",
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"codes %s%s%s%s%n\n",
		"\xff\xfe\xfd\n",
	};
	char big[4 * REQUEST_MAX];
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		assert_answers(ask(requests[i]), "error ");
	fd = dial();
	say_bytes(fd, "codes\0json=1\n", 13);
	assert_answers(fd, "error byte 6");
	/* Too long, with and without an end, and with more to come. */
	memset(big, 'a', sizeof(big));
	fd = dial();
	say_bytes(fd, big, sizeof(big));
	assert_answers(fd, "error a request has at most 512 bytes\n");
	fd = dial();
	say_bytes(fd, big, REQUEST_MAX);
	assert_answers(fd, "error a request has at most 512 bytes\n");
	assert_int_equal(control_connections(control), 0);
}

/* More after the request is not read as another one, and resets nothing. */
static void more_than_a_request(void **state)
{
	char big[8 * REQUEST_MAX] = "codes json=1\nstatus json=1\n";
	char *got;
	int fd = dial();

	(void)state;
	say_bytes(fd, big, sizeof(big));
	got = answer(fd);
	assert_int_equal(count_of(got, "ok\n"), 1);
	assert_int_equal(count_of(got, "\"view\""), 1);
	free(got);
}

static void byte_by_byte(void **state)
{
	const char *request = "codes json=1\n";
	int fd = dial();

	(void)state;
	for (; *request; request++) {
		say_bytes(fd, request, 1);
		run_for(TURN_NS);
	}
	assert_answers(fd, "ok\n{\"view\":\"codes\"");
}

static void half_closed(void **state)
{
	int fd = ask("codes json=1\n");

	(void)state;
	shutdown(fd, SHUT_WR);
	assert_answers(fd, "ok\n{\"view\":\"codes\"");
	fd = ask("cod");
	run_for(TURN_NS);
	shutdown(fd, SHUT_WR);
	assert_answers(fd, "");
	/* A follower that has no more to say still listens. */
	fd = ask("events follow=1 json=1\n");
	shutdown(fd, SHUT_WR);
	await_connections(1);
	run_for(TURN_NS);
	fake_events(&fake, "eth0", 3, 1);
	control_pump(control);
	{
		char *got = heard(fd);

		assert_int_equal(count_of(got, "icmp_unreach"), 1);
		free(got);
	}
	assert_int_equal(control_connections(control), 1);
	close(fd);
	await_connections(0);
}

static void abandoned(void **state)
{
	const char *said[] = { "", "cod", "codes\n", "sources rows=0 json=1\n",
			       "events follow=1\n" };
	size_t i;

	(void)state;
	fake.hosts = 20000;
	for (i = 0; i < sizeof(said) / sizeof(*said); i++) {
		/* Before the server sees it, and after. */
		close(ask(said[i]));
		run_for(TURN_NS);
		{
			int fd = ask(said[i]);

			run_for(TURN_NS);
			close(fd);
		}
		await_connections(0);
	}
}

static void slow_requests(void **state)
{
	int silent = dial(), trickling = ask("cod"), fine;

	(void)state;
	await_connections(2);
	say(trickling, "e");
	run_for(TURN_NS);
	control_sweep(control, clock_mono() + CONTROL_REQUEST_NS / 2);
	assert_int_equal(control_connections(control), 2);
	fine = ask("codes\n");
	assert_answers(fine, "ok\n");
	control_sweep(control, clock_mono() + CONTROL_REQUEST_NS + NS_PER_SEC);
	assert_answers(silent, "error no complete request line came within 5 s\n");
	assert_answers(trickling, "error no complete request line came within 5 s\n");
	assert_int_equal(control_connections(control), 0);
}

/* Bytes that trickle in do not buy more time: it counts from the beginning. */
static void trickled_requests(void **state)
{
	uint64_t begun = clock_mono();
	int fd = dial();

	(void)state;
	while (clock_mono() < begun + 50 * NS_PER_MSEC) {
		say(fd, " ");
		run_for(TURN_NS);
	}
	control_sweep(control, begun + CONTROL_REQUEST_NS + 25 * NS_PER_MSEC);
	assert_answers(fd, "error no complete request line");
}

static void large_answers(void **state)
{
	int fd;
	char *got;

	(void)state;
	fake.hosts = 65536;
	fd = ask("sources rows=0 json=1\n");
	got = answer(fd);
	assert_int_equal(count_of(got, "\"address\""), 65536);
	assert_string_equal(got + strlen(got) - 2, "}\n");
	free(got);
}

static void answers_not_taken(void **state)
{
	struct buf b = {};
	int fd, taking;

	(void)state;
	fake.hosts = 20000;
	fd = ask("sources rows=0 json=1\n");
	taking = ask("sources rows=0 json=1\n");
	await_connections(2);
	run_for(TURN_NS);
	control_sweep(control, clock_mono() + CONTROL_ANSWER_NS / 2);
	assert_int_equal(control_connections(control), 2);
	control_sweep(control, clock_mono() + CONTROL_ANSWER_NS + NS_PER_SEC);
	assert_int_equal(control_connections(control), 0);
	/* What had reached the sockets still is there, and then the end. */
	while (take(fd, &b) > 0)
		;
	assert_true(b.len > 0);
	buf_free(&b);
	close(fd);
	close(taking);
}

/* What stands unsent on all connections together is bounded too. */
static void many_answers_not_taken(void **state)
{
	int fds[6], i;

	(void)state;
	fake.hosts = 65536; /* 13 MB each */
	for (i = 0; i < 6; i++) {
		fds[i] = ask("sources rows=0 json=1\n");
		await_connections((unsigned int)i + 1);
		run_for(TURN_NS);
	}
	assert_answers(ask("sources\n"), "error busy: others have not taken their answers yet; ");
	for (i = 0; i < 6; i++)
		close(fds[i]);
	await_connections(0);
	fake.hosts = 1;
	assert_answers(ask("sources\n"), "ok\n");
}

static void too_many_connections(void **state)
{
	int fds[CONTROL_CONNECTIONS], i;

	(void)state;
	for (i = 0; i < CONTROL_CONNECTIONS; i++)
		fds[i] = i % 2 ? ask("events follow=1\n") : dial();
	await_connections(CONTROL_CONNECTIONS);
	assert_answers(dial(), "error busy: all 32 connections are in use; ");
	assert_int_equal(control_connections(control), CONTROL_CONNECTIONS);
	close(fds[7]);
	await_connections(CONTROL_CONNECTIONS - 1);
	assert_answers(ask("codes\n"), "ok\n");
	for (i = 0; i < CONTROL_CONNECTIONS; i++)
		if (i != 7)
			close(fds[i]);
	await_connections(0);
}

static uint64_t cpu_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * NS_PER_SEC + (uint64_t)t.tv_nsec;
}

/* Without a descriptor to accept with: no spinning, and it goes on when there is one again. */
static void out_of_descriptors(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), least = dup(0);
	struct watch *timer = loop_every(loop, 200 * NS_PER_MSEC, stop_turn, loop);
	struct rlimit was, none;
	uint64_t cpu;

	(void)state;
	close(least);
	getrlimit(RLIMIT_NOFILE, &was);
	none = (struct rlimit){ (rlim_t)least, was.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	strcpy(address.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	say(fd, "codes\n");
	cpu = cpu_time();
	assert_int_equal(loop_run(loop), 0);
	cpu = cpu_time() - cpu;
	watch_remove(timer);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	assert_int_equal(control_connections(control), 0);
	assert_true(cpu < 50 * NS_PER_MSEC);
	control_sweep(control, clock_mono());
	assert_answers(fd, "ok\nview codes");
}

static void second_daemon(void **state)
{
	char error[512] = "";

	(void)state;
	assert_null(control_open(loop, path, &fake.model, NULL, NULL, error, sizeof(error)));
	assert_non_null(strstr(error, "another daemon answers at"));
	assert_answers(ask("codes\n"), "ok\n");
}

static void closed_with_all_kinds_open(void **state)
{
	int fds[] = { dial(), ask("cod"), ask("events follow=1\n"), ask("sources rows=0 json=1\n"),
		      ask("events follow=1 rows=0\n") };
	size_t i;

	(void)state;
	fake.hosts = 20000;
	await_connections(5);
	run_for(TURN_NS);
	control_close(control);
	control = NULL;
	for (i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		close(fds[i]);
}

/* One random thing that a client can do; -1: there is no client. */
static int do_something(int fd)
{
	const char *said[] = { "codes\n",
			       "events follow=1\n",
			       "sta",
			       "tus json=1\n",
			       "\n",
			       "sources rows=0 json=1\n",
			       "events rows=0 json=1 follow=1\n" };
	const char *text = said[random() % 7];
	char bytes[4096];
	bool end = false;

	if (fd < 0)
		return dial();
	switch (random() % 5) {
	case 0:
		end = true;
		break;
	case 1:
		shutdown(fd, random() % 2 ? SHUT_WR : SHUT_RDWR);
		break;
	case 2:
		end = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) == 0;
		break;
	default:
		send(fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	if (!end)
		return fd;
	close(fd);
	return -1;
}

/* Random clients in random order: at the end everything is as it was. */
static void storm(void **state)
{
	int fds[24], step;

	(void)state;
	srandom(7);
	fake.hosts = 3000;
	memset(fds, -1, sizeof(fds));
	for (step = 0; step < 4000; step++) {
		int *fd = &fds[random() % 24];

		*fd = do_something(*fd);
		if (random() % 4 == 0)
			run_for(NS_PER_MSEC / 2);
		if (random() % 8 == 0) {
			fake_events(&fake, "eth0", 3, (unsigned int)random() % 50);
			control_pump(control);
		}
	}
	for (step = 0; step < 24; step++)
		if (fds[step] >= 0)
			close(fds[step]);
	await_connections(0);
	assert_answers(ask("codes\n"), "ok\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTROL_TEST(documents),
		CONTROL_TEST(malformed),
		CONTROL_TEST(more_than_a_request),
		CONTROL_TEST(byte_by_byte),
		CONTROL_TEST(half_closed),
		CONTROL_TEST(abandoned),
		CONTROL_TEST(slow_requests),
		CONTROL_TEST(trickled_requests),
		CONTROL_TEST(large_answers),
		CONTROL_TEST(answers_not_taken),
		CONTROL_TEST(many_answers_not_taken),
		CONTROL_TEST(too_many_connections),
		CONTROL_TEST(out_of_descriptors),
		CONTROL_TEST(second_daemon),
		CONTROL_TEST(closed_with_all_kinds_open),
		CONTROL_TEST(storm),
	};

	prepare_tests();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
