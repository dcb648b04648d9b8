/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan report: what people told a node, what becomes of it, and what they are answered. */
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "app/classes.h"
#include "app/found.h"
#include "app/options.h"
#include "app/person.h"
#include "app/report_show.h"
#include "app/sharing.h"
#include "app/typed.h"
#include "case/subject.h"
#include "input/input.h"
#include "store/organisation.h"
#include "store/user.h"
#include "json/write.h"

#define TEXT_BYTES_MAX (1u << 20)
#define CAPTURE_MAX (4u << 20)

/* By its number, or by what people quote: "2026-000042-K7QX", "KTG 2026-000042-K7QX". */
static struct err report_of(const struct command_line *line, struct local *local, size_t word, int64_t *number)
{
    struct report row;
    slice text = slice_of(line->files[word]), mark = S("KTG ");
    if (slice_find(text, '-') == text.len)
        return typed_number(line, line->files[word], "a report", number);
    TRY(store_report_find(local->db, slice_starts(text, mark) ? slice_from(text, mark.len) : text, line->arena, &row));
    *number = row.number;
    return OK;
}

/* ---- Reading ---- */

static struct err sees(struct local *local, const struct report *row, struct arena *arena, bool *all)
{
    enum case_sight sight;
    TRY(case_report_sees(&local->actor, row, arena, &sight));
    *all = sight == CASE_ALL;
    return OK;
}

static struct err show(const struct command_line *line, struct local *local)
{
    struct report row;
    int64_t number;
    bool seen;
    TRY(report_of(line, local, 1, &number));
    TRY(store_report_get(local->db, number, line->arena, &row));
    TRY(sees(local, &row, line->arena, &seen));
    return seen ? report_show_whole(line, local, &row) : err_make(ERR_MISSING, "there is no such report");
}

static struct err rows_of(const struct command_line *line, struct local *local, int64_t after, struct arena *arena,
        struct report **rows, size_t *count)
{
    const char *of = command_text(line, "incident");
    int64_t incident;
    if (of != NULL) {
        bool seen;
        TRY(typed_number(line, of, "an incident", &incident));
        slice subject = slice_of(arena_printf(arena, CASE_SUBJECT "/%" PRId64, incident));
        TRY(case_subject_seen(local->db, &local->actor, subject, arena, &seen));
        if (!seen)
            return err_make(ERR_MISSING, "there is no such incident");
        return store_report_of_incident(local->db, incident, after, STORE_PAGE_MAX, arena, rows, count);
    }
    if (command_flag(line, "mine"))
        return store_report_of_holder(local->db, local->actor.user, after, STORE_PAGE_MAX, arena, rows, count);
    enum report_which which = command_flag(line, "all") ? REPORT_ALL : REPORT_WAITING;
    return store_report_latest(local->db, which, after == 0 ? INT64_MAX : after, STORE_PAGE_MAX, arena, rows, count);
}

static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct report *rows;
    TRY(rows_of(line, local, *after, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        bool seen;
        TRY(sees(local, &rows[i], arena, &seen));
        if (seen)
            TRY(report_show_line(line, local, &rows[i]));
        *after = rows[i].number;
    }
    return OK;
}

static struct err found_list(
        const struct command_line *line, struct local *local, struct case_find *find, struct arena *arena)
{
    struct report *rows;
    enum case_sight *sights;
    size_t count;
    TRY(case_report_find(local->db, &local->actor, find, arena, &rows, &sights, &count));
    for (size_t i = 0; i < count; i++)
        if (sights[i] == CASE_ALL)
            TRY(report_show_line(line, local, &rows[i]));
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    if (command_text(line, "search") != NULL)
        return found_show(line, local, found_list);
    TRY(store_right_check(&local->actor, VERB_READ_REPORTS, 0, line->arena, NULL));
    return local_pages(line, local, list_page);
}

/* ---- What is done to one ---- */

struct doing {
    const struct command_line *line;
    struct local *local;
    int64_t report, other, notice;
    slice why, text;
    enum severity severity;
    struct err (*verb)(struct work *work, struct doing *doing);
    struct case_report_put *put;
    struct case_report_taken taken;
    struct case_handover handover;
    struct buf *bytes;
    struct thread_file file;
};

static struct err doing_do(struct work *work, void *context)
{
    struct doing *doing = context;
    return doing->verb(work, doing);
}

static struct err run(struct doing *doing)
{
    return store_work(doing->local->db, &doing->local->actor, doing->line->arena, doing_do, doing);
}

