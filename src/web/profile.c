/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who we are: the form that is filled in, for our own people, and what anybody may read of it. The documents are those
 * that desk/publish.h keeps, byte for byte, since a signature is over bytes.
 */
#include "desk/profile.h"

#include "base/arena.h"
#include "desk/publish.h"
#include "gate/gate.h"
#include "store/right.h"
#include "web/page.h"
#include "web/pages.h"

#define TYPED_MAX 100 /* fields of a form */

/* ---- The form ---- */

static slice key_of(const struct profile_field *field, enum language language, struct arena *arena)
{
    return field->each ? slice_of(arena_printf(arena, "%s.%s", field->name, language_tag(language)))
                       : slice_of(field->name);
}

static bool was_typed(const struct ask *ask, slice key)
{
    for (size_t i = 0; i < ask->form_count; i++)
        if (slice_eq(ask->form[i].name, key))
            return true;
    return false;
}

static void write_value(
        struct ask *ask, const struct profile_field *field, enum language language, const struct profile_value *row)
{
    slice key = key_of(field, language, ask->arena), is = row == NULL ? S("") : row->value;
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("name"), key);
    json_write_key_text(&ask->json, S("language"), field->each ? slice_of(language_tag(language)) : S(""));
    json_write_key_text(&ask->json, S("language_name"), field->each ? slice_of(language_name(language)) : S(""));
    json_write_key_text(&ask->json, S("value"), was_typed(ask, key) ? ask_form(ask, key) : is);
    page_flag(ask, S("is_missing"), field->needed && row == NULL);
    page_moment(ask, S("changed"), row == NULL ? TIME_NONE : row->changed_us);
    json_write_key_text(&ask->json, S("actor"), row == NULL ? S("") : row->actor);
    json_write_end(&ask->json);
}

static void write_field(
        struct ask *ask, const struct profile_field *field, const struct profile_value *rows, size_t count)
{
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("section"), slice_of(field->section));
    json_write_key_text(&ask->json, S("title"), ask_text(ask, slice_of(field->title)));
    json_write_key_text(&ask->json, S("about"), ask_text(ask, slice_of(field->about)));
    page_flag(ask, S("needed"), field->needed);
    page_flag(ask, S("is_prose"), field->kind == PROFILE_PROSE);
    json_write_key(&ask->json, S("values"));
    json_write_array(&ask->json);
    for (enum language language = 0; language < (field->each ? LANGUAGES : 1); language++)
        write_value(ask, field, language, desk_profile_row(rows, count, field, language));
    json_write_end(&ask->json);
    json_write_end(&ask->json);
}

/* What anybody can read by now, and how. */
static struct err write_document(struct ask *ask, const char *name, const char *path)
{
    struct profile_document document;
    struct err err = store_profile_document_get(ask->db, slice_of(name), ask->arena, &document);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("name"), slice_of(name));
    json_write_key_text(&ask->json, S("path"), slice_of(path));
    page_moment(ask, S("made"), err.kind == ERR_NONE ? document.made_us : TIME_NONE);
    json_write_key_text(&ask->json, S("fingerprint"), err.kind == ERR_NONE ? document.fingerprint : S(""));
    json_write_end(&ask->json);
    return OK;
}

static struct err write_documents(struct ask *ask)
{
    json_write_key(&ask->json, S("documents"));
    json_write_array(&ask->json);
    TRY(write_document(ask, PUBLISH_SECURITY, "/.well-known/security.txt"));
    for (enum language language = 0; language < LANGUAGES; language++)
        TRY(write_document(
                ask, desk_publish_name(language), arena_printf(ask->arena, "/rfc2350/%s", language_tag(language))));
    json_write_end(&ask->json);
    return OK;
}

struct err web_profile(struct ask *ask)
{
    struct profile_value *rows;
    size_t count;
    TRY(store_right_check(&ask->who.actor, VERB_READ_ORGANISATIONS, 0, ask->arena, NULL));
    TRY(store_profile_list(ask->db, ask->arena, &rows, &count));
    page_title(ask, ask_text(ask, W("Who we are")));
    page_flag(ask, S("may_change"), ask_may(ask, VERB_CHANGE_PROFILE));
    page_why_not(ask, VERB_CHANGE_PROFILE, 0);
    TRY(write_documents(ask));
    json_write_key(&ask->json, S("fields"));
    json_write_array(&ask->json);
    for (const struct profile_field *field = profile_fields; field->name != NULL; field++)
        write_field(ask, field, rows, count);
    json_write_end(&ask->json);
    return OK;
}

