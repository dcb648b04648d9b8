/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/profile.h"

#include "base/arena.h"
#include "desk/fact.h"
#include "store/right.h"
#include "text/mail.h"

const struct profile_field profile_fields[] = {
        {"distribution", "1.2", W_C("Distribution list for notifications"),
                W_C("How people hear that this document changed"), PROFILE_PROSE, true, false},
        {"name", "2.1", W_C("Name of the team"), W_C("In full, as it is known"), PROFILE_LINE, true, true},
        {"short-name", "2.1", W_C("Short name"), W_C("As people call it"), PROFILE_LINE, false, false},
        {"address", "2.2", W_C("Address"), W_C("For letters"), PROFILE_PROSE, false, true},
        {"zone", "2.3", W_C("Time zone"), W_C("With its distance from UTC: Asia/Jakarta (WIB, UTC+07:00)"),
                PROFILE_LINE, false, true},
        {"telephone", "2.4", W_C("Telephone number"), W_C("As it is dialled from abroad: +62 21 5550100"),
                PROFILE_PHONE, false, true},
        {"facsimile", "2.5", W_C("Facsimile number"), W_C("Empty: none"), PROFILE_PHONE, false, false},
        {"other-telecommunication", "2.6", W_C("Other telecommunication"), W_C("Emergency telephone, messenger, radio"),
                PROFILE_PROSE, true, false},
        {"mail", "2.7", W_C("Electronic mail address"), W_C("Which somebody of the team reads"), PROFILE_MAIL, false,
                true},
        {"keys", "2.8", W_C("Public keys and encryption information"),
                W_C("What there is besides the key of this node, whose fingerprint is written by itself"),
                PROFILE_PROSE, true, false},
        {"members", "2.9", W_C("Team members"), W_C("Who leads it; which names are told, and to whom"), PROFILE_PROSE,
                true, true},
        {"other", "2.10", W_C("Other information"), W_C("Membership in FIRST, links"), PROFILE_PROSE, true, false},
        {"hours", "2.11", W_C("Points of customer contact"),
                W_C("How those whom you serve reach you, and in which hours"), PROFILE_PROSE, true, true},
        {"mission", "3.1", W_C("Mission statement"), W_C("What the team is for"), PROFILE_PROSE, true, true},
        {"constituency", "3.2", W_C("Constituency"), W_C("Whom you serve"), PROFILE_PROSE, true, true},
        {"sponsorship", "3.3", W_C("Sponsorship and affiliation"), W_C("Who pays, and what you belong to"),
                PROFILE_PROSE, true, true},
        {"authority", "3.4", W_C("Authority"), W_C("By which law or mandate, and what you may demand"), PROFILE_PROSE,
                true, true},
        {"incidents", "4.1", W_C("Types of incidents and level of support"),
                W_C("Which you handle, and how far you help"), PROFILE_PROSE, true, true},
        {"disclosure", "4.2", W_C("Co-operation, interaction and disclosure of information"),
                W_C("What you tell to whom; TLP"), PROFILE_PROSE, true, true},
        {"authentication", "4.3", W_C("Communication and authentication"),
                W_C("What may go unencrypted, and how you are known"), PROFILE_PROSE, true, true},
        {"triage", "5.1.1", W_C("Incident triage"), W_C("How it is found out what is one, and how bad"), PROFILE_PROSE,
                true, true},
        {"coordination", "5.1.2", W_C("Incident coordination"), W_C("Whom you bring together"), PROFILE_PROSE, true,
                true},
        {"resolution", "5.1.3", W_C("Incident resolution"), W_C("What you do yourselves"), PROFILE_PROSE, true, true},
        {"proactive", "5.2", W_C("Proactive activities"), W_C("Warnings, training, assessments"), PROFILE_PROSE, true,
                true},
        {"forms", "6", W_C("Incident reporting forms"),
                W_C("Besides the form of this node, whose address is written by itself"), PROFILE_PROSE, true, false},
        {"disclaimers", "7", W_C("Disclaimers"), W_C("What you do not answer for"), PROFILE_PROSE, true, true},
        {"policy-url", "RFC 9116 2.5.7", W_C("Policy on vulnerabilities"),
                W_C("A page, https://; empty: this document"), PROFILE_URL, false, false},
        {"acknowledgments-url", "RFC 9116 2.5.1", W_C("Acknowledgments"),
                W_C("A page that thanks who reported, https://; empty: none"), PROFILE_URL, false, false},
        {.name = NULL},
};

const struct profile_field *desk_profile_field(slice name)
{
    for (size_t i = 0; profile_fields[i].name != NULL; i++)
        if (slice_eq(name, slice_of(profile_fields[i].name)))
            return &profile_fields[i];
    return NULL;
}

/* ---- What was typed ---- */

static struct err wrong(struct arena *arena, slice name, const char *why)
{
    return err_format(arena, ERR_INPUT, "%.*s: %s", (int)(name.len < 100 ? name.len : 100), name.ptr, why);
}

