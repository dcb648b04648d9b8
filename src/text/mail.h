/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Mail: composing messages that every mail server takes as they are (RFC 5322, MIME), and reading those that come back,
 * answers and reports of what was not delivered (RFC 3464). What is written is ASCII in lines of at most 76 characters
 * that end in CR LF; the same input gives the same bytes. What is read is hostile: it has ceilings, is never recursed
 * into, and what of it does not fit is told as if it were not there. Appended to a buf of the caller; any thread.
 */
#include "base/buf.h"

/* ---- Composing ---- */

/* "Name: text" of unstructured text, as encoded words where it is not ASCII (RFC 2047). Control characters become
 * blanks, so that nothing in it can begin another field. */
void mail_field_write(struct buf *out, const char *name, slice text);
/* "Name: shown <address>"; `shown` may be empty. */
void mail_address_write(struct buf *out, const char *name, slice shown, slice address);
/* "Date: Sat, 21 Nov 2026 23:40:00 +0000". */
void mail_date_write(struct buf *out, int64_t us);
/* Whether a text is an address that we write to: one "@", printable ASCII, none of <>()[],;:"\ and no blank. */
bool mail_address_is(slice text);

struct mail_file {
    const char *name; /* ASCII */
    const char *type; /* "text/csv; charset=utf-8" */
    slice bytes;
};

struct mail_body {
    slice text;                    /* UTF-8, lines end in "\n" */
    slice link;                    /* of text, what is to be clicked; empty: nothing */
    const struct mail_file *files; /* attached */
    size_t file_count;
    slice seed; /* boundaries are made of it: the same again for the same message */
};
/*
 * The body with its own fields, from "Content-Type" on: text as it is and as the same in plain HTML, in which only
 * `link` is a link, and the files behind it. No line in it can be taken for a boundary: text is quoted-printable, files
 * base64, and neither has "=_".
 */
void mail_body_write(struct buf *out, const struct mail_body *body);
/* The same behind a detached OpenPGP signature over it (RFC 3156 section 5); `body` is what mail_body_write wrote. */
void mail_signed_write(struct buf *out, slice body, slice signature, slice seed);

/* A cell of CSV (RFC 4180), behind a comma unless first. What a spreadsheet would run as a formula begins with "'". */
void mail_cell_write(struct buf *out, slice text, bool first);

/* ---- Reading ---- */

#define MAIL_READ_MAX (4u << 20)        /* bytes of a message */
#define MAIL_READ_FIELD_MAX (16u << 10) /* of a field, unfolded; what is more is left out */
#define MAIL_READ_TEXT_MAX (64u << 10)  /* of text that is looked at */
#define MAIL_READ_DEPTH_MAX 8           /* of multiparts in each other */
#define MAIL_READ_PARTS_MAX 100

/* A report on delivery (RFC 3464) is one of one recipient: the first that it tells of. */
struct mail_report {
    bool is;
    slice recipient; /* address */
    slice action;    /* failed, delayed, delivered, relayed, expanded; lower case */
    slice status;    /* "5.1.1" */
    slice why;       /* the words of the server that said so */
    slice about;     /* Message-ID of what it is about, without angle brackets */
};

struct mail_read {
    slice from;        /* address */
    slice subject;     /* UTF-8 */
    slice in_reply_to; /* as it stands */
    slice references;
    bool automatic; /* a program wrote it: RFC 3834, RFC 5321 section 4.5.5, lists */
    slice text;     /* the first text/plain, UTF-8, lines end in "\n" */
    struct mail_report report;
};
/* Whether a field of a header says that a program wrote the mail. */
bool mail_field_automatic(slice name, slice value);
/* Text lies in the arena. ERR_LIMIT beyond a ceiling; ERR_INPUT for what is no mail. */
MUST_USE struct err mail_read(slice message, struct arena *arena, struct mail_read *mail);
