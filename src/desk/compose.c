/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/compose.h"

#include "desk/words.h"
#include "share/approve.h"
#include "text/mail.h"
#include "text/moment.h"
#include "text/number.h"
#include "text/shown.h"
#include "json/write.h"

#define WARNINGS_TOLD 20 /* in the text; the files have all */
#define VALUES_TOLD 10   /* addresses of one warning in the text */
#define VALUE_BYTES 200  /* of one value in the text and in a cell */
#define EXTRA_BYTES 4096

const struct compose_reply compose_replies[] = {
        {"TERIMA", "ACK", W_C("we have read it and look into it"), DESK_ACKNOWLEDGED},
        {"BUKAN", "NOT-MINE", W_C("it is not ours"), DESK_NOT_MINE},
        {"SELESAI", "DONE", W_C("it is mended"), DESK_DONE},
};
const size_t compose_reply_count = COUNT_OF(compose_replies);

struct writing {
    struct buf *out;
    const struct compose *compose;
    enum language language;
    const struct catalogue *words;
};

static void say(const struct writing *w, slice text)
{
    buf_put(w->out, catalogue_text(w->words, text));
}

/* Text of others in a line of ours: visible, and not endless. */
static void shown(struct buf *out, slice text, size_t most)
{
    bool cut = text.len > most;
    shown_text_write(out, cut ? slice_part(text, 0, most) : text, false);
    if (cut)
        buf_put(out, S("..."));
}

static void heading(const struct writing *w, slice text)
{
    buf_byte(w->out, '\n');
    say(w, text);
    buf_byte(w->out, '\n');
}

static void moment(const struct writing *w, int64_t us)
{
    moment_write(w->out, us, ZONE_JAKARTA, w->language);
    buf_put(w->out, S(" / "));
    moment_write(w->out, us, ZONE_UTC, w->language);
}

/* ---- What was seen ---- */

/* "ipv4 203.0.113.77", defanged. */
static void peer_put(struct buf *out, slice peer, int64_t port)
{
    size_t blank = slice_find(peer, ' ');
    enum observable_type type = observable_type_find(slice_part(peer, 0, blank));
    slice value = blank < peer.len ? slice_from(peer, blank + 1) : peer;
    if (value.len > VALUE_BYTES)
        shown(out, value, VALUE_BYTES);
    else
        shown_value_write(out, type == OBSERVABLE_NONE ? OBSERVABLE_OTHER : type, value);
    if (port > 0)
        buf_printf(out, " port %lld", (long long)port);
}

/* Their own address or name is written so that they can search for it; what is neither, as what strangers wrote. */
static void own_put(struct buf *out, slice own, int64_t port)
{
    enum observable_type type = own.len > VALUE_BYTES ? OBSERVABLE_OTHER : observable_guess(own);
    bool plain = type >= OBSERVABLE_IPV4 && type <= OBSERVABLE_HOST;
    if (plain || own.len > VALUE_BYTES)
        shown(out, own, VALUE_BYTES);
    else
        shown_value_write(out, OBSERVABLE_URL, own);
    if (port > 0)
        buf_printf(out, " port %lld", (long long)port);
}

static bool is_new(const struct compose_warning *warning, size_t i, bool own)
{
    const struct met_detail *row = &warning->seen[i];
    for (size_t j = 0; j < i; j++) {
        const struct met_detail *other = &warning->seen[j];
        bool same = own ? slice_eq(other->own, row->own) && other->own_port == row->own_port
                        : slice_eq(other->peer, row->peer) && other->peer_port == row->peer_port;
        if (same)
            return false;
    }
    return (own ? row->own.len : row->peer.len) > 0;
}

/* The first few different ones. Bounded: of the first hundred rows. */
static void values_put(const struct writing *w, const struct compose_warning *warning, slice label, bool own)
{
    size_t told = 0;
    size_t looked = warning->seen_count < MET_DETAILS_MAX ? warning->seen_count : MET_DETAILS_MAX;
    for (size_t i = 0; i < looked; i++) {
        const struct met_detail *row = &warning->seen[i];
        if (!is_new(warning, i, own))
            continue;
        if (told == VALUES_TOLD) {
            buf_put(w->out, S(", ..."));
            break;
        }
        buf_put(w->out, told == 0 ? S("   ") : S(", "));
        if (told++ == 0) {
            say(w, label);
            buf_put(w->out, S(": "));
        }
        if (own)
            own_put(w->out, row->own, row->own_port);
        else
            peer_put(w->out, row->peer, row->peer_port);
    }
    if (told > 0)
        buf_byte(w->out, '\n');
}

