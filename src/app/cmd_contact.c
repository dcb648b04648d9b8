/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan contact: who can be told at those whom a node serves. */
#include <inttypes.h>

#include "app/constituent.h"
#include "app/options.h"
#include "base/clock.h"
#include "base/seal.h"
#include "base/token.h"
#include "desk/contact.h"
#include "input/input.h"
#include "store/right.h"

#define QUESTION_BYTES_MAX ((size_t)64 << 20) /* of what one mail needs while it is written */
#define ASKED_AFTER_DAYS 90 /* a contact from which nothing was heard for so long is asked by `ping` */

/* ---- What is shown ---- */

static struct err show(
        const struct command_line *line, struct local *local, const struct contact *row, struct arena *arena)
{
    slice name;
    TRY(constituent_name(local, row->organisation, arena, &name));
    const struct constituent_column columns[] = {
            {"organisation", name},
            {"name", row->is.name},
            {"rank", slice_of(arena_printf(arena, "%lld", (long long)row->is.rank))},
            {"state", slice_of(store_contact_state_name(row->state))},
            {"mail", row->is.mail},
            {"phone", row->is.phone},
            {"webhook", row->is.webhook},
            {"languages", row->is.languages},
            {"hours", row->is.hours},
            {"pgp_key", row->is.pgp_key.len > 0 ? S("yes") : S("")},
            {"verified", constituent_time(arena, row->verified_us)},
            {"asked", constituent_time(arena, row->asked_us)},
    };
    constituent_show(line, row->number, columns, COUNT_OF(columns));
    return OK;
}

static struct err show_number(const struct command_line *line, struct local *local, int64_t number)
{
    struct contact row;
    TRY(store_contact_get(local->db, number, line->arena, &row));
    return show(line, local, &row, line->arena);
}

/* ---- What is typed ---- */

static void text_change(const struct command_line *line, const char *option, slice *text)
{
    const char *typed = command_text(line, option);
    *text = typed == NULL ? *text : slice_of(typed);
}

static struct err key_change(const struct command_line *line, slice *key)
{
    const char *file = command_text(line, "pgp-key");
    struct input_text text;
    if (file == NULL)
        return OK;
    TRY(input_text(file, CONTACT_KEY_MAX, line->arena, &text));
    *key = arena_copy(line->arena, text.text);
    input_text_free(&text);
    return OK;
}

/* A new URL gets a new secret, which is printed once and lies sealed in the database. */
static struct err webhook_change(const struct command_line *line, struct local *local, struct contact_put *put)
{
    const char *typed = command_text(line, "webhook");
    struct key_pair pair;
    if (typed == NULL)
        return OK;
    put->webhook = slice_of(typed);
    put->webhook_secret = (slice){0};
    if (put->webhook.len == 0)
        return OK;
    struct token secret = token_new();
    TRY(node_key(&local->node, line->arena, &pair));
    struct sha256 key = desk_webhook_key((slice){(const char *)pair.secret, sizeof pair.secret});
    key_forget(&pair);
    char *sealed = arena_take(line->arena, TOKEN_CHARACTERS + SEAL_BYTES);
    seal_close(&key, put->webhook, (slice){secret.text, TOKEN_CHARACTERS}, (uint8_t *)sealed);
    put->webhook_secret = (slice){sealed, TOKEN_CHARACTERS + SEAL_BYTES};
    fprintf(stderr, "kentongan contact: what is posted there is signed with this secret, shown once: %s\n",
            secret.text);
    return OK;
}

static struct err put_change(const struct command_line *line, struct local *local, struct contact_put *put)
{
    uint64_t rank;
    TRY(command_number(line, "rank", 1, CONTACT_RANK_MAX, (uint64_t)put->rank, &rank));
    put->rank = (int64_t)rank;
    text_change(line, "name", &put->name);
    text_change(line, "mail", &put->mail);
    text_change(line, "phone", &put->phone);
    text_change(line, "languages", &put->languages);
    text_change(line, "hours", &put->hours);
    TRY(key_change(line, &put->pgp_key));
    return webhook_change(line, local, put);
}

static struct err reason_of(const struct command_line *line, slice *reason)
{
    *reason = constituent_text(line, "reason", "");
    return reason->len > 0 ? OK : err_make(ERR_INPUT, "how do you know? --reason says it to whoever asks later");
}

