/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"

enum {
    LINE_MAX_BYTES = 4096, /* what a pipe takes in one piece, so that lines of several processes do not mix */
    TEXT_MAX_BYTES = 512,  /* of one field; the rest is cut off and marked */
};

static const char *const level_names[] = {
        [LOG_DEBUG] = "debug",
        [LOG_INFO] = "info",
        [LOG_WARN] = "warn",
        [LOG_ERROR] = "error",
};

static _Atomic int threshold = LOG_INFO;

void log_threshold(enum log_level level)
{
    atomic_store_explicit(&threshold, (int)level, memory_order_relaxed);
}

/* Whatever is not printable ASCII is escaped: a log is read in terminals, and text from outside may try to speak to
 * them. */
static void put_quoted(struct buf *line, slice text)
{
    size_t shown = text.len > TEXT_MAX_BYTES ? TEXT_MAX_BYTES : text.len;
    buf_byte(line, '"');
    for (size_t i = 0; i < shown; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 || c > 0x7e)
            buf_printf(line, "\\x%02x", c);
        else if (c == '"' || c == '\\')
            buf_printf(line, "\\%c", c);
        else
            buf_byte(line, (char)c);
    }
    buf_put(line, shown < text.len ? S("...\"") : S("\""));
}

static void put_field(struct buf *line, const struct log_field *field)
{
    buf_byte(line, ' ');
    buf_put(line, slice_of(field->name));
    buf_byte(line, '=');
    if (field->text.ptr != NULL)
        put_quoted(line, field->text);
    else
        buf_i64(line, field->number);
}

void log_line(enum log_level level, const char *event, const struct log_field *fields, size_t count)
{
    if ((int)level < atomic_load_explicit(&threshold, memory_order_relaxed))
        return;
    struct buf line = buf_make(LINE_MAX_BYTES - 1);
    buf_put(&line, S("time="));
    time_write(&line, clock_now_us());
    buf_printf(&line, " level=%s event=%s", level_names[level], event);
    for (size_t i = 0; i < count; i++) {
        size_t whole = line.len;
        put_field(&line, &fields[i]);
        if (line.full)
            line.len = whole; /* no half field; what follows does not fit either */
    }
    line.full = false;
    line.max = LINE_MAX_BYTES;
    buf_byte(&line, '\n');
    /* Nobody is left to tell if standard error is gone. */
    ssize_t written = write(STDERR_FILENO, line.ptr, line.len);
    (void)written;
    buf_free(&line);
}