/* The memory keeps who met what and when, and no address of theirs (doc/why/memory.md). */
static void past_put(const struct writing *w, const struct compose_warning *warning)
{
    if (warning->past_from_us == TIME_NONE)
        return;
    buf_put(w->out, S("   "));
    say(w, W("Your address: we keep none for what is found by looking back. Your own logs tell which machine it was: "
             "search those of firewall, proxy and name server for the value above, between these two times."));
    buf_put(w->out, S("\n   "));
    moment(w, warning->past_from_us);
    buf_put(w->out, S("\n   "));
    moment(w, warning->past_until_us);
    buf_byte(w->out, '\n');
}

static void warning_put(const struct writing *w, size_t i)
{
    const struct compose_warning *warning = &w->compose->warnings[i];
    const struct warning *row = &warning->is;
    buf_printf(w->out, "%zu. ", i + 1);
    say(w, slice_of(desk_words_of_class(row->class)->called));
    buf_printf(w->out, " (%.*s), ", (int)row->class.len, row->class.ptr);
    say(w, slice_of(desk_words_of_severity(row->severity)));
    buf_put(w->out, S("\n   "));
    say(w, W("First seen"));
    buf_put(w->out, S(": "));
    moment(w, row->first_us);
    buf_put(w->out, S("\n   "));
    say(w, W("Last seen"));
    buf_put(w->out, S(": "));
    moment(w, row->last_us);
    buf_put(w->out, S("\n   "));
    say(w, W("How often"));
    buf_put(w->out, S(": "));
    number_write(w->out, (uint64_t)row->events, w->language);
    buf_byte(w->out, '\n');
    values_put(w, warning, W("Your address"), true);
    values_put(w, warning, W("It was about"), false);
    past_put(w, warning);
}

static void seen_put(const struct writing *w)
{
    const struct compose *compose = w->compose;
    heading(w, W("WHAT WAS SEEN"));
    for (size_t i = 0; i < compose->warning_count && i < WARNINGS_TOLD; i++)
        warning_put(w, i);
    if (compose->warning_count > WARNINGS_TOLD) {
        say(w, W("Further ones are in the attachment."));
        buf_byte(w->out, '\n');
    }
    say(w, W("All of it is attached, for people as CSV and for programs as JSON."));
    if (compose->left_out > 0) {
        buf_byte(w->out, ' ');
        say(w, W("Rows that had no room there; ask us for them"));
        buf_printf(w->out, ": %llu.", (unsigned long long)compose->left_out);
    }
    buf_byte(w->out, '\n');
}

/* ---- What nobody answered, for others than those whom it concerns ---- */

/* Several warnings that were told together have one reference. */
static bool is_new_reference(const struct compose *compose, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (slice_eq(compose->warnings[j].reference, compose->warnings[i].reference))
            return false;
    return true;
}

static void unanswered_put(const struct writing *w, size_t number, const struct compose_warning *warning)
{
    const struct warning *row = &warning->is;
    int64_t days = (w->compose->now_us - warning->first_us) / DAY_US;
    buf_printf(w->out, "%zu. ", number);
    say(w, W("Reference"));
    buf_printf(w->out, ": %.*s\n   ", (int)warning->reference.len, warning->reference.ptr);
    say(w, W("Sent to them"));
    buf_put(w->out, S(": "));
    moment(w, warning->first_us);
    buf_put(w->out, S("\n   "));
    say(w, W("Days since then"));
    buf_put(w->out, S(": "));
    number_write(w->out, days > 0 ? (uint64_t)days : 0, w->language);
    buf_byte(w->out, '\n');
    if (!warning->is_for_all)
        return;
    buf_put(w->out, S("   "));
    say(w, slice_of(desk_words_of_class(row->class)->called));
    buf_printf(w->out, " (%.*s), ", (int)row->class.len, row->class.ptr);
    say(w, slice_of(desk_words_of_severity(row->severity)));
    buf_byte(w->out, '\n');
}

