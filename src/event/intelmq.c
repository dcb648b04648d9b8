/* SPDX-License-Identifier: Apache-2.0 */
#include "event/document.h"
#include "event/fields.h"

/*
 * IntelMQ's events: the fields of its data format (harmonisation), as flat keys with dots or as objects in each other.
 * The classification is RSIT's already and taken as it is; a type that stands alone finds its taxonomy, for it has only
 * one. Left out is what says who observed, not what (feed.url, abuse contacts), and `extra`, in which every feed has
 * words of its own.
 */

enum { OBSERVATION = 0, OBSERVATION_NESTED, TAXONOMY_FLAT, TAXONOMY_NESTED, TYPE_FLAT, TYPE_NESTED };

/* Both spellings of one field. */
#define FIELD(group, name, ...)                                                                                        \
    {"\"" group "." name "\"", __VA_ARGS__},                                                                           \
    {                                                                                                                  \
        group "." name, __VA_ARGS__                                                                                    \
    }

static const struct event_field fields[] = {
        [OBSERVATION] = {"\"time.observation\""},
        [OBSERVATION_NESTED] = {"time.observation"},
        [TAXONOMY_FLAT] = {"\"classification.taxonomy\"", ROLE_CLASS_TAXONOMY},
        [TAXONOMY_NESTED] = {"classification.taxonomy", ROLE_CLASS_TAXONOMY},
        [TYPE_FLAT] = {"\"classification.type\"", ROLE_CLASS_TYPE},
        [TYPE_NESTED] = {"classification.type", ROLE_CLASS_TYPE},
        FIELD("classification", "identifier", ROLE_CLASS_IDENTIFIER),
        FIELD("time", "source", ROLE_TIME),
        FIELD("feed", "name", ROLE_SENSOR),

        FIELD("source", "ip", ROLE_SOURCE_ADDRESS, VALUE_ADDRESS),
        FIELD("source", "port", ROLE_SOURCE_PORT),
        FIELD("source", "asn", ROLE_SOURCE_ASN),
        FIELD("source", "fqdn", ROLE_NONE, VALUE_NAME),
        FIELD("source", "reverse_dns", ROLE_NONE, VALUE_NAME),
        FIELD("source", "url", ROLE_NONE, VALUE_URL),
        FIELD("source", "account", ROLE_NONE, VALUE_OTHER, "user-account"),
        FIELD("source", "local_ip", ROLE_NONE, VALUE_ADDRESS),
        FIELD("source", "local_hostname", ROLE_NONE, VALUE_NAME),

        FIELD("destination", "ip", ROLE_DESTINATION_ADDRESS, VALUE_ADDRESS),
        FIELD("destination", "port", ROLE_DESTINATION_PORT),
        FIELD("destination", "fqdn", ROLE_NONE, VALUE_NAME),
        FIELD("destination", "reverse_dns", ROLE_NONE, VALUE_NAME),
        FIELD("destination", "url", ROLE_NONE, VALUE_URL),
        FIELD("destination", "account", ROLE_NONE, VALUE_OTHER, "user-account"),
        FIELD("destination", "local_ip", ROLE_NONE, VALUE_ADDRESS),
        FIELD("destination", "local_hostname", ROLE_NONE, VALUE_NAME),

        {"\"malware.hash.md5\"", ROLE_NONE, VALUE_MD5},
        {"\"malware.hash.sha1\"", ROLE_NONE, VALUE_SHA1},
        {"\"malware.hash.sha256\"", ROLE_NONE, VALUE_SHA256},
        {"malware.hash.md5", ROLE_NONE, VALUE_MD5},
        {"malware.hash.sha1", ROLE_NONE, VALUE_SHA1},
        {"malware.hash.sha256", ROLE_NONE, VALUE_SHA256},
        FIELD("malware", "hash", ROLE_NONE, VALUE_HASH),

        EVENT_MADE_FIELDS,
};

/* Flat keys of the format, any of which makes an event of it; and the objects of the nested spelling. */
static int recognise(slice head)
{
    bool whole;
    slice object = event_document_begin(head, S(""), &whole);
    if (event_document_has(object, whole, S("classification.type")))
        return 100;
    if (event_document_has(object, whole, S("feed.name")) || event_document_has(object, whole, S("time.observation")))
        return 90;
    bool nested =
            event_document_has(object, whole, S("classification")) && event_document_has(object, whole, S("feed"));
    return nested ? 80 : 0;
}

static struct err intelmq_open(
        struct event_reader *reader, slice head, const struct event_options *options, struct arena *arena)
{
    (void)head, (void)options;
    reader->made_count = MADE_FIELDS;
    return event_json_open(reader, fields, COUNT_OF(fields) - MADE_FIELDS, arena);
}

static slice first_of(const struct json_picks *picks, size_t flat, size_t nested)
{
    slice value = event_pick_first(picks, flat);
    return value.len > 0 ? value : event_pick_first(picks, nested);
}

static struct err intelmq_conclude(const struct event_reader *reader, struct arena *arena, struct json_picks *picks)
{
    (void)arena;
    TRY(event_time_otherwise(reader, picks, OBSERVATION));
    TRY(event_time_otherwise(reader, picks, OBSERVATION_NESTED));
    if (first_of(picks, TAXONOMY_FLAT, TAXONOMY_NESTED).len > 0)
        return OK;
    const struct rsit_class *class = rsit_find(first_of(picks, TYPE_FLAT, TYPE_NESTED));
    return class == NULL ? OK : event_made_put(reader, picks, MADE_TAXONOMY, slice_of(class->taxonomy));
}

const struct event_format event_intelmq = {
        .name = "intelmq",
        .about = "IntelMQ events as JSON",
        .records_are_objects = true,
        .recognise = recognise,
        .open = intelmq_open,
        .record = event_document_record,
        .frame = event_document_frame,
        .pick = event_document_pick,
        .conclude = intelmq_conclude,
        .extra = event_document_extra,
};
