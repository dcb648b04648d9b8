/* SPDX-License-Identifier: Apache-2.0 */
#include "app/day.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/filter.h"
#include "app/simulate.h"
#include "base/clock.h"
#include "input/input.h"
#include "json/read.h"

#define SEED_DEFAULT 1
#define EVENTS_DEFAULT 200000
#define EVENTS_MAX 10000000 /* of one hospital: a log of some 6 GB */
#define INDICATORS 10000    /* as many as `simulate` writes, as is the share of hits */
#define EVENTS_PER_HIT 1000
#define START_US 1795132800000000 /* 2026-11-20, the day of `simulate` */
#define HOURS 24

#define FLUSH_BYTES (1u << 20)
#define INTEL_BYTES_MAX (4u << 20)
#define ROWS_BYTES_MAX (256u << 20)
#define DISPLAY_BYTES_MAX (64u << 10)

#define ROWS_SHOWN 25
#define BAR_COLUMNS 21
#define BAR_ROOM 30 /* a bar, its figure, and what parts it from the next */
#define HOUR_ROWS 6

enum file { FILE_INTEL, FILE_ROWS, FILE_LOGS, FILES = FILE_LOGS + SIMULATE_HOSPITALS };

struct hit {
    int64_t time_us;
    uint64_t line;
    unsigned hospital;
    enum observable_type type;
    slice value, field, indicator;
};

/* What the terminal can show. */
struct look {
    bool utf8, colour;
};

struct day {
    const struct command_line *line;
    struct look look;
    int64_t started_us;
    uint64_t events; /* of one hospital */
    struct simulate_plan plan;
    const struct simulation *simulation;
    struct match_index *index;
    unsigned threads;
    int rows_fd;
    struct sift_totals totals;
    int64_t match_us;
    struct input_text rows; /* the hits point into it */
    struct hit *hits;       /* by time */
    size_t hit_count;
};

/* --- The temporary folder ---------------------------------------------------------------------------------------- */

/* Alone outside of struct day, since a signal has to find it. Names are set before anything has them. */
static struct workspace {
    const char *folder;
    const char *files[FILES];
} workspace;

/* Only what a signal handler may call. */
static void workspace_remove(void)
{
    if (workspace.folder == NULL)
        return;
    for (size_t i = 0; i < FILES; i++)
        unlink(workspace.files[i]);
    rmdir(workspace.folder);
}

/* The signal is back at its default when this runs, and pending until it returns. */
static void stopped(int number)
{
    int before = errno;
    workspace_remove();
    raise(number);
    errno = before;
}