/* ---- Verbs ---- */

static struct err add(const struct command_line *line, struct local *local)
{
    struct contact_put put = {
            .name = slice_of(line->files[2]), .rank = 1, .languages = S("id en"), .hours = S("always")};
    int64_t organisation, number;
    TRY(constituent_named(line, local, line->files[1], &organisation));
    TRY(put_change(line, local, &put));
    TRY(desk_contact_add(local->db, &local->actor, organisation, &put, line->arena, &number));
    return show_number(line, local, number);
}

static struct err of_one(const struct command_line *line, struct local *local)
{
    struct contact *rows;
    size_t count;
    int64_t organisation;
    TRY(constituent_named(line, local, line->files[1], &organisation));
    TRY(store_right_check(&local->actor, VERB_READ_EVENTS, organisation, line->arena, NULL));
    TRY(store_contact_of(local->db, organisation, true, line->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        TRY(show(line, local, &rows[i], line->arena));
    return OK;
}

static struct err page_show(const struct command_line *line, struct local *local, struct arena *arena,
        const struct contact *rows, size_t count, int64_t *after)
{
    for (size_t i = 0; i < count; i++) {
        TRY(show(line, local, &rows[i], arena));
        *after = rows[i].number;
    }
    return OK;
}

static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    const char *word = command_text(line, "state");
    enum contact_state state = CONTACT_CLOSED;
    struct contact *rows;
    if (word != NULL && !store_contact_state_find(slice_of(word), &state))
        return err_make(ERR_INPUT, "--state is unverified, verified, stale or closed");
    if (word == NULL)
        TRY(store_contact_list(local->db, *after, STORE_PAGE_MAX, arena, &rows, count));
    else
        TRY(store_contact_list_state(local->db, state, *after, STORE_PAGE_MAX, arena, &rows, count));
    return page_show(line, local, arena, rows, *count, after);
}

static struct err stale_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct contact *rows;
    TRY(store_contact_list_state(local->db, CONTACT_STALE, *after, STORE_PAGE_MAX, arena, &rows, count));
    return page_show(line, local, arena, rows, *count, after);
}

static struct err list(const struct command_line *line, struct local *local)
{
    if (line->file_count > 1)
        return of_one(line, local);
    TRY(store_right_check(&local->actor, VERB_READ_EVENTS, 0, line->arena, NULL));
    return local_pages(line, local, list_page);
}

static struct err change(const struct command_line *line, struct local *local)
{
    struct contact row;
    int64_t number;
    TRY(constituent_number(line, line->files[1], &number));
    TRY(store_contact_get(local->db, number, line->arena, &row));
    TRY(put_change(line, local, &row.is));
    TRY(desk_contact_change(local->db, &local->actor, number, &row.is, line->arena));
    return show_number(line, local, number);
}

static struct err verify(const struct command_line *line, struct local *local)
{
    int64_t number;
    slice reason;
    TRY(constituent_number(line, line->files[1], &number));
    TRY(reason_of(line, &reason));
    TRY(desk_contact_verify(local->db, &local->actor, number, reason, line->arena));
    return show_number(line, local, number);
}

static struct err shut(const struct command_line *line, struct local *local)
{
    int64_t number;
    slice reason;
    TRY(constituent_number(line, line->files[1], &number));
    TRY(reason_of(line, &reason));
    TRY(desk_contact_close(local->db, &local->actor, number, reason, line->arena));
    return show_number(line, local, number);
}

