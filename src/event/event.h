/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a log line says, in our words, and the decoders that read it: one file per format, each ending in a
 * `const struct event_format`; formats.c is the table.
 *
 * A decoder is a table of fields and a way to pick their values out of a record. All else (times, ends, class,
 * observables, what is left over) is the same for all formats and done once, in fields.c.
 */
#include "base/clock.h"
#include "base/observable.h"
#include "json/pick.h"

struct json_writer;

#define EVENT_RECORD_MAX (16u << 20) /* bytes of one record; a longer line is malformed */
#define EVENT_OBSERVABLES_MAX JSON_PICKS_MAX

/* What a field tells beside the observable it may hold. */
enum event_role {
    ROLE_NONE,
    ROLE_TIME,
    ROLE_SOURCE_ADDRESS,
    ROLE_SOURCE_PORT,
    ROLE_DESTINATION_ADDRESS,
    ROLE_DESTINATION_PORT,
    ROLE_SENSOR,
    ROLE_TRANSPORT, /* icmp says that what stands as ports is none */
    ROLE_SOURCE_ASN,
    ROLE_SEVERITY, /* of a report: critical, high, medium, low, info */
    ROLE_CLASS_TAXONOMY,
    ROLE_CLASS_TYPE,
    ROLE_CLASS_IDENTIFIER,
    ROLE_URL_HOST, /* the pieces of one URL, where the log keeps them apart */
    ROLE_URL_PORT,
    ROLE_URL_PATH,
    ROLE_DESTINATION_URL_PORT, /* the port of both, where the log says it once */
    ROLE_TEXT,                 /* free text: whatever observables are found in it */
};

/* What an observable of a field is; the types of base/observable.h and two that are decided by the value. */
enum event_value {
    VALUE_NONE,
    VALUE_ADDRESS,      /* an IP address, with or without :port or [brackets] */
    VALUE_NAME,         /* a host name; an address counts as one; may end in :port */
    VALUE_ADDRESS_NAME, /* either (DNS answers) */
    VALUE_URL,
    VALUE_MD5,
    VALUE_SHA1, /* colons between the bytes are allowed, as in certificate fingerprints */
    VALUE_SHA256,
    VALUE_SHA512,
    VALUE_HASH,  /* by its length */
    VALUE_EMAIL, /* also "Name <a@b>" */
    VALUE_JA3,
    VALUE_USERAGENT,
    VALUE_FILENAME, /* its last part counts too */
    VALUE_OTHER,    /* of the STIX type in `name` */
    VALUE_KINDS,
};

struct event_field {
    const char *path;
    enum event_role role;
    enum event_value value;
    const char *name; /* VALUE_OTHER: the STIX type; ROLE_CLASS_TYPE, _IDENTIFIER: the taxonomy if no field says it */
};

/* What it takes to read the values of a field; a field of the host of a URL takes both. */
enum event_way {
    EVENT_PLAIN = 1,     /* each is an observable by itself: address, name, URL, hash, file name ... */
    EVENT_INTRICATE = 2, /* free text, a piece of a URL, mail addresses, values of rare types */
};

struct event_end {
    slice address;
    uint32_t port; /* 0: not said */
};

struct event_class {
    slice taxonomy, type, identifier;
};

struct event {
    int64_t time_us; /* TIME_NONE: the log does not say */
    slice sensor;
    struct event_end source, destination;
    uint32_t source_asn; /* 0: not said */
    slice severity;
    struct event_class class;
    struct observable *observables;
    size_t observable_count;
};

struct event_format;

/* What the person who runs us may say about an input. */
struct event_options {
    slice map;            /* CSV: the text of a mapping file, `column = role-or-type` a line; empty: none */
    const char *map_name; /* its name, for messages */
    slice name;           /* the input's own file name, which may say what it holds; empty: unknown */
    slice secret;         /* keys the hashes that stand for people (FHIR); empty: drawn anew for each input */
};

/*
 * One input being read in one format. Made by event_open; after that it is read-only and shared by threads. Each
 * thread brings its own work (below).
 */
struct event_reader {
    const struct event_format *format;
    const struct event_field *fields;
    size_t field_count, made_count; /* made: rows behind the others, of what a decoder finds out by itself */
    const slice *field_names;       /* the paths of all rows, measured once */
    const uint8_t *ways;            /* of each row: enum event_way; 0 if it gives no observable */
    const struct json_paths *paths; /* JSON formats: the fields compiled; NULL otherwise */
    char separator;                 /* CSV */
    bool lenient;                   /* CSV: the last columns may be missing; text behind a closing quote is text */
    slice header;                   /* the record at the start that is no event (CSV column names), else empty */
    struct event_class class;       /* of every event, where no field says one */
    bool joined;                    /* records may follow one another without a newline */
    slice between;                  /* bytes that are no record where nothing else stands: brackets of an array */
    const void *own;                /* what the format's own members know of the input */
};

