/* SPDX-License-Identifier: Apache-2.0 */
#include "base/tar.h"
#include "export/kind.h"
#include "export/kinds.h"

/*
 * What an administrator of Suricata can load at once, as one archive (POSIX ustar): kentongan.rules, and the files that
 * its rules name, which Suricata looks for beside the rules. Millions of values are a dataset to it, not millions of
 * rules. The rules are always the same few; the files change, and a reload of the rules reads them.
 */

enum {
    SID_FROM = 1000000000,
    HASH_ROWS_MAX = 65536, /* Suricata's ceiling for one dataset */
    VALUE_MEMORY = 256,    /* bytes that a value takes in a dataset, with room to spare */
};

#define FILE_BYTES_MAX (2ull << 30) /* bytes of one file */

enum file { FILE_NAMES, FILE_AGENTS, FILE_JA3, FILE_MD5, FILE_SHA1, FILE_SHA256, FILE_IPV4, FILE_IPV6, FILES };

static const char *const files[FILES] = {
        [FILE_NAMES] = "kentongan-names",
        [FILE_AGENTS] = "kentongan-useragents",
        [FILE_JA3] = "kentongan-ja3",
        [FILE_MD5] = "kentongan-md5",
        [FILE_SHA1] = "kentongan-sha1",
        [FILE_SHA256] = "kentongan-sha256",
        [FILE_IPV4] = "kentongan-ipv4",
        [FILE_IPV6] = "kentongan-ipv6",
};

/* Where each type goes, and how it is written there: datasets of strings hold base64. */
static const struct place {
    enum observable_type type;
    enum file file;
    bool base64;
} places[] = {
        {OBSERVABLE_HOST, FILE_NAMES, true},
        {OBSERVABLE_DOMAIN, FILE_NAMES, true},
        {OBSERVABLE_USERAGENT, FILE_AGENTS, true},
        {OBSERVABLE_JA3, FILE_JA3, true},
        {OBSERVABLE_MD5, FILE_MD5, false},
        {OBSERVABLE_SHA1, FILE_SHA1, false},
        {OBSERVABLE_SHA256, FILE_SHA256, false},
        {OBSERVABLE_IPV4, FILE_IPV4, false},
        {OBSERVABLE_IPV6, FILE_IPV6, false},
};

/*
 * The rules: those of files that hold something are written. Signature ids go by row, so that they never change: add
 * rows at the end. A rule asks its dataset for a buffer, or, where `dataset` is NULL, has a keyword of Suricata that
 * takes a list of hashes.
 */
static const struct rule {
    enum file file;
    const char *protocol, *message, *buffer, *dataset;
} rules[] = {
        {FILE_NAMES, "dns", "listed name asked for", "dns.query; to_lowercase;", "string"},
        {FILE_NAMES, "tls", "listed name in TLS", "tls.sni; to_lowercase;", "string"},
        {FILE_NAMES, "http", "listed name in HTTP", "http.host;", "string"},
        {FILE_AGENTS, "http", "listed user agent", "http.user_agent;", "string"},
        {FILE_JA3, "tls", "listed JA3", "ja3.hash;", "string"},
        {FILE_MD5, "http", "listed file by MD5", "filemd5", NULL},
        {FILE_MD5, "smtp", "listed file by MD5", "filemd5", NULL},
        {FILE_SHA1, "http", "listed file by SHA-1", "filesha1", NULL},
        {FILE_SHA1, "smtp", "listed file by SHA-1", "filesha1", NULL},
        {FILE_SHA256, "http", "listed file by SHA-256", "filesha256", NULL},
        {FILE_SHA256, "smtp", "listed file by SHA-256", "filesha256", NULL},
        {FILE_IPV4, "ip", "listed source address", "ip.src;", "ipv4"},
        {FILE_IPV4, "ip", "listed destination address", "ip.dst;", "ipv4"},
        {FILE_IPV6, "ip", "listed source address", "ip.src;", "ip"},
        {FILE_IPV6, "ip", "listed destination address", "ip.dst;", "ip"},
};

struct suricata_state {
    struct export_set written;
    struct buf lines[FILES], line;
    size_t counts[FILES];
};

static struct err begin(struct export *export)
{
    if (export->options.sid_from > UINT32_MAX - COUNT_OF(rules))
        return err_make(ERR_INPUT, "signature ids end at 4294967295: there is no room behind the first");
    struct suricata_state *state = export->state = arena_new(export->memory, struct suricata_state, 1);
    *state = (struct suricata_state){.written = export_set_make(), .line = buf_make(UINT16_MAX)};
    for (size_t i = 0; i < FILES; i++)
        state->lines[i] = buf_make(FILE_BYTES_MAX);
    return OK;
}

