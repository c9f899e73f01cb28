/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The folder on bpffs where maps, rings and links live on: made, locked for
 * one daemon, emptied. Knows files, not what is pinned in them.
 */
#ifndef UNREACH_SOURCE_PINS_H
#define UNREACH_SOURCE_PINS_H

#include <stdbool.h>
#include <stddef.h>

#define PIN_PATH_MAX 512

/*
 * Opens the folder and locks it; mounts /sys/fs/bpf where the folder is to be
 * there and it isn't mounted. Returns the descriptor that holds the lock, or
 * -errno with one line in `error`: -EBUSY where another daemon holds it,
 * -ENOENT where it does not exist and `made` is NULL. Else it is made then,
 * and *made says so; one that is of no use is removed again.
 */
int pins_open(const char *dir, bool *made, char *error, size_t size);
/* The path of one pin; a folder's name is at most PIN_PATH_MAX - 32 long (pins_open checks). */
void pins_path(char path[PIN_PATH_MAX], const char *dir, const char *name);
/* Is this name one of ours? */
typedef bool (*pins_ours_fn)(void *context, const char *name);
/*
 * Removes what is ours from the folder, `first` (it need not be there) before
 * all else; the folder stays. Names of what is not ours go to `left` as "a, b",
 * empty where there is none. Returns how many were removed, or -errno.
 */
int pins_clear(const char *dir, const char *first, pins_ours_fn ours, void *context, char *left,
	       size_t size);

#endif