static void about_put(const struct writing *w)
{
    const struct compose *compose = w->compose;
    size_t told = 0;
    heading(w, W("WHOM IT CONCERNS"));
    shown(w->out, compose->about.name, VALUE_BYTES);
    buf_byte(w->out, '\n');
    for (size_t i = 0; i < compose->warning_count && told < WARNINGS_TOLD; i++)
        if (is_new_reference(compose, i))
            unanswered_put(w, ++told, &compose->warnings[i]);
    say(w, W("What was seen stands in our message to them, and is for them alone."));
    buf_byte(w->out, '\n');
}

static void asked_put(const struct writing *w)
{
    static const char *const steps[] = {
            W_C("Reach somebody there who answers for the security of their systems, by a way of your own."),
            W_C("Ask them to answer our message with the reference above."),
            W_C("Tell us whom you reached, or that nobody could be reached.")};
    heading(w, W("WHAT WE ASK OF YOU"));
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        buf_printf(w->out, "%zu. ", i + 1);
        say(w, slice_of(steps[i]));
        buf_byte(w->out, '\n');
    }
    say(w, W("Answer this mail in your own words: a person reads it."));
    buf_byte(w->out, '\n');
    if (w->compose->options->phone != NULL) {
        say(w, W("Or call us, at any hour"));
        buf_printf(w->out, ": %s\n", w->compose->options->phone);
    }
}

/* ---- What to do ---- */

/* Of the classes that the notice tells of, each once. */
static void acts_put(const struct writing *w)
{
    const struct compose *compose = w->compose;
    const struct desk_class_words *told[WARNINGS_TOLD];
    size_t count = 0;
    for (size_t i = 0; i < compose->warning_count && count < WARNINGS_TOLD; i++) {
        const struct desk_class_words *words = desk_words_of_class(compose->warnings[i].is.class);
        bool before = false;
        for (size_t j = 0; j < count; j++)
            before = before || told[j] == words;
        if (!before)
            told[count++] = words;
    }
    for (size_t i = 0; i < count; i++) {
        heading(w, W("WHY IT MATTERS"));
        say(w, slice_of(told[i]->why));
        buf_byte(w->out, '\n');
        heading(w, W("WHAT TO DO NOW"));
        for (size_t step = 0; step < DESK_STEPS; step++) {
            buf_printf(w->out, "%zu. ", step + 1);
            say(w, slice_of(told[i]->steps[step]));
            buf_byte(w->out, '\n');
        }
    }
}

static void due_put(const struct writing *w)
{
    if (w->compose->due_us == TIME_NONE)
        return;
    heading(w, W("BY WHEN"));
    moment(w, w->compose->due_us);
    buf_byte(w->out, '\n');
}

static void replies_put(const struct writing *w)
{
    bool contact = w->compose->kind == NOTICE_OF_CONTACT;
    say(w, W("Answer this mail with one word, alone in its first line:"));
    buf_byte(w->out, '\n');
    for (size_t i = 0; i < (contact ? 1 : compose_reply_count); i++) {
        const struct compose_reply *reply = &compose_replies[i];
        buf_printf(w->out, "   %s (%s): ", reply->word, reply->english);
        say(w, contact ? W("yes, this mailbox is read") : slice_of(reply->means));
        buf_byte(w->out, '\n');
    }
}

static void answer_put(const struct writing *w)
{
    const struct compose *compose = w->compose;
    heading(w, W("HOW TO ANSWER"));
    if (compose->link.len > 0) {
        say(w, W("Open this page and press one button. You need no account, and it asks for no password:"));
        buf_printf(w->out, "\n%.*s\n", (int)compose->link.len, compose->link.ptr);
    }
    replies_put(w);
    if (compose->options->phone != NULL) {
        say(w, W("Or call us, at any hour"));
        buf_printf(w->out, ": %s\n", compose->options->phone);
    }
}