/* Marks what has become stale by now, as the server does by itself. */
static struct err rot(const struct command_line *line, struct local *local)
{
    struct arena *arena = arena_open("stale contacts", ARENA_WORK, QUESTION_BYTES_MAX);
    size_t count;
    struct err err = desk_contacts_rot(local->db, &local->actor, arena, &count);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(line->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}

static struct err stale(const struct command_line *line, struct local *local)
{
    TRY(rot(line, local));
    return local_pages(line, local, stale_page);
}

/* ---- Asking whether they are still read ---- */

static struct err ping_one(const struct command_line *line, struct local *local, int64_t number)
{
    int64_t notice;
    struct arena *arena = arena_open("a question", ARENA_WORK, QUESTION_BYTES_MAX);
    struct err err = desk_contact_ping(local->db, &local->actor, number, arena, &notice);
    if (err.kind == ERR_NONE)
        printf(command_flag(line, "json") ? "{\"contact\":%" PRId64 ",\"notice\":%" PRId64 "}\n"
                                          : "contact %" PRId64 ": notice %" PRId64 "\n",
                number, notice);
    else
        err.why = arena_cstr(line->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}

static bool is_past(int64_t us, int64_t days)
{
    return us == TIME_NONE || us <= clock_now_us() - days * DAY_US;
}

/* Nobody is asked twice within the time that an answer may take, nor who was heard of lately. */
static bool is_to_ask(const struct contact *row, bool stale)
{
    int64_t days = stale ? CONTACT_ANSWER_DAYS : ASKED_AFTER_DAYS;
    bool silent = row->state == CONTACT_STALE || (!stale && is_past(row->verified_us, days));
    return row->state != CONTACT_CLOSED && row->is.mail.len > 0 && silent && is_past(row->asked_us, days);
}

static struct err ping_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct contact *rows;
    if (command_flag(line, "stale"))
        TRY(store_contact_list_state(local->db, CONTACT_STALE, *after, STORE_PAGE_MAX, arena, &rows, count));
    else
        TRY(store_contact_list(local->db, *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        *after = rows[i].number;
        if (is_to_ask(&rows[i], command_flag(line, "stale")))
            TRY(ping_one(line, local, rows[i].number));
    }
    return OK;
}

static struct err ping(const struct command_line *line, struct local *local)
{
    int64_t number;
    if (line->file_count > 1) {
        TRY(constituent_number(line, line->files[1], &number));
        return ping_one(line, local, number);
    }
    TRY(rot(line, local));
    return local_pages(line, local, ping_page);
}

static struct err show_one(const struct command_line *line, struct local *local)
{
    struct contact row;
    int64_t number;
    TRY(constituent_number(line, line->files[1], &number));
    struct err err = store_contact_get(local->db, number, line->arena, &row);
    TRY(store_right_check(
            &local->actor, VERB_READ_EVENTS, err.kind == ERR_NONE ? row.organisation : 0, line->arena, NULL));
    TRY(err);
    return show(line, local, &row, line->arena);
}

static const struct local_verb verbs[] = {
        {"add", 3, add},
        {"list", 1, list, 1},
        {"show", 2, show_one},
        {"change", 2, change},
        {"verify", 2, verify},
        {"close", 2, shut},
        {"stale", 1, stale},
        {"ping", 1, ping, 1},
};

static int contact(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `contact add ORGANISATION NAME`, `contact list [ORGANISATION]`, `contact show NUMBER`, `contact "
            "change NUMBER`, `contact "
            "verify NUMBER --reason TEXT`, `contact close NUMBER --reason TEXT`, `contact stale` or `contact ping "
            "[NUMBER] [--stale]`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "name", "NAME", "change: what it is called"},
        {0, "rank", "N", "Who is told first is 1 (default), who is told when that one does not answer 2, up to 9"},
        {0, "mail", "ADDRESS", "Its mail address"},
        {0, "phone", "NUMBER", "Its telephone number"},
        {0, "webhook", "URL", "Where notices are posted; a secret that signs them is printed once"},
        {0, "languages", "WORDS", "The languages that are read there, the preferred first (default: \"id en\")"},
        {0, "hours", "HOURS", "always (default), or as \"Mon-Fri 08:00-16:00 +07:00\""},
        {0, "pgp-key", "FILE", "Its OpenPGP certificate"},
        {0, "reason", "TEXT", "verify, close: how you know, for the journal"},
        {0, "state", "WORD", "list: only those that are unverified, verified, stale or closed"},
        {0, "stale", NULL, "ping: ask only those that are stale"},
        OPTION_JSON,
};

const struct command command_contact = {
        .name = "contact",
        .arguments = "add ORGANISATION NAME|list [ORGANISATION]|show N|change N|verify N|close N|stale|ping [N]",
        .about = "Keep the contacts of those whom a node serves, and see which of them are stale",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = contact,
};
