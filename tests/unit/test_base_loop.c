// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The loop: descriptors, timers, signals, and above all removal from within
 * callbacks, also of watches whose event is in the same batch. Ends by what
 * happens, never by a sleep; an alarm ends a test that hangs.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/loop.h"

#define DEADLINE 30 /* s */
#define PEERS 40

/* A descriptor that is always ready, and what is done when its turn comes. */
struct peer {
	struct fixture *fixture;
	struct watch *watch; /* NULL: removed */
	int fd;
	unsigned int calls;
};

struct fixture {
	struct loop *loop;
	struct peer peers[PEERS];
	unsigned int calls;
	unsigned int stop_after; /* calls */
	int signals[8];
	unsigned int signal_count;
};

static int begin(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	alarm(DEADLINE);
	if (!f)
		return -1;
	f->loop = loop_new();
	for (int i = 0; i < PEERS; i++) {
		f->peers[i].fixture = f;
		f->peers[i].fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	}
	*state = f;
	return f->loop ? 0 : -1;
}

static int end(void **state)
{
	struct fixture *f = *state;

	loop_free(f->loop);
	for (int i = 0; i < PEERS; i++)
		if (close(f->peers[i].fd)) /* the loop must have left it open */
			return -1;
	free(f);
	alarm(0);
	return 0;
}

static void called(struct fixture *f)
{
	if (++f->calls == f->stop_after)
		loop_stop(f->loop);
}

static void watch(struct peer *p, watch_fn fn)
{
	p->watch = loop_watch(p->fixture->loop, p->fd, EPOLLIN, fn, p);
	assert_non_null(p->watch);
}

static void drop(struct peer *p)
{
	watch_remove(p->watch);
	p->watch = NULL;
}

static void on_ready(void *context, uint32_t events)
{
	struct peer *p = context;

	assert_int_equal(events, EPOLLIN);
	assert_non_null(p->watch);
	p->calls++;
	called(p->fixture);
}

static void test_descriptors(void **state)
{
	struct fixture *f = *state;

	f->stop_after = 10;
	watch(&f->peers[0], on_ready);
	watch(&f->peers[1], on_ready);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->peers[0].calls, 5);
	assert_int_equal(f->peers[1].calls, 5);
	assert_int_equal(watch_events(f->peers[0].watch, 0), 0);
	f->stop_after = 20;
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->peers[0].calls, 5);
	drop(&f->peers[1]);
	assert_int_equal(watch_events(f->peers[0].watch, EPOLLIN), 0);
	f->stop_after = f->calls + 3;
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->peers[0].calls, 8);
}

/* Told once for each change, however long it stays ready. */
static void test_edge(void **state)
{
	struct fixture *f = *state;
	struct peer *edge = &f->peers[0];

	edge->watch = loop_watch(f->loop, edge->fd, EPOLLIN | EPOLLET, on_ready, edge);
	assert_non_null(edge->watch);
	watch(&f->peers[1], on_ready);
	f->stop_after = 10;
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(edge->calls, 1);
	assert_int_equal(eventfd_write(edge->fd, 1), 0);
	f->stop_after = 20;
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(edge->calls, 2);
}

/* Stopping ends the round, not the callback, and the loop can run again. */
static void test_stop_in_batch(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < PEERS; i++)
		watch(&f->peers[i], on_ready);
	for (unsigned int round = 1; round <= 3; round++) {
		f->stop_after = f->calls + 1;
		assert_int_equal(loop_run(f->loop), 0);
		assert_int_equal(f->calls, round * PEERS);
	}
}

static void test_errors(void **state)
{
	struct fixture *f = *state;

	assert_null(loop_watch(f->loop, -1, EPOLLIN, on_ready, NULL));
	assert_int_equal(errno, EBADF);
	watch(&f->peers[0], on_ready);
	assert_null(loop_watch(f->loop, f->peers[0].fd, EPOLLIN, on_ready, NULL));
	assert_int_equal(errno, EEXIST);
	watch_remove(NULL);
	loop_free(NULL);
}

static void remove_self(void *context, uint32_t events)
{
	struct peer *p = context;

	on_ready(p, events);
	drop(p);
}

static void test_remove_self(void **state)
{
	struct fixture *f = *state;

	f->stop_after = PEERS;
	for (int i = 0; i < PEERS; i++)
		watch(&f->peers[i], remove_self);
	assert_int_equal(loop_run(f->loop), 0);
	for (int i = 0; i < PEERS; i++)
		assert_int_equal(f->peers[i].calls, 1);
}

/* The first one called removes all; all are ready in the same batch. */
static void remove_all(void *context, uint32_t events)
{
	struct peer *p = context;
	struct fixture *f = p->fixture;

	on_ready(p, events);
	for (int i = 0; i < PEERS; i++)
		drop(&f->peers[i]);
	loop_stop(f->loop);
}

static void test_remove_in_same_batch(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < PEERS; i++)
		watch(&f->peers[i], remove_all);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->calls, 1);
}

/*
 * Each call removes and adds others at random. Invariants, checked by on_ready
 * and the sanitizers: no watch is called once removed, nor after it is freed.
 */
static void shuffle(void *context, uint32_t events)
{
	struct peer *p = context;

	on_ready(p, events);
	for (int i = 0; i < 4; i++) {
		struct peer *other = &p->fixture->peers[random() % PEERS];

		if (other->watch)
			drop(other);
		else
			watch(other, shuffle);
	}
	if (!p->watch) /* so that somebody always goes on */
		watch(p, shuffle);
}