static void genuine_put(const struct writing *w)
{
    const struct desk_notice_options *options = w->compose->options;
    heading(w, W("IS THIS MAIL GENUINE?"));
    say(w, W("We always write from the same address, never ask for a password, and attach no programs. If in doubt, "
             "call us by a number that you know from elsewhere and name the reference."));
    buf_byte(w->out, '\n');
    if (w->compose->fingerprint != NULL) {
        say(w, W("It is signed with OpenPGP; the fingerprint of our key"));
        buf_printf(w->out, ": %s\n", w->compose->fingerprint);
    }
    if (options->genuine != NULL)
        buf_printf(w->out, "%s\n", options->genuine);
}

/* ---- The whole ---- */

static void line(const struct writing *w, slice label, slice value)
{
    say(w, label);
    buf_put(w->out, S(": "));
    shown(w->out, value, VALUE_BYTES);
    buf_byte(w->out, '\n');
}

/* Our own people read it, who find the rest on its page. */
static void emergency_put(const struct writing *w)
{
    const struct approval *done = w->compose->emergency;
    const struct share_act *act = share_act_find(done->act);
    buf_byte(w->out, '\n');
    if (act != NULL) {
        say(w, slice_of(act->text));
        buf_byte(w->out, '\n');
    }
    line(w, W("About"), done->subject);
    line(w, W("By"), done->proposed_by);
    line(w, W("Why"), done->reason);
    if (w->compose->options->url != NULL)
        buf_printf(w->out, "%sapprovals/%lld\n", w->compose->options->url, (long long)done->number);
}

static void duty_put(const struct writing *w)
{
    const struct notice_duty *duty = w->compose->duty;
    bool other = w->language == LANGUAGE_INDONESIAN;
    line(w, W("What"), other && duty->title_other.len > 0 ? duty->title_other : duty->title);
    if (duty->whose.len > 0)
        line(w, W("Who has to"), duty->whose);
    line(w, W("To"), other && duty->recipient_other.len > 0 ? duty->recipient_other : duty->recipient);
    say(w, W("Incident"));
    buf_printf(w->out, ": %lld\n", (long long)duty->incident);
    say(w, W("Duty"));
    buf_printf(w->out, ": %lld\n", (long long)duty->number);
    say(w, W("Of the time are over"));
    buf_printf(w->out, ": %lld %%\n", (long long)duty->per_cent);
    due_put(w);
}

/* To whoever is to do it: a page of ours is there for those who have an account. */
static void task_put(const struct writing *w)
{
    const struct notice_task *task = w->compose->task;
    if (task->title.len > 0)
        line(w, W("What"), task->title);
    say(w, W("Incident"));
    buf_printf(w->out, ": %lld\n", (long long)task->incident);
    say(w, W("Task"));
    buf_printf(w->out, ": %lld\n", (long long)task->number);
    if (w->compose->options->url != NULL)
        buf_printf(w->out, "%stasks/%lld\n", w->compose->options->url, (long long)task->number);
    due_put(w);
}

void compose_text(struct buf *out, const struct compose *compose, enum language language)
{
    const struct writing w = {out, compose, language, catalogue_of(language)};
    const struct desk_kind_words *words = desk_words_of_kind(compose->kind);
    say(&w, slice_of(words->heading));
    buf_printf(out, " - %.*s\n\n", (int)compose->marking.len, compose->marking.ptr);
    line(&w, W("Reference"), compose->reference);
    line(&w, W("To"), compose->organisation.name);
    line(&w, W("From"), slice_of(compose->options->name));
    bool own = compose->about.number == 0;
    if (compose->warning_count > 0 && own) {
        say(&w, W("Severity"));
        buf_put(out, S(": "));
        say(&w, slice_of(desk_words_of_severity(compose->severity)));
        buf_byte(out, '\n');
    }
    buf_byte(out, '\n');
    say(&w, slice_of(words->opening));
    buf_byte(out, '\n');
    if (compose->warning_count > 0 && own)
        seen_put(&w);
    if (!own)
        about_put(&w);
    if (compose->kind == NOTICE_OF_SECTOR)
        asked_put(&w);
    if (words->acts)
        acts_put(&w);
    if (words->acts)
        due_put(&w);
    if (compose->emergency != NULL)
        emergency_put(&w);
    else if (compose->duty != NULL)
        duty_put(&w);
    else if (compose->task != NULL)
        task_put(&w);
    else if (words->answers)
        answer_put(&w);
    genuine_put(&w);
}

