/* SPDX-License-Identifier: Apache-2.0 */
#include <yaml.h>

#include "base/arena.h"
#include "base/ip.h"
#include "event/date.h"
#include "event/document.h"
#include "event/fields.h"
#include "event/mime.h"
#include "json/write.h"

/*
 * X-ARF, reports of abuse: a mail of several parts, one of which says in YAML (versions 0.1 and 0.2) or in JSON (3 and
 * 4) what came from where; or that JSON alone. A record is one mail, up to the line that ends its last part. What the
 * report is about is its source; the evidence beside it stays in the mail.
 *
 * The YAML is a table of `key: value`. Of what YAML can do besides, anchors and depth are refused: a report needs none,
 * and both can be made to cost very much.
 */

#define REPORT_BYTES_MAX (256u << 10) /* of the part that is the report */
#define PAIRS_MAX 256                 /* of its table */
#define DEPTH_MAX 8

enum { SOURCE_1, SOURCE_4, TYPE_1, TYPE_3, TYPE_4, DATE_1, DATE_3, DATE_4 };

static const struct event_field fields[] = {
        /* Decided by what they hold, or of several versions. */
        [SOURCE_1] = {"Source"},
        [SOURCE_4] = {"source_identifier"},
        [TYPE_1] = {"\"Report-Type\""},
        [TYPE_3] = {"Report.ReportType"},
        [TYPE_4] = {"type"},
        [DATE_1] = {"Date"},
        [DATE_3] = {"Report.Date"},
        [DATE_4] = {"timestamp"},
        /* Version 0.1 and 0.2 */
        {"Port", ROLE_SOURCE_PORT},
        {"Destination", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"\"Destination-Port\"", ROLE_DESTINATION_PORT},
        {"Domain", ROLE_NONE, VALUE_NAME},
        {"\"Reported-From\"", ROLE_SENSOR},
        /* Version 3 */
        {"Report.SourceIp", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"Report.SourcePort", ROLE_SOURCE_PORT},
        {"Report.DestinationIp", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"Report.DestinationPort", ROLE_DESTINATION_PORT},
        {"Report.SourceUrl", ROLE_NONE, VALUE_URL},
        {"ReporterInfo.ReporterOrg", ROLE_SENSOR},
        /* Version 4 */
        {"source_port", ROLE_SOURCE_PORT},
        {"destination_ip", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS},
        {"destination_port", ROLE_DESTINATION_PORT},
        {"url", ROLE_NONE, VALUE_URL},
        {"domain", ROLE_NONE, VALUE_NAME},
        {"file_hash", ROLE_NONE, VALUE_HASH},
        {"reporter.org", ROLE_SENSOR},
/* The source, by what it is: a URL and a name are found in text. */
#define SOURCE_ADDRESS (COUNT_OF(fields) - MADE_FIELDS - 2)
#define SOURCE_TEXT (COUNT_OF(fields) - MADE_FIELDS - 1)
        {"\"source.address\"", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS},
        {"\"source.text\"", ROLE_TEXT},
        EVENT_MADE_FIELDS,
};

/* Types that are one class of RSIT; of several spellings, as written without "-", "_" and blanks. */
static const struct rsit_word types[] = {
        {"loginattack", "brute-force"},
        {"bruteforce", "brute-force"},
        {"portscan", "scanner"},
        {"vulnerabilityscan", "scanner"},
        {"reconnaissance", "scanner"},
        {"ddos", "ddos"},
        {"dos", "dos"},
        {"amplification", "ddos-amplifier"},
        {"bot", "infected-system"},
        {"botinfection", "infected-system"},
        {"infectedhost", "infected-system"},
        {"malware", "malware-distribution"},
        {"malwareattack", "malware-distribution"},
        {"phishing", "phishing"},
        {"spam", "spam"},
        {"bulkmessaging", "spam"},
        {"copyright", "copyright"},
        {"openservice", "vulnerable-system"},
        {"misconfiguration", "vulnerable-system"},
        {"cve", "vulnerable-system"},
        {"compromisedserver", "system-compromise"},
        {"sqlinjection", "exploit"},
        {NULL, NULL},
};

/* ---- Finding the report ---- */

static bool is_json(slice text)
{
    text = slice_trim(text);
    return text.len > 0 && text.ptr[0] == '{';
}

static bool has(slice text, slice word)
{
    return slice_find_slice(text, word) < text.len;
}

static bool is_report(slice text)
{
    if (is_json(text))
        return has(text, S("\"xarf_version\"")) || has(text, S("\"ReportType\""));
    return has(text, S("Report-Type:")) || has(text, S("Reported-From:"));
}

