/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kentongan simulate: writes what simulate.c makes up. Options and files are here, values there.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "app/command.h"
#include "app/options.h"
#include "app/simulate.h"
#include "app/simulate_year.h"
#include "base/clock.h"
#include "json/write.h"

#define EVENTS_DEFAULT 10000
#define INDICATORS_DEFAULT 10000
#define SEED_DEFAULT 1
#define START_DEFAULT "2026-11-20T00:00:00Z" /* fixed, so that the same seed gives the same bytes tomorrow */
#define HITS_DEFAULT "0.001"
#define BILLION 1000000000u
#define FLUSH_BYTES (1u << 20)
#define SCRATCH_BYTES_MAX SIMULATE_RECORD_MAX

/* A file being written: collected in `buf`, written a megabyte at a time. */
struct output {
    const char *name;
    int fd;
    struct buf buf;
};

static struct err output_open(const char *name, struct arena *arena, struct output *output)
{
    output->name = name;
    output->buf = buf_make(FLUSH_BYTES + 2 * SIMULATE_RECORD_MAX);
    output->fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return output->fd < 0 ? err_errno(arena, name) : OK;
}

static struct err output_flush(struct output *output, struct arena *arena)
{
    TRY(buf_check(&output->buf));
    for (slice rest = buf_slice(&output->buf); rest.len > 0;) {
        ssize_t wrote = write(output->fd, rest.ptr, rest.len);
        if (wrote < 0 && errno != EINTR)
            return err_errno(arena, output->name);
        rest = slice_from(rest, wrote < 0 ? 0 : (size_t)wrote);
    }
    buf_reset(&output->buf);
    return OK;
}

static struct err output_step(struct output *output, struct arena *arena)
{
    return output->buf.len < FLUSH_BYTES ? OK : output_flush(output, arena);
}

/* Closes the file whatever `err` was, and gives the first thing that went wrong. */
static struct err output_close(struct output *output, struct err err, struct arena *arena)
{
    if (err.kind == ERR_NONE && output->fd >= 0)
        err = output_flush(output, arena);
    if (output->fd > STDOUT_FILENO && close(output->fd) != 0 && err.kind == ERR_NONE)
        err = err_errno(arena, output->name);
    buf_free(&output->buf);
    return err;
}

/* --- Intelligence ------------------------------------------------------------------------------------------------ */

struct intel_row {
    enum observable_type type;
    slice value, id;
    slice since; /* RFC 3339 */
};

static void row_separated(const struct intel_row *row, char separator, struct buf *out)
{
    buf_put(out, slice_of(observable_type_name(row->type)));
    buf_byte(out, separator);
    buf_put(out, row->value);
    buf_byte(out, separator);
    buf_put(out, row->id);
    buf_byte(out, '\n');
}

static void row_list(const struct intel_row *row, struct buf *out)
{
    row_separated(row, '\t', out);
}

static void row_csv(const struct intel_row *row, struct buf *out)
{
    row_separated(row, ',', out);
}

static const char *const stix_paths[OBSERVABLE_TYPES] = {
        [OBSERVABLE_IPV4] = "ipv4-addr:value",
        [OBSERVABLE_CIDR] = "ipv4-addr:value",
        [OBSERVABLE_DOMAIN] = "domain-name:value",
        [OBSERVABLE_URL] = "url:value",
        [OBSERVABLE_SHA256] = "file:hashes.'SHA-256'",
};

/* No value that we make holds a quote or a backslash. */
static void put_stix_pattern(const struct intel_row *row, struct buf *out)
{
    buf_put(out, S("\"["));
    buf_put(out, slice_of(stix_paths[row->type]));
    buf_put(out, S(" = '"));
    buf_put(out, row->value);
    buf_put(out, S("']\""));
}

static void row_stix(const struct intel_row *row, struct buf *out)
{
    buf_put(out, S(",\n{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\""));
    buf_put(out, row->id);
    buf_put(out, S("\",\"created\":\""));
    buf_put(out, row->since);
    buf_put(out, S("\",\"modified\":\""));
    buf_put(out, row->since);
    buf_put(out, S("\",\"indicator_types\":[\"malicious-activity\"],\"pattern_type\":\"stix\",\"pattern\":"));
    put_stix_pattern(row, out);
    buf_put(out, S(",\"valid_from\":\""));
    buf_put(out, row->since);
    buf_put(out, S("\"}"));
}

