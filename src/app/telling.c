/* SPDX-License-Identifier: Apache-2.0 */
#include "app/telling.h"

#include <inttypes.h>

#include "app/interrupt.h"
#include "detect/preview.h"
#include "input/input.h"
#include "json/write.h"

#define SHOWN_MAX 300 /* bytes of something from outside */

/* ---- Counts: one table for both faces ---- */

static const struct {
    const char *key, *words;
    size_t at;
} counts[] = {
        {"new", "new", offsetof(struct intel_report, fresh)},
        {"newer", "newer versions", offsetof(struct intel_report, newer)},
        {"older", "older versions", offsetof(struct intel_report, older)},
        {"duplicates", "there already", offsetof(struct intel_report, duplicates)},
        {"conflicts", "contradicting what was there, kept apart", offsetof(struct intel_report, conflicts)},
        {"crowded", "not kept: too many that contradict each other", offsetof(struct intel_report, crowded)},
        {"other_creator", "by another creator than the first version, kept",
                offsetof(struct intel_report, other_creator)},
        {"refused", "refused", offsetof(struct intel_report, refused)},
        {"dropped", "details left behind", offsetof(struct intel_report, dropped)},
        {"warned", "warnings (`kentongan check` tells them)", offsetof(struct intel_report, warned)},
};

static uint64_t count_at(const struct intel_report *report, size_t row)
{
    uint64_t count;
    memcpy(&count, (const char *)report + counts[row].at, sizeof count);
    return count;
}

void telling_counts_json(struct json_writer *w, const struct intel_report *report)
{
    if (report->form != NULL)
        json_write_key_text(w, S("form"), slice_of(report->form));
    json_write_key_u64(w, S("bytes"), report->bytes);
    json_write_key_u64(w, S("objects"), report->objects);
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        json_write_key_u64(w, slice_of(counts[i].key), count_at(report, i));
}

void telling_counts(struct buf *buf, const struct intel_report *report)
{
    const char *between = ": ";
    buf_printf(buf, "%" PRIu64 " objects read as %s", report->objects, report->form == NULL ? "?" : report->form);
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        if (count_at(report, i) == 0)
            continue;
        buf_printf(buf, "%s%" PRIu64 " %s", between, count_at(report, i), counts[i].words);
        between = ", ";
    }
}

/* ---- Lines ---- */

static bool is_told(struct telling *telling, uint64_t *count)
{
    return ++*count <= TELLING_MOST && !telling->quiet;
}

/* What comes from outside does not move the cursor of a terminal. */
static void put_shown(const char *text, size_t len)
{
    for (size_t i = 0; i < len && i < SHOWN_MAX; i++)
        fputc((uint8_t)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i], stderr);
}

static void refused(void *context, uint64_t line, uint64_t column, const char *why, slice original)
{
    struct telling *telling = context;
    (void)original;
    if (!is_told(telling, &telling->refused))
        return;
    report_clear(&telling->report);
    fprintf(stderr, "%s:%" PRIu64 ":%" PRIu64 ": refused: ", telling->name, line, column);
    put_shown(why, strlen(why));
    fputc('\n', stderr);
}

static void dropped(void *context, const char *what, uint64_t count)
{
    struct telling *telling = context;
    if (!is_told(telling, &telling->dropped))
        return;
    report_clear(&telling->report);
    fprintf(stderr, "%s: left behind: %" PRIu64 " x ", telling->name, count);
    put_shown(what, strlen(what));
    fputc('\n', stderr);
}

static void put_version(struct telling *telling, const char *what, slice id, slice version)
{
    report_clear(&telling->report);
    fprintf(stderr, "%s: %s: ", telling->name, what);
    put_shown(id.ptr, id.len);
    if (version.len > 0) /* a marking has none */
        fputc(' ', stderr);
    put_shown(version.ptr, version.len);
    fputc('\n', stderr);
}

static void conflict(void *context, slice id, slice version)
{
    struct telling *telling = context;
    if (is_told(telling, &telling->conflicts))
        put_version(telling, "another content of the same version is there", id, version);
}

static void other_creator(void *context, slice id, slice version)
{
    struct telling *telling = context;
    if (is_told(telling, &telling->others))
        put_version(telling, "not made by the creator of the first version, who alone may change it", id, version);
}

static void more(const struct telling *telling, uint64_t count, const char *what, const char *where)
{
    if (count > TELLING_MOST && !telling->quiet)
        fprintf(stderr, "%s: %" PRIu64 " more %s%s\n", telling->name, count - TELLING_MOST, what, where);
}

void telling_rest(struct telling *telling, int64_t import)
{
    char all[64] = ""; /* a dry run has no record to look into */
    if (import != 0)
        snprintf(all, sizeof all, "; `import --show %" PRId64 "` has all", import);
    report_clear(&telling->report);
    more(telling, telling->refused, "were refused", all);
    more(telling, telling->dropped, "kinds of details were left behind", all);
    more(telling, telling->conflicts, "contradict what was there", "");
    more(telling, telling->others, "are not by the creator of the first version", "");
}

/* ---- Progress ---- */

static void progress(void *context, const struct intel_report *report)
{
    struct telling *telling = context;
    uint64_t done = 0, total = 0;
    if (telling->input != NULL)
        input_progress(telling->input, &done, &total);
    report_ingest(&telling->report, telling->name, done, total, report);
}

struct telling telling_begin(const struct command_line *line)
{
    interrupt_arm();
    return (struct telling){.report = report_begin(line)};
}

void telling_text(struct telling *telling, const char *name, const struct input *input)
{
    telling->name = name;
    telling->input = input;
    telling->refused = telling->conflicts = telling->others = telling->dropped = 0;
}

static void read_object(void *context, const struct form_object *object)
{
    struct telling *telling = context;
    if (slice_eq(object->type, S("indicator")))
        previewer_add(telling->previewer, object->bytes);
}

struct intel_watch telling_watch(struct telling *telling)
{
    return (struct intel_watch){.context = telling,
            .progress = progress,
            .stop = interrupt_came,
            .refused = refused,
            .dropped = dropped,
            .conflict = conflict,
            .other_creator = other_creator,
            .read = telling->previewer == NULL ? NULL : read_object};
}