static bool is_phone(slice value)
{
    size_t digits = 0;
    for (size_t i = 0; i < value.len; i++) {
        digits += byte_is_digit(value.ptr[i]);
        if (!byte_is_digit(value.ptr[i]) && strchr("+ -().", value.ptr[i]) == NULL)
            return false;
    }
    return digits >= 3 && digits <= 15; /* E.164 */
}

/* No blank and no quote: it stands in a line of its own, and in a link. */
static bool is_https(slice value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] <= ' ' || value.ptr[i] > '~' || strchr("\"<>\\^`{|}", value.ptr[i]) != NULL)
            return false;
    return slice_starts(value, S("https://")) && value.len > strlen("https://");
}

static struct err value_check(struct arena *arena, slice name, enum profile_kind kind, slice value)
{
    struct err err = kind == PROFILE_PROSE ? store_prose_check(arena, "text", value, PROFILE_VALUE_MAX)
                                           : store_text_check(arena, "text", value, PROFILE_VALUE_MAX);
    if (err.kind != ERR_NONE)
        return wrong(arena, name, err.why);
    if (kind == PROFILE_MAIL && !mail_address_is(value))
        return wrong(arena, name, "one plain address of mail");
    if (kind == PROFILE_PHONE && !is_phone(value))
        return wrong(arena, name, "a number of 3 to 15 digits, as +62 21 5550100");
    if (kind == PROFILE_URL && !is_https(value))
        return wrong(arena, name, "a page, from https:// on");
    return OK;
}

struct typing {
    const struct profile_typed *typed;
    size_t count, changed;
};

static struct err name_read(struct arena *arena, slice name, const struct profile_field **field, slice *language)
{
    size_t dot = slice_find(name, '.');
    enum language known;
    *field = desk_profile_field(slice_part(name, 0, dot));
    *language = dot < name.len ? slice_from(name, dot + 1) : S("");
    if (*field == NULL)
        return wrong(arena, name, "there is no such field; `profile show` has them all");
    bool is_tag = language_find(*language, &known) && slice_eq(*language, slice_of(language_tag(known)));
    if ((*field)->each && !is_tag)
        return wrong(arena, name, "say in which language: .en or .id behind the field");
    return (*field)->each || language->len == 0 ? OK : wrong(arena, name, "it is the same in all languages");
}

/* Ends of lines of one kind, as no browser sends them, and nothing around it. */
static slice tidy(struct arena *arena, slice value)
{
    slice bare = slice_trim(value);
    char *made = arena_take(arena, bare.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < bare.len; i++)
        if (bare.ptr[i] != '\r' || bare.ptr[i + 1] != '\n')
            made[len++] = bare.ptr[i];
    return (slice){made, len};
}

static struct err one_set(struct work *work, const struct profile_typed *typed, size_t *count)
{
    const struct profile_field *field;
    slice language, value = tidy(work->arena, typed->value);
    bool changed;
    TRY(name_read(work->arena, typed->name, &field, &language));
    if (value.len > 0)
        TRY(value_check(work->arena, typed->name, field->kind, value));
    TRY(store_profile_put(work, slice_of(field->name), language, value, &changed));
    if (!changed)
        return OK;
    ++*count;
    const struct desk_fact facts[] = {{"field", typed->name}, {"value", value}};
    return desk_fact_tell(work, "profile.changed", "profile", 0, work->actor->organisation, facts, COUNT_OF(facts));
}

static struct err set(struct work *work, void *context)
{
    struct typing *typing = context;
    typing->changed = 0;
    TRY(store_right_check(work->actor, VERB_CHANGE_PROFILE, 0, work->arena, NULL));
    for (size_t i = 0; i < typing->count; i++)
        TRY(one_set(work, &typing->typed[i], &typing->changed));
    return OK;
}

struct err desk_profile_set(struct db *db, const struct actor *actor, const struct profile_typed *typed, size_t count,
        struct arena *arena, size_t *changed)
{
    struct typing typing = {typed, count, 0};
    TRY(desk_fact_kept(store_work(db, actor, arena, set, &typing), arena));
    *changed = typing.changed;
    return OK;
}

/* ---- What there is ---- */

const struct profile_value *desk_profile_row(
        const struct profile_value *rows, size_t count, const struct profile_field *field, enum language language)
{
    slice tag = field->each ? slice_of(language_tag(language)) : S("");
    for (size_t i = 0; i < count; i++)
        if (slice_eq(rows[i].field, slice_of(field->name)) && slice_eq(rows[i].language, tag))
            return &rows[i];
    return NULL;
}

slice desk_profile_value(
        const struct profile_value *rows, size_t count, const struct profile_field *field, enum language language)
{
    const struct profile_value *row = desk_profile_row(rows, count, field, language);
    for (enum language other = 0; row == NULL && other < LANGUAGES; other++)
        row = desk_profile_row(rows, count, field, other);
    return row == NULL ? S("") : row->value;
}

const struct profile_field *desk_profile_missing(
        const struct profile_value *rows, size_t count, enum language language, const struct profile_field *after)
{
    for (const struct profile_field *field = after == NULL ? profile_fields : after + 1; field->name != NULL; field++)
        if (field->needed && desk_profile_row(rows, count, field, language) == NULL)
            return field;
    return NULL;
}
