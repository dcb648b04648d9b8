/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was picked, in a form that defenders load. First a page that says how much would go and what stays here, by
 * name and why; then the file.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "export/kinds.h"
#include "gate/gate.h"
#include "intel/send.h"
#include "web/acts.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/row.h"

#define EXPORT_BYTES_MAX (64u << 20)
#define LEFT_OUT_SHOWN 50
#define SCRATCH_ARENA_MAX ((size_t)192 << 20)

struct exporting {
    struct ask *ask;
    const struct export_kind *kind;
    slice ids[ACTS_PICKS_MAX];
    size_t id_count;
    struct buf out;
    struct {
        slice what;
        uint64_t count;
    } left_out[LEFT_OUT_SHOWN];
    size_t left_out_count;
    struct intel_sent sent;
};

static struct err write(void *context, slice text)
{
    struct exporting *exporting = context;
    buf_put(&exporting->out, text);
    return buf_check(&exporting->out);
}

static void left_out(void *context, const char *what, uint64_t count)
{
    struct exporting *exporting = context;
    if (exporting->left_out_count == LEFT_OUT_SHOWN)
        return; /* the sum of all is told */
    size_t at = exporting->left_out_count++;
    exporting->left_out[at].what = arena_copy(exporting->ask->arena, slice_of(what));
    exporting->left_out[at].count = count;
}

/* Of each object that was picked its id, once. */
static struct err ids_get(struct exporting *exporting, const int64_t *numbers, size_t count)
{
    struct arena *scratch = arena_open("an object to export", ARENA_WORK, SCRATCH_ARENA_MAX);
    struct err err = OK;
    for (size_t i = 0; i < count && err.kind == ERR_NONE; i++) {
        struct object object;
        bool there = false;
        arena_reset(scratch);
        err = row_get(exporting->ask, numbers[i], scratch, &object);
        for (size_t k = 0; err.kind == ERR_NONE && k < exporting->id_count; k++)
            there = there || slice_eq(exporting->ids[k], object.id);
        if (err.kind == ERR_NONE && !there)
            exporting->ids[exporting->id_count++] = arena_copy(exporting->ask->arena, object.id);
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(exporting->ask->arena, slice_of(err.why));
    arena_close(scratch);
    return err;
}

static struct err run(struct exporting *exporting)
{
    struct ask *ask = exporting->ask;
    const struct intel_send send = {.kind = exporting->kind,
            .options = {.now_us = clock_now_us(), .name = slice_of(ask->gate->options.parts->name)},
            .since_us = TIME_NONE,
            .ids = exporting->ids,
            .id_count = exporting->id_count,
            .context = exporting,
            .write = write,
            .left_out = left_out};
    return intel_send(ask->db, &ask->who.actor, &send, ask->arena, &exporting->sent);
}

static void write_left_out(struct exporting *exporting)
{
    struct ask *ask = exporting->ask;
    struct outside shown = outside_begin(ask, OUTSIDE_PAGE);
    json_write_key(&ask->json, S("left_out"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < exporting->left_out_count; i++) {
        json_write_object(&ask->json);
        outside_write(&shown, S("what"), exporting->left_out[i].what, OUTSIDE_LINE);
        json_write_key_u64(&ask->json, S("count"), exporting->left_out[i].count);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

static struct err write_page(struct exporting *exporting, const int64_t *numbers, size_t count)
{
    struct ask *ask = exporting->ask;
    struct outside shown = outside_begin(ask, OUTSIDE_PAGE);
    page_title(ask, ask_text(ask, W("Export")));
    json_write_key_text(&ask->json, S("kind"), slice_of(exporting->kind->name));
    json_write_key_text(&ask->json, S("about"), ask_text(ask, slice_of(exporting->kind->about)));
    page_count(ask, S("objects"), exporting->sent.objects);
    page_count(ask, S("left_out_count"), exporting->sent.left_out);
    page_count(ask, S("bytes"), exporting->out.len);
    write_left_out(exporting);
    outside_write(&shown, S("text"), buf_slice(&exporting->out), OUTSIDE_TEXT);
    json_write_key_text(&ask->json, S("back"), acts_back(ask));
    json_write_key(&ask->json, S("numbers"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        json_write_i64(&ask->json, numbers[i]);
    json_write_end(&ask->json);
    return OK;
}

/* The answer takes the text over. */
static void download(struct exporting *exporting)
{
    struct ask *ask = exporting->ask;
    ask->reply->status = 200;
    ask->reply->type = S("application/octet-stream");
    ask->reply->body = exporting->out;
    exporting->out = buf_make(0);
    http_reply_header(ask->reply, S("Content-Disposition"),
            slice_of(arena_printf(ask->arena, "attachment; filename=\"export-%s.%s\"", exporting->kind->name,
                    exporting->kind->extension)));
    http_reply_header(ask->reply, S("X-Content-Type-Options"), S("nosniff"));
    http_reply_header(ask->reply, S("Cache-Control"), S("no-store"));
}

struct err web_export(struct ask *ask)
{
    struct exporting *exporting = arena_new(ask->arena, struct exporting, 1);
    int64_t numbers[ACTS_PICKS_MAX];
    size_t count;
    exporting->ask = ask;
    exporting->kind = export_kind_find(ask_form(ask, S("kind")));
    if (exporting->kind == NULL)
        return err_make(ERR_INPUT, "as what? kind names a kind of export");
    TRY(outside_need(ask, VERB_EXPORT));
    TRY(acts_picks(ask, numbers, &count));
    TRY(ids_get(exporting, numbers, count));
    exporting->out = buf_make(EXPORT_BYTES_MAX);
    struct err err = run(exporting);
    if (err.kind == ERR_NONE && slice_eq(ask_form(ask, S("download")), S("yes")))
        download(exporting);
    else if (err.kind == ERR_NONE)
        err = write_page(exporting, numbers, count);
    buf_free(&exporting->out);
    return err;
}
