/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config.h"

#include <assert.h>
#include <inttypes.h>

#include "base/arena.h"
#include "base/buf.h"
#include "input/input.h"
#include "text/ini.h"

#define ROWS_MAX 256
#define GUESS_MAX 40 /* bytes of a mistyped word that we try to guess */

/* ---- Units ---- */

struct unit {
    const char *name;
    uint64_t factor;
};

/* The largest first: a value is written in the largest that divides it. */
static const struct unit units_bytes[] = {
        {"TiB", UINT64_C(1) << 40}, {"GiB", 1u << 30}, {"MiB", 1u << 20}, {"KiB", 1u << 10}, {"", 1}, {NULL, 0}};
static const struct unit units_duration[] = {
        {"d", 86400000}, {"h", 3600000}, {"min", 60000}, {"s", 1000}, {"ms", 1}, {NULL, 0}};
static const struct unit units_none[] = {{"", 1}, {NULL, 0}};

/* "30 s", "4GiB": a whole number and a unit. 0 needs none. */
static bool measure_parse(slice text, const struct unit *units, uint64_t *value)
{
    size_t digits = 0;
    uint64_t number;
    while (digits < text.len && byte_is_digit(text.ptr[digits]))
        digits++;
    if (!slice_u64(slice_part(text, 0, digits), UINT64_MAX, &number))
        return false;
    slice name = slice_trim(slice_from(text, digits));
    if (number == 0 && name.len == 0) {
        *value = 0;
        return true;
    }
    while (units->name != NULL && !slice_eq_fold(slice_of(units->name), name))
        units++;
    return units->name != NULL && !__builtin_mul_overflow(number, units->factor, value);
}

bool config_duration(slice text, uint64_t *ms)
{
    return measure_parse(slice_trim(text), units_duration, ms);
}

static const char *measure_write(uint64_t value, const struct unit *units, struct arena *arena)
{
    if (value == 0)
        return "0";
    while (value % units->factor != 0)
        units++;
    return arena_printf(arena, "%" PRIu64 "%s", value / units->factor, units->name);
}

/* ---- Types ---- */

/* A value on its way into a config. */
struct setting {
    const struct config_row *row;
    slice text;
    struct config *config;
    struct arena *arena;
};

static void *target_of(const struct config *config, const struct config_row *row)
{
    return (char *)(uintptr_t)config + row->target;
}

static const struct unit *units_of(enum config_type type)
{
    return type == CONFIG_BYTES ? units_bytes : type == CONFIG_DURATION ? units_duration : units_none;
}

/* These return why the text is refused, or NULL. */
static const char *set_text(const struct setting *s)
{
    if (s->text.len > s->row->most)
        return arena_printf(s->arena, "%s is longer than %" PRIu64 " bytes", s->row->key, s->row->most);
    *(const char **)target_of(s->config, s->row) = arena_cstr(s->arena, s->text);
    return NULL;
}

/* What to write in place of a bad measure. */
static const char *measure_example(enum config_type type)
{
    return type == CONFIG_BYTES      ? "a size in bytes, KiB, MiB, GiB or TiB, as 64MiB"
           : type == CONFIG_DURATION ? "a time in ms, s, min, h or d, as 30s"
                                     : "a whole number";
}

static const char *set_measure(const struct setting *s)
{
    uint64_t value;
    if (!measure_parse(s->text, units_of(s->row->type), &value))
        return arena_printf(s->arena, "%s wants %s", s->row->key, measure_example(s->row->type));
    if (value < s->row->least || value > s->row->most)
        return arena_printf(s->arena, "%s goes %s", s->row->key, config_range(s->row, s->arena));
    *(uint64_t *)target_of(s->config, s->row) = value;
    return NULL;
}

static const char *set_truth(const struct setting *s)
{
    bool yes = slice_eq_fold(s->text, S("yes"));
    if (!yes && !slice_eq_fold(s->text, S("no")))
        return arena_printf(s->arena, "%s wants yes or no", s->row->key);
    *(bool *)target_of(s->config, s->row) = yes;
    return NULL;
}