/* A signal that whoever started us had ignored stays ignored. */
static void signals_catch(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        struct sigaction before, action = {.sa_handler = stopped, .sa_flags = (int)SA_RESETHAND};
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

static struct err workspace_open(struct arena *arena)
{
    const char *above = getenv("TMPDIR");
    if (above == NULL || above[0] == '\0')
        above = "/tmp";
    size_t room = strlen(above) + sizeof("/kentongan-day-XXXXXX");
    char *folder = arena_take(arena, room);
    snprintf(folder, room, "%s/kentongan-day-XXXXXX", above);
    if (mkdtemp(folder) == NULL)
        return err_errno(arena, above);
    workspace.files[FILE_INTEL] = arena_printf(arena, "%s/list.txt", folder);
    workspace.files[FILE_ROWS] = arena_printf(arena, "%s/hits.json", folder);
    for (unsigned i = 0; i < SIMULATE_HOSPITALS; i++)
        workspace.files[FILE_LOGS + i] = arena_printf(arena, "%s/%s.json", folder, simulate_hospital(i));
    workspace.folder = folder;
    signals_catch();
    return OK;
}

/* --- Making it up ------------------------------------------------------------------------------------------------ */

static struct err text_write(FILE *file, struct buf *text, const char *name, struct arena *arena)
{
    TRY(buf_check(text));
    if (fwrite(text->ptr, 1, text->len, file) != text->len)
        return err_errno(arena, name);
    buf_reset(text);
    return OK;
}

/* Writes what is left and closes; gives the first thing that went wrong. */
static struct err text_close(FILE *file, struct buf *text, struct err err, const char *name, struct arena *arena)
{
    if (err.kind == ERR_NONE)
        err = text_write(file, text, name, arena);
    if (fclose(file) != 0 && err.kind == ERR_NONE)
        err = err_errno(arena, name);
    buf_free(text);
    return err;
}

static void indicator_write(const struct simulation *simulation, uint64_t number, struct buf *value, struct buf *out)
{
    buf_reset(value);
    enum observable_type type = simulate_indicator(simulation, number, value);
    buf_put(out, slice_of(observable_type_name(type)));
    buf_byte(out, '\t');
    buf_put(out, buf_slice(value));
    buf_byte(out, '\t');
    simulate_indicator_id(simulation, number, out);
    buf_byte(out, '\n');
}

static struct err intel_write(const struct day *day)
{
    const char *name = workspace.files[FILE_INTEL];
    FILE *file = fopen(name, "we");
    if (file == NULL)
        return err_errno(day->line->arena, name);
    struct buf text = buf_make(INTEL_BYTES_MAX), value = buf_make(SIMULATE_RECORD_MAX);
    for (uint64_t number = 0; number < INDICATORS; number++)
        indicator_write(day->simulation, number, &value, &text);
    buf_free(&value);
    return text_close(file, &text, OK, name, day->line->arena);
}

static struct err log_events(const struct day *day, unsigned hospital, FILE *file, struct buf *text)
{
    const char *name = workspace.files[FILE_LOGS + hospital];
    struct report report = report_begin(day->line);
    struct simulate_hit hit;
    for (uint64_t i = 0; i < day->events; i++) {
        simulate_event(day->simulation, i * SIMULATE_HOSPITALS + hospital, text, &hit);
        if (text->len < FLUSH_BYTES)
            continue;
        TRY(text_write(file, text, name, day->line->arena));
        report_progress(&report, name, i, day->events, &(struct sift_totals){.events = i});
    }
    report_clear(&report);
    return OK;
}

static struct err log_write(const struct day *day, unsigned hospital)
{
    const char *name = workspace.files[FILE_LOGS + hospital];
    FILE *file = fopen(name, "we");
    if (file == NULL)
        return err_errno(day->line->arena, name);
    struct buf text = buf_make(FLUSH_BYTES + SIMULATE_RECORD_MAX);
    struct err err = log_events(day, hospital, file, &text);
    return text_close(file, &text, err, name, day->line->arena);
}

/* --- Matching it ------------------------------------------------------------------------------------------------- */

static struct err log_match(struct day *day, unsigned hospital)
{
    struct report report = report_begin(day->line);
    struct sift_job job = {
            .index = day->index,
            .threads = day->threads,
            .output = day->rows_fd,
            .context = &report,
            .malformed = report_malformed,
            .progress = report.terminal ? report_progress : NULL,
    };
    struct err err = sift_run(&job, workspace.files[FILE_LOGS + hospital], day->line->arena, &day->totals);
    report_clear(&report);
    day->match_us += clock_steady_us() - report.started_us;
    return err;
}

static unsigned hospital_of(slice file)
{
    unsigned hospital = 0;
    while (hospital < SIMULATE_HOSPITALS - 1 && !slice_eq(file, slice_of(workspace.files[FILE_LOGS + hospital])))
        hospital++;
    return hospital;
}

static slice row_text(slice row, slice key, struct arena *arena)
{
    return json_text(json_get(row, key), arena);
}

static struct hit hit_read(slice row, struct arena *arena)
{
    struct hit hit = {
            .time_us = START_US,
            .hospital = hospital_of(row_text(row, S("file"), arena)),
            .type = observable_type_find(row_text(row, S("type"), arena)),
            .value = row_text(row, S("value"), arena),
            .field = row_text(row, S("field"), arena),
            .indicator = row_text(row, S("indicator"), arena),
    };
    (void)time_parse(row_text(row, S("time"), arena), &hit.time_us);
    (void)slice_u64(json_get(row, S("line")), UINT64_MAX, &hit.line);
    return hit;
}

#define ORDER(a, b) (((a) > (b)) - ((a) < (b)))

static int hit_order(const void *one, const void *other)
{
    const struct hit *a = one, *b = other;
    int order = ORDER(a->time_us, b->time_us);
    if (order == 0)
        order = ORDER(a->hospital, b->hospital);
    return order != 0 ? order : ORDER(a->line, b->line);
}

static struct err hits_read(struct day *day)
{
    struct arena *arena = day->line->arena;
    TRY(input_text(workspace.files[FILE_ROWS], ROWS_BYTES_MAX, arena, &day->rows));
    day->hits = arena_new(arena, struct hit, day->totals.hits);
    for (slice row, rest = day->rows.text; day->hit_count < day->totals.hits && slice_next(&rest, '\n', &row);)
        day->hits[day->hit_count++] = hit_read(row, arena);
    if (day->hit_count > 0)
        qsort(day->hits, day->hit_count, sizeof(*day->hits), hit_order);
    return OK;
}

/* --- Text -------------------------------------------------------------------------------------------------------- */

static struct look look_make(void)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    bool is_dumb = terminal == NULL || strcmp(terminal, "dumb") == 0;
    struct look look = {.colour = isatty(STDOUT_FILENO) && !is_dumb && (no_colour == NULL || no_colour[0] == '\0')};
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (locale == (locale_t)0)
        return look;
    look.utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    freelocale(locale);
    return look;
}

