/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One input of bytes: a file, a pipe or standard input, unpacked on the way if it begins as gzip (RFC 1952) or zstd
 * (RFC 8878) does. Live files are read, never mapped, so that one being truncated ends early instead of killing us.
 * An input belongs to one thread at a time; its owner closes it.
 */
#include "base/err.h"

struct input;

/* "-" is standard input. The name must live as long as the input; messages go into the arena. */
MUST_USE struct err input_open(const char *name, struct arena *arena, struct input **input);
/* An open file, from where it stands; the input closes it, also if it cannot be opened. */
MUST_USE struct err input_open_fd(int fd, const char *name, struct arena *arena, struct input **input);
/* The same up to this byte of the file as it lies there, which is then its end; 0: all. */
MUST_USE struct err input_open_until(
        int fd, const char *name, uint64_t until, struct arena *arena, struct input **input);
void input_close(struct input *input); /* NULL is allowed */

/*
 * Up to `room` further bytes, as many as are there; 0 at the end. ERR_INPUT if packed data is damaged or ends early,
 * ERR_SYSTEM if the machine cannot read; what was read before stays good.
 */
MUST_USE struct err input_read(struct input *input, char *to, size_t room, size_t *got);

const char *input_name(const struct input *input);
/* How far we are and how far it goes, in bytes of the file as it lies there; a total of 0: nobody knows. */
void input_progress(const struct input *input, uint64_t *done, uint64_t *total);

/* The whole of a file, unpacked, into memory that input_text_free gives back. ERR_LIMIT beyond bytes_max. */
struct input_text {
    slice text;
    void *memory;
    size_t mapped; /* bytes, if it is a mapping */
};
MUST_USE struct err input_text(const char *name, size_t bytes_max, struct arena *arena, struct input_text *text);
void input_text_free(struct input_text *text);