static void test_random_removal(void **state)
{
	struct fixture *f = *state;

	f->stop_after = 20000;
	for (int i = 0; i < PEERS; i++)
		watch(&f->peers[i], shuffle);
	assert_int_equal(loop_run(f->loop), 0);
	assert_true(f->calls >= 20000);
}

static void on_timer(void *context, uint32_t events)
{
	(void)events;
	called(context);
}

static void test_timer(void **state)
{
	struct fixture *f = *state;
	uint64_t start = clock_mono();
	struct watch *timer = loop_every(f->loop, 2 * NS_PER_MSEC, on_timer, f);

	assert_non_null(timer);
	f->stop_after = 5;
	assert_int_equal(loop_run(f->loop), 0);
	assert_true(clock_mono() - start >= 8 * NS_PER_MSEC); /* four whole ones */
	watch_remove(timer);
}

#define BEAT (20 * NS_PER_MSEC)

/* How long after a multiple of BEAT it was called, at the least. */
struct beat {
	struct fixture *fixture;
	uint64_t late;
};

static void on_beat(void *context, uint32_t events)
{
	struct beat *b = context;
	uint64_t late = clock_mono() % BEAT;

	(void)events;
	if (late < b->late)
		b->late = late;
	called(b->fixture);
}

/* Whenever they were started, timers wake the process together. */
static void test_timers_keep_step(void **state)
{
	struct fixture *f = *state;
	struct beat fast = { f, BEAT }, slow = { f, BEAT };
	uint64_t start;

	while (start = clock_mono() % BEAT, start < BEAT / 4 || start > BEAT / 2)
		;
	assert_non_null(loop_every(f->loop, BEAT, on_beat, &fast));
	assert_non_null(loop_every(f->loop, 2 * BEAT, on_beat, &slow));
	f->stop_after = 15;
	assert_int_equal(loop_run(f->loop), 0);
	assert_true(fast.late < BEAT / 4);
	assert_true(slow.late < BEAT / 4);
}

static void on_alarm(void *context, uint32_t events)
{
	struct beat *b = context;

	(void)events;
	assert_int_equal(b->late, 0);
	b->late = clock_mono();
}

static void test_once(void **state)
{
	struct fixture *f = *state;
	struct beat alarmed = { f, 0 };
	uint64_t start = clock_mono();

	assert_non_null(loop_after(f->loop, 3 * NS_PER_MSEC, on_alarm, &alarmed));
	assert_non_null(loop_every(f->loop, 4 * NS_PER_MSEC, on_timer, f));
	f->stop_after = 5;
	assert_int_equal(loop_run(f->loop), 0);
	assert_true(alarmed.late >= start + 3 * NS_PER_MSEC);
}

static void busy_once(void *context, uint32_t events)
{
	struct fixture *f = context;
	uint64_t until = clock_mono() + 20 * NS_PER_MSEC;

	(void)events;
	if (f->calls == 0)
		while (clock_mono() < until)
			;
	called(f);
}

/* What is missed while a callback takes its time is made up for by one call. */
static void test_missed_ticks_are_one(void **state)
{
	struct fixture *f = *state;
	uint64_t start = clock_mono();

	assert_non_null(loop_every(f->loop, 5 * NS_PER_MSEC, busy_once, f));
	f->stop_after = 4;
	assert_int_equal(loop_run(f->loop), 0);
	assert_true(clock_mono() - start >= 30 * NS_PER_MSEC);
}

static void remove_timer(void *context, uint32_t events)
{
	struct peer *p = context;

	(void)events;
	drop(p);
	p->calls++;
	watch(p, on_ready);
	p->fixture->stop_after = 1;
}

static void test_timer_removes_itself(void **state)
{
	struct fixture *f = *state;
	struct peer *p = &f->peers[0];

	p->watch = loop_every(f->loop, 1, remove_timer, p);
	assert_non_null(p->watch);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(p->calls, 2);
}

static void on_signal(void *context, int number)
{
	struct fixture *f = context;

	f->signals[f->signal_count++] = number;
	if (f->signal_count == 2)
		loop_stop(f->loop);
}

static void test_signals(void **state)
{
	static const int wanted[] = { SIGUSR1, SIGUSR2, 0 };
	struct fixture *f = *state;
	sigset_t was;

	sigprocmask(SIG_SETMASK, NULL, &was);
	assert_int_equal(loop_signals(f->loop, wanted, on_signal, f), 0);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR2);
	assert_int_equal(loop_run(f->loop), 0);
	assert_int_equal(f->signals[0] + f->signals[1], SIGUSR1 + SIGUSR2);
	assert_int_equal(f->signal_count, 2);
	sigprocmask(SIG_SETMASK, &was, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_descriptors, begin, end),
		cmocka_unit_test_setup_teardown(test_edge, begin, end),
		cmocka_unit_test_setup_teardown(test_stop_in_batch, begin, end),
		cmocka_unit_test_setup_teardown(test_errors, begin, end),
		cmocka_unit_test_setup_teardown(test_remove_self, begin, end),
		cmocka_unit_test_setup_teardown(test_remove_in_same_batch, begin, end),
		cmocka_unit_test_setup_teardown(test_random_removal, begin, end),
		cmocka_unit_test_setup_teardown(test_timer, begin, end),
		cmocka_unit_test_setup_teardown(test_timers_keep_step, begin, end),
		cmocka_unit_test_setup_teardown(test_once, begin, end),
		cmocka_unit_test_setup_teardown(test_missed_ticks_are_one, begin, end),
		cmocka_unit_test_setup_teardown(test_timer_removes_itself, begin, end),
		cmocka_unit_test_setup_teardown(test_signals, begin, end),
	};

	srandom(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