#define PLAIN "0"
#define BOLD "1"
#define HOURS_COLOUR "31"

static const char *const colours[OBSERVABLE_TYPES] = {
        [OBSERVABLE_IPV4] = "33",
        [OBSERVABLE_HOST] = "36",
        [OBSERVABLE_URL] = "35",
        [OBSERVABLE_SHA256] = "32",
};

static const char *colour_of(enum observable_type type)
{
    return colours[type] != NULL ? colours[type] : PLAIN;
}

static void paint(struct look look, const char *colour)
{
    if (look.colour)
        printf("\033[%sm", colour);
}

static void put_title(struct look look, const char *title)
{
    printf("\n");
    paint(look, BOLD);
    printf("%s", title);
    paint(look, PLAIN);
    printf("\n\n");
}

/* 1,234,567 */
static const char *grouped(struct arena *arena, uint64_t n)
{
    const char *text = "";
    for (; n >= 1000; n /= 1000)
        text = arena_printf(arena, ",%03u%s", (unsigned)(n % 1000), text);
    return arena_printf(arena, "%u%s", (unsigned)n, text);
}

/* What was told until now is on the screen before the next long thing begins. */
static struct err show(struct arena *arena)
{
    return command_written() ? OK : err_errno(arena, "standard output");
}

static double seconds(int64_t us)
{
    return us > 0 ? (double)us / 1e6 : 1e-6;
}

static double megabytes(uint64_t bytes)
{
    return (double)bytes / 1e6;
}

/* --- The table --------------------------------------------------------------------------------------------------- */

enum { COLUMN_TIME, COLUMN_HOSPITAL, COLUMN_TYPE, COLUMN_VALUE, COLUMN_FIELD, COLUMN_INDICATOR, COLUMNS };

static const struct column {
    const char *name;
    size_t width;
} columns[COLUMNS] = {{"Time", 8}, {"Hospital", 17}, {"Type", 6}, {"Value", 32}, {"Field", 18}, {"Indicator", 9}};

/* So that nobody opens it by accident: hxxp, and [.] in names and addresses. What no terminal should see is a "?". */
static void defang(slice value, struct buf *out)
{
    size_t host = slice_find_slice(value, S("://"));
    host = host < value.len ? host + S("://").len : 0;
    if (host > 0 && slice_starts(value, S("http"))) {
        buf_put(out, S("hxxp"));
        value = slice_from(value, S("http").len);
        host -= S("http").len;
    }
    size_t path = host + slice_find(slice_from(value, host), '/');
    for (size_t i = 0; i < value.len; i++) {
        if (i < path && value.ptr[i] == '.')
            buf_put(out, S("[.]"));
        else
            buf_byte(out, value.ptr[i] < ' ' || value.ptr[i] > '~' ? '?' : value.ptr[i]);
    }
}

