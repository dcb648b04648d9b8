/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/opening.h"

#include "base/arena.h"
#include "ledger/entry.h"
#include "ledger/tree.h"
#include "store/released.h"
#include "taxii/fetch_log.h"
#include "json/check.h"
#include "json/read.h"

/* ---- Fields ---- */

static struct err field_read(
        slice json, const struct ledger_entry *entry, struct arena *arena, struct ledger_field *field)
{
    *field = (struct ledger_field){
            .name = json_text(json_get(json, S("name")), arena), .value = json_text(json_get(json, S("value")), arena)};
    if (!slice_hex(json_text(json_get(json, S("salt")), arena), field->salt, sizeof field->salt))
        return err_make(ERR_INPUT, "a salt is not 64 hexadecimal digits");
    return ledger_entry_opens(entry, field)
                   ? OK
                   : err_format(arena, ERR_INPUT, "its %.*s is not what was entered",
                             (int)(field->name.len < LEDGER_FIELD_NAME_MAX ? field->name.len : LEDGER_FIELD_NAME_MAX),
                             field->name.ptr);
}

static struct err fields_read(
        slice list, const struct ledger_entry *entry, struct arena *arena, struct taxii_opening *opening)
{
    struct json_elements elements = json_elements(list), counted = elements;
    size_t most = 0;
    slice one;
    while (most < LEDGER_FIELDS_MAX && json_element_next(&counted, &one))
        most++;
    opening->fields = arena_new(arena, struct ledger_field, most + 1);
    while (json_element_next(&elements, &one)) {
        if (opening->field_count == LEDGER_FIELDS_MAX)
            return err_format(arena, ERR_INPUT, "it has more than %d fields", LEDGER_FIELDS_MAX);
        TRY(field_read(one, entry, arena, &opening->fields[opening->field_count++]));
    }
    return OK;
}

slice taxii_opening_says(const struct taxii_opening *opening, slice name)
{
    for (size_t i = 0; i < opening->field_count; i++)
        if (slice_eq(opening->fields[i].name, name))
            return opening->fields[i].value;
    return S("");
}

/* ---- Leaves ---- */

static struct err leaf_read(slice json, struct arena *arena, struct taxii_leaf *leaf)
{
    leaf->id = json_text(json_get(json, S("id")), arena);
    leaf->version = json_text(json_get(json, S("version")), arena);
    return slice_hex(json_text(json_get(json, S("digest")), arena), leaf->digest.bytes, sizeof leaf->digest.bytes)
                   ? OK
                   : err_make(ERR_INPUT, "the digest of an object is not 64 hexadecimal digits");
}

static struct err leaves_add(const struct taxii_opening *opening, struct arena *arena, struct ledger_tree *tree)
{
    for (size_t i = 0; i < opening->leaf_count; i++) {
        const struct taxii_leaf *leaf = &opening->leaves[i];
        struct sha256 hash = ledger_merkle_leaf(store_released_leaf(leaf->id, leaf->version, &leaf->digest, arena));
        TRY(ledger_tree_add(tree, &hash));
    }
    return OK;
}

/* Without the root (erased) nobody can say what was in it. */
static struct err root_check(const struct taxii_opening *opening, slice said, struct arena *arena)
{
    struct sha256 entered, root;
    struct ledger_tree tree = ledger_tree_open();
    struct err err = leaves_add(opening, arena, &tree);
    root = ledger_tree_root(&tree);
    ledger_tree_close(&tree);
    TRY(err);
    if (!slice_hex(said, entered.bytes, sizeof entered.bytes))
        return err_make(ERR_INPUT, "its root is not 64 hexadecimal digits");
    return ledger_hash_eq(&entered, &root) ? OK
                                           : err_make(ERR_INPUT, "the objects that it names do not lead to its root");
}

static struct err leaves_read(slice list, struct arena *arena, struct taxii_opening *opening)
{
    struct json_elements count = json_elements(list), elements = count;
    size_t most = 0;
    slice one;
    while (json_element_next(&count, &one) && most <= TAXII_LEAVES_MAX)
        most++;
    if (most > TAXII_LEAVES_MAX)
        return err_format(arena, ERR_INPUT, "it names more than %d objects", TAXII_LEAVES_MAX);
    opening->leaves = arena_new(arena, struct taxii_leaf, most + 1);
    while (json_element_next(&elements, &one))
        TRY(leaf_read(one, arena, &opening->leaves[opening->leaf_count++]));
    return OK;
}

static bool is_release(slice kind)
{
    return slice_eq(kind, S("release")) || slice_eq(kind, S("recall"));
}

struct err taxii_opening_read(slice text, slice bytes, struct arena *arena, struct taxii_opening *opening)
{
    struct ledger_entry entry;
    slice root;
    *opening = (struct taxii_opening){.kind = S("")};
    TRY(ledger_entry_parse(bytes, arena, &entry));
    if (json_check(text, &json_limits_default, NULL).kind != ERR_NONE || json_kind(slice_trim(text)) != JSON_OBJECT)
        return err_make(ERR_REMOTE, "what came is no JSON object");
    text = slice_trim(text);
    TRY(fields_read(json_get(text, S("fields")), &entry, arena, opening));
    opening->kind = taxii_opening_says(opening, S("kind"));
    root = taxii_opening_says(opening, S("root"));
    TRY(leaves_read(json_get(text, S("leaves")), arena, opening));
    if (is_release(opening->kind) && root.len > 0)
        return root_check(opening, root, arena);
    if (opening->leaf_count > 0 && opening->kind.len > 0 && !is_release(opening->kind))
        return err_make(ERR_INPUT, "it names objects that no root of it commits to");
    opening->leaf_count = 0; /* what it was is erased */
    return OK;
}

/* ---- Pages ---- */

struct err taxii_kept_read(slice text, size_t most, struct arena *arena, struct taxii_kept **rows, size_t *row_count)
{
    slice one;
    text = slice_trim(text);
    if (json_check(text, &json_limits_default, NULL).kind != ERR_NONE || json_kind(text) != JSON_OBJECT)
        return err_make(ERR_REMOTE, "what came is no JSON object");
    struct json_elements elements = json_elements(json_get(text, S("entries")));
    *rows = arena_new(arena, struct taxii_kept, most + 1);
    for (*row_count = 0; *row_count < most && json_element_next(&elements, &one); ++*row_count) {
        struct taxii_kept *row = &(*rows)[*row_count];
        row->entry = json_text(json_get(one, S("entry")), arena);
        row->opening = json_get(one, S("opening"));
        if (json_kind(row->opening) != JSON_OBJECT)
            row->opening = S("");
        if (!json_i64(json_get(one, S("seq")), &row->seq))
            return err_make(ERR_REMOTE, "an entry has no number");
    }
    return arena_check(arena);
}
