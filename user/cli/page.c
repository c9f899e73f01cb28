// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a page lacks it does not show: it is whole, or it is not there. */
#include "cli/page.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

struct writer *page_json(struct buf *b, const char *view)
{
	struct writer *w = writer_json(b);

	if (!w) {
		b->failed = true;
		return NULL;
	}
	writer_object(w, NULL);
	writer_string(w, "view", view);
	return w;
}

void page_json_end(struct writer *w)
{
	writer_end_object(w);
	writer_finish(w);
}

int page_show(struct buf *page)
{
	int status = page->failed ? EXIT_FAILURE : EXIT_SUCCESS;

	if (page->failed)
		log_error("out of memory");
	else
		fwrite(page->data, 1, page->len, stdout);
	buf_free(page);
	return status;
}
