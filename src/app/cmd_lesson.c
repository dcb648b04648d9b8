/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan lesson: what was learnt of closed incidents, without whose they were. */
#include <inttypes.h>

#include "app/options.h"
#include "app/person.h"
#include "app/sharing.h"
#include "case/lesson.h"
#include "input/input.h"
#include "text/shown.h"
#include "json/write.h"

#define ROW_MAX (4u << 20)

static struct err number_of(const struct command_line *line, const char *what, int64_t *number)
{
    uint64_t read;
    *number = 0;
    if (!slice_u64(slice_of(line->files[1]), INT64_MAX, &read))
        return err_format(line->arena, ERR_INPUT, "%s is no number of %s", line->files[1], what);
    *number = (int64_t)read;
    return OK;
}

static slice digest_text(const struct lesson *row, struct arena *arena)
{
    struct sha256 digest = case_lesson_digest(row);
    return arena_hex(arena, sha256_slice(&digest));
}

/* ---- Showing ---- */

static void write_json(struct json_writer *w, const struct lesson *row, struct arena *arena)
{
    json_write_object(w);
    json_write_key_u64(w, S("number"), (uint64_t)row->number);
    json_write_key_u64(w, S("incident"), (uint64_t)row->incident);
    json_write_key_text(w, S("report"), row->identity);
    json_write_key_text(w, S("state"), slice_of(store_lesson_state_name(row->state)));
    json_write_key_text(w, S("marking"), row->marking);
    json_write_key_text(w, S("reader"), row->reader);
    json_write_key(w, S("changed"));
    json_write_time(w, row->changed_us);
    json_write_key_text(w, S("sha256"), digest_text(row, arena));
    json_write_key(w, S("said"));
    json_write_object(w);
    for (enum language i = 0; i < LANGUAGES; i++) {
        json_write_key(w, slice_of(language_tag(i)));
        json_write_object(w);
        json_write_key_text(w, S("title"), row->said[i].title);
        json_write_key_text(w, S("text"), row->said[i].text);
        json_write_key_text(w, S("writer"), row->said[i].writer);
        json_write_end(w);
    }
    json_write_end(w);
    json_write_end(w);
}

static void write_line(struct buf *buf, const struct lesson *row)
{
    buf_printf(buf, "%" PRId64 "\t%" PRId64 "\t%s\t%.*s\t", row->number, row->incident,
            store_lesson_state_name(row->state), (int)row->marking.len, row->marking.ptr);
    shown_text_write(buf, row->said[LANGUAGE_ENGLISH].title, false);
}

/* Both languages, and what a second person says to have read. */
static void write_whole(struct buf *buf, const struct lesson *row, struct arena *arena)
{
    slice digest = digest_text(row, arena);
    for (enum language i = 0; i < LANGUAGES; i++) {
        buf_printf(buf, "\n\n%s: ", language_tag(i));
        shown_text_write(buf, row->said[i].title, false);
        buf_put(buf, S("\n\n"));
        shown_text_write(buf, row->said[i].text, true);
    }
    buf_printf(buf, "\nsha256   %.*s", (int)digest.len, digest.ptr);
}

static void put(const struct command_line *line, const struct lesson *row, bool whole)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    if (command_flag(line, "json"))
        write_json(&w, row, line->arena);
    else
        write_line(&buf, row);
    if (whole && !command_flag(line, "json"))
        write_whole(&buf, row, line->arena);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static struct err rows_of(const struct command_line *line, struct local *local, int64_t before, struct arena *arena,
        struct lesson **rows, size_t *count)
{
    const char *words = command_text(line, "search");
    bool all = case_lesson_sees_any(&local->actor, arena);
    enum lesson_state state = all ? LESSON_STATES : LESSON_SHARED;
    if (words != NULL)
        return store_lesson_search(local->db, slice_of(words), state, before, STORE_PAGE_MAX, arena, rows, count);
    return all ? store_lesson_latest(local->db, before, STORE_PAGE_MAX, arena, rows, count)
               : store_lesson_of_state(local->db, state, before, STORE_PAGE_MAX, arena, rows, count);
}

static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct lesson *rows;
    TRY(rows_of(line, local, *after == 0 ? INT64_MAX : *after, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        bool sees;
        TRY(case_lesson_sees(local->db, &local->actor, &rows[i], arena, &sees));
        if (sees)
            put(line, &rows[i], false);
        *after = rows[i].number;
    }
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    return local_pages(line, local, list_page);
}