static void close(struct export *export)
{
    struct suricata_state *state = export->state;
    if (state == NULL)
        return;
    export_set_free(&state->written);
    buf_free(&state->line);
    for (size_t i = 0; i < FILES; i++)
        buf_free(&state->lines[i]);
}

/* The line of a value, behind a byte that says the file, so that the set tells files apart. */
static slice line_of(struct export *export, const struct place *place)
{
    struct buf *line = &((struct suricata_state *)export->state)->line;
    buf_reset(line);
    buf_byte(line, (char)('a' + (int)place->file));
    if (export->value.prefix.ip.family != 0)
        ip_write(line, &export->value.prefix.ip);
    else if (place->base64)
        export_put_base64(line, export->value.text);
    else
        buf_put(line, export->value.text);
    return buf_slice(line);
}

static struct err put_line(struct export *export, const struct place *place)
{
    struct suricata_state *state = export->state;
    slice line = line_of(export, place);
    bool added;
    TRY(export_set_add(&state->written, line, &added));
    if (!added) {
        export_leave(export, "value that is there already");
        return OK;
    }
    if (export->value.type == OBSERVABLE_DOMAIN)
        export_leave(export, "names below a domain (a dataset holds whole names; the domain itself is written)");
    struct buf *lines = &state->lines[place->file];
    buf_put(lines, slice_from(line, 1));
    buf_byte(lines, '\n');
    state->counts[place->file]++;
    return lines->full ? err_make(ERR_LIMIT, "a file for Suricata is longer than 2 GiB, or there is no memory for it")
                       : OK;
}

static struct err indicator(struct export *export, const struct indicator *indicator)
{
    for (size_t i = 0; i < COUNT_OF(places); i++)
        if (places[i].type == export->value.type)
            return put_line(export, &places[i]);
    export_leave_format(export, "type %s, which no dataset can hold", export_type_name(export, indicator));
    return OK;
}

/* ---- The end ---- */

static void put_dataset(struct buf *out, const struct rule *rule, size_t count)
{
    size_t rows = 1024;
    while (rows < count && rows < HASH_ROWS_MAX)
        rows *= 2;
    buf_printf(out, " %s dataset:isset,%s,type %s,load %s.lst,memcap %zumb,hashsize %zu;", rule->buffer,
            files[rule->file], rule->dataset, files[rule->file], 16 + (count * VALUE_MEMORY >> 20), rows);
}

static void put_rules(struct export *export, struct buf *out)
{
    const struct suricata_state *state = export->state;
    uint32_t sid = export->options.sid_from == 0 ? SID_FROM : export->options.sid_from;
    buf_put(out, S("# For Suricata 8, with the files beside this one: by "));
    export_put_plain(out, export->options.name, EXPORT_LABEL_MAX, "");
    buf_put(out, S(", as of "));
    time_write(out, export->options.now_us);
    buf_byte(out, '\n');
    for (uint32_t i = 0; i < COUNT_OF(rules); i++) {
        const struct rule *rule = &rules[i];
        if (state->counts[rule->file] == 0)
            continue;
        buf_printf(out, "alert %s any any -> any any (msg:\"kentongan %s\";", rule->protocol, rule->message);
        if (rule->dataset != NULL)
            put_dataset(out, rule, state->counts[rule->file]);
        else
            buf_printf(out, " %s:%s.lst;", rule->buffer, files[rule->file]);
        buf_printf(out, " sid:%u; rev:1;)\n", sid + i);
    }
}

static struct err put_file(struct export *export, const char *name, const char *ending, slice content)
{
    char whole[TAR_NAME_MAX];
    snprintf(whole, sizeof whole, "%s%s", name, ending);
    tar_put_header(&export->text, &(struct tar_file){slice_of(whole), content.len, 0644, export->options.now_us});
    TRY(export_flush_all(export));
    if (content.len > 0)
        TRY(export->sink.write(export->sink.context, content));
    tar_put_zeros(&export->text, tar_pad(content.len));
    return OK;
}

static struct err end(struct export *export)
{
    struct suricata_state *state = export->state;
    struct buf text = buf_make(EXPORT_TEXT_MAX);
    put_rules(export, &text);
    struct err err = put_file(export, "kentongan", ".rules", buf_slice(&text));
    buf_free(&text);
    for (size_t i = 0; i < FILES && err.kind == ERR_NONE; i++)
        err = put_file(export, files[i], ".lst", buf_slice(&state->lines[i]));
    tar_put_zeros(&export->text, TAR_END);
    return err;
}

const struct export_kind export_suricata = {
        .name = "suricata",
        .about = "Suricata datasets and the rules that use them, as one tar archive",
        .action = EXPORT_DETECT,
        .extension = "tar",
        .begin = begin,
        .indicator = indicator,
        .end = end,
        .close = close,
};
