/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a table of whom to ask to take a page down, or as a letter to them: read, or refused with a mistake that
 * has a place; what was read fits some hosts or none, and a letter is written out without a word left in braces. Before
 * a line "---" stands the table, behind it the letter.
 */
#include "plan/takedown.h"

#include "base/arena.h"
#include "need.h"

static void table_read(slice text, struct arena *arena)
{
    static const char *const hosts[] = {"toko.example", "a.toko.example", "198.51.100.7", "2001:db8::7", ""};
    struct plan_takedowns table;
    size_t mistakes = 0;
    bool form;
    struct err err = plan_takedown_read("a file", text, fuzz_mistake, &mistakes, arena, &table);
    fuzz_need(err.kind == ERR_NONE ? mistakes == 0 : err.why != NULL);
    for (size_t i = 0; err.kind == ERR_NONE && i < table.count; i++) {
        const struct plan_takedown *row = &table.rows[i];
        bool fits = false;
        for (size_t at = 0; at < COUNT_OF(hosts); at++)
            fits |= plan_takedown_fits(row, slice_of(hosts[at]));
        fuzz_need(!fits || row->domain_count + row->network_count > 0);
        fuzz_need(plan_takedown_address_is(row->address, &form) && row->title.len > 0 && row->language.len == 2);
    }
}

static void letter_read(slice text, struct arena *arena)
{
    const struct plan_letter_fact facts[] = {{"url", S("hxxps://toko[.]example/")}, {"name", S("Tim Contoh")}};
    struct plan_letter letter;
    struct err err = plan_letter_read("a file", text, arena, &letter);
    fuzz_need(err.kind == ERR_NONE || err.why != NULL);
    if (err.kind != ERR_NONE)
        return;
    struct buf out = buf_make(PLAN_LETTER_MAX);
    plan_letter_write(letter.text, facts, COUNT_OF(facts), &out);
    fuzz_need(buf_check(&out).kind == ERR_NONE && slice_find(buf_slice(&out), '{') == out.len);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    if (arena == NULL)
        arena = arena_open("fuzz", ARENA_WORK, 256u << 20);
    arena_reset(arena);
    const slice text = {size == 0 ? "" : (const char *)data, size};
    size_t mark = slice_find_slice(text, S("\n---\n"));
    table_read(slice_part(text, 0, mark < text.len ? mark + 1 : mark), arena);
    letter_read(mark < text.len ? slice_from(text, mark + 5) : text, arena);
    return 0;
}
