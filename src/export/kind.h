/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the kinds share: the export at hand, the value at hand in its normal form, and safe ways to write text from
 * outside. Private to this folder. A kind appends to export->text; export.c hands it on.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "base/ip.h"
#include "export/set.h"
#include "stix/marks.h"

#define EXPORT_TEXT_MAX (256u << 20) /* bytes that one object, or the end of a kind, may write at once */
#define EXPORT_WORK_MAX (128u << 20) /* bytes of memory for one object */
#define EXPORT_SPECIALS 12           /* rows of special addresses in put.c */
#define EXPORT_LABEL_MAX 120         /* bytes of a name in a comment or message */

/* The value of the indicator at hand, apart, as observable_normal() has it. */
struct export_value {
    enum observable_type type; /* as the indicator's, but an address in place of a host is IPV4 or IPV6 */
    struct prefix prefix;      /* IPV4, IPV6, CIDR */
    slice text;                /* of all others; a URL without its scheme: host[:port]/path, addresses spelt */
    slice host;                /* URL: as in text, an IPv6 address in brackets */
    uint32_t port;             /* URL: 0 if it is a default port */
    slice path;                /* URL: begins with / */
    slice normal;              /* equal for equal values of one type */
};

struct export
{
    const struct export_kind *kind;
    struct export_options options; /* slices are ours */
    struct export_sink sink;
    struct arena *memory; /* as long as the export */
    struct arena *work;   /* emptied for each object */
    struct buf text;
    struct buf normal, spelt;
    struct stix_definitions *definitions;
    struct export_totals totals;
    struct export_reason *reasons;
    size_t reason_count;
    /* The object at hand. */
    slice id;
    struct stix_marks marks;
    bool asked, wanted; /* whether it may be used was asked; and may it */
    struct export_value value;
    struct err error;    /* of the kind or the sink, while the form reads */
    size_t value_number; /* of the values of this object, from 0 */
    void *state;         /* the kind's */
    struct prefix specials[EXPORT_SPECIALS];
};

/* Left out by this name; `what` is kept if it is a new one. */
void export_leave(struct export *export, const char *what);
void export_leave_format(struct export *export, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The name of a type in "left out" sentences: "sha1", or the object's for all others. */
const char *export_type_name(const struct export *export, const struct indicator *indicator);
/* Hands on what was written, when it has become much. */
MUST_USE struct err export_flush(struct export *export);
/* The same, however little. */
MUST_USE struct err export_flush_all(struct export *export);

/*
 * Text from outside where a line break, a quote or any other byte could end what it stands in: printable ASCII but the
 * bytes of `barred`; each run of others is one question mark. Cut off at `most` bytes.
 */
void export_put_plain(struct buf *out, slice text, size_t most, const char *barred);
/* "TLP:AMBER PAP:GREEN ", only what there is. */
void export_put_marks(struct buf *out, const struct stix_marks *marks);
void export_put_base64(struct buf *out, slice bytes);
/* Whether bytes below blank, or DEL, are in it. */
bool export_has_control(slice text);
/* A host name as DNS has it in practice: letters, digits, hyphens and underscores, no more. */
bool export_is_dns_name(slice name);

/* A prefix so short that somebody slipped: NULL, or the name under which it is left out. */
const char *export_prefix_too_wide(const struct prefix *prefix);
/*
 * The same, and addresses that a kind which blocks must not take because somebody listed them: a machine's own, its
 * neighbours', those of private networks.
 */
void export_specials_fill(struct export *export);
const char *export_prefix_unfit(const struct export *export, const struct prefix *prefix);
