/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind.h"
#include "export/kinds.h"

/*
 * A response policy zone (as BIND's reference manual describes them): names that resolvers shall answer with "there is
 * no such name", and addresses that no answer may hold. Names in the file are relative to the zone, so that it can be
 * loaded under any name that is not too long.
 */

enum {
    WIRE_MAX = 255,    /* bytes of a name with its lengths and the root (RFC 1035 section 3.1) */
    ZONE_ASSUMED = 65, /* bytes on the wire of a zone whose name we were not told, without the root */
    REFRESH_SECONDS = 60,
};

struct rpz_state {
    struct export_set written;
    struct buf name;
    size_t name_max; /* bytes of a name as text in front of the zone's */
};

static bool is_zone(slice zone)
{
    return export_is_dns_name(zone) && observable_wrong(OBSERVABLE_HOST, zone) == NULL;
}

/* Of a name as text: a length before each label, the root behind the last; so two more bytes than the text. */
static struct err begin(struct export *export)
{
    slice zone = export->options.zone;
    if (slice_ends(zone, S(".")))
        zone.len--;
    if (export->options.zone.len > 0 && (!is_zone(zone) || zone.len > WIRE_MAX / 2))
        return err_make(ERR_INPUT, "the zone is not a domain name of up to 127 letters, digits, hyphens and dots");
    struct rpz_state *state = export->state = arena_new(export->memory, struct rpz_state, 1);
    *state = (struct rpz_state){export_set_make(), buf_make(WIRE_MAX), 0};
    state->name_max = WIRE_MAX - 2 - (zone.len == 0 ? ZONE_ASSUMED : zone.len + 1);
    uint32_t seconds = (uint32_t)(export->options.now_us / 1000000);
    uint32_t serial = export->options.serial == 0 ? seconds : export->options.serial;
    buf_put(&export->text, S("; Response policy zone of "));
    export_put_plain(&export->text, export->options.name, EXPORT_LABEL_MAX, "");
    buf_put(&export->text, S(", as of "));
    time_write(&export->text, export->options.now_us);
    buf_printf(&export->text, "\n$TTL %d\n@ SOA localhost. root.localhost. %u %d 30 604800 %d\n@ NS localhost.\n",
            REFRESH_SECONDS, serial, REFRESH_SECONDS, REFRESH_SECONDS);
    return OK;
}

static void close(struct export *export)
{
    struct rpz_state *state = export->state;
    if (state == NULL)
        return;
    export_set_free(&state->written);
    buf_free(&state->name);
}

/* The groups of an address as text, from the last to the first; "zz" for the :: that stands for zeros. */
static void put_reversed(struct buf *out, slice address, char separator)
{
    size_t end = address.len;
    for (size_t i = address.len + 1; i-- > 0;) {
        if (i > 0 && address.ptr[i - 1] != separator)
            continue;
        if (i < end) {
            buf_byte(out, '.');
            buf_put(out, slice_part(address, i, end));
        } else if (i > 0 && i < address.len) { /* between the two of :: */
            buf_put(out, S(".zz"));
        }
        end = i == 0 ? 0 : i - 1;
    }
}

/* "24.0.2.0.192.rpz-ip", "48.zz.1.db8.2001.rpz-ip" */
static void put_trigger(struct buf *out, const struct prefix *prefix)
{
    char space[64];
    struct buf text = {.ptr = space, .cap = sizeof(space), .max = sizeof(space)};
    ip_write(&text, &prefix->ip);
    slice address = buf_slice(&text);
    buf_u64(out, prefix->bits);
    if (prefix->ip.family == 4)
        put_reversed(out, address, '.');
    else if (slice_ends(address, S("::")))
        buf_put(out, S(".zz"));
    if (prefix->ip.family == 6)
        put_reversed(out, slice_ends(address, S("::")) ? slice_part(address, 0, address.len - 2) : address, ':');
    buf_put(out, S(".rpz-ip"));
}

/* By which name a host name cannot be in a policy; NULL: it can. */
static const char *name_unfit(const struct rpz_state *state, slice name, bool below)
{
    const char *dot = memrchr(name.ptr, '.', name.len);
    if (!export_is_dns_name(name))
        return "name with bytes that host names have not";
    if (dot == NULL)
        return "name of one label, a whole top-level domain";
    if (slice_starts(slice_from(name, (size_t)(dot + 1 - name.ptr)), S("rpz-")))
        return "name that would mean something else to a policy";
    if (name.len + (below ? 2 : 0) > state->name_max)
        return "name too long to stand below the zone's";
    return NULL;
}

/* One record, unless it is there already, and who says so. */
static struct err put_record(struct export *export, const char *before, slice name, const struct indicator *indicator)
{
    struct rpz_state *state = export->state;
    struct buf *out = &export->text;
    bool added;
    buf_reset(&state->name);
    buf_put(&state->name, slice_of(before));
    buf_put(&state->name, name);
    TRY(export_set_add(&state->written, buf_slice(&state->name), &added));
    if (!added) {
        export_leave(export, "record that is there already");
        return OK;
    }
    buf_put(out, buf_slice(&state->name));
    buf_put(out, S(" CNAME . ; "));
    export_put_marks(out, &export->marks);
    export_put_plain(out, indicator->id, EXPORT_LABEL_MAX, "");
    buf_byte(out, ' ');
    export_put_plain(out, indicator->label, EXPORT_LABEL_MAX, "");
    buf_byte(out, '\n');
    return OK;
}

static struct err address(struct export *export, const struct indicator *indicator)
{
    char space[128];
    struct buf name = {.ptr = space, .cap = sizeof(space), .max = sizeof(space)};
    const char *unfit = export_prefix_unfit(export, &export->value.prefix);
    if (unfit != NULL) {
        export_leave(export, unfit);
        return OK;
    }
    put_trigger(&name, &export->value.prefix);
    return put_record(export, "", buf_slice(&name), indicator);
}

static struct err indicator(struct export *export, const struct indicator *indicator)
{
    const struct export_value *value = &export->value;
    bool below = value->type == OBSERVABLE_DOMAIN;
    if (value->prefix.ip.family != 0)
        return address(export, indicator);
    if (!below && value->type != OBSERVABLE_HOST) {
        export_leave_format(export, "type %s, which is no name and no address", export_type_name(export, indicator));
        return OK;
    }
    const char *unfit = name_unfit(export->state, value->text, below);
    if (unfit != NULL) {
        export_leave(export, unfit);
        return OK;
    }
    TRY(put_record(export, "", value->text, indicator));
    return below ? put_record(export, "*.", value->text, indicator) : OK;
}

const struct export_kind export_rpz = {
        .name = "rpz",
        .about = "DNS response policy zone: listed names do not exist, answers with listed addresses neither",
        .action = EXPORT_BLOCK,
        .extension = "rpz",
        .begin = begin,
        .indicator = indicator,
        .close = close,
};
