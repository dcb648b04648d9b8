/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan indicator: our own word on what others say, and the taking back of it. */
#include <inttypes.h>

#include "app/local.h"
#include "app/options.h"
#include "intel/judge.h"
#include "store/right.h"
#include "store/source.h"
#include "store/tag.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)
#define VERSIONS_BYTES_MAX ((size_t)1 << 30)

/* What was typed: the word on which id, of which source. */
struct saying {
    const struct command_line *line;
    struct local *local;
    struct intel_subject subject;
    slice reason;
    bool undo;
};

static struct err saying_of(const struct command_line *line, struct local *local, struct saying *saying)
{
    const char *source = command_text(line, "source"), *reason = command_text(line, "reason");
    *saying = (struct saying){.line = line, .local = local, .undo = command_flag(line, "undo")};
    saying->subject = (struct intel_subject){slice_of(source == NULL ? "" : source), slice_of(line->files[1])};
    saying->reason = slice_of(reason == NULL ? "" : reason);
    return OK;
}

static struct err reason_check(const struct saying *saying)
{
    return saying->reason.len > 0 ? OK : err_make(ERR_INPUT, "why? --reason says it to whoever asks later");
}

static void put_said(const struct saying *saying, const char *what, size_t count)
{
    struct buf buf = buf_make(ROW_MAX);
    if (command_flag(saying->line, "json")) {
        struct json_writer w = json_writer(&buf);
        json_write_object(&w);
        json_write_key_text(&w, S("id"), saying->subject.id);
        json_write_key_text(&w, S("done"), slice_of(what));
        json_write_key_u64(&w, S("sources"), count);
        json_write_end(&w);
    } else {
        buf_printf(&buf, "%.*s: %s (of %zu source%s)", (int)saying->subject.id.len, saying->subject.id.ptr, what, count,
                count == 1 ? "" : "s");
    }
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

/* ---- Verbs ---- */

static struct err judge(
        const struct saying *saying, enum object_judged kind, int64_t at_us, const char *done, const char *undone)
{
    struct local *local = saying->local;
    size_t count;
    TRY(reason_check(saying));
    if (saying->undo)
        TRY(intel_unjudge(local->db, &local->actor, &saying->subject, kind, saying->reason, local->arena, &count));
    else
        TRY(intel_judge(local->db, &local->actor, &saying->subject, kind, at_us, saying->reason, local->arena, &count));
    put_said(saying, saying->undo ? undone : done, count);
    return OK;
}

static struct err false_positive(const struct command_line *line, struct local *local)
{
    struct saying saying;
    TRY(saying_of(line, local, &saying));
    return judge(&saying, OBJECT_FALSE_POSITIVE, TIME_NONE, "false positive", "no longer held to be a false positive");
}

static struct err expire(const struct command_line *line, struct local *local)
{
    const char *at = command_text(line, "at");
    int64_t at_us = clock_now_us();
    struct saying saying;
    TRY(saying_of(line, local, &saying));
    if (at != NULL && !time_parse(slice_of(at), &at_us))
        return err_format(line->arena, ERR_INPUT, "--at takes a time as 2026-11-20T10:00:00Z, not %s", at);
    return judge(&saying, OBJECT_EXPIRED, at_us, at_us > clock_now_us() ? "will expire" : "expired",
            "no longer held to be expired");
}

static struct err revoke(const struct command_line *line, struct local *local)
{
    struct saying saying;
    struct intel_revoked revoked;
    TRY(saying_of(line, local, &saying));
    TRY(reason_check(&saying));
    if (saying.undo)
        TRY(intel_unrevoke(local->db, &local->actor, &saying.subject, saying.reason, line->arena, &revoked));
    else
        TRY(intel_revoke(local->db, &local->actor, &saying.subject, saying.reason, line->arena, &revoked));
    if (revoked.versions > 0)
        put_said(&saying, saying.undo ? "our revocation is undone" : "revoked by a new version of ours",
                revoked.versions);
    if (revoked.withdrawn > 0)
        put_said(&saying, saying.undo ? "no longer withdrawn" : "withdrawn here", revoked.withdrawn);
    return OK;
}

static struct err tag(const struct command_line *line, struct local *local)
{
    struct saying saying;
    size_t count;
    slice word = slice_of(line->files[2]);
    TRY(saying_of(line, local, &saying));
    if (saying.undo)
        TRY(intel_untag(local->db, &local->actor, &saying.subject, word, line->arena, &count));
    else
        TRY(intel_tag(local->db, &local->actor, &saying.subject, word, line->arena, &count));
    put_said(&saying, saying.undo ? "tag removed" : "tagged", count);
    return OK;
}

/* ---- What is known ---- */

static struct err put_version(struct local *local, const struct object *object, struct arena *arena)
{
    struct source source;
    struct buf buf = buf_make(ROW_MAX);
    slice *tags;
    size_t count;
    TRY(store_source_get(local->db, object->source, arena, &source));
    TRY(store_tag_list(local->db, object->source, object->id, arena, &tags, &count));
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("id"), object->id);
    json_write_key_text(&w, S("source"), source.name);
    json_write_key_text(&w, S("version"), object->version);
    json_write_key_u64(&w, S("variant"), (uint64_t)object->variant);
    json_write_key_u64(&w, S("import"), (uint64_t)object->import);
    json_write_key(&w, S("newest"));
    json_write_bool(&w, object->newest);
    json_write_key(&w, S("revoked"));
    json_write_bool(&w, object->revoked);
    json_write_key(&w, S("tags"));
    json_write_array(&w);
    for (size_t i = 0; i < count; i++)
        json_write_text(&w, tags[i]);
    json_write_end(&w);
    json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
    return OK;
}