/* Does it, and shows the report as it is then. */
static struct err done(struct doing *doing)
{
    struct report row;
    TRY(run(doing));
    TRY(store_report_get(doing->local->db, doing->report, doing->line->arena, &row));
    return report_show_line(doing->line, doing->local, &row);
}

static struct err with_number(const struct command_line *line, struct local *local,
        struct err (*verb)(struct work *work, struct doing *doing))
{
    struct doing doing = {.line = line, .local = local, .why = typed_or(line, "reason", ""), .verb = verb};
    TRY(report_of(line, local, 1, &doing.report));
    return done(&doing);
}

static struct err with_reason(const struct command_line *line, struct local *local,
        struct err (*verb)(struct work *work, struct doing *doing))
{
    slice reason;
    TRY(sharing_reason(line, &reason));
    return with_number(line, local, verb);
}

/* With the number of another one behind it. */
static struct err with_other(const struct command_line *line, struct local *local,
        struct err (*verb)(struct work *work, struct doing *doing))
{
    struct doing doing = {.line = line, .local = local, .why = typed_or(line, "reason", ""), .verb = verb};
    TRY(report_of(line, local, 1, &doing.report));
    TRY(report_of(line, local, 2, &doing.other));
    return done(&doing);
}

/* ---- Taking ---- */

/* --text, a file, or standard input. */
static struct err text_of(const struct command_line *line, size_t word, slice *text)
{
    struct input_text read;
    const char *said = command_text(line, "text");
    const char *file = line->file_count > word ? line->files[word] : "-";
    *text = slice_of(said == NULL ? "" : said);
    if (said != NULL && line->file_count <= word)
        return OK;
    TRY(input_text(file, TEXT_BYTES_MAX, line->arena, &read));
    *text = arena_copy(line->arena, read.text);
    input_text_free(&read);
    return OK;
}

static struct err organisation_of(const struct command_line *line, struct local *local, int64_t *number)
{
    const char *name = command_text(line, "org");
    *number = 0;
    if (name == NULL)
        return OK;
    struct err err = store_organisation_find(local->db, slice_of(name), number);
    return err.kind != ERR_MISSING ? err : err_format(line->arena, ERR_MISSING, "there is no organisation %s", name);
}

static struct err flags_of(const struct command_line *line, slice *flags)
{
    const char *each;
    *flags = S("");
    for (size_t at = 0; (each = command_each(line, "flag", &at)) != NULL;)
        *flags = slice_of(
                arena_printf(line->arena, "%.*s%s%s", (int)flags->len, flags->ptr, flags->len > 0 ? " " : "", each));
    return OK;
}

static struct err severity_of(const struct command_line *line, const char *otherwise, enum severity *severity)
{
    return store_severity_find(typed_or(line, "severity", otherwise), severity)
                   ? OK
                   : err_make(ERR_INPUT, "--severity is info, low, medium, high or critical");
}

/* A picture of what was seen, as a file. */
static struct err capture_of(const struct command_line *line, struct case_report_put *put)
{
    const char *file = command_text(line, "capture"), *slash = file == NULL ? NULL : strrchr(file, '/');
    struct input_text read;
    if (file == NULL)
        return OK;
    TRY(input_text(file, CAPTURE_MAX, line->arena, &read));
    const struct case_report_capture capture = {
            slice_of(slash == NULL ? file : slash + 1), S(""), arena_copy(line->arena, read.text)};
    input_text_free(&read);
    return case_report_attach(put, &capture, line->arena);
}

static struct err put_read(const struct command_line *line, struct local *local, struct case_report_put *put)
{
    *put = (struct case_report_put){.language = typed_or(line, "language", "id"),
            .person = {typed_or(line, "name", ""), typed_or(line, "mail", ""), typed_or(line, "phone", "")},
            .subject = typed_or(line, "subject", ""),
            .class = typed_or(line, "class", ""),
            .bytes = S("")};
    if (!store_report_channel_find(typed_or(line, "channel", "phone"), &put->channel) ||
            (put->channel != REPORT_BY_PHONE && put->channel != REPORT_BY_PARTNER))
        return err_make(ERR_INPUT, "--channel is phone or partner; the others come by themselves, or by promote");
    TRY(severity_of(line, "medium", &put->severity));
    TRY(flags_of(line, &put->flags));
    TRY(organisation_of(line, local, &put->organisation));
    TRY(typed_moment(line, "occurred", &put->occurred_us));
    put->post = (struct report_post){
            typed_or(line, "url", ""), typed_or(line, "account", ""), typed_or(line, "platform", ""), TIME_NONE};
    TRY(typed_moment(line, "captured", &put->post.captured_us));
    TRY(text_of(line, 1, &put->text));
    return capture_of(line, put);
}

