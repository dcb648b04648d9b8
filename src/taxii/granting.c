/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/granting.h"

#include "base/arena.h"
#include "store/approval.h"
#include "store/organisation.h"
#include "store/user.h"
#include "json/read.h"
#include "json/write.h"

#define STATE_MAX (1u << 20)
#define SUBJECT "collection/"

/* ---- As it is proposed ---- */

static void put_grant(struct json_writer *w, const struct collection_grant *grant)
{
    json_write_object(w);
    json_write_key_text(w, S("to"), slice_of(store_grantee_name(grant->kind)));
    if (grant->kind != GRANTEE_EVERYONE)
        json_write_key_text(w, S("name"), grant->name);
    json_write_key(w, S("read"));
    json_write_bool(w, grant->can_read);
    json_write_key(w, S("write"));
    json_write_bool(w, grant->can_write);
    json_write_end(w);
}

struct err taxii_granting_detail(const struct taxii_granting *granting, struct arena *arena, slice *detail)
{
    struct buf buf = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("title"), granting->title);
    if (granting->description.len > 0)
        json_write_key_text(&w, S("description"), granting->description);
    json_write_key(&w, S("grants"));
    json_write_array(&w);
    for (size_t i = 0; i < granting->count; i++)
        put_grant(&w, &granting->grants[i]);
    json_write_end(&w);
    json_write_end(&w);
    struct err err = buf_check(&buf);
    *detail = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return err;
}

slice taxii_granting_subject(const struct collection *collection, struct arena *arena)
{
    return slice_of(arena_printf(arena, SUBJECT "%.*s", (int)collection->id.len, collection->id.ptr));
}

/* ---- As it is read again ---- */

static struct err kind_read(slice name, enum grantee *kind)
{
    for (*kind = 0; *kind < GRANTEES; ++*kind)
        if (slice_eq(name, slice_of(store_grantee_name(*kind))))
            return OK;
    return err_make(ERR_INPUT, "a grant is to a user, an organisation, or everyone");
}

static struct err number_read(struct work *work, struct collection_grant *grant)
{
    struct user user = {0};
    struct err err = OK;
    if (grant->kind == GRANTEE_USER) {
        err = store_user_find(work->db, grant->name, work->arena, &user);
        grant->subject = user.number;
    } else if (grant->kind == GRANTEE_ORGANISATION) {
        err = store_organisation_find(work->db, grant->name, &grant->subject);
    }
    if (err.kind == ERR_MISSING)
        return err_format(work->arena, ERR_MISSING, "there is no %s %.*s", store_grantee_name(grant->kind),
                (int)grant->name.len, grant->name.ptr);
    return err;
}

static bool is_true(slice grant, slice key)
{
    return slice_eq(json_get(grant, key), S("true"));
}

static struct err grant_read(struct work *work, slice text, struct collection_grant *grant)
{
    *grant = (struct collection_grant){.name = json_text(json_get(text, S("name")), work->arena),
            .can_read = is_true(text, S("read")),
            .can_write = is_true(text, S("write"))};
    TRY(kind_read(json_text(json_get(text, S("to")), work->arena), &grant->kind));
    if (!grant->can_read && !grant->can_write)
        return err_make(ERR_INPUT, "a grant is to read, to write, or both");
    return number_read(work, grant);
}

static struct err granting_read(struct work *work, slice detail, struct taxii_granting *granting)
{
    struct collection_grant *grants = arena_new(work->arena, struct collection_grant, COLLECTION_GRANTS_MAX);
    struct json_elements elements = json_elements(json_get(detail, S("grants")));
    slice text;
    *granting = (struct taxii_granting){.title = json_text(json_get(detail, S("title")), work->arena),
            .description = json_text(json_get(detail, S("description")), work->arena),
            .grants = grants};
    while (json_element_next(&elements, &text)) {
        if (granting->count == COLLECTION_GRANTS_MAX)
            return err_format(work->arena, ERR_LIMIT, "more than %d grants at once", COLLECTION_GRANTS_MAX);
        TRY(grant_read(work, text, &grants[granting->count++]));
    }
    return OK;
}

static struct err collection_of(struct work *work, slice subject, struct collection *collection)
{
    int64_t number;
    if (!slice_starts(subject, S(SUBJECT)))
        return err_make(ERR_INPUT, "the subject is a collection by its id: collection/ID");
    struct err err = store_collection_find(work->db, slice_from(subject, sizeof SUBJECT - 1), &number);
    if (err.kind == ERR_MISSING)
        return err_make(ERR_MISSING, "there is no such collection");
    TRY(err);
    return store_collection_get(work->db, number, work->arena, collection);
}

/* ---- How it stands ---- */

static void put_grants(struct buf *buf, const struct collection_grant *grants, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buf_printf(buf, " %s/%lld:%d%d", store_grantee_name(grants[i].kind), (long long)grants[i].subject,
                grants[i].can_read, grants[i].can_write);
}

static struct err put_collection(struct work *work, slice subject, struct buf *buf)
{
    struct collection collection;
    struct collection_grant *grants;
    size_t count;
    TRY(collection_of(work, subject, &collection));
    TRY(store_collection_grants(work->db, collection.number, work->arena, &grants, &count));
    buf_printf(buf, "%lld %.*s\n", (long long)collection.number, (int)collection.title.len, collection.title.ptr);
    put_grants(buf, grants, count);
    return OK;
}

struct err taxii_granting_about(struct work *work, slice subject, slice detail, slice *state)
{
    struct buf buf = buf_make(STATE_MAX);
    struct taxii_granting named;
    struct err err = granting_read(work, detail, &named);
    if (err.kind == ERR_NONE && slice_starts(subject, S(SUBJECT)))
        err = put_collection(work, subject, &buf);
    if (err.kind == ERR_NONE) {
        buf_byte(&buf, '\n');
        put_grants(&buf, named.grants, named.count);
        err = buf_check(&buf);
    }
    *state = arena_copy(work->arena, buf_slice(&buf));
    buf_free(&buf);
    return err;
}

/* ---- What is done ---- */

typedef struct err grant_verb(struct work *work, int64_t number, const struct collection_grant *grant);

static struct err each_grant(struct work *work, int64_t number, const struct taxii_granting *granting, grant_verb *verb)
{
    for (size_t i = 0; i < granting->count; i++)
        TRY(verb(work, number, &granting->grants[i]));
    return OK;
}

struct err taxii_granting_do_add(struct work *work, slice subject, slice detail)
{
    struct taxii_granting granting;
    int64_t number;
    (void)subject;
    TRY(granting_read(work, detail, &granting));
    TRY(store_collection_add(work, granting.title, granting.description, &number));
    return each_grant(work, number, &granting, store_collection_grant);
}

static struct err change_grants(struct work *work, slice subject, slice detail, grant_verb *verb)
{
    struct taxii_granting granting;
    struct collection collection;
    TRY(granting_read(work, detail, &granting));
    TRY(collection_of(work, subject, &collection));
    if (granting.count == 0)
        return err_make(ERR_INPUT, "there are no grants in what is proposed");
    return each_grant(work, collection.number, &granting, verb);
}

struct err taxii_granting_do_grant(struct work *work, slice subject, slice detail)
{
    return change_grants(work, subject, detail, store_collection_grant);
}

struct err taxii_granting_do_revoke(struct work *work, slice subject, slice detail)
{
    return change_grants(work, subject, detail, store_collection_revoke);
}

struct err taxii_granting_do_remove(struct work *work, slice subject, slice detail)
{
    struct collection collection;
    (void)detail;
    TRY(collection_of(work, subject, &collection));
    return store_collection_remove(work, collection.number);
}
