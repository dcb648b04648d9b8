/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/file.h"

#include <assert.h>
#include <string.h>

#include "base/arena.h"
#include "text/ini.h"

#define FIELDS_MAX 64 /* of a kind: bits of what was read */

enum place { NOWHERE, IN_FILE, IN_THING, IN_WRONG };

struct reading {
    const char *name;
    const struct plan_kind *kinds;
    size_t kind_count;
    plan_say *say;
    void *context;
    struct arena *arena;
    struct plan_file *files; /* one of each kind */
    enum place place;
    const struct plan_kind *kind; /* of the thing at hand, */
    struct plan_file *file;       /* where it lies */
    size_t line, column;          /* and where it begins */
    size_t rooms[PLAN_KINDS_MAX];
    uint64_t seen;
    struct err first;
    size_t wrong;
};

/* ---- Mistakes ---- */

static void told(struct reading *reading, size_t line, size_t column, const char *why)
{
    if (reading->say != NULL)
        reading->say(reading->context, reading->name, line, column, why);
    if (reading->wrong++ == 0)
        reading->first = err_format(reading->arena, ERR_INPUT, "%s:%zu:%zu: %s", reading->name, line, column, why);
}

static void wrong(void *context, size_t line, size_t column, const char *why)
{
    told(context, line, column, why);
}

/* ---- Things ---- */

static char *thing_at(const struct reading *reading, size_t at)
{
    return (char *)reading->file->things + at * reading->kind->size;
}

static char *thing_last(const struct reading *reading)
{
    return thing_at(reading, reading->file->count - 1);
}

static slice name_of(const char *thing)
{
    slice name;
    memcpy(&name, thing, sizeof name);
    return name;
}

/* What is read of one is all there. */
static void thing_end(struct reading *reading)
{
    const struct plan_kind *kind = reading->kind;
    if (reading->place != IN_THING)
        return;
    for (size_t i = 0; i < kind->field_count; i++)
        if (kind->fields[i].must && (reading->seen >> i & 1) == 0) {
            told(reading, reading->line, reading->column,
                    arena_printf(reading->arena, "this %s has no %s", kind->word, kind->fields[i].key));
            return;
        }
    const char *why = kind->end == NULL ? NULL : kind->end(thing_last(reading), reading->arena);
    if (why != NULL)
        told(reading, reading->line, reading->column, why);
}

static void grow(struct reading *reading)
{
    size_t *room = &reading->rooms[reading->kind - reading->kinds], size = reading->kind->size;
    *room = *room == 0 ? 16 : *room * 2;
    char *more = arena_take_array(reading->arena, *room, size);
    if (reading->file->count > 0)
        memcpy(more, reading->file->things, reading->file->count * size);
    reading->file->things = more;
}

static const char *name_wrong(const struct reading *reading, slice name)
{
    if (name.len == 0 || name.len > PLAN_NAME_MAX)
        return "a name has 1 to 64 bytes";
    for (size_t i = 0; i < name.len; i++)
        if (!((name.ptr[i] >= 'a' && name.ptr[i] <= 'z') || (name.ptr[i] >= '0' && name.ptr[i] <= '9') ||
                    name.ptr[i] == '-'))
            return "a name is made of small letters, digits and hyphens";
    for (size_t i = 0; i < reading->file->count; i++)
        if (slice_eq(name, name_of(thing_at(reading, i))))
            return "another has this name already";
    return NULL;
}

static void thing_begin(struct reading *reading, slice name, size_t line, size_t column)
{
    const char *why = name_wrong(reading, name);
    reading->place = IN_WRONG;
    if (why == NULL && reading->file->count == PLAN_THINGS_MAX)
        why = "there are more than 10000 in this file";
    if (why != NULL) {
        told(reading, line, column, why);
        return;
    }
    if (reading->file->count == reading->rooms[reading->kind - reading->kinds])
        grow(reading);
    reading->file->count++;
    memset(thing_last(reading), 0, reading->kind->size);
    memcpy(thing_last(reading), &name, sizeof name);
    reading->place = IN_THING;
    reading->seen = 0;
    reading->line = line;
    reading->column = column;
}

/* ---- Lines ---- */

/* "[file] or [duty NAME]". */
static const char *sections(const struct reading *reading)
{
    const char *list = "[file]";
    for (size_t i = 0; i < reading->kind_count; i++)
        list = arena_printf(reading->arena, "%s%s[%s NAME]", list, i + 1 < reading->kind_count ? ", " : " or ",
                reading->kinds[i].word);
    return list;
}

static void section(void *context, slice name, size_t line, size_t column)
{
    struct reading *reading = context;
    size_t blank = slice_find(name, ' '), at = 0;
    thing_end(reading);
    if (slice_eq(name, S("file"))) {
        reading->place = IN_FILE;
        return;
    }
    while (at < reading->kind_count && !slice_eq(slice_part(name, 0, blank), slice_of(reading->kinds[at].word)))
        at++;
    if (blank == name.len || at == reading->kind_count) {
        reading->place = IN_WRONG;
        told(reading, line, column, arena_printf(reading->arena, "a section is %s", sections(reading)));
        return;
    }
    reading->kind = &reading->kinds[at];
    reading->file = &reading->files[at];
    thing_begin(reading, slice_from(name, blank + 1), line, column);
}

