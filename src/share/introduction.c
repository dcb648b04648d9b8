/* SPDX-License-Identifier: Apache-2.0 */
#include "share/introduction.h"

#include "base/arena.h"
#include "store/organisation.h"
#include "store/right.h"
#include "json/read.h"
#include "json/write.h"

#define TYPE S("introduction")
#define CONTACT_MAX 500

/* ---- Ours ---- */

struct introducing {
    const struct share_introducing *said;
    slice name, country;
    struct key_pair identity;
    struct node_key *keys;
    size_t key_count;
};

static struct err url_wrong(slice url, const char *why, struct arena *arena)
{
    return err_format(arena, ERR_INPUT, "%.*s is no URL of a node, as https://node.example/: %s",
            (int)(url.len < 200 ? url.len : 200), url.ptr, why);
}

struct err share_url_check(slice url, struct arena *arena)
{
    size_t scheme = slice_starts(url, S("https://")) ? 8 : slice_starts(url, S("http://")) ? 7 : 0;
    if (url.len > STORE_TEXT_MAX)
        return err_make(ERR_LIMIT, "the URL of a node takes at most 4096 bytes");
    if (scheme == 0)
        return url_wrong(url, "it begins with neither https:// nor http://", arena);
    if (url.len == scheme || url.ptr[scheme] == '/' || url.ptr[url.len - 1] != '/')
        return url_wrong(url, "it names no host, or does not end with /", arena);
    for (size_t i = 0; i < url.len; i++)
        if ((uint8_t)url.ptr[i] <= ' ' || (uint8_t)url.ptr[i] >= 0x7f || strchr("@?#\\\"<>", url.ptr[i]) != NULL)
            return url_wrong(url, "it holds a user, a query, or a byte that no URL has", arena);
    return OK;
}

static void keys_put(struct json_writer *w, const struct introducing *introducing, int64_t now_us, struct arena *arena)
{
    json_write_key(w, S("keys"));
    json_write_array(w);
    for (size_t i = 0; i < introducing->key_count; i++)
        if (share_key_good(&introducing->keys[i], now_us, arena).kind == ERR_NONE)
            json_write_raw(w, introducing->keys[i].statement);
    json_write_end(w);
}

static struct err body_put(struct buf *buf, const struct introducing *introducing, int64_t now_us, struct arena *arena)
{
    slice url = introducing->said->url;
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_text(&w, S("name"), introducing->name);
    json_write_key_text(&w, S("country"), introducing->country);
    json_write_key_text(&w, S("url"), url);
    json_write_key_text(&w, S("taxii"), slice_of(arena_printf(arena, "%.*staxii2/", (int)url.len, url.ptr)));
    json_write_key_text(&w, S("contact"), introducing->said->contact);
    json_write_key_text(&w, S("identity"), share_key_text(&introducing->identity.public, arena));
    keys_put(&w, introducing, now_us, arena);
    json_write_end(&w);
    return buf_check(buf);
}

static struct err sign(
        struct buf *buf, const struct introducing *introducing, slice node, struct arena *arena, slice *text)
{
    int64_t now_us = clock_now_us();
    struct share_introduction read;
    TRY(body_put(buf, introducing, now_us, arena));
    const struct share_letter letter = {
            .type = TYPE,
            .from = node,
            .issued_us = now_us,
            .expires_us = now_us + INTRODUCTION_LIFE_US,
            .body = buf_slice(buf),
    };
    TRY(share_statement_write(&letter, &introducing->identity, arena, text));
    return share_introduction_read(*text, now_us, arena, &read); /* what others would refuse is not handed out */
}

/* The identity key is the one of the file; that others of our keys are certified by it shows the reading above. */
static struct err identity_open(const struct share_introducing *said, struct arena *arena, struct key_pair *pair)
{
    const char *file = said->identity != NULL ? said->identity : arena_printf(arena, "%s/identity.key", said->folder);
    struct err err = key_read(file, arena, pair);
    return err.kind != ERR_MISSING ? err
                                   : err_format(arena, ERR_MISSING,
                                             "an introduction is signed by the identity key, which is not at %s: "
                                             "--identity FILE, or `kentongan partner key make` if there is none yet",
                                             file);
}

static struct err told(struct work *work, void *context)
{
    (void)context;
    return store_work_news(work, "partner.introduction", S("node"), S("{}"));
}

struct err share_introduce(struct db *db, const struct actor *actor, const struct share_introducing *said,
        struct arena *arena, slice *text)
{
    struct introducing introducing = {.said = said};
    struct organisation own;
    int64_t number;
    struct buf buf = buf_make(INTRODUCTION_BYTES_MAX);
    TRY(store_right_check(actor, VERB_CHANGE_PARTNERS, 0, arena, NULL));
    TRY(store_organisation_own(db, &number));
    TRY(store_organisation_get(db, number, arena, &own));
    TRY(store_node_key_list(db, 0, arena, &introducing.keys, &introducing.key_count));
    if (introducing.key_count == 0)
        return err_make(ERR_MISSING, "the node has no keys to share with yet; `kentongan partner key make` makes them");
    TRY(identity_open(said, arena, &introducing.identity));
    introducing.name = own.name;
    introducing.country = own.country;
    struct err err = sign(&buf, &introducing, own.identity, arena, text);
    key_forget(&introducing.identity);
    buf_free(&buf);
    TRY(err);
    return store_work(db, actor, arena, told, NULL);
}

