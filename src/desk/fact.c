/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/fact.h"

#include "base/arena.h"
#include "json/write.h"

struct err desk_fact_tell(struct work *work, const char *act, const char *subject, int64_t number, int64_t organisation,
        const struct desk_fact *facts, size_t count)
{
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key(&w, S("organisation"));
    json_write_i64(&w, organisation);
    for (size_t i = 0; i < count; i++)
        if (facts[i].text.len > 0)
            json_write_key_text(&w, slice_of(facts[i].name), facts[i].text);
    json_write_end(&w);
    struct err err = buf_check(&detail);
    if (err.kind == ERR_NONE)
        err = store_work_news(work, act, slice_of(arena_printf(work->arena, "%s/%lld", subject, (long long)number)),
                buf_slice(&detail));
    buf_free(&detail);
    return err;
}

struct err desk_fact_subject(struct arena *arena, const char *word, slice subject, int64_t *number)
{
    slice prefix = slice_of(arena_printf(arena, "%s/", word));
    uint64_t read;
    if (!slice_starts(subject, prefix) || !slice_u64(slice_from(subject, prefix.len), INT64_MAX, &read))
        return err_format(arena, ERR_INPUT, "the subject is as %s/7", word);
    *number = (int64_t)read;
    return OK;
}

struct err desk_fact_kept(struct err err, struct arena *arena)
{
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    return err;
}