static void put_judgement(const struct judgement *row)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("judged"), slice_of(store_judgement_name(row->kind)));
    json_write_key_text(&w, S("actor"), row->actor);
    json_write_key(&w, S("made"));
    json_write_time(&w, row->made_us);
    json_write_key(&w, S("at"));
    json_write_time(&w, row->at_us);
    json_write_key_text(&w, S("reason"), row->reason);
    json_write_key(&w, S("undone"));
    json_write_time(&w, row->undone_us);
    json_write_key_text(&w, S("undone_by"), row->undone_by);
    json_write_key_text(&w, S("undone_reason"), row->undone_reason);
    json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static struct err put_judgements(struct local *local, const struct object *object, struct arena *arena)
{
    int64_t after = 0;
    for (size_t count = 1; count > 0;) {
        struct judgement *rows;
        TRY(store_judgement_list(local->db, object->source, object->id, after, STORE_PAGE_MAX, arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            put_judgement(&rows[i]);
        after = count > 0 ? rows[count - 1].number : after;
    }
    return OK;
}

/* Versions of one source follow each other; after its last one comes what we hold of it. */
static struct err put_all(const char *id, struct local *local, struct arena *arena)
{
    struct object *rows;
    size_t count;
    TRY(store_object_versions(local->db, slice_of(id), arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(put_version(local, &rows[i], arena));
        if (i + 1 == count || rows[i + 1].source != rows[i].source)
            TRY(put_judgements(local, &rows[i], arena));
    }
    return count > 0 ? OK : err_format(arena, ERR_MISSING, "%s: no source has it", id);
}

static struct err show(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_OBJECTS, local->actor.organisation, line->arena, NULL));
    struct arena *arena = arena_open("versions of an object", ARENA_WORK, VERSIONS_BYTES_MAX);
    struct err err = put_all(line->files[1], local, arena);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(line->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}

static const struct local_verb verbs[] = {
        {"show", 2, show},
        {"revoke", 2, revoke},
        {"expire", 2, expire},
        {"false-positive", 2, false_positive},
        {"tag", 3, tag},
};

static int indicator(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `indicator show|revoke|expire|false-positive ID` or `indicator tag ID TAG`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "reason", "TEXT", "Why; asked for by revoke, expire and false-positive"},
        {0, "source", "NAME", "Only what this source says of it (default: every source that has it)"},
        {0, "at", "TIME", "When it expires, or did (default: now)"},
        {0, "undo", NULL, "Take it back"},
        OPTION_JSON,
};

const struct command command_indicator = {
        .name = "indicator",
        .arguments = "show|revoke|expire|false-positive ID, tag ID TAG",
        .about = "Judge what a node knows: withdrawn, expired, harmless; tag it; take it back",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = indicator,
};
