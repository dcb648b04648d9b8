/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/opening.h"

#include "base/arena.h"
#include "ledger/line.h"

#define TAG S("kentongan-opening/1")

void ledger_opening_write(struct buf *out, slice entry, const struct ledger_field *fields, size_t count)
{
    buf_put(out, TAG);
    buf_put(out, S("\nentry "));
    ledger_line_put_base64(out, entry);
    buf_byte(out, '\n');
    for (size_t i = 0; i < count; i++) {
        buf_put(out, S("field "));
        buf_put(out, fields[i].name);
        buf_byte(out, ' ');
        ledger_line_put_base64(out, (slice){(const char *)fields[i].salt, sizeof fields[i].salt});
        buf_byte(out, ' ');
        ledger_line_put_base64(out, fields[i].value);
        buf_byte(out, '\n');
    }
}

static bool field_parse(slice line, struct arena *arena, struct ledger_field *field)
{
    slice rest, salt;
    if (!ledger_line_after(line, S("field"), &rest) || !slice_next(&rest, ' ', &field->name) ||
            !slice_next(&rest, ' ', &salt) || rest.ptr == NULL)
        return false;
    if (salt.len != 44 || !ledger_line_base64(salt, arena, &salt) || salt.len != sizeof field->salt)
        return false;
    memcpy(field->salt, salt.ptr, sizeof field->salt);
    return ledger_line_base64(rest, arena, &field->value);
}

/* In the order of the entry, each at most once: so an opening has one spelling, and its work is bounded. */
static struct err fields_parse(slice lines, struct arena *arena, struct ledger_opening *opening)
{
    slice line;
    size_t at = 0;
    opening->fields = arena_new(arena, struct ledger_field, opening->entry.count);
    while (ledger_line_next(&lines, &line)) {
        struct ledger_field field;
        if (!field_parse(line, arena, &field))
            return err_format(arena, ERR_INPUT, "line %zu of the opening is not a field: its name, salt and value",
                    opening->count + 3);
        while (at < opening->entry.count && !slice_eq(opening->entry.fields[at].name, field.name))
            at++;
        if (at == opening->entry.count)
            return err_format(arena, ERR_INPUT, "field %zu of the opening is not one of the entry, or not in its order",
                    opening->count + 1);
        if (!ledger_entry_opens(&opening->entry, &field))
            return err_format(arena, ERR_DENIED, "the entry commits to another value of %.*s", (int)field.name.len,
                    field.name.ptr);
        opening->fields[opening->count++] = field;
        at++;
    }
    return lines.len == 0 ? OK : err_make(ERR_INPUT, "the opening does not end in a newline");
}

struct err ledger_opening_parse(slice text, struct arena *arena, struct ledger_opening *opening)
{
    struct ledger_opening read = {.count = 0};
    slice rest = text, line, bytes;
    if (!ledger_line_next(&rest, &line) || !slice_eq(line, TAG))
        return err_make(ERR_INPUT, "line 1 of the opening is not \"kentongan-opening/1\"");
    if (!ledger_line_next(&rest, &line) || !ledger_line_after(line, S("entry"), &bytes) ||
            !ledger_line_base64(bytes, arena, &read.bytes))
        return err_make(ERR_INPUT, "line 2 of the opening is not \"entry\" and its bytes in base64");
    TRY(ledger_entry_parse(read.bytes, arena, &read.entry));
    TRY(fields_parse(rest, arena, &read));
    *opening = read;
    return OK;
}