void compose_subject(struct buf *out, const struct compose *compose, enum language language)
{
    const struct writing w = {out, compose, language, catalogue_of(language)};
    buf_printf(out, "[%.*s] ", (int)compose->marking.len, compose->marking.ptr);
    say(&w, slice_of(desk_words_of_kind(compose->kind)->heading));
    if (compose->warning_count > 0 && compose->about.number == 0) {
        buf_put(out, S(" ("));
        say(&w, slice_of(desk_words_of_severity(compose->severity)));
        buf_put(out, S("): "));
        say(&w, slice_of(desk_words_of_class(compose->warnings[0].is.class)->called));
    }
    buf_printf(out, " [%.*s]", (int)compose->reference.len, compose->reference.ptr);
}

/* ---- Files ---- */

/* A cell holds what can be seen, so that nothing hides in it; a program that wants the bytes reads the JSON. */
static void cell(struct buf *out, slice text, size_t most, bool first)
{
    struct buf seen = buf_make(8 * EXTRA_BYTES);
    shown(&seen, text, most);
    mail_cell_write(out, buf_slice(&seen), first);
    buf_free(&seen);
}

static void cell_time(struct buf *out, int64_t us, bool first)
{
    struct buf text = buf_make(64);
    time_write(&text, us);
    mail_cell_write(out, buf_slice(&text), first);
    buf_free(&text);
}

static void cell_number(struct buf *out, int64_t number)
{
    buf_byte(out, ',');
    if (number > 0)
        buf_i64(out, number);
}

static void csv_row(
        struct buf *out, const struct compose *compose, const struct warning *warning, const struct met_detail *row)
{
    size_t blank = slice_find(row->peer, ' ');
    cell_time(out, row->first_us, true);
    cell_time(out, row->last_us, false);
    cell_number(out, row->events);
    cell(out, warning->class, VALUE_BYTES, false);
    cell(out, slice_of(store_severity_name(warning->severity)), VALUE_BYTES, false);
    cell(out, row->own, VALUE_BYTES, false);
    cell_number(out, row->own_port);
    cell(out, slice_part(row->peer, 0, blank), VALUE_BYTES, false);
    cell(out, blank < row->peer.len ? slice_from(row->peer, blank + 1) : S(""), EXTRA_BYTES, false);
    cell_number(out, row->peer_port);
    cell(out, row->extra, EXTRA_BYTES, false);
    cell(out, compose->marking, VALUE_BYTES, false);
    buf_put(out, S("\r\n"));
}

void compose_csv(struct buf *out, const struct compose *compose, uint64_t *left_out)
{
    buf_put(out,
            S("first_seen,last_seen,events,class,severity,own,own_port,peer_type,peer,peer_port,extra,marking\r\n"));
    for (size_t i = 0; i < compose->warning_count; i++)
        for (size_t j = 0; j < compose->warnings[i].seen_count; j++)
            if (out->len < COMPOSE_FILE_MAX)
                csv_row(out, compose, &compose->warnings[i].is, &compose->warnings[i].seen[j]);
            else
                ++*left_out;
}

static void json_port(struct json_writer *w, slice key, int64_t port)
{
    if (port > 0)
        json_write_key_u64(w, key, (uint64_t)port);
}

static void json_moment(struct json_writer *w, slice key, int64_t us)
{
    json_write_key(w, key);
    json_write_time(w, us);
}