static struct err show(const struct command_line *line, struct local *local)
{
    struct lesson row;
    int64_t number;
    bool sees;
    TRY(number_of(line, "a lesson", &number));
    TRY(store_lesson_get(local->db, number, line->arena, &row));
    TRY(case_lesson_sees(local->db, &local->actor, &row, line->arena, &sees));
    if (!sees)
        return err_make(ERR_MISSING, "there is no such lesson");
    put(line, &row, true);
    return OK;
}

/* ---- What is done ---- */

struct doing {
    const struct command_line *line;
    int64_t number;
    struct err (*verb)(struct work *work, struct doing *doing);
    enum language language;
    struct lesson_said said;
    struct sha256 shown;
};

static struct err doing_do(struct work *work, void *context)
{
    struct doing *doing = context;
    return doing->verb(work, doing);
}

static struct err done(struct local *local, struct doing *doing)
{
    struct lesson row;
    TRY(store_work(local->db, &local->actor, doing->line->arena, doing_do, doing));
    TRY(store_lesson_get(local->db, doing->number, doing->line->arena, &row));
    put(doing->line, &row, false);
    return OK;
}

/* The work may run again: the incident is not kept where the lesson's number goes. */
static struct err draft_verb(struct work *work, struct doing *doing)
{
    int64_t incident;
    TRY(number_of(doing->line, "an incident", &incident));
    return case_lesson_draft(work, incident, &doing->number);
}

static struct err draft(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .verb = draft_verb};
    return done(local, &doing);
}

static struct err write_verb(struct work *work, struct doing *doing)
{
    return case_lesson_write(work, doing->number, doing->language, &doing->said);
}

/* Without --title it keeps the one that it has. */
static struct err write(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .verb = write_verb};
    struct lesson row;
    struct input_text text;
    const char *language = command_text(line, "language"), *title = command_text(line, "title");
    TRY(number_of(line, "a lesson", &doing.number));
    if (language == NULL || !language_find(slice_of(language), &doing.language))
        return err_make(ERR_INPUT, "--language is en or id: the language of the text");
    TRY(store_lesson_get(local->db, doing.number, line->arena, &row));
    TRY(input_text(line->files[2], LESSON_TEXT_MAX, line->arena, &text));
    doing.said.text = arena_copy(line->arena, text.text);
    input_text_free(&text);
    doing.said.title = title == NULL ? row.said[doing.language].title : slice_of(title);
    return done(local, &doing);
}

static struct err read_verb(struct work *work, struct doing *doing)
{
    return case_lesson_read(work, doing->number, &doing->shown);
}

static struct err review(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .verb = read_verb};
    TRY(number_of(line, "a lesson", &doing.number));
    if (!slice_hex(slice_of(line->files[2]), doing.shown.bytes, sizeof doing.shown.bytes))
        return err_make(ERR_INPUT, "what was read is named by the SHA-256 at the end of `lesson show`");
    return done(local, &doing);
}

static struct err share(const struct command_line *line, struct local *local)
{
    const char *marking = command_text(line, "marking");
    struct share_proposal proposal;
    int64_t number;
    slice reason;
    TRY(number_of(line, "a lesson", &number));
    TRY(sharing_reason(line, &reason));
    TRY(case_lesson_share(local->db, &local->actor, number, slice_of(marking == NULL ? "TLP:GREEN" : marking), reason,
            line->arena, &proposal));
    sharing_tell(line, &proposal);
    return OK;
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"list", 1, list, 0},
        {"show", 2, show, 0},
        {"draft", 2, draft, 0},
        {"write", 3, write, 0},
        {"review", 3, review, 0},
        {"share", 2, share, 0},
};

static int lesson(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `lesson list`, `lesson show N`, `lesson draft INCIDENT`, `lesson write N FILE --language TAG`, "
            "`lesson review N SHA256` or `lesson share N --reason TEXT`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "search", "WORDS", "list: those that have each of these words, in either language"},
        {0, "language", "TAG", "write: of the text, en or id"},
        {0, "title", "TEXT", "write: its title in that language"},
        {0, "marking", "TLP", "share: TLP:CLEAR, TLP:GREEN (default) or TLP:AMBER"},
        {0, "reason", "TEXT", "share: why, for the second person"},
        OPTION_JSON,
};

const struct command command_lesson = {
        .name = "lesson",
        .arguments = "list, draft INCIDENT, show|share N, write N FILE, review N SHA256",
        .about = "Write down what closed incidents taught, without whose they were, and share it",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = lesson,
};
