/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/roll_table.h"

#define BIT(column) (1u << (column))

/* A file is of the first kind of which all needed columns are there; the most particular first. */
const struct roll_table roll_tables[ROLL_KINDS] = {
        [ROLL_ORGANISATIONS] = {"organisations",
                {"name", "kind", "sector", "country", "relation", "state", "parent", "memory_days", NULL},
                BIT(ORGANISATION_NAME)},
        [ROLL_CONTACTS] = {"contacts", {"organisation", "name", "rank", "mail", "phone", "languages", "hours", NULL},
                BIT(CONTACT_OF) | BIT(CONTACT_NAME)},
        [ROLL_ASSETS] = {"assets", {"organisation", "kind", "value", "from", "until", "said_by", NULL},
                BIT(ASSET_OF) | BIT(ASSET_VALUE)},
        [ROLL_SUPPLIES] = {"supplies", {"supplier", "customer", "what", NULL}, BIT(SUPPLY_BY) | BIT(SUPPLY_TO)},
};

const char *roll_kind_name(enum roll_kind kind)
{
    return roll_tables[kind].name;
}

bool roll_kind_find(slice name, enum roll_kind *kind)
{
    for (size_t i = 0; i < ROLL_KINDS; i++)
        if (slice_eq(name, slice_of(roll_tables[i].name))) {
            *kind = (enum roll_kind)i;
            return true;
        }
    return false;
}

/* ---- Cells ---- */

/* What makes a formula of a cell, and the apostrophe itself, so that what is written is read as it was. */
static bool is_guarded(slice text)
{
    return text.len > 0 && text.ptr[0] != '\0' && strchr("=+-@'\t\r", text.ptr[0]) != NULL;
}

static bool is_quoted(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '"' || text.ptr[i] == ',' || text.ptr[i] == ';' || (uint8_t)text.ptr[i] < ' ')
            return true;
    return false;
}

void roll_cell_write(struct buf *out, bool first, slice text)
{
    bool quoted = is_quoted(text);
    if (!first)
        buf_byte(out, ',');
    if (quoted)
        buf_byte(out, '"');
    if (is_guarded(text))
        buf_byte(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buf_byte(out, '"');
        buf_byte(out, text.ptr[i]);
    }
    if (quoted)
        buf_byte(out, '"');
}

slice roll_cell_read(slice text)
{
    text = slice_trim(text);
    bool guarded = text.len > 1 && text.ptr[0] == '\'' && is_guarded(slice_from(text, 1));
    return guarded ? slice_from(text, 1) : text;
}