static struct err taken_show(struct doing *doing)
{
    struct report row;
    TRY(run(doing));
    TRY(store_report_get(doing->local->db, doing->taken.report, doing->line->arena, &row));
    TRY(report_show_line(doing->line, doing->local, &row));
    if (doing->taken.advice.len > 0)
        fprintf(stderr, "an opinion is no incident; they are told:\n%.*s", (int)doing->taken.advice.len,
                doing->taken.advice.ptr);
    if (doing->taken.receipt != NULL)
        fprintf(stderr, "no receipt by mail: %s\n", doing->taken.receipt);
    return OK;
}

static struct err take_verb(struct work *work, struct doing *doing)
{
    return case_report_take(work, doing->put, &doing->taken);
}

static struct err take(const struct command_line *line, struct local *local)
{
    struct case_report_put put;
    struct doing doing = {.line = line, .local = local, .verb = take_verb, .put = &put};
    TRY(classes_open(&local->node.config, line->arena));
    TRY(put_read(line, local, &put));
    return taken_show(&doing);
}

static struct err warning_verb(struct work *work, struct doing *doing)
{
    return case_report_warning(work, doing->other, doing->text, &doing->taken);
}

static struct err event_verb(struct work *work, struct doing *doing)
{
    return case_report_event(work, doing->other, doing->text, &doing->taken);
}

static struct err promote(const struct command_line *line, struct local *local)
{
    const char *warning = command_text(line, "warning"), *event = command_text(line, "event");
    struct doing doing = {.line = line, .local = local, .text = typed_or(line, "text", "")};
    if ((warning == NULL) == (event == NULL))
        return err_make(ERR_INPUT, "what? --warning N, or --event N");
    doing.verb = warning != NULL ? warning_verb : event_verb;
    TRY(classes_open(&local->node.config, line->arena));
    TRY(typed_number(
            line, warning != NULL ? warning : event, warning != NULL ? "a warning" : "an event", &doing.other));
    return taken_show(&doing);
}

/* ---- Triage ---- */

static struct err link_verb(struct work *work, struct doing *doing)
{
    return case_report_link(work, doing->report, doing->other);
}

static struct err link_one(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .local = local, .verb = link_verb};
    TRY(report_of(line, local, 1, &doing.report));
    TRY(typed_number(line, line->files[2], "an incident", &doing.other));
    return done(&doing);
}

static struct err open_verb(struct work *work, struct doing *doing)
{
    return case_report_open(work, doing->report, typed_or(doing->line, "title", ""), &doing->other);
}

static struct err open_one(const struct command_line *line, struct local *local)
{
    return with_number(line, local, open_verb);
}

static struct err merge_verb(struct work *work, struct doing *doing)
{
    return case_report_merge(work, doing->report, doing->other, doing->why);
}

static struct err merge(const struct command_line *line, struct local *local)
{
    return with_other(line, local, merge_verb);
}

static struct err differs_verb(struct work *work, struct doing *doing)
{
    return case_report_differs(work, doing->report, doing->other);
}

static struct err differs(const struct command_line *line, struct local *local)
{
    return with_other(line, local, differs_verb);
}

static struct err person_of(const struct command_line *line, struct local *local, const char *name, int64_t *number)
{
    struct user user = {.number = 0};
    if (name != NULL)
        TRY(store_user_find(local->db, slice_of(name), line->arena, &user));
    *number = user.number;
    return OK;
}

static struct err assign_verb(struct work *work, struct doing *doing)
{
    return case_report_assign(work, doing->report, doing->other);
}

static struct err assign(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .local = local, .verb = assign_verb};
    TRY(report_of(line, local, 1, &doing.report));
    TRY(person_of(line, local, line->file_count > 2 ? line->files[2] : NULL, &doing.other));
    return done(&doing);
}

static struct err classify_verb(struct work *work, struct doing *doing)
{
    return case_report_classify(work, doing->report, slice_of(doing->line->files[2]), doing->severity);
}

static struct err classify(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .local = local, .verb = classify_verb};
    struct report row;
    TRY(report_of(line, local, 1, &doing.report));
    TRY(store_report_get(local->db, doing.report, line->arena, &row));
    TRY(severity_of(line, store_severity_name(row.severity), &doing.severity));
    return done(&doing);
}

static struct err close_verb(struct work *work, struct doing *doing)
{
    return case_report_close(work, doing->report, doing->why);
}

static struct err close_one(const struct command_line *line, struct local *local)
{
    return with_reason(line, local, close_verb);
}

