/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/view.h"

#include "stix/compare.h"

void stix_view_begin(struct stix_view *view, int64_t first_us, int64_t last_us)
{
    view->object_count = view->row_count = view->dropped = 0;
    view->full = true; /* until an object is begun */
    view->first_us = first_us;
    view->last_us = last_us;
}

void stix_view_object(struct stix_view *view, slice type)
{
    view->full = view->object_count == STIX_VIEW_OBJECTS_MAX;
    if (view->full)
        view->dropped++;
    else
        view->objects[view->object_count++] = (struct stix_view_object){type, view->row_count};
}

void stix_view_value(struct stix_view *view, slice path, struct stix_value value)
{
    if (view->full || view->row_count == STIX_VIEW_ROWS_MAX)
        view->dropped++;
    else
        view->rows[view->row_count++] = (struct stix_view_row){path, value};
}

void stix_view_text(struct stix_view *view, slice path, slice text)
{
    stix_view_value(view, path, (struct stix_value){.kind = STIX_VALUE_TEXT, .text = text});
}

void stix_view_number(struct stix_view *view, slice path, int64_t number)
{
    stix_view_value(view, path, (struct stix_value){.kind = STIX_VALUE_NUMBER, .is_integer = true, .integer = number});
}

/* ---- Along a path ---- */

enum meeting { APART, HERE, BELOW };

/* Behind "[0]" at this place, or the place itself. */
static size_t behind_index(slice path, size_t at)
{
    size_t end = at;
    if (end == path.len || path.ptr[end] != '[')
        return at;
    for (end++; end < path.len && byte_is_digit(path.ptr[end]); end++)
        ;
    return end > at + 1 && end < path.len && path.ptr[end] == ']' ? end + 1 : at;
}

/* [*] stands for any index; in quotes neither means anything. */
static enum meeting path_meets(const struct stix_path *wanted, slice path)
{
    size_t at = 0;
    if (wanted->every_count == 0) {
        if (!slice_starts(path, wanted->text))
            return APART;
        at = wanted->text.len;
    }
    bool quoted = false;
    for (size_t i = 0; wanted->every_count > 0 && i < wanted->text.len;) {
        if (!quoted && slice_starts(slice_from(wanted->text, i), S("[*]"))) {
            size_t end = behind_index(path, at);
            if (end == at)
                return APART;
            at = end;
            i += 3;
            continue;
        }
        if (at == path.len || path.ptr[at] != wanted->text.ptr[i])
            return APART;
        quoted ^= path.ptr[at] == '\'';
        at++;
        i++;
    }
    if (at == path.len)
        return HERE;
    return path.ptr[at] == '.' || path.ptr[at] == '[' ? BELOW : APART;
}

static slice object_type(const struct stix_observation *observation, size_t object)
{
    const struct stix_view *view = observation->data;
    return view->objects[object].type;
}

/* What lies below the path says that something is there, and no more. */
static bool object_walk(const struct stix_observation *observation, size_t object, const struct stix_path *path,
        struct stix_scratch *scratch, stix_visit *visit, void *context)
{
    static const struct stix_value other = {.kind = STIX_VALUE_OTHER};
    const struct stix_view *view = observation->data;
    size_t end = object + 1 < view->object_count ? view->objects[object + 1].from : view->row_count;
    bool below = false;
    for (size_t i = view->objects[object].from; i < end; i++) {
        if (!stix_spend(scratch->budget, 1))
            return false;
        enum meeting meeting = path_meets(path, view->rows[i].path);
        below |= meeting == BELOW;
        if (meeting == HERE && visit(context, &view->rows[i].value))
            return true;
    }
    return below && visit(context, &other);
}

static const struct stix_source source = {object_type, object_walk};

struct stix_observation stix_view_observation(const struct stix_view *view)
{
    return (struct stix_observation){
            .source = &source,
            .data = view,
            .object_count = view->object_count,
            .first_us = view->first_us,
            .last_us = view->last_us,
            .number = 1,
    };
}
