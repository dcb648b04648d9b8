/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/id.h"
#include "stix/object.h"
#include "stix/syntax.h"

/*
 * What stands in `extensions` (sections 3.2, 3.10, 7.3): predefined extensions by their rows, those of an extension
 * definition by their extension_type, all others as they are.
 */

#define DEFINITION S("extension-definition--")

static const struct json_token *at_token(const struct stix_check *check, size_t token)
{
    return &check->tape->tokens[token];
}

/* Which objects may have an extension of our rows. */
static bool belongs(uint16_t extension, uint16_t object)
{
    slice rest = slice_of(stix_types[extension].of), word;
    while (slice_next(&rest, ' ', &word))
        if (object != STIX_NONE && slice_eq(word, slice_of(stix_types[object].name)))
            return true;
    return false;
}

/* An extension by our rows: those its name stands for. */
static void known_check(struct stix_check *check, uint16_t extension, size_t token)
{
    struct stix_members members;
    if (!belongs(extension, check->type))
        stix_say(check, STIX_WARNING, token, stix_types[extension].section, "is an extension of %s",
                stix_types[extension].of);
    stix_members_check(check, token, extension, &members);
}

/* What an extension_type allows the object. */
static void type_note(struct stix_check *check, slice type)
{
    check->toplevel |= slice_eq(type, S("toplevel-property-extension"));
    check->new_type |= slice_starts(type, S("new-"));
}

static void defined_check(struct stix_check *check, slice name, size_t token)
{
    struct stix_id id;
    const struct json_token *type = stix_member(check, token, S("extension_type"));
    if (!stix_id_parse(name, &id))
        stix_say(check, STIX_ERROR, token, "2.9", "must be named by the id of an extension-definition");
    else if (type == NULL)
        stix_say(check, STIX_ERROR, token, "3.2", "extension_type is required");
    else if (type->kind != JSON_STRING ||
             !stix_word_known(stix_vocabulary_find("extension-type-enum"), stix_text(check, type)))
        stix_say(check, STIX_ERROR, (size_t)(type - check->tape->tokens), "10.5",
                "extension_type is not in extension-type-enum");
}

/* The members of an extension that we have no rows for. */
static void free_check(struct stix_check *check, size_t token)
{
    for (size_t i = token + 1; i < at_token(check, token)->next; i = at_token(check, i + 1)->next) {
        slice name = stix_text(check, at_token(check, i));
        if (!stix_name_property(name))
            stix_say(check, STIX_ERROR, i, "7.3.2.1",
                    "a property's name is of a-z, 0-9 and _, 3 to 250 of them, and begins with a letter");
        stix_custom_check(check, name, i + 1);
    }
}

static void extension_check(struct stix_check *check, slice name, size_t token)
{
    uint16_t known = stix_type_find(name);
    const struct json_token *type = stix_member(check, token, S("extension_type"));
    if (at_token(check, token)->kind != JSON_OBJECT) {
        stix_say(check, STIX_ERROR, token, "3.2", "an extension must be an object");
        return;
    }
    if (at_token(check, token)->count == 0)
        stix_say(check, STIX_ERROR, token, "2.3", "an extension must have at least one property");
    if (type != NULL && type->kind == JSON_STRING)
        type_note(check, stix_text(check, type));
    if (known != STIX_NONE && stix_types[known].family == STIX_EXTENSION) {
        known_check(check, known, token);
        return;
    }
    if (slice_starts(name, DEFINITION))
        defined_check(check, name, token);
    else if (!stix_name_key(name))
        stix_say(check, STIX_ERROR, token, "2.3", "a key is of A-Z, a-z, 0-9, - and _");
    else if (type == NULL && check->version == STIX_21)
        stix_say(check, STIX_WARNING, token, "3.2",
                "should be named by the id of an extension-definition, or be an extension of the standard");
    free_check(check, token);
}

void stix_extensions_check(struct stix_check *check, size_t token)
{
    const struct json_token *extensions = at_token(check, token);
    if (extensions->count == 0)
        stix_say(check, STIX_ERROR, token, "2.3", "a dictionary must have at least one key");
    for (size_t i = token + 1; i < extensions->next; i = at_token(check, i + 1)->next) {
        struct stix_where step = {check->path, stix_text(check, at_token(check, i)), 0};
        check->path = &step;
        extension_check(check, step.key, i + 1);
        check->path = step.up;
    }
}

void stix_extensions_look(struct stix_check *check, size_t object, enum stix_family *family)
{
    static const struct {
        const char *type;
        enum stix_family family;
    } rows[] = {{"new-sdo", STIX_SDO}, {"new-sro", STIX_SRO}, {"new-sco", STIX_SCO}};
    const struct json_token *extensions = stix_member(check, object, S("extensions"));
    if (extensions == NULL || extensions->kind != JSON_OBJECT)
        return;
    size_t first = (size_t)(extensions - check->tape->tokens) + 1;
    for (size_t i = first; i < extensions->next; i = at_token(check, i + 1)->next) {
        const struct json_token *type = stix_member(check, i + 1, S("extension_type"));
        slice text = type == NULL || type->kind != JSON_STRING ? S("") : stix_text(check, type);
        for (size_t j = 0; j < COUNT_OF(rows); j++) {
            if (!slice_eq(text, slice_of(rows[j].type)))
                continue;
            *family = rows[j].family;
            check->new_type = true;
        }
    }
}