/* Cut in the middle if it is wider, so that both ends can be recognised. Returns how many columns it took. */
static size_t put_cut(struct look look, slice text, size_t width)
{
    if (text.len <= width) {
        printf("%.*s", (int)text.len, text.ptr);
        return text.len;
    }
    const char *dots = look.utf8 ? "…" : "...";
    size_t kept = width - (look.utf8 ? 1 : 3), front = (kept + 1) / 2;
    printf("%.*s%s%.*s", (int)front, text.ptr, dots, (int)(kept - front), text.ptr + text.len - (kept - front));
    return width;
}

static void put_row(struct look look, const slice *cells, const char *type_colour)
{
    size_t gap = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        printf("%*s", (int)gap, "");
        if (i == COLUMN_TYPE)
            paint(look, type_colour);
        gap = columns[i].width + 2 - put_cut(look, cells[i], columns[i].width);
        if (i == COLUMN_TYPE)
            paint(look, PLAIN);
    }
    printf("\n");
}

/* "8136d0ea" of "indicator--8136d0ea-1d8c-...": enough to find it again. */
static slice short_id(slice id)
{
    size_t dashes = slice_find_slice(id, S("--"));
    slice uuid = dashes < id.len ? slice_from(id, dashes + 2) : id;
    return slice_part(uuid, 0, slice_find(uuid, '-'));
}

static void put_hit(struct look look, const struct hit *hit, struct buf *text)
{
    buf_reset(text);
    time_write(text, hit->time_us);
    size_t value = text->len;
    defang(hit->value, text);
    const char *type = observable_type_name(hit->type);
    const slice cells[COLUMNS] = {
            [COLUMN_TIME] = slice_part(buf_slice(text), S("2026-11-20T").len, S("2026-11-20T10:29:58").len),
            [COLUMN_HOSPITAL] = slice_of(simulate_hospital(hit->hospital)),
            [COLUMN_TYPE] = slice_of(type != NULL ? type : ""),
            [COLUMN_VALUE] = slice_from(buf_slice(text), value),
            [COLUMN_FIELD] = hit->field,
            [COLUMN_INDICATOR] = short_id(hit->indicator),
    };
    put_row(look, cells, colour_of(hit->type));
}

