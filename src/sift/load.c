/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/load.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "form/form.h"
#include "input/input.h"
#include "sift/observe.h"

#define SKIPPED_KINDS_MAX 256
#define PROBLEMS_TOLD 10
#define PROGRESS_STEP (1u << 18)
#define VERSIONS_ARENA_MAX ((size_t)16 << 30)
#define PATH_SHOWN_MAX 64

struct skipped {
    const char *what;
    uint64_t count;
};

/* An indicator that comes in versions waits here until all have been seen. */
struct version {
    struct indicator indicator; /* its slices live in the arena of versions */
    bool is_pattern;
    uint32_t file;
    struct version *next;
};

struct load {
    struct match_builder *builder;
    struct arena *arena;
    struct arena *versions_arena;
    struct arena *pattern_arena; /* emptied with each pattern */
    struct version *versions;
    size_t version_count;
    const char *const *files;
    uint32_t file; /* the one being read */
    const struct load_report *report;
    uint64_t indicators, problems; /* of the file */
    struct skipped skipped[SKIPPED_KINDS_MAX];
    size_t skipped_count;
};

static const char *file_name(const struct load *load)
{
    return load->files[load->file];
}

static struct err version_keep(struct load *load, const struct indicator *indicator, bool is_pattern)
{
    const char *wrong = is_pattern ? NULL : observable_wrong(indicator->type, indicator->value);
    if (wrong != NULL)
        return err_make(ERR_INPUT, wrong);
    struct arena *arena = load->versions_arena;
    struct version *version = arena_new(arena, struct version, 1);
    *version = (struct version){*indicator, is_pattern, load->file, load->versions};
    version->indicator.name = arena_copy(arena, indicator->name);
    version->indicator.value = arena_copy(arena, indicator->value);
    version->indicator.id = arena_copy(arena, indicator->id);
    version->indicator.label = arena_copy(arena, indicator->label);
    load->versions = version;
    load->version_count++;
    return arena_check(arena);
}

/* ---- Patterns: each a record of its own, and its hints among the values (sift/watch.h) ---- */

static void take_skipped(void *context, const char *what);

static void tell_path(struct load *load, const struct stix_path *path)
{
    char text[2 * PATH_SHOWN_MAX + 64];
    snprintf(text, sizeof text, "pattern on %.*s:%.*s, which no event has",
            (int)(path->object.len < PATH_SHOWN_MAX ? path->object.len : PATH_SHOWN_MAX), path->object.ptr,
            (int)(path->text.len < PATH_SHOWN_MAX ? path->text.len : PATH_SHOWN_MAX), path->text.ptr);
    take_skipped(load, text);
}

/* Says of a pattern what no event can have; true if there is something. As deep as parentheses are. */
static bool tell_unknown(struct load *load, const struct stix_node *node)
{
    bool told = node->kind == STIX_NODE_TEST && !observe_knows(&node->test->path);
    if (told)
        tell_path(load, &node->test->path);
    for (const struct stix_node *child = node->first; child != NULL; child = child->next)
        told |= tell_unknown(load, child);
    return told;
}

static struct err hints_add(
        struct match_builder *builder, const struct stix_cover *cover, const struct indicator *pattern, uint32_t number)
{
    for (const struct stix_hint *hint = cover->hints; hint != NULL; hint = hint->next) {
        struct observe_hint found = observe_hint(hint);
        if (found.way != OBSERVE_TABLE)
            continue;
        found.value.line = pattern->line;
        found.value.modified_us = found.value.from_us = found.value.until_us = TIME_NONE;
        TRY(match_build_hint(builder, &found.value, number));
    }
    return OK;
}

/* A pattern without a hint that an event could meet is never true of one, and is left out. */
static bool can_be_met(const struct stix_cover *cover)
{
    bool can = false;
    for (const struct stix_hint *hint = cover->hints; hint != NULL && !can; hint = hint->next)
        can = observe_hint(hint).way != OBSERVE_NEVER;
    return can;
}

static size_t texts_count(const struct stix_cover *cover)
{
    size_t count = 0;
    for (const struct stix_hint *hint = cover->hints; hint != NULL; hint = hint->next)
        count += observe_hint(hint).way == OBSERVE_TEXT;
    return count;
}

struct err load_pattern(
        struct match_builder *builder, struct arena *scratch, const struct indicator *pattern, size_t *texts)
{
    struct stix_pattern tree;
    struct stix_place place;
    arena_reset(scratch);
    TRY(stix_pattern_parse_mixed(pattern->value, scratch, &tree, &place));
    struct stix_cover cover = stix_cover(&tree, scratch);
    TRY(arena_check(scratch));
    if (texts != NULL)
        *texts = texts_count(&cover);
    if (!can_be_met(&cover))
        return OK;
    uint32_t number;
    struct indicator record = *pattern;
    record.type = OBSERVABLE_OTHER;
    record.name = (slice){0};
    TRY(match_build_pattern(builder, &record, &number));
    return hints_add(builder, &cover, pattern, number);
}