/* 127.0.0.1:8443 or [::1]:8443 */
static bool listen_parse(slice text, struct config_listen *listen)
{
    uint64_t port;
    size_t colon = text.len;
    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return false;
    slice host = slice_part(text, 0, colon - 1);
    bool bracketed = host.len > 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']';
    if (bracketed)
        host = slice_part(host, 1, host.len - 1);
    if (!ip_parse(host, &listen->ip) || bracketed != slice_holds(host, ':'))
        return false;
    if (!slice_u64(slice_from(text, colon), UINT16_MAX, &port))
        return false;
    listen->port = (uint16_t)port;
    return true;
}

static const char *set_listen(const struct setting *s)
{
    struct config_listen listen = {.text = arena_cstr(s->arena, s->text)};
    if (!listen_parse(s->text, &listen))
        return arena_printf(
                s->arena, "%s wants an address and a port up to 65535, as 127.0.0.1:8443 or [::1]:8443", s->row->key);
    *(struct config_listen *)target_of(s->config, s->row) = listen;
    return NULL;
}

/* A relative path is relative to the folder of the file that says it, wherever the program was started. */
static const char *set_path(const struct setting *s)
{
    if (s->text.len > s->row->most)
        return set_text(s);
    const char *path = arena_cstr(s->arena, s->text);
    *(const char **)target_of(s->config, s->row) =
            *path == '/' ? path : arena_printf(s->arena, "%s/%s", s->config->folder, path);
    return NULL;
}

static bool is_postgres(slice text)
{
    return slice_starts(text, S("postgresql://")) || slice_starts(text, S("postgres://"));
}

static const char *set_database(const struct setting *s)
{
    if (is_postgres(s->text))
        return set_text(s);
    if (slice_find_slice(s->text, S("://")) < s->text.len)
        return arena_printf(s->arena, "%s wants a path, or a URL that begins with postgresql://", s->row->key);
    return set_path(s);
}

static const char *set_proxy(const struct setting *s)
{
    static const char *const schemes[] = {"http://", "socks5h://"};
    for (size_t i = 0; i < COUNT_OF(schemes); i++)
        if (slice_starts(s->text, slice_of(schemes[i])) && s->text.len > strlen(schemes[i]))
            return set_text(s);
    return arena_printf(s->arena, "%s wants http://HOST:PORT or socks5h://HOST:PORT", s->row->key);
}

/* Scheme, host and perhaps a port: a node has all of its host. */
static bool is_url_of_host(slice text)
{
    size_t scheme = slice_starts(text, S("https://")) ? 8 : slice_starts(text, S("http://")) ? 7 : 0;
    slice host = slice_from(text, scheme);
    if (slice_ends(host, S("/")))
        host.len--;
    for (size_t i = 0; i < host.len; i++)
        if ((uint8_t)host.ptr[i] <= ' ' || (uint8_t)host.ptr[i] >= 0x7f || memchr("/\\@?#\"", host.ptr[i], 6) != NULL)
            return false;
    return scheme > 0 && host.len > 0;
}

static const char *set_url(const struct setting *s)
{
    if (!is_url_of_host(s->text))
        return arena_printf(s->arena, "%s wants https://HOST/ or https://HOST:PORT/, and no path", s->row->key);
    const char *text = arena_cstr(s->arena, s->text);
    *(const char **)target_of(s->config, s->row) =
            slice_ends(s->text, S("/")) ? text : arena_printf(s->arena, "%s/", text);
    return NULL;
}

static const char *show_text(const struct config *config, const struct config_row *row, struct arena *arena)
{
    (void)arena;
    const char *text = *(const char **)target_of(config, row);
    return text == NULL ? "" : text;
}

static const char *show_measure(const struct config *config, const struct config_row *row, struct arena *arena)
{
    return measure_write(*(const uint64_t *)target_of(config, row), units_of(row->type), arena);
}

static const char *show_truth(const struct config *config, const struct config_row *row, struct arena *arena)
{
    (void)arena;
    return *(const bool *)target_of(config, row) ? "yes" : "no";
}

static const char *show_listen(const struct config *config, const struct config_row *row, struct arena *arena)
{
    (void)arena;
    return ((const struct config_listen *)target_of(config, row))->text;
}