/* ---- Those of others ---- */

static struct err key_add(struct share_introduction *introduction, slice statement, int64_t now_us, struct arena *arena)
{
    struct share_introduced_key *key = &introduction->keys[introduction->key_count];
    if (introduction->key_count == INTRODUCTION_KEYS_MAX)
        return err_format(arena, ERR_LIMIT, "the introduction has more than %d keys", INTRODUCTION_KEYS_MAX);
    TRY(share_certification_read(statement, introduction->node, &introduction->identity, arena, &key->certified));
    key->statement = arena_copy(arena, statement);
    const struct node_key row = {.purpose = slice_of(share_purpose_name(key->certified.purpose)),
            .from_us = key->certified.from_us - STATEMENT_AHEAD_US,
            .until_us = key->certified.until_us,
            .revoked_us = TIME_NONE};
    for (size_t i = 0; i < introduction->key_count; i++)
        if (memcmp(&introduction->keys[i].certified.key, &key->certified.key, sizeof key->certified.key) == 0)
            return err_make(ERR_INPUT, "the introduction has one key for two purposes");
    introduction->key_count++;
    return share_key_good(&row, now_us, arena);
}

static bool has(const struct share_introduction *introduction, enum share_purpose purpose)
{
    for (size_t i = 0; i < introduction->key_count; i++)
        if (introduction->keys[i].certified.purpose == purpose)
            return true;
    return false;
}

static struct err keys_read(struct share_introduction *introduction, slice keys, int64_t now_us, struct arena *arena)
{
    static const enum share_purpose needed[] = {SHARE_IDENTITY, SHARE_LOG, SHARE_WITNESS, SHARE_MESSAGE};
    struct json_elements elements = json_elements(keys);
    slice statement;
    while (json_element_next(&elements, &statement))
        TRY(key_add(introduction, statement, now_us, arena));
    for (size_t i = 0; i < COUNT_OF(needed); i++)
        if (!has(introduction, needed[i]))
            return err_format(arena, ERR_INPUT, "the introduction has no %s key", share_purpose_name(needed[i]));
    return OK;
}

static struct err urls_check(const struct share_introduction *introduction, struct arena *arena)
{
    TRY(share_url_check(introduction->url, arena));
    TRY(share_url_check(introduction->taxii, arena));
    return slice_starts(introduction->taxii, introduction->url)
                   ? OK
                   : err_make(ERR_INPUT, "the introduction's TAXII server is not at its node");
}

static struct err body_read(slice body, int64_t now_us, struct arena *arena, struct share_introduction *introduction)
{
    slice identity;
    TRY(share_body_only(body, "name country url taxii contact identity keys", arena));
    TRY(share_body_text(body, "name", STORE_NAME_MAX, arena, &introduction->name));
    TRY(share_body_text(body, "country", 2, arena, &introduction->country));
    TRY(share_body_text(body, "url", STORE_TEXT_MAX, arena, &introduction->url));
    TRY(share_body_text(body, "taxii", STORE_TEXT_MAX, arena, &introduction->taxii));
    TRY(share_body_text(body, "contact", CONTACT_MAX, arena, &introduction->contact));
    TRY(share_body_text(body, "identity", 2 * sizeof introduction->identity.bytes, arena, &identity));
    TRY(store_text_check(arena, "name in the introduction", introduction->name, STORE_NAME_MAX));
    if (introduction->contact.len > 0)
        TRY(store_text_check(arena, "contact in the introduction", introduction->contact, CONTACT_MAX));
    TRY(urls_check(introduction, arena));
    struct key_public named;
    if (!share_key_parse(identity, &named) || memcmp(&named, &introduction->identity, sizeof named) != 0)
        return err_make(ERR_AUTH, "the introduction is signed by another key than the identity that it names");
    return keys_read(introduction, json_get(body, S("keys")), now_us, arena);
}

static struct err letter_check(const struct share_letter *letter, int64_t now_us)
{
    if (!slice_eq(letter->type, TYPE))
        return err_make(ERR_INPUT, "this statement is no introduction");
    if (!share_statement_signed(letter))
        return err_make(ERR_AUTH, "the introduction was altered or forged: its signature is not by the key it names");
    if (letter->issued_us > now_us + STATEMENT_AHEAD_US)
        return err_make(ERR_AUTH, "the introduction is from the future: whose clock is wrong?");
    if (letter->expires_us <= now_us)
        return err_make(ERR_AUTH, "the introduction has expired; ask for a new one");
    return letter->expires_us - letter->issued_us <= INTRODUCTION_LIFE_US
                   ? OK
                   : err_make(ERR_AUTH, "an introduction is good for at most 14 days, and this one says more");
}

struct err share_introduction_read(
        slice text, int64_t now_us, struct arena *arena, struct share_introduction *introduction)
{
    struct share_introduction read = {0};
    struct share_letter letter;
    if (text.len > INTRODUCTION_BYTES_MAX)
        return err_format(arena, ERR_LIMIT, "an introduction takes at most %u bytes", INTRODUCTION_BYTES_MAX);
    TRY(share_statement_read(text, arena, &letter));
    TRY(letter_check(&letter, now_us));
    read.node = letter.from;
    read.identity = letter.key;
    read.issued_us = letter.issued_us;
    read.expires_us = letter.expires_us;
    TRY(body_read(letter.body, now_us, arena, &read));
    TRY(arena_check(arena));
    *introduction = read;
    return OK;
}