/* Those that the form has; what it has not stays as it is. */
static struct err fields_typed(struct ask *ask, struct profile_typed typed[TYPED_MAX], size_t *count)
{
    *count = 0;
    for (const struct profile_field *field = profile_fields; field->name != NULL; field++)
        for (enum language language = 0; language < (field->each ? LANGUAGES : 1); language++) {
            slice key = key_of(field, language, ask->arena);
            if (was_typed(ask, key) && *count < TYPED_MAX)
                typed[(*count)++] = (struct profile_typed){key, ask_form(ask, key)};
        }
    return arena_check(ask->arena);
}

struct err web_profile_set(struct ask *ask)
{
    struct profile_typed typed[TYPED_MAX];
    size_t count, changed;
    TRY(fields_typed(ask, typed, &count));
    struct err err = desk_profile_set(ask->db, &ask->who.actor, typed, count, ask->arena, &changed);
    if (err.kind != ERR_NONE) {
        TRY(page_again(ask, NULL, err));
        return web_profile(ask);
    }
    page_done(ask, "/profile", "saved");
    return OK;
}

/* ---- What anybody may read ---- */

static const struct err not_said = {ERR_MISSING, "the team here has not said who it is"};

static struct err document_of(struct ask *ask, const char *name, struct profile_document *document)
{
    struct err err = store_profile_document_get(ask->db, slice_of(name), ask->arena, document);
    return err.kind == ERR_MISSING ? not_said : err;
}

static struct err answer_text(struct ask *ask, const char *name)
{
    struct profile_document document;
    TRY(document_of(ask, name, &document));
    ask->reply->status = 200;
    ask->reply->type = S("text/plain; charset=utf-8"); /* RFC 9116 section 3 */
    ask->reply->body = buf_make(PROFILE_DOCUMENT_MAX);
    buf_put(&ask->reply->body, document.text);
    return buf_check(&ask->reply->body);
}

struct err web_security_txt(struct ask *ask)
{
    return answer_text(ask, PUBLISH_SECURITY);
}

/* Where it lay before there was /.well-known/; section 3. */
struct err web_security_txt_moved(struct ask *ask)
{
    http_reply_header(ask->reply, S("Location"), S("/.well-known/security.txt"));
    ask->reply->status = 308;
    return OK;
}

struct err web_rfc2350_text(struct ask *ask)
{
    enum language language;
    if (!language_find(ask->parts[0], &language) || !slice_eq(ask->parts[0], slice_of(language_tag(language))))
        return not_said;
    return answer_text(ask, desk_publish_name(language));
}

struct err web_team_key(struct ask *ask)
{
    struct profile_document document;
    TRY(document_of(ask, PUBLISH_KEY, &document));
    ask->reply->status = 200;
    ask->reply->type = S("application/pgp-keys"); /* RFC 3156 section 7 */
    ask->reply->body = buf_make(PROFILE_DOCUMENT_MAX);
    buf_put(&ask->reply->body, document.text);
    return buf_check(&ask->reply->body);
}

/* In the language of who asks, or in the other one. */
static struct err readable(struct ask *ask, struct profile_document *document, enum language *language)
{
    *language = ask->language;
    struct err err = document_of(ask, desk_publish_name(*language), document);
    for (enum language other = 0; err.kind == ERR_MISSING && other < LANGUAGES; other++) {
        *language = other;
        err = document_of(ask, desk_publish_name(other), document);
    }
    return err;
}

struct err web_rfc2350(struct ask *ask)
{
    const struct node_parts *parts = ask->gate->options.parts;
    struct profile_document document;
    struct publish_section *sections;
    struct profile_value *rows;
    enum language language;
    size_t count, section_count;
    TRY(readable(ask, &document, &language));
    TRY(store_profile_list(ask->db, ask->arena, &rows, &count));
    TRY(desk_publish_sections(
            rows, count, language, parts->url, document.fingerprint, ask->arena, &sections, &section_count));
    page_title(ask, desk_profile_value(rows, count, desk_profile_field(S("name")), language));
    json_write_key_text(&ask->json, S("language"), slice_of(language_tag(language)));
    json_write_key_text(&ask->json, S("fingerprint"), document.fingerprint);
    page_moment(ask, S("made"), document.made_us);
    json_write_key(&ask->json, S("sections"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < section_count; i++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("number"), sections[i].number);
        json_write_key_text(&ask->json, S("title"), sections[i].title);
        json_write_key_text(&ask->json, S("text"), sections[i].text);
        page_flag(ask, S("is_heading"), sections[i].heading);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return OK;
}