struct event_format {
    const char *name; /* as -f takes it: eve, zeek, ... lines */
    const char *about;
    bool records_are_lines;   /* record() is the first newline: a block can be cut from behind */
    bool records_are_objects; /* of JSON, picked by their paths: one that fills a line may take the fast road */
    /* How sure we are of an input that begins so: 0 no, 100 certain. */
    int (*recognise)(slice head);
    /* The same where the file's name tells as much as its beginning; NULL otherwise. */
    int (*recognise_named)(slice head, slice name);
    /* Fills the reader from the beginning of the input and the options; `arena` lives as long as the reader. */
    struct err (*open)(
            struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena);
    /*
     * The length of the first record in a block of bytes, with the one byte behind it that ends it (a newline; between
     * the objects of an array also another; where records are joined, a newline or nothing); 0 if it is not all there.
     * At the end of the input, where that can mean a quote that is never closed, the first line is the record.
     */
    size_t (*record)(const struct event_reader *reader, slice block);
    /*
     * NULL: every record is an event. Otherwise whether this one frames events and is none (the brackets of an array,
     * the `#` lines of Zeek); *next is then how to read what follows, in the memory of the arena and of the frame.
     */
    bool (*frame)(const struct event_reader *reader, slice record, struct arena *arena, struct event_reader *next);
    /* NULL: no frame rules what follows. Otherwise the last in a block of bytes that does; empty if there is none. */
    slice (*frame_last)(slice block);
    /* The wanted values of one record (newline taken off), path = index into fields. Strict: the definition. */
    struct err (*pick)(const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks,
            size_t *offset);
    /* NULL, or what follows from the picks of either road: made fields, values in another spelling. */
    struct err (*conclude)(const struct event_reader *reader, struct arena *arena, struct json_picks *picks);
    /* Writes what no field took, as members of an open object: `"alert":{...}`. */
    void (*extra)(const struct event_reader *reader, slice record, struct arena *arena, struct json_writer *w);
};

/* The table, most particular first; ends with a NULL. */
extern const struct event_format *const event_formats[];
const struct event_format *event_format_find(slice name); /* NULL: no such format */
/* The surest of those surer than *sure, which then says how sure; NULL if none is. */
const struct event_format *event_format_guess(slice head, slice name, int *sure);

/*
 * Makes a reader for an input that begins with `head` (the first EVENT_HEAD bytes, or all of a shorter one), in the
 * format of that name, or in the surest one if `name` is NULL or "auto" (plain text lines if nothing is sure). `arena`
 * lives as long as the reader.
 */
#define EVENT_HEAD 65536
MUST_USE struct err event_open(const char *name, slice head, const struct event_options *options, struct arena *arena,
        struct event_reader *reader);

/* Whether records of this format may come as the messages of syslog, whose heads are none of its business. */
bool event_is_inside_syslog(const char *format);
/* The message of a syslog record; the record itself if it is none. In the record or the arena. */
slice event_syslog_message(slice record, struct arena *arena);

/* Whether so much of an input is enough to tell its format by: a whole line, or a whole object that it begins. */
bool event_head_is_enough(slice head);

/* What the definition says of one record: strictly picked, and concluded. */
MUST_USE struct err event_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset);

/*
 * The observables of one record, in the order of its picks, a URL in pieces last. Returns how many; at most
 * EVENT_OBSERVABLES_MAX. `arena` takes what had to be rewritten (re-fanged text); values that cannot be of their type
 * are left out.
 */
size_t event_observables(const struct event_reader *reader, const struct json_picks *picks, struct arena *arena,
        struct observable *observables);
/* The same without what plain values tell by themselves: for those who look at very many events and read these as they
 * stand. */
size_t event_intricate(const struct event_reader *reader, const struct json_picks *picks, struct arena *arena,
        struct observable *observables);
/* The whole event: what event_observables gives, and time, ends, sensor, class. Everything lives in the arena or the
 * picks. */
void event_fill(
        const struct event_reader *reader, const struct json_picks *picks, struct arena *arena, struct event *event);
/* The same in two halves, for who seldom needs the second: all but the observables, and these. */
void event_fill_roles(const struct event_reader *reader, const struct json_picks *picks, struct event *event);
void event_fill_observables(
        const struct event_reader *reader, const struct json_picks *picks, struct arena *arena, struct event *event);
/* The time alone, for a hit. */
int64_t event_time(const struct event_reader *reader, const struct json_picks *picks);
/* One row of `kentongan decode`, with its newline: line, format, time, source{}, destination{}, class{}, sensor,
 * observables[], extra{}; what is absent is left out. */
void event_write(const struct event_reader *reader, const struct event *event, slice record, uint64_t line,
        struct arena *arena, struct buf *out);
/* A URL as people write it: its value, or http://host[:port]/path from two pieces. */
void event_url_write(const struct observable *url, struct buf *out);