static void tell_table(const struct day *day)
{
    slice names[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
        names[i] = slice_of(columns[i].name);
    put_title(day->look, "What was found, by the time of the event (UTC); values are written so that nobody opens one");
    put_row(day->look, names, PLAIN);
    struct buf text = buf_make(DISPLAY_BYTES_MAX);
    for (size_t i = 0; i < day->hit_count && i < ROWS_SHOWN; i++)
        put_hit(day->look, &day->hits[i], &text);
    buf_free(&text);
    if (day->hit_count > ROWS_SHOWN)
        printf("... and %s more\n", grouped(day->line->arena, day->hit_count - ROWS_SHOWN));
}

/* --- The pictures ------------------------------------------------------------------------------------------------ */

/* `most` is drawn as long as `size`; what is there at all is seen. */
static uint64_t scaled(uint64_t n, uint64_t most, uint64_t size)
{
    uint64_t length = most == 0 ? 0 : n * size / most;
    return n > 0 && length == 0 ? 1 : length;
}

/* Returns the columns it took. */
static int put_bar(struct look look, uint64_t n, uint64_t most)
{
    static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    uint64_t length = scaled(n, most, BAR_COLUMNS * 8ull);
    for (uint64_t i = 0; i < length / 8; i++)
        printf("%s", look.utf8 ? "█" : "#");
    printf("%s", look.utf8 ? eighths[length % 8] : length % 8 == 0 ? "" : "#");
    return (int)((length + 7) / 8);
}

static void put_bars(struct look look, enum observable_type type, const uint64_t *counts, uint64_t most)
{
    const char *name = observable_type_name(type);
    printf("  %-8s", name != NULL ? name : "other");
    for (size_t i = 0; i < SIMULATE_HOSPITALS; i++) {
        paint(look, colour_of(type));
        int used = put_bar(look, counts[i], most);
        paint(look, PLAIN);
        used += printf(" %" PRIu64, counts[i]);
        printf("%*s", i + 1 < SIMULATE_HOSPITALS && used < BAR_ROOM ? BAR_ROOM - used : 0, "");
    }
    printf("\n");
}

static void tell_kinds(const struct day *day)
{
    uint64_t counts[OBSERVABLE_TYPES][SIMULATE_HOSPITALS] = {0}, most = 0, of_type[OBSERVABLE_TYPES] = {0};
    for (size_t i = 0; i < day->hit_count; i++) {
        const struct hit *hit = &day->hits[i];
        uint64_t count = ++counts[hit->type][hit->hospital];
        of_type[hit->type]++;
        most = count > most ? count : most;
    }
    put_title(day->look, "Hits by type and hospital");
    printf("  %-8s", "");
    for (unsigned i = 0; i < SIMULATE_HOSPITALS; i++)
        printf("%-*s", i + 1 < SIMULATE_HOSPITALS ? BAR_ROOM : 0, simulate_hospital(i));
    printf("\n");
    for (unsigned type = 0; type < OBSERVABLE_TYPES; type++)
        if (of_type[type] > 0)
            put_bars(day->look, (enum observable_type)type, counts[type], most);
}

/* The part of a pillar in one row of text; `height` is in eighths from the foot of that row, at least one. */
static const char *pillar(struct look look, uint64_t height)
{
    static const char *const blocks[] = {"▁▁▁", "▂▂▂", "▃▃▃", "▄▄▄", "▅▅▅", "▆▆▆", "▇▇▇", "███"};
    if (look.utf8)
        return blocks[height > 8 ? 7 : height - 1];
    return height < 4 ? "___" : "###";
}

/* Blanks are only written in front of something. */
static void put_pillars(struct look look, const uint64_t *counts, uint64_t most, uint64_t row)
{
    int gap = 0;
    paint(look, HOURS_COLOUR);
    for (size_t hour = 0; hour < HOURS; hour++) {
        uint64_t height = scaled(counts[hour], most, HOUR_ROWS * 8ull);
        gap += 1;
        if (height > row * 8)
            printf("%*s%s", gap, "", pillar(look, height - row * 8));
        gap = height > row * 8 ? 0 : gap + 3;
    }
    paint(look, PLAIN);
    printf("\n");
}

static void tell_hours(const struct day *day)
{
    uint64_t counts[HOURS] = {0}, most = 0;
    for (size_t i = 0; i < day->hit_count; i++) {
        uint64_t count = ++counts[(day->hits[i].time_us - START_US) / HOUR_US % HOURS];
        most = count > most ? count : most;
    }
    put_title(day->look, "Hits by hour of the day (UTC; in Jakarta it is seven hours later)");
    for (uint64_t row = HOUR_ROWS; row-- > 0;)
        put_pillars(day->look, counts, most, row);
    for (unsigned hour = 0; hour < HOURS; hour++)
        printf("  %02u", hour);
    printf("\n");
    for (size_t hour = 0; hour < HOURS; hour++)
        printf("%4" PRIu64, counts[hour]);
    printf("\n");
}

/* --- The story --------------------------------------------------------------------------------------------------- */

static void tell_beginning(const struct day *day)
{
    struct arena *arena = day->line->arena;
    put_title(day->look, "One day in three hospitals that do not exist");
    printf("A sensor in each hospital logs what passes on its network: flows, names looked up, requests, files.\n"
           "Partners have shared %s indicators: names, addresses, prefixes, URLs and hashes known to be bad.\n"
           "Which line of which log meets one of them? (All of it is made up: nobody real is in it.)\n\n",
            grouped(arena, INDICATORS));
}

static struct err log_tell(const struct day *day, unsigned hospital, const struct sift_totals *before)
{
    struct arena *arena = day->line->arena;
    printf("  %-19s %9s events, %.0f MB: %s hits\n", simulate_hospital(hospital),
            grouped(arena, day->totals.events - before->events), megabytes(day->totals.bytes - before->bytes),
            grouped(arena, day->totals.hits - before->hits));
    return show(arena);
}

static void tell_found(const struct day *day)
{
    if (day->hit_count == 0) {
        printf("\nNothing was found: with so few events, nothing was planted.\n");
        return;
    }
    tell_table(day);
    tell_kinds(day);
    tell_hours(day);
}

static void tell_figures(const struct day *day)
{
    struct arena *arena = day->line->arena;
    double matching = seconds(day->match_us);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    put_title(day->look, "The figures");
    printf("  events     %s (%.0f MB), malformed: %s\n", grouped(arena, day->totals.events),
            megabytes(day->totals.bytes), grouped(arena, day->totals.malformed));
    printf("  hits       %s of %s planted\n", grouped(arena, day->totals.hits), grouped(arena, day->plan.hits));
    printf("  rate       %s events/s: %.2f s for matching with %u thread%s\n",
            grouped(arena, (uint64_t)((double)day->totals.events / matching)), matching, day->threads,
            day->threads == 1 ? "" : "s");
    printf("  seconds    %.2f with making it up\n", seconds(clock_steady_us() - day->started_us));
    printf("  memory     %.0f MB at most\n", megabytes((uint64_t)usage.ru_maxrss * 1024));
}

/* Simulated by hand the same hits come out, in one log and without the hospitals' hours. */
static void tell_commands(const struct day *day)
{
    const char *program = program_invocation_name;
    put_title(day->look, "Try it yourself: the same indicators and hits, in one log");
    printf("  %s simulate --seed %" PRIu64 " --events %" PRIu64 " --intel list.txt -o eve.json\n", program,
            day->plan.seed, day->plan.events);
    printf("  %s match -i list.txt --stats eve.json\n\n", program);
}

static struct err hospitals_match(struct day *day)
{
    const char *name = workspace.files[FILE_ROWS];
    day->rows_fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct err err = day->rows_fd < 0 ? err_errno(day->line->arena, name) : OK;
    for (unsigned i = 0; i < SIMULATE_HOSPITALS && err.kind == ERR_NONE; i++) {
        struct sift_totals before = day->totals;
        err = log_write(day, i);
        if (err.kind == ERR_NONE)
            err = log_match(day, i);
        if (err.kind == ERR_NONE)
            err = log_tell(day, i, &before);
        unlink(workspace.files[FILE_LOGS + i]); /* so that the disk holds one log at a time */
    }
    if (day->rows_fd >= 0 && close(day->rows_fd) != 0 && err.kind == ERR_NONE)
        err = err_errno(day->line->arena, name);
    return err;
}

static struct err everything_show(struct day *day)
{
    struct arena *arena = day->line->arena;
    struct report report = report_begin(day->line);
    struct load_report load = report_load(&report);
    const char *const *intel = &workspace.files[FILE_INTEL];
    tell_beginning(day);
    TRY(show(arena));
    TRY(simulate_open(&day->plan, arena, &day->simulation));
    TRY(intel_write(day));
    TRY(load_open(intel, 1, &load, arena, &day->index));
    TRY(hospitals_match(day));
    TRY(hits_read(day));
    tell_found(day);
    tell_figures(day);
    tell_commands(day);
    return show(arena);
}

static struct err day_read(const struct command_line *line, struct day *day)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    day->threads = cores < 1 ? 1 : cores > SIFT_THREADS_MAX ? SIFT_THREADS_MAX : (unsigned)cores;
    day->plan = (struct simulate_plan){.format = "eve", .indicators = INDICATORS, .start_us = START_US, .day = true};
    TRY(command_number(line, "seed", 0, UINT64_MAX, SEED_DEFAULT, &day->plan.seed));
    TRY(command_number(line, "events", 1, EVENTS_MAX, EVENTS_DEFAULT, &day->events));
    day->plan.events = day->events * SIMULATE_HOSPITALS;
    day->plan.hits = (day->plan.events + EVENTS_PER_HIT / 2) / EVENTS_PER_HIT;
    if (line->file_count > 0)
        return err_format(line->arena, ERR_INPUT, "takes no files, but was given \"%s\"", line->files[0]);
    return OK;
}

int day_show(struct command_line *line)
{
    struct day day = {.line = line, .look = look_make(), .started_us = clock_steady_us()};
    struct err err = day_read(line, &day);
    if (err.kind == ERR_NONE)
        err = workspace_open(line->arena);
    if (err.kind == ERR_NONE)
        err = everything_show(&day);
    workspace_remove();
    input_text_free(&day.rows);
    match_close(day.index);
    return err.kind == ERR_NONE ? 0 : command_fail(line, err);
}
