/* SPDX-License-Identifier: Apache-2.0 */
#include "mailbox/tame.h"

struct taming {
    struct buf *out;
    struct mailbox_tamed *tamed;
    size_t header, fields, edges, separators;
    bool at_top;     /* in the header of the mail */
    bool could_head; /* no line that is none of a header came since an empty one, or an edge */
    bool list;       /* the field at hand is a list, of addresses or parameters */
};

/* The length of the name of a field (RFC 5322 section 2.2; section 4.5 lets blanks follow it), or 0. */
static size_t field_name(slice line)
{
    size_t len = 0;
    while (len < line.len && line.ptr[len] > ' ' && line.ptr[len] < 0x7F && line.ptr[len] != ':')
        len++;
    size_t colon = len;
    while (colon < line.len && (line.ptr[colon] == ' ' || line.ptr[colon] == '\t'))
        colon++;
    return colon < line.len && line.ptr[colon] == ':' ? len : 0;
}

static bool names_list(slice name)
{
    static const char *const names[] = {"from", "sender", "reply-to", "to", "cc", "bcc", "disposition-notification-to",
            "content-type", "content-disposition"};
    slice without = name.len > 7 && slice_eq_fold(slice_part(name, 0, 7), S("resent-")) ? slice_from(name, 7) : name;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (slice_eq_fold(without, slice_of(names[i])))
            return true;
    return false;
}

/* The line without what is behind the last separator that is allowed. */
static slice fewer_separators(struct taming *taming, slice line)
{
    for (size_t i = 0; i < line.len; i++) {
        char c = line.ptr[i];
        if ((c != ':' && c != ',' && c != ';') || ++taming->separators <= MAILBOX_SEPARATORS_MAX)
            continue;
        taming->tamed->separators = true;
        return slice_part(line, 0, i);
    }
    return line;
}

/* What of a line that could be of a header may be read. */
static slice field_tame(struct taming *taming, slice line, bool goes_on)
{
    size_t name = goes_on ? 0 : field_name(line);
    if (!goes_on) {
        taming->list = name > 0 && names_list(slice_part(line, 0, name));
        taming->separators = 0;
    }
    return taming->list ? fewer_separators(taming, line) : line;
}

static void line_put(struct taming *taming, slice line)
{
    buf_put(taming->out, line);
    buf_byte(taming->out, '\n');
}

/* False: no more of the mail may be read. */
static bool line_tame(struct taming *taming, slice line)
{
    bool empty = line.len == 0 || slice_eq(line, S("\r")), edge = slice_starts(line, S("--"));
    bool goes_on = !empty && (line.ptr[0] == ' ' || line.ptr[0] == '\t');
    bool field = taming->could_head && !empty && !edge && (goes_on || field_name(line) > 0);
    taming->at_top = taming->at_top && !empty;
    taming->could_head = empty || edge || field || taming->at_top;
    taming->edges += edge;
    taming->fields += field;
    taming->header += taming->at_top ? line.len + 1 : 0;
    taming->tamed->edges = taming->edges > MAILBOX_EDGES_MAX;
    taming->tamed->fields = taming->fields > MAILBOX_FIELDS_MAX;
    if (taming->tamed->edges || taming->tamed->fields)
        return false;
    if (taming->at_top && taming->header > MAILBOX_HEADER_MAX)
        taming->tamed->header = true;
    else
        line_put(taming, field || taming->at_top ? field_tame(taming, line, goes_on) : line);
    return true;
}

void mailbox_tame(slice bytes, struct buf *out, struct mailbox_tamed *tamed)
{
    struct taming taming = {.out = out, .tamed = tamed, .at_top = true, .could_head = true};
    slice line;
    *tamed = (struct mailbox_tamed){0};
    if (slice_starts(bytes, S("From "))) /* mailboxes of Unix begin with a line of their own */
        bytes = slice_from(bytes, slice_find(bytes, '\n') + (slice_find(bytes, '\n') < bytes.len));
    while (bytes.len > 0 && slice_next(&bytes, '\n', &line))
        if (!line_tame(&taming, line))
            break;
}