/* The text of the report in a record, which is a mail or the report itself. */
static struct err report_find(slice record, struct arena *arena, slice *report)
{
    struct mime_part part;
    if (is_json(record)) {
        *report = event_document_object(record, S(""));
        return OK;
    }
    struct mime mime = mime_begin(record);
    while (mime_next(&mime, &part)) {
        if (part.body.len > 2 * REPORT_BYTES_MAX)
            continue; /* evidence */
        slice text = mime_text(&part, arena);
        if (text.len > REPORT_BYTES_MAX || !is_report(text))
            continue;
        *report = is_json(text) ? event_document_object(text, S("")) : text;
        return OK;
    }
    return err_make(ERR_INPUT, "no part of the mail is a report: YAML with Report-Type, or JSON with xarf_version");
}

/* ---- The table of YAML ---- */

struct pair {
    slice key, value;
};

struct table {
    struct pair rows[PAIRS_MAX];
    size_t count;
};

struct reading {
    yaml_parser_t parser;
    struct arena *arena;
    struct table *table;
    unsigned depth;
    slice key; /* that waits for its value; empty: none */
    bool ended;
};

static struct err scalar_take(struct reading *reading, const yaml_event_t *event)
{
    slice text = arena_copy(reading->arena, (slice){(const char *)event->data.scalar.value, event->data.scalar.length});
    if (reading->depth != 1)
        return OK; /* lists and tables below stay in the mail */
    if (reading->key.len == 0) {
        reading->key = text.len > 0 ? text : S("-");
        return OK;
    }
    for (size_t i = 0; i < reading->table->count; i++)
        if (slice_eq(reading->table->rows[i].key, reading->key))
            return err_format(reading->arena, ERR_INPUT, "the report says \"%.*s\" twice", (int)reading->key.len,
                    reading->key.ptr);
    if (reading->table->count == PAIRS_MAX)
        return err_make(ERR_LIMIT, "the report has more than 256 lines");
    reading->table->rows[reading->table->count++] = (struct pair){reading->key, text};
    reading->key = S("");
    return OK;
}

static struct err event_take(struct reading *reading, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return scalar_take(reading, event);
    case YAML_ALIAS_EVENT:
        return err_make(ERR_INPUT, "the report repeats itself by an alias of YAML, which is not taken");
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT:
        if (++reading->depth > DEPTH_MAX)
            return err_make(ERR_INPUT, "the report is nested deeper than a report is");
        return OK;
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT:
        if (--reading->depth == 1)
            reading->key = S(""); /* what was nested was the value */
        return OK;
    case YAML_DOCUMENT_END_EVENT:
    case YAML_STREAM_END_EVENT:
        reading->ended = true; /* what follows is another document, and no part of the report */
        return OK;
    default:
        return OK;
    }
}

static struct err table_read(slice text, struct arena *arena, struct table *table)
{
    struct reading reading = {.arena = arena, .table = table, .key = S("")};
    struct err err = OK;
    if (yaml_parser_initialize(&reading.parser) == 0)
        return err_make(ERR_SYSTEM, "no memory for a report");
    yaml_parser_set_input_string(&reading.parser, (const unsigned char *)text.ptr, text.len);
    while (err.kind == ERR_NONE && !reading.ended) {
        yaml_event_t event;
        if (yaml_parser_parse(&reading.parser, &event) == 0) {
            err = err_format(arena, ERR_INPUT, "the report is no YAML: line %zu, %s",
                    reading.parser.problem_mark.line + 1, reading.parser.problem);
            break;
        }
        err = event_take(&reading, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&reading.parser);
    return err;
}

/* The row of a key of the table; the number of rows if there is none. */
static size_t field_of(const struct event_reader *reader, slice key)
{
    for (size_t i = 0; i < reader->field_count; i++)
        if (slice_eq(reader->field_names[i], key))
            return i;
    return reader->field_count;
}

static struct err table_pick(
        const struct event_reader *reader, slice text, struct arena *arena, struct json_picks *picks)
{
    struct table *table = arena_new(arena, struct table, 1);
    TRY(table_read(text, arena, table));
    for (size_t i = 0; i < table->count; i++) {
        size_t field = field_of(reader, table->rows[i].key);
        if (field < reader->field_count && table->rows[i].value.len > 0)
            TRY(event_pick_put(picks, field, table->rows[i].value));
    }
    return OK;
}

/* ---- What a report says, of any version ---- */

static slice first_of(const struct json_picks *picks, const size_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        slice found = event_pick_first(picks, rows[i]);
        if (found.len > 0)
            return found;
    }
    return S("");
}

