/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/rows.h"

#include "base/clock.h"

void row_place_write(struct json_writer *w, const struct row_place *place)
{
    json_write_key_u64(w, S("line"), place->line);
    json_write_key_text(w, S("file"), slice_of(place->file));
    json_write_key_text(w, S("format"), slice_of(place->format));
    json_write_key(w, S("time"));
    json_write_time(w, place->time_us);
}

void row_indicator_write(struct json_writer *w, const struct match_entry *entry, struct buf *text)
{
    if (entry->id.len > 0) {
        json_write_key_text(w, S("indicator"), entry->id);
    } else {
        buf_reset(text);
        buf_put(text, entry->source);
        buf_byte(text, ':');
        buf_u64(text, entry->line);
        json_write_key_text(w, S("indicator"), buf_slice(text));
    }
    json_write_key_text(w, S("name"), entry->label);
}

bool row_is_valid(const struct match_entry *entry, int64_t time_us)
{
    int64_t now_us = clock_now_us();
    int64_t when_us = time_us == TIME_NONE ? now_us : time_us;
    int64_t latest_us = when_us > now_us ? when_us : now_us;
    bool begun = entry->from_us == TIME_NONE || entry->from_us <= latest_us;
    bool over = entry->until_us != TIME_NONE && entry->until_us <= when_us;
    return begun && !over;
}