static struct err pattern_add(struct load *load, const struct indicator *pattern)
{
    return load_pattern(load->builder, load->pattern_arena, pattern, NULL);
}

static struct err take(struct load *load, const struct indicator *indicator, bool is_pattern)
{
    bool versioned = indicator->modified_us != TIME_NONE && indicator->id.len > 0;
    if (versioned)
        TRY(version_keep(load, indicator, is_pattern));
    else if (indicator->flags & INDICATOR_REVOKED)
        return OK;
    else if (is_pattern)
        TRY(pattern_add(load, indicator));
    else
        TRY(match_build_add(load->builder, indicator));
    if (++load->indicators % PROGRESS_STEP == 0)
        load->report->progress(load->report->context, file_name(load), load->indicators);
    return OK;
}

static struct err take_indicator(void *context, const struct indicator *indicator)
{
    return take(context, indicator, false);
}

static struct err take_pattern(void *context, const struct indicator *pattern)
{
    struct load *load = context;
    struct stix_pattern tree;
    struct stix_place place;
    arena_reset(load->pattern_arena);
    TRY(stix_pattern_parse_mixed(pattern->value, load->pattern_arena, &tree, &place));
    struct stix_cover cover = stix_cover(&tree, load->pattern_arena);
    if (!tell_unknown(load, tree.root) && !can_be_met(&cover))
        take_skipped(load, "pattern on values that no event can have");
    return take(load, pattern, true);
}

static void take_problem(void *context, uint64_t line, uint64_t column, const char *why)
{
    struct load *load = context;
    if (load->problems++ < PROBLEMS_TOLD)
        load->report->problem(load->report->context, file_name(load), line, column, why);
}

static void take_skipped(void *context, const char *what)
{
    struct load *load = context;
    size_t i = 0;
    while (i < load->skipped_count && strcmp(load->skipped[i].what, what) != 0)
        i++;
    if (i == SKIPPED_KINDS_MAX)
        i--; /* the last row counts all kinds beyond the table */
    else if (i == load->skipped_count)
        load->skipped[load->skipped_count++].what =
                i == SKIPPED_KINDS_MAX - 1 ? "other things" : arena_cstr(load->arena, slice_of(what));
    load->skipped[i].count++;
}

static struct err text_load(struct load *load, slice text, const char **form_name)
{
    const struct form *form = form_recognise(slice_part(text, 0, text.len < 65536 ? text.len : 65536));
    if (form == NULL)
        return err_format(load->arena, ERR_INPUT, "%s: no form of intelligence that we know (STIX, MISP, CSV, list)",
                file_name(load));
    *form_name = form->name;
    struct form_place refused = {0};
    struct form_sink sink = {load, take_indicator, take_problem, take_skipped, &refused, take_pattern};
    struct err err = form->read(text, load->arena, &sink);
    if (err.kind != ERR_NONE) {
        const char *where = refused.line == 0 ? ""
                                              : arena_printf(load->arena,
                                                        "line %llu, column %llu: ", (unsigned long long)refused.line,
                                                        (unsigned long long)refused.column);
        return err_format(load->arena, err.kind, "%s: %s%s", file_name(load), where, err.why);
    }
    if (load->indicators == 0 && load->problems > 0)
        return err_format(load->arena, ERR_INPUT, "%s: not one good indicator as %s", file_name(load), form->name);
    return OK;
}

static struct err entry_load(struct load *load, const struct match_entry *entry, bool is_pattern)
{
    struct indicator indicator = match_entry_indicator(entry);
    TRY(match_build_source(load->builder, entry->source));
    return take(load, &indicator, is_pattern);
}

/* An index compiled before, taken apart again to be merged with others; hints are made anew. */
static struct err image_load(struct load *load, slice image, const char **form_name)
{
    struct match_index *index;
    *form_name = "index";
    struct err err = match_build_copy(image, &index);
    if (err.kind != ERR_NONE)
        return err_format(load->arena, err.kind, "%s: %s", file_name(load), err.why);
    for (uint64_t i = 0; i < match_records(index) && err.kind == ERR_NONE; i++) {
        struct match_entry entry;
        match_entry(index, (uint32_t)i, &entry);
        if ((entry.flags & INDICATOR_HINT) == 0)
            err = entry_load(load, &entry, false);
    }
    for (uint64_t i = 0; i < match_patterns(index) && err.kind == ERR_NONE; i++) {
        struct match_entry entry;
        match_pattern(index, (uint32_t)i, &entry);
        err = entry_load(load, &entry, true);
    }
    match_close(index);
    return err;
}