/* The producer stands first, so every indicator follows a comma. */
#define STIX_HEAD                                                                                                      \
    "{\"type\":\"bundle\",\"id\":\"bundle--1e6f5a0e-6d3b-4c58-9b8e-2f4f0c7d9a11\",\"objects\":[\n"                     \
    "{\"type\":\"identity\",\"spec_version\":\"2.1\",\"id\":\"identity--7c0b2f8e-41d5-4a6c-8f19-5be3d20a6c42\","       \
    "\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\",\"name\":\"Contoh CERT\","     \
    "\"identity_class\":\"organization\"}"

/* Chosen by the ending of the file's name; the last one has none and takes the rest. */
static const struct intel_form {
    const char *ending, *head, *tail;
    void (*row)(const struct intel_row *row, struct buf *out);
} intel_forms[] = {
        {".json", STIX_HEAD, "\n]}\n", row_stix},
        {".csv", "type,value,id\n", "", row_csv},
        {"", "", "", row_list},
};

static const struct intel_form *intel_form_find(slice name)
{
    const struct intel_form *form = intel_forms;
    while (!slice_ends(name, slice_of(form->ending)))
        form++;
    return form;
}

static struct err intel_rows(const struct simulation *simulation, const struct simulate_plan *plan,
        const struct intel_form *form, struct output *output, struct arena *arena)
{
    struct buf value = buf_make(SCRATCH_BYTES_MAX), id = buf_make(SCRATCH_BYTES_MAX),
               since = buf_make(SCRATCH_BYTES_MAX);
    struct err err = OK;
    time_write(&since, plan->start_us);
    for (uint64_t number = 0; number < plan->indicators && err.kind == ERR_NONE; number++) {
        buf_reset(&value);
        buf_reset(&id);
        enum observable_type type = simulate_indicator(simulation, number, &value);
        simulate_indicator_id(simulation, number, &id);
        form->row(&(struct intel_row){type, buf_slice(&value), buf_slice(&id), buf_slice(&since)}, &output->buf);
        err = output_step(output, arena);
    }
    buf_free(&value);
    buf_free(&id);
    buf_free(&since);
    return err;
}

static struct err intel_write(
        const struct simulation *simulation, const struct simulate_plan *plan, const char *name, struct arena *arena)
{
    struct output output;
    TRY(output_open(name, arena, &output));
    const struct intel_form *form = intel_form_find(slice_of(name));
    buf_put(&output.buf, slice_of(form->head));
    struct err err = intel_rows(simulation, plan, form, &output, arena);
    buf_put(&output.buf, slice_of(form->tail));
    return output_close(&output, err, arena);
}

/* --- Events and the truth about them ----------------------------------------------------------------------------- */

/* How an indicator and what was planted for it are related: who compares exact text only finds the first. */
static const char *hit_relation(const struct simulate_hit *hit)
{
    if (hit->type == OBSERVABLE_CIDR)
        return "prefix";
    if (hit->type == OBSERVABLE_URL)
        return "url";
    return hit->below ? "suffix" : "exact";
}

static void truth_write(const struct simulation *simulation, const struct simulate_hit *hit, uint64_t line,
        struct buf *scratch, struct buf *out)
{
    struct json_writer w = json_writer(out);
    json_write_object(&w);
    json_write_key_u64(&w, S("line"), line);
    json_write_key_text(&w, S("type"), slice_of(observable_type_name(hit->type)));
    buf_reset(scratch);
    simulate_hit_value(simulation, hit, scratch);
    json_write_key_text(&w, S("value"), buf_slice(scratch));
    buf_reset(scratch);
    simulate_indicator_id(simulation, hit->indicator, scratch);
    json_write_key_text(&w, S("indicator"), buf_slice(scratch));
    json_write_key_text(&w, S("field"), slice_of(hit->field));
    json_write_key_text(&w, S("by"), slice_of(hit_relation(hit)));
    json_write_end(&w);
    buf_byte(out, '\n');
}

/* `truth` is NULL if nobody asked for it. */
static struct err events_rows(const struct simulation *simulation, uint64_t events, struct output *output,
        struct output *truth, struct arena *arena)
{
    struct buf scratch = buf_make(SCRATCH_BYTES_MAX);
    struct err err = OK;
    uint64_t head = simulate_head(simulation, &output->buf);
    for (uint64_t number = 0; number < events && err.kind == ERR_NONE; number++) {
        struct simulate_hit hit;
        if (simulate_event(simulation, number, &output->buf, &hit) && truth != NULL) {
            truth_write(simulation, &hit, number + head + 1, &scratch, &truth->buf);
            err = output_step(truth, arena);
        }
        if (err.kind == ERR_NONE)
            err = output_step(output, arena);
    }
    buf_free(&scratch);
    return err;
}

