/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A mail that came in, read as far as whoever takes it needs it: who, what about, the text, what hung on it, and whose
 * mail it hands on. All of it is hostile: each value is UTF-8 without control characters, HTML only ever becomes plain
 * text, a name of a file is no path, and nothing is unpacked or verified. What is beyond a ceiling is not read and is
 * told in `unread`; the mail itself is whole in the bytes that it was read from, which nobody changes.
 *
 * Lies in the arena; any thread. `mail.c` reads, by GMime, what `tame.h` lets through.
 */
#include "base/hash.h"
#include "text/mail.h"

#define MAILBOX_BYTES_MAX (64u << 20) /* of a mail */
#define MAILBOX_PARTS_MAX 10000       /* of a mail, with those of the mails in it */
#define MAILBOX_DEPTH_MAX 16          /* of parts in each other */
#define MAILBOX_TEXT_MAX (256u << 10) /* of text, and of HTML that becomes text */
#define MAILBOX_VALUE_MAX (4u << 10)  /* of a field */
#define MAILBOX_NAME_MAX 200          /* of the name of a file */
#define MAILBOX_PEOPLE_MAX 100        /* of a field */
#define MAILBOX_REFERENCES_MAX 100    /* the last ones */
#define MAILBOX_ORIGINALS_MAX 20
#define MAILBOX_UNREAD_MAX 12

enum mailbox_signature { MAILBOX_UNSIGNED, MAILBOX_OPENPGP, MAILBOX_SMIME };

struct mailbox_person {
    slice name; /* or empty */
    slice address;
};
struct mailbox_people {
    const struct mailbox_person *rows;
    size_t count;
};

struct mailbox_file {
    size_t part; /* for mailbox_file_get */
    slice name;  /* harmless characters; never empty */
    slice type;  /* "application/pdf" */
    uint64_t bytes;
    struct sha256 digest;
};

/* Somebody else's mail that this one hands on; what it did not say is empty. */
struct mailbox_original {
    bool attached;                             /* else it stands in the text */
    slice from, to, subject, date, message_id; /* from, to and date as they stood there */
    slice text;                                /* of an attached one */
};

struct mailbox_mail {
    struct sha256 digest; /* of all of its bytes */
    slice message_id;     /* without angle brackets */
    slice in_reply_to;
    const slice *references;
    size_t reference_count;
    struct mailbox_people from, reply_to, to, cc;
    slice subject;
    int64_t date_us;      /* as they say; TIME_NONE: they do not */
    bool automatic;       /* a program wrote it (text/mail.h) */
    slice text;           /* lines end in "\n" */
    const char *language; /* "id", "en", "zh"; "": nobody knows */
    const struct mailbox_file *files;
    size_t file_count;
    const struct mailbox_original *originals;
    size_t original_count;
    enum mailbox_signature signature; /* that one is there; it was not checked */
    bool encrypted;
    struct mail_report report;              /* of what was not delivered */
    const char *unread[MAILBOX_UNREAD_MAX]; /* what was left out and why */
    size_t unread_count;
};

/* ERR_LIMIT beyond MAILBOX_BYTES_MAX; ERR_INPUT: it is empty. All else is a mail. */
MUST_USE struct err mailbox_mail_read(slice bytes, struct arena *arena, struct mailbox_mail *mail);
/* The content of a file of it, for a download; ERR_MISSING: it has no such part. */
MUST_USE struct err mailbox_file_get(slice bytes, size_t part, struct buf *out);
const char *mailbox_signature_name(enum mailbox_signature signature); /* "", "openpgp", "smime" */
