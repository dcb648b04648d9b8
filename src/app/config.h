/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The configuration of a node: one table of what may be said (config_rows.c), which reads node.conf, prints it and is
 * held against kentongan.conf(5). Every row fills a field of struct config; folders below declare the options that they
 * want and never see the rest.
 *
 * Text in a config is in the arena that it was read into. Secrets (passwords in URLs) are in it and are not printed.
 */
#include "base/ip.h"
#include "base/slice.h"
#include "http/client.h"
#include "taxii/taxii.h"

struct buf;

/* Where a server listens. */
struct config_listen {
    struct ip ip;
    uint16_t port;
    const char *text; /* as ADDRESS:PORT, [ADDRESS]:PORT */
};

struct config {
    const char *file;   /* as it was named */
    const char *folder; /* what relative paths are relative to */
    const char *name;
    const char *database; /* a path or postgresql:// */
    struct config_listen listen;
    struct {
        uint64_t originals_ms, refused_ms, undone_ms, details_ms, links_ms, sessions_ms, notices_ms; /* 0: for ever */
    } retention;
    struct {
        uint64_t bytes_max, objects_max;
    } import;
    struct http_client_options feeds;
    struct taxii_options taxii;
    struct {
        uint64_t workers, threads, per_address_max, body_max;
        bool behind_proxy;
        const char *url; /* with "/" at the end; NULL: as listen says */
    } http;
    struct {
        const char *certificate, *key, *clients, *revoked; /* NULL: none */
    } tls;
    struct {
        uint64_t rest_ms, session_ms;
    } people;
    struct {
        uint64_t workers, posts, queue_bytes, spool_bytes, patience_ms, connections, idle_ms;
    } ingest;
    struct {
        uint64_t interval_ms;
        const char *high_water; /* NULL: beside the node's folder (node_high_water) */
    } ledger;
    struct {
        uint64_t window_ms, ask_ms, recall_max;
    } sharing;
    struct {
        uint64_t zone_ms, digest_ms, reach_max;
        const char *lists; /* NULL: none */
    } warning;
    struct {
        const char *relay, *from, *name, *reply, *user, *password_file, *ca, *phone, *genuine,
                *pgp_key; /* NULL: none */
        uint64_t total_ms, per_minute, per_contact;
    } mail;
    struct {
        const char *maildir, *lmtp, *imap, *folder, *user, *password_file, *ca; /* NULL: none */
        uint64_t total_ms, every_ms;
    } mailbox;
    struct {
        bool everywhere;
    } takedown;
    struct {
        uint64_t clinical_ms;
    } incident;
    struct {
        const char *currency;
    } figures;
};

enum config_type {
    CONFIG_TEXT,
    CONFIG_PATH,
    CONFIG_NUMBER,
    CONFIG_BYTES,
    CONFIG_DURATION,
    CONFIG_TRUTH,
    CONFIG_LISTEN,
    CONFIG_DATABASE,
    CONFIG_PROXY,
    CONFIG_URL,
};

struct config_row {
    const char *section, *key;
    enum config_type type;
    uint64_t least, most;  /* numbers, bytes and milliseconds as they are; text: its bytes */
    const char *otherwise; /* the default as one would write it; "": none; NULL: it has to be said */
    size_t target;         /* offset into struct config */
    const char *about;     /* one line */
};

extern const struct config_row config_rows[];
extern const size_t config_row_count;

/* "30s", "1h", "2d": milliseconds. False if it is none. */
bool config_duration(slice text, uint64_t *ms);
const char *config_type_name(enum config_type type); /* "number", "duration" */
/* "from 1s to 5min" of what has a range; NULL otherwise. */
const char *config_range(const struct config_row *row, struct arena *arena);
/* The value of a row as one would write it, passwords hidden; "" for none. */
const char *config_shown(const struct config *config, const struct config_row *row, struct arena *arena);

#define CONFIG_MISTAKES_MAX 100 /* told of one file; more are counted */

struct config_mistakes {
    struct config_mistake {
        size_t line, column;
        const char *why;
    } rows[CONFIG_MISTAKES_MAX];
    size_t count; /* may be more than there are rows */
};

/*
 * Reads the text of a file of this name into *config. All its mistakes are told, in the order of their lines; with any,
 * the config is not to be used.
 */
void config_read(
        slice text, const char *file, struct arena *arena, struct config_mistakes *mistakes, struct config *config);
/* The same from disk. ERR_INPUT has a sentence and, below it, FILE:LINE: and why for each mistake. */
MUST_USE struct err config_load(const char *file, struct arena *arena, struct config *config);
/* What holds when a file says nothing. */
void config_defaults(const char *folder, struct arena *arena, struct config *config);

/* The whole file with every key and what it means: those in *said with the value there, the others as comments. */
struct config_said {
    const char *section, *key, *value;
};
void config_write(struct buf *buf, const struct config_said *said, size_t count, struct arena *arena);
