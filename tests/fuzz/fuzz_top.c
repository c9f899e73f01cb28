// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Any bytes as answers to `top`: whatever they say, what is drawn of it are
 * characters that steer no terminal, at every size. The first bytes choose the
 * view, the size and what the user wants to see. Bytes from 0xc0 on stand for
 * words, so that it need not learn to spell; the rest are what they are.
 */
#include <stdint.h>
#include <string.h>

#include "base/clock.h"
#include "cli/top_screen.h"
#include "fuzz/fuzz.h"

#define HEAD 5 /* bytes that choose */
#define ROUNDS 3
#define WORD_FIRST 0xc0
#define DOCUMENT_MOST (64 * 1024)

static const char *const words[] = {
	"interfaces.0.",
	"interfaces.15.",
	"codes.3.",
	"codes.15.",
	"name\t",
	"messages\t",
	"rate\t",
	"last_seen\t",
	"seen\t",
	"uptime\t",
	"time\t",
	"identity.lost\t",
	"identity.holds\ttrue\n",
	"rows.0.",
	"rows.1.",
	"rows.99.",
	"address\t",
	"interface\t",
	"codes.4\t",
	"unattributed\t",
	"src\t",
	"verdict\t",
	"link\t",
	"state\tfiring\n",
	"evidence\t",
	"severity\t",
	"mtu\t",
	"18446744073709551615\n",
	"1e308\n",
	"-1\n",
	"nan\n",
	"10.0.0.1\n",
	"eth0\n",
};
#define WORDS (sizeof(words) / sizeof(*words))

static struct top_data known;
static struct canvas canvas;
static char document[DOCUMENT_MOST + 1];

static void check_cells(void)
{
	for (int i = 0; i < canvas.rows * canvas.cols; i++) {
		wchar_t c = canvas.cells[i].c;

		CHECK((c >= L' ' && c <= L'~') ||
		      (canvas.unicode && (c == 0x2500 || (c > 0x2580 && c <= 0x2588))));
		CHECK(canvas.cells[i].style < STYLES);
	}
}

static void spell(const uint8_t *data, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < size; i++) {
		const char *word = words[data[i] % WORDS];
		size_t more = data[i] < WORD_FIRST ? 1 : strlen(word);

		if (len + more > DOCUMENT_MOST)
			break;
		memcpy(document + len, data[i] < WORD_FIRST ? (const char *)&data[i] : word, more);
		len += more;
	}
	document[len] = 0;
}

/* Some seconds later the same is answered to a view. */
static void answer(enum top_view view, const uint8_t *data, size_t size, uint64_t now)
{
	spell(data, size); /* anew: taking it cuts it apart */
	top_data_take(&known, view, document, now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct top_trouble none = {};
	struct top_choice choice = { .code = -1 };
	uint64_t now = NS_PER_SEC;

	if (size < HEAD)
		return -1;
	memset(&known, 0, sizeof(known));
	known.time = NS_PER_SEC; /* so that there is something to show */
	canvas.unicode = data[1] & 1;
	choice.sort = data[1] / 2 % TOP_SORTS;
	choice.pane = TOP_ALERTS + data[2] % (TOP_VIEWS - TOP_ALERTS);
	choice.code = data[2] / 16 - 1;
	CHECK(!canvas_resize(&canvas, 1 + data[3] % 64, 1 + data[4]));
	for (int i = 0; i < ROUNDS; i++) {
		answer(data[0] % TOP_VIEWS, data + HEAD, size - HEAD, now);
		answer(choice.pane, data + HEAD, size - HEAD, now);
		top_screen_draw(&canvas, &known, &choice, &none);
		check_cells();
		now += (uint64_t)data[0] * NS_PER_SEC / 16;
	}
	return 0;
}