static struct err events_write(const struct simulation *simulation, uint64_t events, const char *name,
        struct output *truth, struct arena *arena)
{
    struct output output = {.name = "standard output", .fd = STDOUT_FILENO};
    output.buf = buf_make(FLUSH_BYTES + 2 * SIMULATE_RECORD_MAX);
    if (name != NULL)
        TRY(output_open(name, arena, &output));
    struct err err = events_rows(simulation, events, &output, truth, arena);
    return output_close(&output, err, arena);
}

static struct err everything_write(
        const struct command_line *line, const struct simulation *simulation, const struct simulate_plan *plan)
{
    const char *intel = command_text(line, "intel"), *truth_name = command_text(line, "truth");
    if (intel != NULL)
        TRY(intel_write(simulation, plan, intel, line->arena));
    if (truth_name == NULL)
        return events_write(simulation, plan->events, command_text(line, "output"), NULL, line->arena);
    struct output truth;
    TRY(output_open(truth_name, line->arena, &truth));
    struct err err = events_write(simulation, plan->events, command_text(line, "output"), &truth, line->arena);
    return output_close(&truth, err, line->arena);
}

/* --- A year of reports -------------------------------------------------------------------------------------------- */

/* What a node has to count, by month, whose sector, and class. */
struct tally {
    uint64_t malformed;
    struct {
        uint64_t reports, doubles;
    } counts[12][YEAR_MEMBERS + 1][YEAR_CLASSES];
};

static unsigned month_of(int64_t start_us, unsigned day)
{
    struct buf text = buf_make(64);
    time_write(&text, start_us + day * DAY_US);
    unsigned month = (unsigned)(text.ptr[5] - '0') * 10 + (unsigned)(text.ptr[6] - '0') - 1;
    buf_free(&text);
    return month;
}

static void tally_write(const struct tally *tally, struct buf *out)
{
    buf_printf(out, "{\"malformed\":%llu}\n", (unsigned long long)tally->malformed);
    for (unsigned month = 0; month < 12; month++)
        for (unsigned member = 0; member <= YEAR_MEMBERS; member++)
            for (unsigned class = 0; class < YEAR_CLASSES; class ++)
                if (tally->counts[month][member][class].reports > 0)
                    buf_printf(out,
                            "{\"month\":%u,\"organisation\":\"%s\",\"sector\":\"%s\",\"class\":\"%s\",\"events\":%llu,"
                            "\"doubles\":%llu}\n",
                            month + 1, member == YEAR_NOBODY ? "" : year_member(member).name,
                            member == YEAR_NOBODY ? "" : year_member(member).sector, year_class(class),
                            (unsigned long long)tally->counts[month][member][class].reports,
                            (unsigned long long)tally->counts[month][member][class].doubles);
}

static struct err reports_rows(
        const struct year_plan *plan, struct output *output, struct tally *tally, struct arena *arena)
{
    const struct year *year = year_open(plan, arena);
    unsigned months[YEAR_DAYS];
    for (unsigned day = 0; day < YEAR_DAYS; day++)
        months[day] = month_of(plan->start_us, day);
    for (uint64_t number = 0; number < plan->reports; number++) {
        struct year_truth truth = year_report(year, number, &output->buf);
        tally->malformed += truth.malformed;
        if (!truth.malformed) {
            tally->counts[months[truth.day]][truth.member][truth.class].reports++;
            tally->counts[months[truth.day]][truth.member][truth.class].doubles += truth.twice;
        }
        TRY(output_step(output, arena));
    }
    return OK;
}

/* Those whom the reports are about: name, sector and prefix, with tabs between. */
static struct err owners_write(const char *name, struct arena *arena)
{
    struct output output;
    TRY(output_open(name, arena, &output));
    for (unsigned number = 0; number < YEAR_MEMBERS; number++) {
        struct year_member member = year_member(number);
        buf_printf(&output.buf, "%s\t%s\t%s\n", member.name, member.sector, member.prefix);
    }
    return output_close(&output, OK, arena);
}

static struct err year_write(const struct command_line *line, const struct year_plan *plan)
{
    const char *name = command_text(line, "output"), *truth_name = command_text(line, "truth");
    const char *owners = command_text(line, "owners");
    struct tally *tally = arena_new(line->arena, struct tally, 1);
    struct output output = {.name = "standard output", .fd = STDOUT_FILENO}, truth;
    output.buf = buf_make(FLUSH_BYTES + 2 * SIMULATE_RECORD_MAX);
    if (owners != NULL)
        TRY(owners_write(owners, line->arena));
    if (name != NULL)
        TRY(output_open(name, line->arena, &output));
    struct err err = reports_rows(plan, &output, tally, line->arena);
    TRY(output_close(&output, err, line->arena));
    if (truth_name == NULL)
        return OK;
    TRY(output_open(truth_name, line->arena, &truth));
    tally_write(tally, &truth.buf);
    return output_close(&truth, OK, line->arena);
}