static void file_entry(struct reading *reading, const struct ini_entry *entry)
{
    const struct {
        slice key;
        slice *into;
    } keys[] = {{S("version"), &reading->files->version}, {S("source"), &reading->files->source}};
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (slice_eq(entry->key, keys[i].key)) {
            if (keys[i].into->len > 0)
                told(reading, entry->line, entry->column, "it is said already");
            *keys[i].into = entry->value;
            return;
        }
    told(reading, entry->line, entry->column, "[file] has version and source");
}

static void thing_entry(struct reading *reading, const struct ini_entry *entry)
{
    const struct plan_kind *kind = reading->kind;
    for (size_t i = 0; i < kind->field_count; i++) {
        if (!slice_eq(entry->key, slice_of(kind->fields[i].key)))
            continue;
        if ((reading->seen >> i & 1) != 0) {
            told(reading, entry->line, entry->column, "it is said already");
            return;
        }
        reading->seen |= UINT64_C(1) << i;
        const char *why = kind->fields[i].set(thing_last(reading), entry->value, reading->arena);
        if (why != NULL)
            told(reading, entry->line, entry->value_column,
                    arena_printf(reading->arena, "%s: %s", kind->fields[i].key, why));
        return;
    }
    told(reading, entry->line, entry->column,
            arena_printf(reading->arena, "a %s has no field \"%.*s\"", kind->word,
                    (int)(entry->key.len < PLAN_NAME_MAX ? entry->key.len : PLAN_NAME_MAX), entry->key.ptr));
}

static void entry(void *context, const struct ini_entry *entry)
{
    struct reading *reading = context;
    if (reading->place == IN_FILE)
        file_entry(reading, entry);
    else if (reading->place == IN_THING)
        thing_entry(reading, entry);
    else if (reading->place == NOWHERE)
        told(reading, entry->line, entry->column, "it stands before the first section");
}

struct err plan_read_kinds(const char *name, slice text, const struct plan_kind *kinds, size_t count, plan_say *say,
        void *context, struct arena *arena, struct plan_file *files)
{
    struct reading reading = {.name = name,
            .kinds = kinds,
            .kind_count = count,
            .say = say,
            .context = context,
            .arena = arena,
            .files = files,
            .first = OK};
    const struct ini_sink sink = {&reading, section, entry, wrong};
    assert(count <= PLAN_KINDS_MAX);
    memset(files, 0, count * sizeof *files);
    if (text.len > INI_TEXT_MAX)
        return err_format(arena, ERR_LIMIT, "%s: a rule file has %u bytes at the most", name, INI_TEXT_MAX);
    size_t lines = ini_read(arena_copy(arena, text), &sink);
    thing_end(&reading);
    if (reading.wrong == 0 && (files->version.len == 0 || files->source.len == 0))
        told(&reading, lines == 0 ? 1 : lines, 1, "the section [file] says version and source");
    if (reading.wrong > 1)
        return err_format(arena, ERR_INPUT, "%s (and %zu mistakes more)", reading.first.why, reading.wrong - 1);
    return reading.first;
}

struct err plan_read(const char *name, slice text, const struct plan_kind *kind, plan_say *say, void *context,
        struct arena *arena, struct plan_file *file)
{
    return plan_read_kinds(name, text, kind, 1, say, context, arena, file);
}

/* ---- Values ---- */

const char *plan_truth(slice value, bool *is)
{
    *is = slice_eq(value, S("yes"));
    return *is || slice_eq(value, S("no")) ? NULL : "yes or no";
}

const char *plan_number(slice value, uint64_t least, uint64_t most, uint64_t *number, struct arena *arena)
{
    return slice_u64(value, most, number) && *number >= least
                   ? NULL
                   : arena_printf(arena, "a whole number from %llu to %llu", (unsigned long long)least,
                             (unsigned long long)most);
}

size_t plan_severity(slice word)
{
    static const char *const words[] = {"info", "low", "medium", "high", "critical"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (slice_eq(word, slice_of(words[i])))
            return i + 1;
    return 0;
}

static bool in_word(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '/';
}

const char *plan_words(slice value, struct arena *arena, slice **words, size_t *count)
{
    slice *list = arena_new(arena, slice, value.len / 2 + 1);
    size_t at = 0;
    *count = 0;
    while (at < value.len) {
        size_t end = at;
        while (end < value.len && in_word(value.ptr[end]))
            end++;
        if (end == at && value.ptr[at] != ' ')
            return "words of small letters, digits, hyphens and slashes, with blanks between";
        if (end > at)
            list[(*count)++] = slice_part(value, at, end);
        at = end > at ? end : at + 1;
    }
    *words = list;
    return *count > 0 ? NULL : "at least one word";
}
