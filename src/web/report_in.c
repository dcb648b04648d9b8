/* SPDX-License-Identifier: Apache-2.0 */
#include "web/report_in.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/organisation.h"
#include "text/mail.h"
#include "web/outside.h"
#include "web/page.h"
#include "json/check.h"
#include "json/read.h"

#define JSON_BYTES_MAX REPORT_FORM_MAX
#define SUBJECT_MAX 120 /* bytes of one that is made */

enum { FORM = 1u << REPORT_BY_FORM, PHONE = 1u << REPORT_BY_PHONE, API = 1u << REPORT_BY_API };

/* What a report has, and by which ways. Sentences of verbs begin with these names. */
static const struct {
    const char *name;
    unsigned ways;
} fields[] = {{"text", FORM | PHONE | API}, {"name", FORM | PHONE | API}, {"mail", FORM | PHONE | API},
        {"phone", FORM | PHONE | API}, {"money", FORM | API}, {"organisation", PHONE | API}, {"occurred", PHONE | API},
        {"url", FORM | PHONE | API}, {"account", FORM | PHONE | API}, {"platform", FORM | PHONE | API},
        {"captured", FORM | PHONE | API}, {"subject", API}, {"language", API}, {"class", API}};

/* ---- JSON ---- */

static const char *field_of(slice raw)
{
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (json_key_is(raw, slice_of(fields[i].name)))
            return fields[i].name;
    return NULL;
}

static struct err value_of(struct ask *ask, const char *name, slice value, slice *text)
{
    enum json_kind kind = json_kind(value);
    bool truth = strcmp(name, "money") == 0 && (kind == JSON_TRUE || kind == JSON_FALSE);
    *text = kind == JSON_STRING ? json_text(value, ask->arena) : kind == JSON_TRUE ? S("yes") : S("");
    return truth || kind == JSON_STRING || kind == JSON_NULL ? OK
                                                             : err_format(ask->arena, ERR_INPUT, "%s: a text", name);
}

struct err report_in_json(struct ask *ask)
{
    slice body = ask->request->body, type = http_header(ask->request, S("content-type"), NULL), raw, value;
    const struct json_limits limits = {.bytes_max = JSON_BYTES_MAX, .depth_max = 4, .keys_max = 64};
    struct http_field *made = arena_new(ask->arena, struct http_field, COUNT_OF(fields));
    size_t count = 0;
    if (ask->form_count > 0)
        return OK;
    if (!slice_eq_fold(slice_trim(slice_part(type, 0, slice_find(type, ';'))), S("application/json")))
        return err_make(ERR_INPUT, "this takes a form, or JSON (application/json)");
    TRY(json_check(body, &limits, NULL));
    struct json_members members = json_members(slice_trim(body));
    if (json_kind(slice_trim(body)) != JSON_OBJECT)
        return err_make(ERR_INPUT, "this takes an object with the fields of a report");
    while (json_member_next(&members, &raw, &value)) {
        const char *name = field_of(raw);
        if (name == NULL)
            return err_make(ERR_INPUT, "a report has text, subject, name, mail, phone, organisation, occurred, url, "
                                       "account, platform, captured, language, money and class");
        made[count].name = slice_of(name);
        TRY(value_of(ask, name, value, &made[count].value));
        count++; /* no member stands twice: json_check */
    }
    ask->form = made;
    ask->form_count = count;
    return OK;
}

/* ---- Fields ---- */

/* One field at a time: what of it is wrong is told with its name. */
struct reading {
    struct ask *ask;
    struct case_report_put *put;
    const char *field;
};

/* What another way has and this one has not, it does not say. */
static slice typed(struct reading *reading, const char *name)
{
    reading->field = name;
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (strcmp(name, fields[i].name) == 0 && (fields[i].ways >> reading->put->channel & 1) != 0)
            return slice_trim(ask_form(reading->ask, slice_of(name)));
    return S("");
}

/* "2026-11-20T09:30", as clocks show it where who asks is; or RFC 3339, which says where it is meant. */
static struct err when_read(struct reading *reading, const char *name, int64_t *us)
{
    slice text = typed(reading, name);
    *us = TIME_NONE;
    if (text.len == 0 || (text.len > 16 && time_parse_strict(text, us)))
        return OK;
    const char *shown = arena_printf(reading->ask->arena, "%.*s:00Z", (int)(text.len > 16 ? 16 : text.len), text.ptr);
    if (text.len != 16 || !time_parse_strict(slice_of(shown), us))
        return err_make(ERR_INPUT, W_C("a moment is written as 2026-11-20T09:30"));
    *us = moment_of_clock(*us, page_zone(reading->ask));
    return OK;
}

/* Who may tell for everybody says for whom, by name. */
static struct err organisation_read(struct reading *reading, int64_t *organisation)
{
    const struct ask *ask = reading->ask;
    const struct actor *actor = &ask->who.actor;
    slice name = typed(reading, "organisation");
    *organisation = 0;
    if (actor->how == ACTOR_NOBODY)
        return OK;
    if (store_right_check(actor, VERB_REPORT, 0, ask->arena, NULL).kind == ERR_NONE)
        return name.len == 0 ? OK : store_organisation_find(ask->db, name, organisation);
    if (store_right_check(actor, VERB_REPORT, actor->organisation, ask->arena, NULL).kind == ERR_NONE)
        *organisation = actor->organisation;
    return OK;
}