/* --- Options ----------------------------------------------------------------------------------------------------- */

/* A decimal from 0 to 1 with up to nine places, in billionths: no rounding depends on the machine. */
static bool ratio_parse(slice text, uint64_t *billionths)
{
    slice whole = slice_part(text, 0, slice_find(text, '.'));
    slice places = slice_from(text, whole.len < text.len ? whole.len + 1 : whole.len);
    uint64_t ones, fraction = 0;
    if (!slice_u64(whole, 1, &ones) || places.len > 9 || (places.len == 0 && whole.len < text.len))
        return false;
    if (places.len > 0 && !slice_u64(places, BILLION, &fraction))
        return false;
    for (size_t place = places.len; place < 9; place++)
        fraction *= 10;
    *billionths = ones * BILLION + fraction;
    return *billionths <= BILLION;
}

static struct err plan_read(const struct command_line *line, struct simulate_plan *plan)
{
    const char *format = command_text(line, "format"), *hits = command_text(line, "hits");
    const char *start = command_text(line, "start");
    uint64_t billionths;
    plan->format = format != NULL ? format : "eve";
    TRY(command_number(line, "seed", 0, UINT64_MAX, SEED_DEFAULT, &plan->seed));
    TRY(command_number(line, "events", 0, SIMULATE_EVENTS_MAX, EVENTS_DEFAULT, &plan->events));
    TRY(command_number(line, "indicators", 1, SIMULATE_INDICATORS_MAX, INDICATORS_DEFAULT, &plan->indicators));
    if (!ratio_parse(slice_of(hits != NULL ? hits : HITS_DEFAULT), &billionths))
        return err_format(
                line->arena, ERR_INPUT, "--hits is a share from 0 to 1 with up to nine places, not \"%s\"", hits);
    if (!time_parse(slice_of(start != NULL ? start : START_DEFAULT), &plan->start_us))
        return err_format(line->arena, ERR_INPUT, "--start is a time such as " START_DEFAULT ", not \"%s\"", start);
    plan->hits = (plan->events * billionths + BILLION / 2) / BILLION;
    return OK;
}

static struct err plan_run(const struct command_line *line, const struct simulate_plan *plan)
{
    const struct simulation *simulation;
    uint64_t days;
    TRY(command_number(line, "days", 1, YEAR_DAYS, YEAR_DAYS, &days));
    if (strcmp(plan->format, "reports") == 0)
        return year_write(line, &(struct year_plan){plan->seed, plan->events, plan->start_us, (unsigned)days});
    TRY(simulate_open(plan, line->arena, &simulation));
    return everything_write(line, simulation, plan);
}

static int run(struct command_line *line)
{
    struct simulate_plan plan = {0};
    struct err err = plan_read(line, &plan);
    if (err.kind == ERR_NONE && line->file_count > 0)
        err = err_format(line->arena, ERR_INPUT, "takes no files, but was given \"%s\"", line->files[0]);
    if (err.kind == ERR_NONE)
        err = plan_run(line, &plan);
    return err.kind == ERR_NONE ? 0 : command_fail(line, err);
}

static const struct option_row options[] = {
        {0, "seed", "N", "Whole number that everything is drawn from (default 1)"},
        {0, "events", "N", "How many events (default 10000)"},
        {'f', "format", "NAME",
                "Format of the events: eve (the default), csv or lines; or reports, a year of them (IntelMQ)"},
        {0, "hits", "RATIO", "Planted hits per event, from 0 to 1 (default 0.001)"},
        {0, "indicators", "N", "How many indicators; a list begins every longer one (default 10000)"},
        {0, "intel", "FILE", "Write the indicators: .json as a STIX 2.1 bundle, .csv as a table, else as a list"},
        {0, "truth", "FILE", "Write one JSON line for each planted hit; of reports, all that has to be counted"},
        {0, "days", "N", "Of reports: how many days of the year bring any (default 365)"},
        {0, "owners", "FILE", "Write whom the reports are about: name, sector and prefix a line"},
        {0, "start", "TIME", "Time of the first event (default " START_DEFAULT ")"},
        OPTION_OUTPUT,
};

const struct command command_simulate = {
        .name = "simulate",
        .arguments = "",
        .about = "Make up events and intelligence for demos, drills and measuring",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = run,
};
