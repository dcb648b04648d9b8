/* SPDX-License-Identifier: Apache-2.0 */
#include "case/nameless.h"

#include <stdlib.h>
#include <unicase.h>
#include <uninorm.h>

#include "base/arena.h"
#include "form/form.h"
#include "store/asset.h"
#include "store/contact.h"
#include "store/involved.h"
#include "store/lesson.h"
#include "store/organisation.h"
#include "store/user.h"

#define ROWS_LEAST 64

/* ---- How texts are compared ---- */

/* Letters and digits of a text, case folded; `begins` and `ends` say where words do. */
struct plain {
    slice letters;
    const bool *begins, *ends;
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || byte_is_digit(c) || (c & 0x80) != 0;
}

static struct err plain_of(slice text, struct arena *arena, struct plain *plain)
{
    size_t len = 0, count = 0;
    char *folded = (char *)u8_casefold((const uint8_t *)text.ptr, text.len, NULL, UNINORM_NFKC, NULL, &len);
    if (folded == NULL)
        return err_make(ERR_INPUT, "a text that is no UTF-8 cannot be held against names");
    char *letters = arena_take(arena, len + 1);
    bool *begins = arena_new(arena, bool, len + 1), *ends = arena_new(arena, bool, len + 1);
    for (size_t i = 0; i < len; i++) {
        if (!is_letter(folded[i]))
            continue;
        begins[count] = i == 0 || !is_letter(folded[i - 1]);
        ends[count] = i + 1 == len || !is_letter(folded[i + 1]);
        letters[count++] = folded[i];
    }
    free(folded);
    *plain = (struct plain){{letters, count}, begins, ends};
    return OK;
}

/* Whether it stands there as whole words, in one or in several. */
static bool stands(const struct plain *text, slice name)
{
    for (size_t i = 0; i + name.len <= text->letters.len; i++)
        if (text->begins[i] && text->ends[i + name.len - 1] && memcmp(text->letters.ptr + i, name.ptr, name.len) == 0)
            return true;
    return false;
}

/* ---- What is gathered ---- */

struct gathering {
    struct db *db;
    struct arena *arena;
    int64_t incident;
    struct case_nameless *to;
    size_t room;
};

static struct err gather(struct gathering *gathering, const char *what, slice text)
{
    struct case_nameless *to = gathering->to;
    struct plain plain;
    TRY(plain_of(text, gathering->arena, &plain));
    if (plain.letters.len < CASE_NAMELESS_LEAST)
        return OK;
    if (to->count == gathering->room) {
        struct case_unsaid *wider = arena_new(gathering->arena, struct case_unsaid, 2 * gathering->room);
        memcpy(wider, to->rows, to->count * sizeof *wider);
        to->rows = wider;
        gathering->room *= 2;
    }
    to->rows[to->count++] = (struct case_unsaid){what, text, plain.letters};
    return arena_check(gathering->arena);
}

static struct err names_gather(struct gathering *gathering, int64_t organisation)
{
    struct organisation_name *names;
    size_t count;
    TRY(store_organisation_names(gathering->db, organisation, gathering->arena, &names, &count));
    for (size_t i = 0; i < count; i++)
        TRY(gather(gathering, "the name of an organisation", names[i].name));
    return OK;
}

