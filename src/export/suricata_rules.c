/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind.h"
#include "export/kinds.h"

/*
 * A rule for each value and each protocol where it may be seen. All that came from outside stands in contents as |hex|
 * unless it is a letter or digit, and in messages without what could end them.
 *
 * Signature ids come from a hash of type, value and protocol, so that they stay as they are from export to export: in
 * the range from options.sid_from on, SID_RANGE of them, behind SID_FIXED that the kind `suricata` uses. A number that
 * another rule of this export has already is told, and the next free one taken.
 */

enum {
    SID_FROM = 1000000000, /* with the range it stays below 2^31, which some programs keep ids in */
    SID_FIXED = 1024,
    SID_RANGE = (1 << 30) - SID_FIXED,
    RULE_MAX = 8000, /* bytes without its number; Suricata takes no more than 8191 */
};

/* How a value stands in the buffer of a protocol. */
enum how {
    HOW_WHOLE, /* the buffer is the value */
    HOW_BELOW, /* the name or one below it, by Suricata's dotprefix */
    HOW_URL,   /* host and path apart */
    HOW_ADDRESS,
};

static const struct protocol {
    enum observable_type type;
    enum how how;
    const char *name;    /* of the protocol in the rule's head */
    const char *keyword; /* the sticky buffer */
    bool nocase;         /* else the buffer is in lower case already, or its case counts */
} protocols[] = {
        {OBSERVABLE_IPV4, HOW_ADDRESS, "ip", "", false},
        {OBSERVABLE_IPV6, HOW_ADDRESS, "ip", "", false},
        {OBSERVABLE_CIDR, HOW_ADDRESS, "ip", "", false},
        {OBSERVABLE_HOST, HOW_WHOLE, "dns", "dns.query", true},
        {OBSERVABLE_HOST, HOW_WHOLE, "tls", "tls.sni", true},
        {OBSERVABLE_HOST, HOW_WHOLE, "http", "http.host", false},
        {OBSERVABLE_DOMAIN, HOW_BELOW, "dns", "dns.query", true},
        {OBSERVABLE_DOMAIN, HOW_BELOW, "tls", "tls.sni", true},
        {OBSERVABLE_DOMAIN, HOW_BELOW, "http", "http.host", false},
        {OBSERVABLE_URL, HOW_URL, "http", "http.uri.raw", false},
        {OBSERVABLE_JA3, HOW_WHOLE, "tls", "ja3.hash", false},
        {OBSERVABLE_USERAGENT, HOW_WHOLE, "http", "http.user_agent", false},
        {OBSERVABLE_FILENAME, HOW_WHOLE, "http", "file.name", false},
        {OBSERVABLE_FILENAME, HOW_WHOLE, "smtp", "file.name", false},
};

struct rules_state {
    struct export_set written; /* type, value, protocol; */
    struct export_set sids;    /* and the numbers that were given */
    struct buf rule, key;
};

static struct err begin(struct export *export)
{
    if (export->options.sid_from > UINT32_MAX - (SID_RANGE + SID_FIXED))
        return err_make(ERR_INPUT, "signature ids end at 4294967295: the first may be at most 3221225471");
    struct rules_state *state = export->state = arena_new(export->memory, struct rules_state, 1);
    *state = (struct rules_state){export_set_make(), export_set_make(), buf_make(RULE_MAX), buf_make(UINT16_MAX)};
    buf_put(&export->text, S("# Rules of "));
    export_put_plain(&export->text, export->options.name, EXPORT_LABEL_MAX, "");
    buf_put(&export->text, S(", as of "));
    time_write(&export->text, export->options.now_us);
    buf_byte(&export->text, '\n');
    return OK;
}

static void close(struct export *export)
{
    struct rules_state *state = export->state;
    if (state == NULL)
        return;
    export_set_free(&state->written);
    export_set_free(&state->sids);
    buf_free(&state->rule);
    buf_free(&state->key);
}

/* Letters, digits and a few signs as they are, all else between | | in hexadecimal. */
static void put_content(struct buf *out, const char *before, slice text)
{
    bool hex = false;
    buf_printf(out, "content:\"%s", before);
    for (size_t i = 0; i < text.len && !out->full; i++) {
        char c = text.ptr[i], low = byte_lower(c);
        bool plain = (low >= 'a' && low <= 'z') || byte_is_digit(c) || (c != '\0' && strchr("-._/", c) != NULL);
        if (plain == hex)
            buf_byte(out, '|');
        else if (hex)
            buf_byte(out, ' ');
        hex = !plain;
        if (plain)
            buf_byte(out, c);
        else
            buf_printf(out, "%02x", (unsigned char)c);
    }
    buf_put(out, hex ? S("|\";") : S("\";"));
}

static void put_url(struct buf *out, const struct indicator *indicator, const struct export_value *value)
{
    bool below = (indicator->flags & INDICATOR_BELOW) != 0;
    buf_put(out, S(" http.host; "));
    put_content(out, "", value->host);
    buf_printf(out, " bsize:%zu; http.uri.raw; ", value->host.len);
    put_content(out, "", value->path);
    if (below)
        buf_put(out, S(" startswith;"));
    else
        buf_printf(out, " bsize:%zu;", value->path.len);
}

static void put_options(struct buf *out, const struct protocol *protocol, const struct indicator *indicator,
        const struct export_value *value)
{
    const char *nocase = protocol->nocase ? " nocase;" : "";
    if (protocol->how == HOW_URL)
        put_url(out, indicator, value);
    if (protocol->how != HOW_WHOLE && protocol->how != HOW_BELOW)
        return;
    bool below = protocol->how == HOW_BELOW;
    buf_printf(out, " %s; %s", protocol->keyword, below ? "dotprefix; " : "");
    put_content(out, below ? "." : "", value->text);
    buf_put(out, slice_of(nocase));
    if (below)
        buf_put(out, S(" endswith;"));
    else
        buf_printf(out, " bsize:%zu;", value->text.len);
}