/* A path of a database has no password; a URL shows its own without. */
static const char *show_url(const struct config *config, const struct config_row *row, struct arena *arena)
{
    const char *text = show_text(config, row, arena);
    return strstr(text, "://") == NULL ? text : http_url_shown(text, arena);
}

static const struct {
    const char *name;
    const char *(*set)(const struct setting *setting);
    const char *(*show)(const struct config *config, const struct config_row *row, struct arena *arena);
    bool measured; /* has a range */
} types[] = {
        [CONFIG_TEXT] = {"text", set_text, show_text, false},
        [CONFIG_PATH] = {"path", set_path, show_text, false},
        [CONFIG_NUMBER] = {"number", set_measure, show_measure, true},
        [CONFIG_BYTES] = {"size", set_measure, show_measure, true},
        [CONFIG_DURATION] = {"duration", set_measure, show_measure, true},
        [CONFIG_TRUTH] = {"yes|no", set_truth, show_truth, false},
        [CONFIG_LISTEN] = {"address:port", set_listen, show_listen, false},
        [CONFIG_DATABASE] = {"database", set_database, show_url, false},
        [CONFIG_PROXY] = {"proxy", set_proxy, show_url, false},
        [CONFIG_URL] = {"url", set_url, show_text, false},
};

const char *config_type_name(enum config_type type)
{
    return types[type].name;
}

const char *config_range(const struct config_row *row, struct arena *arena)
{
    if (!types[row->type].measured)
        return NULL;
    const struct unit *units = units_of(row->type);
    return arena_printf(
            arena, "from %s to %s", measure_write(row->least, units, arena), measure_write(row->most, units, arena));
}

const char *config_shown(const struct config *config, const struct config_row *row, struct arena *arena)
{
    return types[row->type].show(config, row, arena);
}

/* ---- Guessing what was meant ---- */

/* How many letters to change, add or leave out to make one word of the other; both are short. */
static size_t distance(slice a, slice b)
{
    size_t row[GUESS_MAX + 1];
    for (size_t i = 0; i <= b.len; i++)
        row[i] = i;
    for (size_t i = 0; i < a.len; i++) {
        size_t corner = row[0]++;
        for (size_t k = 0; k < b.len; k++) {
            size_t changed = corner + (byte_lower(a.ptr[i]) != byte_lower(b.ptr[k]));
            size_t shifted = 1 + (row[k] < row[k + 1] ? row[k] : row[k + 1]);
            corner = row[k + 1];
            row[k + 1] = changed < shifted ? changed : shifted;
        }
    }
    return row[b.len];
}

/* Whether `word` may be meant by what was typed: closer than *best, which becomes its distance. */
static bool is_closer(slice typed, const char *word, size_t *best)
{
    slice meant = slice_of(word);
    if (typed.len > GUESS_MAX || meant.len > GUESS_MAX)
        return false;
    size_t far = distance(typed, meant);
    if (far >= *best || far > 1 + meant.len / 3)
        return false;
    *best = far;
    return true;
}

static const char *guess(slice typed, const char *section)
{
    const char *meant = NULL;
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        if (section != NULL && strcmp(row->section, section) != 0)
            continue;
        const char *word = section == NULL ? row->section : row->key;
        if (is_closer(typed, word, &best))
            meant = word;
    }
    return meant;
}

/* ---- Reading ---- */

struct reading {
    struct config *config;
    struct arena *arena;
    struct config_mistakes *mistakes;
    const char *section;            /* of the table; NULL: none yet, or one that we do not know */
    bool lost;                      /* in a section that was told to be unknown: its keys are not told, too */
    size_t section_lines[ROWS_MAX]; /* where each began, by the first row of it */
    size_t lines[ROWS_MAX];         /* where each row was said */
};

static void mistake(struct reading *reading, size_t line, size_t column, const char *why)
{
    struct config_mistakes *mistakes = reading->mistakes;
    if (mistakes->count < CONFIG_MISTAKES_MAX)
        mistakes->rows[mistakes->count] = (struct config_mistake){line, column, why};
    mistakes->count++;
}

static void on_wrong(void *context, size_t line, size_t column, const char *why)
{
    mistake(context, line, column, why);
}