static struct err time_put(const struct event_reader *reader, struct json_picks *picks, struct arena *arena)
{
    static const size_t rows[] = {DATE_1, DATE_3, DATE_4};
    int64_t us;
    slice text = first_of(picks, rows, COUNT_OF(rows));
    if (text.len == 0)
        return OK;
    slice date = time_parse(text, &us) ? text : date_mail(text, arena);
    return date.len == 0 ? OK : event_made_put(reader, picks, MADE_TIME, date);
}

static slice plain(slice word, struct arena *arena)
{
    char *out = arena_take(arena, word.len);
    size_t len = 0;
    for (size_t i = 0; i < word.len; i++)
        if (word.ptr[i] != '-' && word.ptr[i] != '_' && word.ptr[i] != ' ')
            out[len++] = byte_lower(word.ptr[i]);
    return (slice){out, len};
}

static struct err class_put(const struct event_reader *reader, struct json_picks *picks, struct arena *arena)
{
    static const size_t rows[] = {TYPE_1, TYPE_3, TYPE_4};
    slice word = first_of(picks, rows, COUNT_OF(rows));
    const struct rsit_class *class = rsit_map(types, plain(word, arena));
    if (word.len == 0)
        return OK;
    TRY(event_made_put(reader, picks, MADE_TAXONOMY, class == NULL ? S("xarf") : slice_of(class->taxonomy)));
    TRY(event_made_put(reader, picks, MADE_TYPE, class == NULL ? word : slice_of(class->type)));
    return class == NULL ? OK : event_made_put(reader, picks, MADE_IDENTIFIER, word);
}

/* A source may be a URL or a name as well. */
static struct err source_put(struct json_picks *picks)
{
    static const size_t rows[] = {SOURCE_1, SOURCE_4};
    struct ip ip;
    slice source = first_of(picks, rows, COUNT_OF(rows));
    return source.len == 0 ? OK : event_pick_put(picks, ip_parse(source, &ip) ? SOURCE_ADDRESS : SOURCE_TEXT, source);
}

static struct err xarf_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    slice report;
    if (offset != NULL)
        *offset = 0;
    picks->count = 0;
    TRY(report_find(record, arena, &report));
    /* Where in the mail it is cannot be said of what was unpacked. */
    TRY(is_json(report) ? json_pick(reader->paths, report, arena, picks, NULL)
                        : table_pick(reader, report, arena, picks));
    TRY(time_put(reader, picks, arena));
    TRY(class_put(reader, picks, arena));
    return source_put(picks);
}

static void xarf_extra(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w)
{
    slice report;
    if (report_find(record, arena, &report).kind != ERR_NONE)
        return;
    if (is_json(report)) {
        event_document_extra(reader, report, arena, w);
        return;
    }
    struct table *table = arena_new(arena, struct table, 1);
    if (table_read(report, arena, table).kind != ERR_NONE)
        return;
    for (size_t i = 0; i < table->count; i++) {
        size_t field = field_of(reader, table->rows[i].key);
        if (field == reader->field_count || !event_field_takes(&reader->fields[field], table->rows[i].value))
            json_write_key_text(w, table->rows[i].key, table->rows[i].value);
    }
}

/* ---- The format ---- */

static int recognise(slice head)
{
    bool whole;
    if (mime_has(head, S("X-XARF")) || mime_has(head, S("X-ARF")))
        return 95;
    slice object = event_document_begin(head, S(""), &whole);
    if (event_document_has(object, whole, S("xarf_version")))
        return 95;
    return event_document_has(object, whole, S("ReporterInfo")) && event_document_has(object, whole, S("Report")) ? 90
                                                                                                                  : 0;
}

static struct err xarf_open(
        struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena)
{
    (void)head, (void)options;
    reader->made_count = MADE_FIELDS;
    return event_json_open(reader, fields, COUNT_OF(fields) - MADE_FIELDS, arena);
}

static size_t xarf_record(const struct event_reader *reader, slice block)
{
    slice text = slice_trim(block);
    bool json = text.len > 0 && memchr("{[],", text.ptr[0], 4) != NULL;
    return json ? event_document_record(reader, block) : mime_length(block);
}

/* Brackets and commas around reports as JSON; a mail is never a frame. */
static bool xarf_frame(const struct event_reader *reader, slice record, struct arena *arena, struct event_reader *next)
{
    slice text = slice_trim(record);
    return text.len > 0 && memchr("[],", text.ptr[0], 3) != NULL && event_document_frame(reader, record, arena, next);
}

const struct event_format event_xarf = {
        .name = "xarf",
        .about = "reports of abuse by X-ARF, as mails or JSON",
        .recognise = recognise,
        .open = xarf_open,
        .record = xarf_record,
        .frame = xarf_frame,
        .pick = xarf_pick,
        .extra = xarf_extra,
};