/* "alert http any any -> any 8080 (", and of addresses both directions. */
static void put_head(struct buf *out, const struct protocol *protocol, const struct export_value *value)
{
    if (protocol->how != HOW_ADDRESS) {
        buf_printf(out, "alert %s any any -> any ", protocol->name);
        if (value->port == 0)
            buf_put(out, S("any ("));
        else
            buf_printf(out, "%u (", value->port);
        return;
    }
    buf_put(out, S("alert ip any any <> "));
    if (value->type == OBSERVABLE_CIDR)
        prefix_write(out, &value->prefix);
    else
        ip_write(out, &value->prefix.ip);
    buf_put(out, S(" any ("));
}

/* All but its number and what stands behind that, which has room of its own. */
static void put_rule(struct export *export, const struct protocol *protocol, const struct indicator *indicator)
{
    struct buf *out = &((struct rules_state *)export->state)->rule;
    buf_reset(out);
    put_head(out, protocol, &export->value);
    buf_put(out, S("msg:\""));
    export_put_plain(out, export->options.name, EXPORT_LABEL_MAX, "\"\\;|:");
    buf_byte(out, ' ');
    export_put_plain(out, indicator->label, EXPORT_LABEL_MAX, "\"\\;|:");
    buf_put(out, S("\";"));
    put_options(out, protocol, indicator, &export->value);
    buf_put(out, S(" metadata:indicator "));
    export_put_plain(out, indicator->id.len == 0 ? S("none") : indicator->id, EXPORT_LABEL_MAX, " \"\\;|:,()");
    if (export->marks.tlp != TLP_NONE)
        buf_printf(out, ", tlp %s", stix_tlp_name(export->marks.tlp) + 4);
    if (export->marks.pap != PAP_NONE)
        buf_printf(out, ", pap %s", stix_pap_name(export->marks.pap) + 4);
}

/* The revision grows with the indicator: seconds of its version. */
static void put_tail(struct buf *out, const struct indicator *indicator, uint32_t sid)
{
    int64_t rev = indicator->modified_us == TIME_NONE ? 1 : indicator->modified_us / 1000000;
    rev = rev < 1 ? 1 : rev > INT32_MAX ? INT32_MAX : rev;
    buf_put(out, S("; sid:"));
    buf_u64(out, sid);
    buf_put(out, S("; rev:"));
    buf_i64(out, rev);
    buf_put(out, S(";)\n"));
}

/* The first free number from where the hash points. */
static struct err take_sid(struct export *export, slice key, uint32_t *sid)
{
    struct rules_state *state = export->state;
    uint32_t from = export->options.sid_from == 0 ? SID_FROM : export->options.sid_from, number;
    struct sha256 hash = hash_sha256(key);
    memcpy(&number, hash.bytes, sizeof(number));
    bool added = false;
    for (unsigned tries = 0; !added; tries++, number++) {
        *sid = from + SID_FIXED + number % SID_RANGE;
        TRY(export_set_add(&state->sids, (slice){(const char *)sid, sizeof(*sid)}, &added));
        if (tries == 1)
            export_leave(export, "signature id of the hash, which another rule has; the next free one is used");
    }
    return OK;
}

/* Type, value in normal form, keyword: what makes a rule another one. */
static slice key_of(struct export *export, const struct protocol *protocol, const struct indicator *indicator)
{
    struct buf *key = &((struct rules_state *)export->state)->key;
    buf_reset(key);
    buf_printf(key, "%s\n%s\n%s\n%u\n", observable_type_name(export->value.type), protocol->name, protocol->keyword,
            indicator->flags & INDICATOR_BELOW);
    buf_put(key, export->value.normal);
    return buf_slice(key);
}

static struct err give_rule(struct export *export, const struct protocol *protocol, const struct indicator *indicator)
{
    struct rules_state *state = export->state;
    slice key = key_of(export, protocol, indicator);
    bool added;
    uint32_t sid;
    TRY(export_set_add(&state->written, key, &added));
    if (!added) {
        export_leave(export, "rule that is there already");
        return OK;
    }
    put_rule(export, protocol, indicator);
    if (state->rule.full) {
        export_leave(export, "value too long for a rule");
        return OK;
    }
    TRY(take_sid(export, key, &sid));
    buf_put(&export->text, buf_slice(&state->rule));
    put_tail(&export->text, indicator, sid);
    return OK;
}

static struct err indicator(struct export *export, const struct indicator *indicator)
{
    bool any = false;
    const struct export_value *value = &export->value;
    const char *wide = value->type == OBSERVABLE_CIDR ? export_prefix_too_wide(&value->prefix) : NULL;
    if (wide != NULL) {
        export_leave(export, wide);
        return OK;
    }
    for (size_t i = 0; i < COUNT_OF(protocols); i++) {
        if (protocols[i].type != value->type)
            continue;
        TRY(give_rule(export, &protocols[i], indicator));
        any = true;
    }
    if (!any)
        export_leave_format(export, "type %s, which a rule cannot hold", export_type_name(export, indicator));
    return OK;
}

const struct export_kind export_suricata_rules = {
        .name = "suricata-rules",
        .about = "Suricata rules, one for each value and protocol: names below domains too",
        .action = EXPORT_DETECT,
        .extension = "rules",
        .begin = begin,
        .indicator = indicator,
        .close = close,
};