/* What is wrong with it, the verb says with the name of the field. */
static struct err post_read(struct reading *reading, struct report_post *post)
{
    post->url = typed(reading, "url");
    post->account = typed(reading, "account");
    post->platform = typed(reading, "platform");
    return when_read(reading, "captured", &post->captured_us);
}

static struct err text_read(struct reading *reading, slice *text)
{
    *text = typed(reading, "text");
    if (text->len == 0)
        return err_make(ERR_INPUT, W_C("say what happened: a sentence is enough"));
    if (text->len > REPORT_TEXT_MAX)
        return err_make(ERR_INPUT, W_C("what happened has 16,384 bytes at the most; send the rest as a file"));
    return store_prose_check(reading->ask->arena, "text", *text, REPORT_TEXT_MAX);
}

static struct err short_read(struct reading *reading, const char *name, slice *text)
{
    *text = typed(reading, name);
    return text->len == 0 ? OK : store_text_check(reading->ask->arena, name, *text, REPORT_PERSON_MAX);
}

/* Who says none gets the beginning of what happened. */
static struct err subject_read(struct reading *reading, slice *subject)
{
    slice text = reading->put->text;
    TRY(short_read(reading, "subject", subject));
    if (subject->len == 0)
        *subject = store_text_keep(
                reading->ask->arena, slice_trim(slice_part(text, 0, slice_find(text, '\n'))), SUBJECT_MAX);
    return OK;
}

static struct err address_read(struct reading *reading, slice *mail)
{
    TRY(short_read(reading, "mail", mail));
    return mail->len == 0 || mail_address_is(*mail)
                   ? OK
                   : err_make(ERR_INPUT, W_C("this is no address of mail that we could write to, as name@example.org"));
}

static struct err language_read(struct reading *reading, slice *language)
{
    *language = typed(reading, "language");
    if (language->len == 0)
        *language = slice_of(language_tag(reading->ask->language));
    return slice_eq(*language, S("id")) || slice_eq(*language, S("en")) || slice_eq(*language, S("zh"))
                   ? OK
                   : err_make(ERR_INPUT, W_C("we answer in id, en or zh"));
}

/* What it is, people of ours say. */
static struct err class_read(struct reading *reading, slice *class)
{
    TRY(short_read(reading, "class", class));
    return class->len == 0
                   ? OK
                   : store_right_check(&reading->ask->who.actor, VERB_WORK_INCIDENTS, 0, reading->ask->arena, NULL);
}

/* ---- A file ---- */

static const struct http_field *file_of(const struct ask *ask)
{
    for (size_t i = 0; i < ask->form_count; i++)
        if (slice_eq(ask->form[i].name, S("file")) && ask->form[i].value.len > 0)
            return &ask->form[i];
    return NULL;
}

static struct err file_read(struct reading *reading)
{
    const struct http_field *file = file_of(reading->ask);
    reading->field = "file";
    reading->put->bytes = reading->put->text;
    if (file == NULL)
        return OK;
    if (file->value.len > REPORT_FILE_MAX)
        return err_make(ERR_INPUT, W_C("the file has 4 MB at the most; say in the text that there is more"));
    const struct case_report_capture capture = {file->file, file->type, file->value};
    return case_report_attach(reading->put, &capture, reading->ask->arena);
}

/* ---- All of it ---- */

static struct err all_read(struct reading *reading)
{
    struct case_report_put *put = reading->put;
    TRY(text_read(reading, &put->text));
    TRY(subject_read(reading, &put->subject));
    TRY(short_read(reading, "name", &put->person.name));
    TRY(address_read(reading, &put->person.mail));
    TRY(short_read(reading, "phone", &put->person.phone));
    TRY(organisation_read(reading, &put->organisation));
    TRY(when_read(reading, "occurred", &put->occurred_us));
    TRY(post_read(reading, &put->post));
    TRY(language_read(reading, &put->language));
    TRY(class_read(reading, &put->class));
    bool money = slice_eq(typed(reading, "money"), S("yes"));
    put->flags = money ? S("money-lost") : S("");
    put->severity = money ? SEVERITY_HIGH : SEVERITY_MEDIUM; /* it can be stopped in the first hours only */
    return file_read(reading);
}

struct err report_in_read(struct ask *ask, enum report_channel channel, struct case_report_put *put, const char **field)
{
    struct reading reading = {ask, put, NULL};
    *put = (struct case_report_put){.channel = channel};
    struct err err = all_read(&reading);
    *field = err.kind == ERR_NONE ? NULL : reading.field;
    return err;
}

struct taking {
    const struct case_report_put *put;
    struct case_report_taken *taken;
};

static struct err take(struct work *work, void *context)
{
    const struct taking *taking = context;
    return case_report_take(work, taking->put, taking->taken);
}

/* A verb's sentence begins with the field that it is about: "class: ...". */
static const char *field_named(slice why)
{
    slice name = slice_part(why, 0, slice_find(why, ':'));
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (slice_eq(name, slice_of(fields[i].name)))
            return fields[i].name;
    return NULL;
}

struct err report_in_take(struct ask *ask, const struct actor *actor, const struct case_report_put *put,
        struct case_report_taken *taken, const char **field)
{
    struct taking taking = {put, taken};
    struct err err = store_work(ask->db, actor, ask->arena, take, &taking);
    *field = err.kind == ERR_INPUT ? field_named(slice_of(err.why)) : NULL;
    return err;
}
