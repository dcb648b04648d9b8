/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan partner: the organisations that a node shares with, how each came to be one, and how it ends. */
#include "app/partner.h"

#include <errno.h>
#include <stdio.h>

#include "app/options.h"
#include "app/person.h"
#include "app/sharing.h"
#include "app/taxii_client.h"
#include "app/whole.h"
#include "store/right.h"
#include "json/write.h"

#define ROW_MAX (256u << 10)
#define WORDS 8 /* of a fingerprint, each typed as an argument of its own */

/* ---- What is read ---- */

struct err partner_named(
        const struct command_line *line, struct local *local, const char *name, struct partner *partner)
{
    struct err err = store_partner_find(local->db, slice_of(name), clock_now_us(), line->arena, partner);
    return err.kind != ERR_MISSING ? err
                                   : err_format(line->arena, ERR_MISSING,
                                             "there is no partner %s; `kentongan partner list` shows them", name);
}

struct err partner_file(const char *name, struct arena *arena, slice *text)
{
    FILE *from = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
    char *room = arena_take(arena, PARTNER_FILE_MAX);
    if (from == NULL)
        return err_errno(arena, name);
    size_t len = fread(room, 1, PARTNER_FILE_MAX, from);
    struct err err = ferror(from) != 0 ? err_errno(arena, name) : OK;
    if (from != stdin)
        fclose(from);
    *text = (slice){room, len};
    return err;
}

struct err partner_speaker(
        const struct command_line *line, struct local *local, struct share_keys *keys, struct share_speaker *speaker)
{
    const char *folder = node_path(&local->node, "keys", line->arena);
    TRY(share_keys_open(local->db, folder, clock_now_us(), line->arena, keys));
    *speaker = (struct share_speaker){keys, slice_of(node_url(&local->node.config, line->arena))};
    return OK;
}

slice partner_reason(const struct command_line *line, const char *otherwise)
{
    const char *reason = command_text(line, "reason");
    return slice_of(reason == NULL ? otherwise : reason);
}

static slice text_of(const struct command_line *line, const char *option)
{
    const char *text = command_text(line, option);
    return slice_of(text == NULL ? "" : text);
}

/* ---- What is shown ---- */

/* One row for both faces: the columns of the text are the keys of the JSON. */
static void show(const struct command_line *line, const struct partner *row)
{
    const struct {
        const char *name;
        slice text;
    } columns[] = {
            {"name", row->name},
            {"state", slice_of(store_partner_state_name(row->state))},
            {"kind", slice_of(store_partner_kind_name(row->kind))},
            {"country", row->country},
            {"url", row->url},
            {"account", row->account_name},
            {"node", row->node},
    };
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    bool json = command_flag(line, "json");
    if (json) {
        json_write_object(&w);
        json_write_key_u64(&w, S("number"), (uint64_t)row->number);
    }
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        if (json)
            json_write_key_text(&w, slice_of(columns[i].name), columns[i].text);
        else
            buf_printf(&buf, "%s%.*s", i == 0 ? "" : "\t", (int)columns[i].text.len, columns[i].text.ptr);
    }
    if (json)
        json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void put_time(struct json_writer *w, const char *name, int64_t us)
{
    json_write_key(w, slice_of(name));
    json_write_time(w, us);
}

static void put_fingerprint(
        struct json_writer *w, const char *name, const struct share_fingerprint *fingerprint, struct arena *arena)
{
    json_write_key(w, slice_of(name));
    json_write_object(w);
    json_write_key_text(w, S("words"), share_fingerprint_words(fingerprint, arena));
    json_write_key_text(w, S("digits"), share_fingerprint_digits(fingerprint, arena));
    json_write_end(w);
}

static void put_limits(struct json_writer *w, enum partner_kind kind)
{
    json_write_key(w, S("limits"));
    json_write_array(w);
    for (const char *const *limit = share_partner_limits(kind); *limit != NULL; limit++)
        json_write_text(w, slice_of(*limit));
    json_write_end(w);
}