/* The first row of a section; config_row_count: there is no such section. */
static size_t section_find(slice name)
{
    size_t i = 0;
    while (i < config_row_count && !slice_eq(slice_of(config_rows[i].section), name))
        i++;
    return i;
}

static const char *did_you_mean(const struct reading *reading, const char *open, const char *meant, const char *close)
{
    return meant == NULL ? "" : arena_printf(reading->arena, "; did you mean %s%s%s?", open, meant, close);
}

static void on_section(void *context, slice name, size_t line, size_t column)
{
    struct reading *reading = context;
    size_t row = section_find(name);
    reading->lost = row == config_row_count;
    reading->section = reading->lost ? NULL : config_rows[row].section;
    if (reading->lost) {
        const char *meant = did_you_mean(reading, "[", guess(name, NULL), "]");
        mistake(reading, line, column,
                arena_printf(reading->arena, "there is no section [%.*s]%s", (int)name.len, name.ptr, meant));
        return;
    }
    if (reading->section_lines[row] != 0)
        mistake(reading, line, column,
                arena_printf(reading->arena, "the section [%s] began in line %zu already; say all of it there",
                        reading->section, reading->section_lines[row]));
    else
        reading->section_lines[row] = line;
}

static size_t row_find(const char *section, slice key)
{
    size_t i = 0;
    while (i < config_row_count &&
            !(strcmp(config_rows[i].section, section) == 0 && slice_eq(slice_of(config_rows[i].key), key)))
        i++;
    return i;
}

/* Another section that has this key, or what may have been meant in this one. */
static const char *key_hint(const struct reading *reading, slice key)
{
    for (size_t i = 0; i < config_row_count; i++)
        if (slice_eq(slice_of(config_rows[i].key), key))
            return arena_printf(reading->arena, "; it belongs into [%s]", config_rows[i].section);
    return did_you_mean(reading, "", guess(key, reading->section), "");
}

static void key_unknown(struct reading *reading, const struct ini_entry *entry)
{
    mistake(reading, entry->line, entry->column,
            arena_printf(reading->arena, "[%s] has no key %.*s%s", reading->section, (int)entry->key.len,
                    entry->key.ptr, key_hint(reading, entry->key)));
}

static const char *nothing_said(const struct config_row *row, struct arena *arena)
{
    if (row->otherwise == NULL)
        return arena_printf(arena, "%s has no value: %s", row->key, row->about);
    return arena_printf(arena, "%s has no value; leave the line out for the default%s%s", row->key,
            *row->otherwise == 0 ? "" : ", ", row->otherwise);
}

static void key_known(struct reading *reading, const struct ini_entry *entry, size_t row)
{
    if (reading->lines[row] != 0) {
        mistake(reading, entry->line, entry->column,
                arena_printf(
                        reading->arena, "%s stands in line %zu already", config_rows[row].key, reading->lines[row]));
        return;
    }
    reading->lines[row] = entry->line;
    struct setting setting = {&config_rows[row], entry->value, reading->config, reading->arena};
    const char *why =
            entry->value.len == 0 ? nothing_said(setting.row, reading->arena) : types[setting.row->type].set(&setting);
    if (why != NULL)
        mistake(reading, entry->line, entry->value_column, why);
}

static void on_entry(void *context, const struct ini_entry *entry)
{
    struct reading *reading = context;
    if (reading->lost)
        return;
    if (reading->section == NULL) {
        mistake(reading, entry->line, entry->column, "a key stands below a section; begin with one, as [node]");
        return;
    }
    size_t row = row_find(reading->section, entry->key);
    if (row == config_row_count)
        key_unknown(reading, entry);
    else
        key_known(reading, entry, row);
}

/* What has to be said and was not, told at the end of the file. */
static void missing(struct reading *reading, size_t last_line)
{
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        if (row->otherwise != NULL || reading->lines[i] != 0)
            continue;
        bool section = reading->section_lines[section_find(slice_of(row->section))] != 0;
        mistake(reading, last_line == 0 ? 1 : last_line, 1,
                arena_printf(reading->arena,
                        section ? "[%s] does not say %s: %s" : "there is no section [%s] with %s: %s", row->section,
                        row->key, row->about));
    }
}

