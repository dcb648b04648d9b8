/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a node.conf: reading ends; every mistake has a place in the text and a sentence; and what is taken can
 * be shown, and holds again when it is written as it was shown.
 */
#include "app/config.h"

#include "base/arena.h"
#include "base/buf.h"
#include "need.h"

static volatile size_t touched;

static void touch(const char *text)
{
    for (; *text != 0; text++)
        touched += (unsigned char)*text;
}

/* A mistake: where, and why. */
static void told(const struct config_mistakes *mistakes, slice text)
{
    size_t lines = 1, line = 0;
    for (size_t i = 0; i < text.len; i++)
        lines += text.ptr[i] == '\n';
    for (size_t i = 0; i < mistakes->count && i < CONFIG_MISTAKES_MAX; i++) {
        fuzz_need(mistakes->rows[i].line >= line && mistakes->rows[i].line <= lines && mistakes->rows[i].column > 0);
        line = mistakes->rows[i].line;
        touch(mistakes->rows[i].why);
    }
}

/* Without its secrets a config is another one, so what has them is not read again. */
static bool written(const struct config *config, struct buf *buf, struct arena *arena)
{
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        const char *shown = config_shown(config, row, arena);
        if (strstr(shown, "://") != NULL)
            return false;
        if (i == 0 || strcmp(row->section, config_rows[i - 1].section) != 0)
            buf_printf(buf, "[%s]\n", row->section);
        if (*shown != 0)
            buf_printf(buf, "%s = %s\n", row->key, shown);
    }
    return true;
}

static void again(const struct config *config, struct config_mistakes *mistakes, struct arena *arena)
{
    struct buf buf = buf_make(1u << 20);
    struct config second;
    if (written(config, &buf, arena)) {
        config_read(buf_slice(&buf), "/node.conf", arena, mistakes, &second);
        for (size_t i = 0; i < mistakes->count && i < CONFIG_MISTAKES_MAX; i++)
            fuzz_need(strstr(mistakes->rows[i].why, "longer than") != NULL); /* a path with its folder */
        for (size_t i = 0; mistakes->count == 0 && i < config_row_count; i++)
            fuzz_need(strcmp(config_shown(config, &config_rows[i], arena),
                              config_shown(&second, &config_rows[i], arena)) == 0);
    }
    buf_free(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    slice text = {(const char *)bytes, count};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 512u << 20);
    struct config_mistakes *mistakes = arena_new(arena, struct config_mistakes, 1);
    struct config config;
    config_read(text, "/srv/node/node.conf", arena, mistakes, &config);
    told(mistakes, text);
    if (mistakes->count == 0)
        again(&config, mistakes, arena);
    arena_close(arena);
    return 0;
}