/* `compared`: NULL for who has nothing to compare. */
static void show_json(const struct partner *row, const struct share_comparison *compared, struct arena *arena)
{
    const struct {
        const char *name;
        slice text;
    } texts[] = {{"name", row->name}, {"state", slice_of(store_partner_state_name(row->state))},
            {"kind", slice_of(store_partner_kind_name(row->kind))}, {"country", row->country}, {"url", row->url},
            {"contact", row->contact}, {"account", row->account_name}, {"node", row->node}, {"outbox", row->outbox},
            {"inbox", row->inbox_id}, {"remote_inbox", row->remote_inbox}, {"remote_outbox", row->remote_outbox},
            {"paused", row->paused}, {"confirmed_by", row->confirmed_by}};
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_u64(&w, S("number"), (uint64_t)row->number);
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        json_write_key_text(&w, slice_of(texts[i].name), texts[i].text);
    put_time(&w, "introduced", row->introduced_us);
    put_time(&w, "confirmed", row->confirmed_us);
    put_time(&w, "ends", row->ended_us);
    if (compared != NULL) {
        put_fingerprint(&w, "theirs", &compared->theirs, arena);
        put_fingerprint(&w, "ours", &compared->ours, arena);
        put_fingerprint(&w, "common", &compared->common, arena);
    }
    put_limits(&w, row->kind);
    json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void say(const char *name, slice text)
{
    if (text.len > 0)
        printf("%-9s %.*s\n", name, (int)text.len, text.ptr);
}

static void say_time(const char *name, int64_t us)
{
    struct buf buf = buf_make(64);
    if (us != TIME_NONE)
        time_write(&buf, us);
    say(name, buf_slice(&buf));
    buf_free(&buf);
}

static void say_fingerprint(const char *name, const struct share_fingerprint *fingerprint, struct arena *arena)
{
    say(name, share_fingerprint_words(fingerprint, arena));
    say("", share_fingerprint_digits(fingerprint, arena));
}

static void show_text(const struct partner *row, const struct share_comparison *compared, struct arena *arena)
{
    say("name", row->name);
    say("state", slice_of(store_partner_state_name(row->state)));
    say("paused", row->paused);
    say("country", row->country);
    say("node", row->node);
    say("url", row->url);
    say("contact", row->contact);
    say("account", row->account_name);
    say("writes to", row->inbox_id);
    say("reads", row->outbox);
    say_time("confirmed", row->confirmed_us);
    say("by", row->confirmed_by);
    say_time("ends", row->ended_us);
    if (compared != NULL) {
        say_fingerprint("theirs", &compared->theirs, arena);
        say_fingerprint("ours", &compared->ours, arena);
        say_fingerprint("common", &compared->common, arena);
    }
    for (const char *const *limit = share_partner_limits(row->kind); *limit != NULL; limit++)
        say("note", slice_of(*limit));
}

static struct err show_whole(const struct command_line *line, struct local *local, int64_t number)
{
    struct partner row;
    struct share_comparison comparison;
    const struct share_comparison *compared = &comparison;
    TRY(store_partner_get(local->db, number, clock_now_us(), line->arena, &row));
    if (row.kind == PARTNER_TAXII ||
            share_partner_comparison(local->db, &row, line->arena, &comparison).kind != ERR_NONE)
        compared = NULL;
    (command_flag(line, "json") ? show_json : show_text)(&row, compared, line->arena);
    return OK;
}

/* ---- Verbs ---- */

static struct err list_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct partner *rows;
    TRY(store_partner_list(local->db, *after, STORE_PAGE_MAX, clock_now_us(), arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        show(line, &rows[i]);
        *after = rows[i].number;
    }
    return OK;
}

static struct err list(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    return local_pages(line, local, list_page);
}

static struct err show_one(const struct command_line *line, struct local *local)
{
    struct partner row;
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    TRY(partner_named(line, local, line->files[1], &row));
    return show_whole(line, local, row.number);
}

static struct err introduce(const struct command_line *line, struct local *local)
{
    const struct share_introducing introducing = {
            .folder = node_path(&local->node, "keys", line->arena),
            .identity = command_text(line, "identity"),
            .url = slice_of(node_url(&local->node.config, line->arena)),
            .contact = text_of(line, "contact"),
    };
    struct whole whole;
    slice text;
    TRY(share_introduce(local->db, &local->actor, &introducing, line->arena, &text));
    TRY(whole_open(line, &whole));
    fprintf(whole.to, "%.*s\n", (int)text.len, text.ptr);
    return whole_end(&whole, OK);
}

static struct err add_file(const struct command_line *line, struct local *local)
{
    struct share_introduction introduction;
    slice text = S("");
    int64_t number;
    TRY(partner_file(line->files[1], line->arena, &text));
    TRY(share_introduction_read(text, clock_now_us(), line->arena, &introduction));
    TRY(share_partner_add(local->db, &local->actor, &introduction, text_of(line, "name"), line->arena, &number));
    TRY(show_whole(line, local, number));
    if (!command_flag(line, "json"))
        printf("Call them by a number that you did not get with the file. What they read to you as \"ours\", or as "
               "\"common\",\ntype: kentongan partner confirm NAME WORDS\n");
    return OK;
}

static struct err add_taxii(const struct command_line *line, struct local *local)
{
    const struct share_partner_taxii taxii = {.name = text_of(line, "name"),
            .country = text_of(line, "country"),
            .url = text_of(line, "taxii"),
            .contact = text_of(line, "contact")};
    int64_t number;
    if ((taxii.url.len > 0) == command_flag(line, "no-url"))
        return err_make(ERR_INPUT, "which? `partner add FILE`, an introduction; `partner add --taxii URL --name NAME`, "
                                   "or --no-url for one that only reads and writes here");
    const struct taxii_files files = taxii_call_files(line);
    struct taxii_access access; /* what does not go together is said before anything is kept */
    TRY(local_url_check(command_text(line, "taxii")));
    TRY(taxii_access_read(&files, line->arena, &access));
    TRY(share_partner_add_taxii(local->db, &local->actor, &taxii, line->arena, &number));
    TRY(taxii_access_keep_partner(&files, node_path(&local->node, "keys", line->arena), number, line->arena));
    return show_whole(line, local, number);
}

/* What lets us into the server of one that was added without it, at the console. */
static struct err access_keep(const struct command_line *line, struct local *local)
{
    const struct taxii_files files = taxii_call_files(line);
    struct taxii_access access;
    struct partner row;
    TRY(store_right_check(&local->actor, VERB_CHANGE_PARTNERS, 0, line->arena, NULL));
    TRY(partner_named(line, local, line->files[1], &row));
    if (row.kind != PARTNER_TAXII)
        return err_make(ERR_INPUT, "a partner with a node is let in by its keys, and lets us in by ours");
    TRY(taxii_access_read(&files, line->arena, &access));
    return taxii_access_keep_partner(&files, node_path(&local->node, "keys", line->arena), row.number, line->arena);
}

/* The words as one text, however they were typed. */
static slice typed(const struct command_line *line)
{
    const char *text = line->files[2];
    for (size_t i = 3; i < line->file_count; i++)
        text = arena_printf(line->arena, "%s %s", text, line->files[i]);
    return slice_of(text);
}

static struct err confirm(const struct command_line *line, struct local *local)
{
    struct share_keys keys;
    struct share_speaker speaker;
    struct partner row;
    TRY(partner_named(line, local, line->files[1], &row));
    TRY(partner_speaker(line, local, &keys, &speaker));
    struct err err = share_partner_confirm(local->db, &local->actor, &speaker, row.number, typed(line), line->arena);
    share_keys_forget(&keys);
    TRY(err);
    return show_whole(line, local, row.number);
}

static struct err suspend(const struct command_line *line, struct local *local)
{
    struct partner row;
    TRY(partner_named(line, local, line->files[1], &row));
    TRY(share_partner_suspend(
            local->db, &local->actor, row.number, partner_reason(line, "no reason given"), line->arena));
    return show_whole(line, local, row.number);
}

static struct err resume(const struct command_line *line, struct local *local)
{
    struct partner row;
    TRY(partner_named(line, local, line->files[1], &row));
    TRY(share_partner_resume(
            local->db, &local->actor, row.number, partner_reason(line, "no reason given"), line->arena));
    return show_whole(line, local, row.number);
}

static struct err ending_of(const struct command_line *line, struct share_partner_ending *ending)
{
    const char *at = command_text(line, "at"), *key = command_text(line, "stolen-key");
    *ending = (struct share_partner_ending){.reason = partner_reason(line, "no reason given"), .stolen = key != NULL};
    if (at != NULL && !time_parse_strict(slice_of(at), &ending->at_us))
        return err_format(
                line->arena, ERR_INPUT, "--at takes a time with its zone, as 2027-01-15T12:00:00+07:00, not %s", at);
    if (key != NULL && !share_key_parse(slice_of(key), &ending->key))
        return err_format(
                line->arena, ERR_INPUT, "--stolen-key takes a key as `partner key list NAME` shows it, not %s", key);
    return OK;
}

static struct err end(const struct command_line *line, struct local *local)
{
    struct share_partner_ending ending;
    struct share_keys keys = {0};
    struct share_speaker speaker;
    struct partner row;
    TRY(partner_named(line, local, line->files[1], &row));
    TRY(ending_of(line, &ending));
    if (ending.stolen) /* others are told in our name */
        TRY(partner_speaker(line, local, &keys, &speaker));
    struct err err = share_partner_end(
            local->db, &local->actor, ending.stolen ? &speaker : NULL, row.number, &ending, line->arena);
    share_keys_forget(&keys);
    TRY(err);
    return show_whole(line, local, row.number);
}

static const struct local_verb verbs[] = {
        {"list", 1, list},
        {"show", 2, show_one},
        {"introduce", 1, introduce},
        {"add", 1, add_taxii},
        {"access", 2, access_keep},
        {"add", 2, add_file},
        {"confirm", 3, confirm},
        {"confirm", 2 + WORDS, confirm},
        {"suspend", 2, suspend},
        {"resume", 2, resume},
        {"end", 2, end},
        {"post", 2, partner_post},
        {"claims", 1, partner_claims},
        {"claims", 2, partner_claims},
        {"settle", 2, partner_settle},
        {"reread", 2, partner_reread},
        {"key", 2, partner_key},
        {"key", 3, partner_key},
};

static int partner(struct command_line *line)
{
    return local_run(line, verbs, COUNT_OF(verbs),
            "what? `partner list`, `show NAME`, `introduce`, `add FILE`, `access NAME`, `confirm NAME WORDS`, `suspend "
            "NAME`, `resume "
            "NAME`, `end NAME`, `post NAME`, `claims`, `settle NUMBER`, `reread NAME`; `partner key make`, `list`, "
            "`rotate PURPOSE`, `revoke PURPOSE`, `tls FILE`, `revoked FILE`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        OPTION_OUTPUT,
        OPTION_PERSON,
        {0, "name", "NAME", "add: what we call it (default: as it calls itself)"},
        {0, "taxii", "URL", "add: the collection of another TAXII server that we write to"},
        {0, "no-url", NULL, "add: a TAXII client, which only reads and writes here"},
        {0, "user", "NAME", "add, access: who we are at that server, with --password-file"},
        {0, "password-file", "FILE", "add, access: the password in one line"},
        {0, "token-file", "FILE", "add, access: or a token in one line"},
        {0, "certificate", "FILE", "add, access: or a certificate (PEM), with --key"},
        {0, "key", "FILE", "add, access: its key (PEM, without a password)"},
        {0, "ca", "FILE",
                "add, access: certificates (PEM) to trust there, instead of [feeds] ca or those of the system"},
        {0, "country", "CC", "add: its country, two letters (ISO 3166-1), where no introduction says it"},
        {0, "contact", "TEXT", "introduce, add: whom to call, and how"},
        {0, "identity", "FILE", "introduce, key: the identity key from its safe (default: keys/identity.key)"},
        {0, "reason", "TEXT", "suspend, resume, end, settle, reread, key: why, as the journal keeps it"},
        OPTION_EMERGENCY,
        {0, "at", "TIME", "end: when, as 2027-01-15T12:00:00+07:00 (default: now)"},
        {0, "stolen-key", "KEY", "end: this key of it was stolen; others are told"},
        OPTION_JSON,
};

const struct command command_partner = {
        .name = "partner",
        .arguments = "VERB [NAME|FILE] [...]",
        .about = "Come to share with other organisations, and end it; the node's keys",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = partner,
};