static const char *folder_of(const char *file, struct arena *arena)
{
    const char *slash = strrchr(file, '/');
    if (slash == NULL)
        return ".";
    return slash == file ? "/" : arena_cstr(arena, (slice){file, (size_t)(slash - file)});
}

void config_defaults(const char *folder, struct arena *arena, struct config *config)
{
    *config = (struct config){.folder = folder, .name = ""};
    for (size_t i = 0; i < config_row_count; i++) {
        struct setting setting = {&config_rows[i], {0}, config, arena};
        if (config_rows[i].otherwise == NULL || *config_rows[i].otherwise == 0)
            continue;
        setting.text = slice_of(config_rows[i].otherwise);
        const char *why = types[config_rows[i].type].set(&setting);
        (void)why; /* a test holds that every default is one that the row takes */
    }
}

void config_read(
        slice text, const char *file, struct arena *arena, struct config_mistakes *mistakes, struct config *config)
{
    struct reading reading = {.config = config, .arena = arena, .mistakes = mistakes};
    const struct ini_sink sink = {&reading, on_section, on_entry, on_wrong};
    assert(config_row_count <= ROWS_MAX);
    config_defaults(folder_of(file, arena), arena, config);
    config->file = file;
    mistakes->count = 0;
    missing(&reading, ini_read(text, &sink));
}

static struct err mistakes_err(const char *file, const struct config_mistakes *mistakes, struct arena *arena)
{
    size_t told = mistakes->count < CONFIG_MISTAKES_MAX ? mistakes->count : CONFIG_MISTAKES_MAX;
    struct buf all = buf_make(4u << 20);
    buf_printf(&all, "%s has %zu mistake%s", file, mistakes->count, mistakes->count == 1 ? "" : "s");
    for (size_t i = 0; i < told; i++)
        buf_printf(&all, "\n%s:%zu: %s", file, mistakes->rows[i].line, mistakes->rows[i].why);
    if (told < mistakes->count)
        buf_printf(&all, "\n%s: and %zu more", file, mistakes->count - told);
    struct err err = err_make(ERR_INPUT, arena_cstr(arena, buf_slice(&all)));
    buf_free(&all);
    return err;
}

struct err config_load(const char *file, struct arena *arena, struct config *config)
{
    struct input_text text;
    TRY(input_text(file, INI_TEXT_MAX, arena, &text));
    struct config_mistakes *mistakes = arena_new(arena, struct config_mistakes, 1);
    config_read(text.text, arena_cstr(arena, slice_of(file)), arena, mistakes, config);
    input_text_free(&text);
    return mistakes->count == 0 ? OK : mistakes_err(file, mistakes, arena);
}

/* ---- Writing ---- */

static const char *said_value(const struct config_row *row, const struct config_said *said, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(said[i].section, row->section) == 0 && strcmp(said[i].key, row->key) == 0)
            return said[i].value;
    return NULL;
}

static void write_row(struct buf *buf, const struct config_row *row, const char *value, struct arena *arena)
{
    const char *range = config_range(row, arena);
    buf_printf(buf, "\n# %s.\n", row->about);
    if (range != NULL)
        buf_printf(buf, "# A %s %s.\n", config_type_name(row->type), range);
    if (value == NULL && (row->otherwise == NULL || *row->otherwise == 0))
        buf_printf(buf, "#%s =\n", row->key);
    else
        buf_printf(buf, "%s%s = %s\n", value == NULL ? "#" : "", row->key, value == NULL ? row->otherwise : value);
}

void config_write(struct buf *buf, const struct config_said *said, size_t count, struct arena *arena)
{
    buf_printf(buf,
            "# The configuration of a node; kentongan.conf(5) explains it, `kentongan config` shows what holds.\n"
            "# A line that begins with # says nothing; what is written there is the default.\n");
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        if (i == 0 || strcmp(row->section, config_rows[i - 1].section) != 0)
            buf_printf(buf, "\n[%s]\n", row->section);
        write_row(buf, row, said_value(row, said, count), arena);
    }
}