static struct err contacts_gather(struct gathering *gathering, int64_t organisation)
{
    struct contact *rows;
    size_t count;
    TRY(store_contact_of(gathering->db, organisation, true, gathering->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(gather(gathering, "the name of a contact", rows[i].is.name));
        TRY(gather(gathering, "an address of a contact", rows[i].is.mail));
        TRY(gather(gathering, "the telephone of a contact", rows[i].is.phone));
    }
    return OK;
}

static struct err assets_gather(struct gathering *gathering, int64_t organisation)
{
    struct asset *rows;
    size_t count;
    int64_t after = 0;
    do {
        TRY(store_asset_list(gathering->db, organisation, after, STORE_PAGE_MAX, gathering->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            after = rows[i].number;
            TRY(gather(gathering, "what is somebody's", rows[i].value));
        }
    } while (count == STORE_PAGE_MAX);
    return OK;
}

/* Ourselves we may name: we are who writes it. */
static struct err parties_gather(struct gathering *gathering)
{
    struct party *rows;
    size_t count;
    int64_t own;
    TRY(store_organisation_own(gathering->db, &own));
    TRY(store_party_list(gathering->db, gathering->incident, gathering->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (rows[i].organisation == own)
            continue;
        TRY(names_gather(gathering, rows[i].organisation));
        TRY(contacts_gather(gathering, rows[i].organisation));
        TRY(assets_gather(gathering, rows[i].organisation));
    }
    return OK;
}

static struct err served_gather(struct gathering *gathering)
{
    slice *names;
    size_t count;
    TRY(store_organisation_served_names(gathering->db, gathering->arena, &names, &count));
    for (size_t i = 0; i < count; i++)
        TRY(gather(gathering, "the name of an organisation", names[i]));
    return OK;
}

static struct err seen_gather(struct gathering *gathering)
{
    struct incident_observable *rows;
    size_t count;
    TRY(store_incident_observables(gathering->db, gathering->incident, gathering->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        TRY(gather(gathering, "what was seen in the incident", rows[i].value));
    return OK;
}

static struct err persons_gather(struct gathering *gathering)
{
    struct incident row;
    struct user holder;
    slice *texts;
    size_t count;
    TRY(store_lesson_reporters(gathering->db, gathering->incident, gathering->arena, &texts, &count));
    for (size_t i = 0; i < count; i++)
        TRY(gather(gathering, "who reported it", texts[i]));
    TRY(store_incident_get(gathering->db, gathering->incident, gathering->arena, &row));
    if (row.holder == 0)
        return OK;
    TRY(store_user_get(gathering->db, row.holder, gathering->arena, &holder));
    return gather(gathering, "the name of a person", holder.name);
}

struct err case_nameless_of(struct db *db, int64_t incident, struct arena *arena, struct case_nameless *nameless)
{
    struct err (*const gathers[])(struct gathering * gathering) = {
            parties_gather, served_gather, seen_gather, persons_gather};
    *nameless = (struct case_nameless){.rows = arena_new(arena, struct case_unsaid, ROWS_LEAST)};
    struct gathering gathering = {db, arena, incident, nameless, ROWS_LEAST};
    for (size_t i = 0; i < COUNT_OF(gathers); i++)
        TRY(gathers[i](&gathering));
    return OK;
}

/* ---- The check ---- */

static struct err value_found(void *context, const struct indicator *indicator)
{
    slice *value = context;
    if (indicator->type != OBSERVABLE_OTHER && value->ptr == NULL) /* a CVE or a technique is nobody's */
        *value = indicator->value;
    return OK;
}

static void passed_over(void *context, const char *what)
{
    (void)context;
    (void)what;
}

static void problem(void *context, uint64_t line, uint64_t column, const char *why)
{
    (void)line;
    (void)column;
    passed_over(context, why);
}

/* Word by word: what the reading of a whole text takes for talk, since something else in it is defanged, counts here.
 */
static struct err values_check(const char *where, slice text, struct arena *arena)
{
    for (size_t from = 0, at = 0; at <= text.len; at++) {
        slice word = slice_part(text, from, at), value = {0};
        const struct form_sink sink = {
                .context = &value, .indicator = value_found, .problem = problem, .skipped = passed_over};
        if (at < text.len && !byte_is_blank(text.ptr[at]))
            continue;
        from = at + 1;
        if (word.len > 0)
            TRY(form_text.read(word, arena, &sink));
        if (value.ptr != NULL)
            return err_format(arena, ERR_INPUT,
                    "%s: \"%.*s\" is a value; what was seen travels as an indicator, and a lesson has none", where,
                    (int)word.len, word.ptr);
    }
    return OK;
}

struct err case_nameless_check(const struct case_nameless *nameless, const char *where, slice text, struct arena *arena)
{
    struct plain plain;
    TRY(plain_of(text, arena, &plain));
    for (size_t i = 0; i < nameless->count; i++) {
        const struct case_unsaid *row = &nameless->rows[i];
        if (stands(&plain, row->plain))
            return err_format(arena, ERR_INPUT, "%s: it holds %s, \"%.*s\"; a lesson does not say whose it was", where,
                    row->what, (int)row->text.len, row->text.ptr);
    }
    return values_check(where, text, arena);
}