static void json_row(struct json_writer *w, const struct met_detail *row)
{
    size_t blank = slice_find(row->peer, ' ');
    json_write_object(w);
    json_moment(w, S("first_seen"), row->first_us);
    json_moment(w, S("last_seen"), row->last_us);
    json_write_key_u64(w, S("events"), (uint64_t)row->events);
    json_write_key_text(w, S("own"), row->own);
    json_port(w, S("own_port"), row->own_port);
    json_write_key_text(w, S("peer_type"), slice_part(row->peer, 0, blank));
    json_write_key_text(w, S("peer"), blank < row->peer.len ? slice_from(row->peer, blank + 1) : S(""));
    json_port(w, S("peer_port"), row->peer_port);
    if (row->extra.len > 0 && row->extra.len <= EXTRA_BYTES)
        json_write_key_text(w, S("extra"), row->extra);
    json_write_end(w);
}

/* Of a cause only a report's type is told: an indicator's id says whose it is. */
static void json_warning(struct json_writer *w, const struct compose_warning *warning, uint64_t *left_out)
{
    const struct warning *row = &warning->is;
    json_write_object(w);
    json_write_key_text(w, S("class"), row->class);
    json_write_key_text(w, S("severity"), slice_of(store_severity_name(row->severity)));
    if (slice_eq(row->cause_kind, S(CAUSE_REPORT)))
        json_write_key_text(w, S("report"), row->cause);
    json_moment(w, S("first_seen"), row->first_us);
    json_moment(w, S("last_seen"), row->last_us);
    json_write_key_u64(w, S("events"), (uint64_t)row->events);
    json_moment(w, S("due"), row->due_us);
    json_write_key(w, S("seen"));
    json_write_array(w);
    for (size_t i = 0; i < warning->seen_count; i++)
        if (w->buf->len < COMPOSE_FILE_MAX)
            json_row(w, &warning->seen[i]);
        else
            ++*left_out;
    json_write_end(w);
    json_write_end(w);
}

static void json_warnings(struct json_writer *w, const struct compose *compose, uint64_t *left_out)
{
    json_write_key(w, S("warnings"));
    json_write_array(w);
    for (size_t i = 0; i < compose->warning_count; i++)
        json_warning(w, &compose->warnings[i], left_out);
    json_write_end(w);
    json_write_key_u64(w, S("left_out"), *left_out + compose->left_out);
}

static void json_unanswered(struct json_writer *w, const struct compose *compose)
{
    json_write_key_text(w, S("about"), compose->about.name);
    json_write_key(w, S("unanswered"));
    json_write_array(w);
    for (size_t i = 0; i < compose->warning_count; i++) {
        const struct compose_warning *warning = &compose->warnings[i];
        json_write_object(w);
        json_write_key_text(w, S("reference"), warning->reference);
        json_moment(w, S("sent"), warning->first_us);
        if (warning->is_for_all) {
            json_write_key_text(w, S("class"), warning->is.class);
            json_write_key_text(w, S("severity"), slice_of(store_severity_name(warning->is.severity)));
        }
        json_write_end(w);
    }
    json_write_end(w);
}

static void json_text(struct json_writer *w, const struct compose *compose)
{
    json_write_key(w, S("text"));
    json_write_object(w);
    for (enum language language = 0; language < LANGUAGES; language++) {
        struct buf text = buf_make(COMPOSE_FILE_MAX);
        compose_text(&text, compose, language);
        json_write_key_text(w, slice_of(language_tag(language)), buf_slice(&text));
        buf_free(&text);
    }
    json_write_end(w);
}

void compose_json(struct buf *out, const struct compose *compose, bool answer, uint64_t *left_out)
{
    struct json_writer w = json_writer(out);
    json_write_object(&w);
    json_write_key_text(&w, S("reference"), compose->reference);
    json_write_key_text(&w, S("kind"), slice_of(store_notice_kind_name(compose->kind)));
    json_write_key_text(&w, S("marking"), compose->marking);
    json_write_key_text(&w, S("from"), slice_of(compose->options->name));
    json_write_key_text(&w, S("to"), compose->organisation.name);
    json_moment(&w, S("made"), compose->now_us);
    if (compose->about.number == 0)
        json_warnings(&w, compose, left_out);
    else
        json_unanswered(&w, compose);
    if (answer && compose->link.len > 0)
        json_write_key_text(&w, S("answer"), compose->link);
    if (answer)
        json_text(&w, compose);
    json_write_end(&w);
    buf_byte(out, '\n');
}