static struct err file_load(struct load *load)
{
    const char *form_name = "";
    load->indicators = load->problems = 0;
    load->skipped_count = 0;
    memset(load->skipped, 0, sizeof load->skipped);
    struct input_text text;
    TRY(input_text(file_name(load), LOAD_TEXT_MAX, load->arena, &text));
    struct err err = match_build_source(load->builder, slice_of(file_name(load)));
    if (err.kind == ERR_NONE)
        err = match_is_image(text.text) ? image_load(load, text.text, &form_name)
                                        : text_load(load, text.text, &form_name);
    input_text_free(&text);
    if (err.kind == ERR_NONE)
        load->report->file(load->report->context, file_name(load), form_name, load->indicators, load->problems);
    for (size_t i = 0; i < load->skipped_count; i++)
        load->report->skipped(load->report->context, file_name(load), load->skipped[i].what, load->skipped[i].count);
    return err;
}

/* ---- Versions: by id, the newest first, then as they came ---- */

static int version_order(const void *left, const void *right)
{
    const struct version *a = *(const struct version *const *)left, *b = *(const struct version *const *)right;
    int order = slice_order(a->indicator.id, b->indicator.id);
    if (order != 0)
        return order;
    if (a->indicator.modified_us != b->indicator.modified_us)
        return a->indicator.modified_us > b->indicator.modified_us ? -1 : 1;
    if (a->file != b->file)
        return a->file < b->file ? -1 : 1;
    return a->indicator.line < b->indicator.line ? -1 : a->indicator.line > b->indicator.line;
}

/* One object gives an indicator for each of its values; another of the same id and time is a copy, and the first stays.
 */
static bool same_object(const struct version *a, const struct version *b)
{
    return slice_eq(a->indicator.id, b->indicator.id) && a->indicator.modified_us == b->indicator.modified_us &&
           a->file == b->file && a->indicator.line == b->indicator.line;
}

static struct err versions_build(struct load *load, struct version **sorted)
{
    const struct version *newest = NULL;
    for (size_t i = 0; i < load->version_count; i++) {
        const struct version *version = sorted[i];
        if (newest == NULL || !slice_eq(newest->indicator.id, version->indicator.id))
            newest = version;
        if (!same_object(newest, version) || newest->indicator.flags & INDICATOR_REVOKED)
            continue;
        TRY(match_build_source(load->builder, slice_of(load->files[version->file])));
        TRY(version->is_pattern ? pattern_add(load, &version->indicator)
                                : match_build_add(load->builder, &version->indicator));
    }
    return OK;
}

static struct err versions_settle(struct load *load)
{
    if (load->version_count == 0)
        return OK;
    struct version **sorted = malloc(load->version_count * sizeof(struct version *));
    if (sorted == NULL)
        return err_make(ERR_SYSTEM, "no memory for the versions of indicators");
    struct version *version = load->versions;
    for (size_t i = load->version_count; i-- > 0; version = version->next)
        sorted[i] = version;
    qsort(sorted, load->version_count, sizeof *sorted, version_order);
    struct err err = versions_build(load, sorted);
    free(sorted);
    return err;
}

struct err load_build(const char *const *files, size_t count, const struct load_report *report, struct arena *arena,
        struct match_builder **built)
{
    struct load *load = arena_new(arena, struct load, 1);
    *load = (struct load){.arena = arena, .files = files, .report = report};
    load->builder = match_builder_open(hash_key_random());
    load->versions_arena = arena_open("versions of indicators", ARENA_WORK, VERSIONS_ARENA_MAX);
    load->pattern_arena = arena_open("pattern", ARENA_WORK, LOAD_PATTERN_BYTES_MAX);
    struct err err = OK;
    for (load->file = 0; load->file < count && err.kind == ERR_NONE; load->file++)
        err = file_load(load);
    if (err.kind == ERR_NONE)
        err = versions_settle(load);
    arena_close(load->versions_arena);
    arena_close(load->pattern_arena);
    if (err.kind != ERR_NONE)
        match_builder_close(load->builder);
    else
        *built = load->builder;
    return err;
}

/*
 * Whether a file is a compiled index as it lies there, and can be mapped. What is packed or comes through a pipe, which
 * can be read only once, is not; an error comes from whoever reads the file next.
 */
static bool is_image(const char *file)
{
    struct stat found;
    char head[64];
    if (strcmp(file, "-") == 0 || stat(file, &found) != 0 || !S_ISREG(found.st_mode))
        return false;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : pread(fd, head, sizeof head, 0);
    if (fd >= 0)
        close(fd);
    return match_is_image((slice){head, len < 0 ? 0 : (size_t)len});
}

struct err load_open(const char *const *files, size_t count, const struct load_report *report, struct arena *arena,
        struct match_index **index)
{
    if (count == 1 && is_image(files[0]))
        return match_open(files[0], arena, index);
    struct match_builder *builder;
    TRY(load_build(files, count, report, arena, &builder));
    struct err err = match_build_open(builder, index);
    match_builder_close(builder);
    return err;
}