static struct err forget_verb(struct work *work, struct doing *doing)
{
    return case_report_forget(work, doing->report, doing->why);
}

static struct err forget(const struct command_line *line, struct local *local)
{
    return with_reason(line, local, forget_verb);
}

/* ---- Answers, and what hung on it ---- */

static struct err answer_verb(struct work *work, struct doing *doing)
{
    return case_report_answer(work, doing->report, typed_or(doing->line, "answer", ""), doing->text, &doing->notice);
}

static struct err answer(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .local = local, .verb = answer_verb};
    bool words_alone = command_text(line, "answer") != NULL && command_text(line, "text") == NULL;
    TRY(report_of(line, local, 1, &doing.report));
    if (!words_alone || line->file_count > 2)
        TRY(text_of(line, 2, &doing.text));
    return done(&doing);
}

/* A new file that nobody else reads: never a terminal, and never one that would be run. */
static struct err bytes_save(const struct command_line *line, slice bytes)
{
    const char *file = command_text(line, "output");
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(line->arena, file);
    FILE *to = fdopen(fd, "wb");
    bool written = to != NULL && fwrite(bytes.ptr, 1, bytes.len, to) == bytes.len;
    return to != NULL && fclose(to) == 0 && written ? OK : err_errno(line->arena, file);
}

static struct err saved(const struct command_line *line, struct local *local,
        struct err (*verb)(struct work *work, struct doing *doing))
{
    struct buf bytes = buf_make(MAILBOX_BYTES_MAX + 1);
    struct doing doing = {.line = line, .local = local, .verb = verb, .bytes = &bytes};
    if (command_text(line, "output") == NULL)
        return err_make(ERR_INPUT, "--output FILE: where to? It is written to a new file, never to a terminal");
    TRY(sharing_reason(line, &doing.why));
    TRY(report_of(line, local, 1, &doing.report));
    TRY(typed_number(line, line->files[2], "a message", &doing.other));
    struct err err = run(&doing);
    if (err.kind == ERR_NONE)
        err = bytes_save(line, buf_slice(&bytes));
    buf_free(&bytes);
    return err;
}

static struct err attachment_verb(struct work *work, struct doing *doing)
{
    int64_t part;
    TRY(typed_number(doing->line, doing->line->files[3], "a part", &part));
    doing->bytes->len = 0; /* the work may run again */
    return case_report_file(work, doing->report, doing->other, part, doing->why, doing->bytes, &doing->file);
}

static struct err attachment(const struct command_line *line, struct local *local)
{
    return saved(line, local, attachment_verb);
}

static struct err original_verb(struct work *work, struct doing *doing)
{
    doing->bytes->len = 0;
    return case_report_original(work, doing->report, doing->other, doing->why, doing->bytes);
}

static struct err original(const struct command_line *line, struct local *local)
{
    return saved(line, local, original_verb);
}

static struct err evidence(const struct command_line *line, struct local *local)
{
    struct case_report_part part = {0};
    slice basis;
    int64_t number;
    TRY(sharing_reason(line, &basis));
    TRY(report_of(line, local, 1, &part.report));
    TRY(typed_number(line, line->files[2], "a message", &part.message));
    if (line->file_count > 3)
        TRY(typed_number(line, line->files[3], "a part", &part.part));
    TRY(case_report_secure(local->db, &local->actor, &part, basis, line->arena, &number));
    printf("%" PRId64 "\n", number);
    return OK;
}

/* ---- Which organisation told it ---- */

static struct err told_by_verb(struct work *work, struct doing *doing)
{
    return case_report_told_by(work, doing->report, doing->other);
}

/* As proposed, or by name. */
static struct err told_by(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .local = local, .verb = told_by_verb};
    TRY(report_of(line, local, 1, &doing.report));
    if (line->file_count > 2)
        TRY(store_organisation_find(local->db, slice_of(line->files[2]), &doing.other));
    return done(&doing);
}

/* ---- The end of a shift ---- */

static struct err handover_verb(struct work *work, struct doing *doing)
{
    int64_t since_us;
    TRY(typed_moment(doing->line, "since", &since_us));
    if (since_us == TIME_NONE)
        TRY(case_report_shift(work->db, work->now_us, work->arena, &since_us));
    return case_report_handover(work, since_us, doing->other, doing->text, &doing->handover);
}

static struct err handover_json(const struct case_handover *handover)
{
    const struct {
        const char *key;
        int64_t count;
    } counts[] = {{"received", handover->received}, {"waiting", handover->waiting}, {"late", handover->late},
            {"duties", handover->duties}, {"handed_over", handover->mine}};
    struct buf buf = buf_make(4 * TEXT_BYTES_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key(&w, S("since"));
    json_write_time(&w, handover->since_us);
    json_write_key(&w, S("until"));
    json_write_time(&w, handover->until_us);
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        json_write_key_u64(&w, slice_of(counts[i].key), (uint64_t)counts[i].count);
    json_write_key_text(&w, S("next"), handover->next);
    json_write_key_text(&w, S("text"), handover->text);
    json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    struct err err = buf_check(&buf);
    buf_free(&buf);
    return err;
}

static struct err handover(const struct command_line *line, struct local *local)
{
    struct doing doing = {.line = line, .local = local, .verb = handover_verb, .text = typed_or(line, "text", "")};
    TRY(person_of(line, local, command_text(line, "to"), &doing.other));
    TRY(run(&doing));
    if (command_flag(line, "json"))
        return handover_json(&doing.handover);
    printf("%.*s", (int)doing.handover.text.len, doing.handover.text.ptr);
    return OK;
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"list", 1, list, 0},
        {"show", 2, show, 0},
        {"take", 1, take, 1},
        {"answer", 2, answer, 1},
        {"link", 3, link_one, 0},
        {"open", 2, open_one, 0},
        {"merge", 3, merge, 0},
        {"differs", 3, differs, 0},
        {"assign", 2, assign, 1},
        {"classify", 3, classify, 0},
        {"handover", 1, handover, 0},
        {"promote", 1, promote, 0},
        {"attachment", 4, attachment, 0},
        {"original", 3, original, 0},
        {"evidence", 3, evidence, 1},
        {"told-by", 2, told_by, 1},
        {"close", 2, close_one, 0},
        {"forget", 2, forget, 0},
};

static int report(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? list, show N, take [FILE], answer N [FILE], link N INCIDENT, open N, merge N INTO, differs N OTHER, "
            "assign N [USER], classify N CLASS, handover, promote, attachment N MESSAGE PART, original N MESSAGE, "
            "evidence N MESSAGE [PART], told-by N [ORG], close N, forget N");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_PERSON,
        {0, "all", NULL, "list: those that wait for nobody any more, too"},
        {0, "mine", NULL, "list: those that --person has"},
        {0, "search", "WORDS", "list: with these words, \"phrases\" or beginnings*, in any state, the best first"},
        {0, "incident", "N", "list: those of this incident"},
        {0, "channel", "NAME", "take: phone (default) or partner"},
        {0, "name", "TEXT", "take: of who tells it"},
        {0, "mail", "ADDRESS", "take: of who tells it; the receipt goes there"},
        {0, "phone", "NUMBER", "take: of who tells it"},
        {0, "org", "NAME", "take: the organisation on whose behalf it is told"},
        {0, "language", "TAG", "take: in which it is answered, id (default), en or zh"},
        {0, "subject", "TEXT", "take: what it is about, in a line"},
        {0, "text", "TEXT", "take, answer: instead of a file; promote, handover: what to say besides"},
        {0, "occurred", "TIME", "take: when it happened, as they say"},
        {0, "url", "URL", "take: of a post in social media"},
        {0, "account", "NAME", "take: who posted it, as it is called there"},
        {0, "platform", "NAME", "take: where it was posted"},
        {0, "captured", "TIME", "take: when the capture of it was taken"},
        {0, "capture", "FILE", "take: a picture or file that hangs on it"},
        {0, "class", "CLASS", "take: taxonomy/type of RSIT (default: as the rules propose)"},
        {0, "severity", "WORD", "take, classify: info, low, medium, high or critical"},
        {0, "flag", "WORD", "take: exercise, restricted, money-lost, advert ...; may be repeated"},
        {0, "warning", "N", "promote: this warning"},
        {0, "event", "N", "promote: this row of what was met"},
        {0, "title", "TEXT", "open: of the incident (default: the subject)"},
        {0, "answer", "NAME", "answer: more, known, done or elsewhere: sentences in their language"},
        {0, "since", "TIME", "handover: when the shift began (default: at the last handover)"},
        {0, "to", "USER", "handover: who takes over, and gets what --person has"},
        {'o', "output", "FILE", "attachment, original: a new file, which nobody else may read"},
        {0, "reason", "TEXT", "merge, attachment, original, close, forget: why; evidence: the basis in law"},
        OPTION_JSON,
};

const struct command command_report = {
        .name = "report",
        .arguments = "list, show|open|close|forget N, take, answer N, link N INCIDENT, merge N INTO, ...",
        .about = "See what people told a node, and what becomes of it",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = report,
};
