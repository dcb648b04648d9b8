/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/observe.h"

#include "base/arena.h"
#include "base/ip.h"

#define PORT_MAX 65535
#define URL_TEXT_MAX (64u << 10)

#define BIT(type) (UINT32_C(1) << (type))
#define ADDRESSES (BIT(OBSERVABLE_IPV4) | BIT(OBSERVABLE_IPV6))
#define HASHES (BIT(OBSERVABLE_MD5) | BIT(OBSERVABLE_SHA1) | BIT(OBSERVABLE_SHA256) | BIT(OBSERVABLE_SHA512))

/*
 * Which properties an event can have, and how a value of one is found. `type` is the observable that gives the value;
 * OBSERVABLE_NONE: an address or name of one of the two ends. [*] stands for any place in a list. A property that has
 * no row is in no event; of object types that have none, `value` is (kentongan-match(1) lists the same).
 */
static const struct property {
    const char *object, *path;
    enum observe_way way;
    enum observable_type type;
} properties[] = {
        {"ipv4-addr", "value", OBSERVE_TABLE, OBSERVABLE_IPV4},
        {"ipv6-addr", "value", OBSERVE_TABLE, OBSERVABLE_IPV6},
        {"domain-name", "value", OBSERVE_TABLE, OBSERVABLE_HOST},
        {"url", "value", OBSERVE_TABLE, OBSERVABLE_URL},
        {"email-addr", "value", OBSERVE_TABLE, OBSERVABLE_EMAIL},
        {"file", "name", OBSERVE_TABLE, OBSERVABLE_FILENAME},
        {"file", "hashes.MD5", OBSERVE_TABLE, OBSERVABLE_MD5},
        {"file", "hashes.SHA-1", OBSERVE_TABLE, OBSERVABLE_SHA1},
        {"file", "hashes.SHA-256", OBSERVE_TABLE, OBSERVABLE_SHA256},
        {"file", "hashes.SHA-512", OBSERVE_TABLE, OBSERVABLE_SHA512},
        {"x509-certificate", "hashes.MD5", OBSERVE_TABLE, OBSERVABLE_MD5},
        {"x509-certificate", "hashes.SHA-1", OBSERVE_TABLE, OBSERVABLE_SHA1},
        {"x509-certificate", "hashes.SHA-256", OBSERVE_TABLE, OBSERVABLE_SHA256},
        {"x509-certificate", "hashes.SHA-512", OBSERVE_TABLE, OBSERVABLE_SHA512},
        {"email-message", "from_ref.value", OBSERVE_TABLE, OBSERVABLE_EMAIL},
        {"email-message", "sender_ref.value", OBSERVE_TABLE, OBSERVABLE_EMAIL},
        {"email-message", "to_refs[*].value", OBSERVE_TABLE, OBSERVABLE_EMAIL},
        {"email-message", "cc_refs[*].value", OBSERVE_TABLE, OBSERVABLE_EMAIL},
        {"email-message", "bcc_refs[*].value", OBSERVE_TABLE, OBSERVABLE_EMAIL},
        {"network-traffic", "src_ref.value", OBSERVE_TABLE, OBSERVABLE_NONE},
        {"network-traffic", "dst_ref.value", OBSERVE_TABLE, OBSERVABLE_NONE},
        {"network-traffic", "src_ref.type", OBSERVE_OBJECT, OBSERVABLE_NONE},
        {"network-traffic", "dst_ref.type", OBSERVE_OBJECT, OBSERVABLE_NONE},
        {"network-traffic", "src_port", OBSERVE_PORT, OBSERVABLE_NONE},
        {"network-traffic", "dst_port", OBSERVE_PORT, OBSERVABLE_NONE},
        {"network-traffic", "protocols[*]", OBSERVE_OBJECT, OBSERVABLE_NONE},
        {"network-traffic", "extensions.http-request-ext.request_value", OBSERVE_TEXT, OBSERVABLE_URL},
        {"network-traffic", "extensions.http-request-ext.request_header.Host", OBSERVE_TEXT, OBSERVABLE_URL},
        {"network-traffic", "extensions.http-request-ext.request_header.User-Agent", OBSERVE_TABLE,
                OBSERVABLE_USERAGENT},
        {"network-traffic", "x_ja3_hash", OBSERVE_TABLE, OBSERVABLE_JA3},
        {"network-traffic", "x_ja3", OBSERVE_TABLE, OBSERVABLE_JA3},
        {"x-ja3", "value", OBSERVE_TABLE, OBSERVABLE_JA3},
        {"user-account", "user_id", OBSERVE_TABLE, OBSERVABLE_OTHER},
        {"user-account", "account_login", OBSERVE_TABLE, OBSERVABLE_OTHER},
        {"mutex", "name", OBSERVE_TABLE, OBSERVABLE_OTHER},
        {"software", "name", OBSERVE_TABLE, OBSERVABLE_OTHER},
        {"process", "name", OBSERVE_TABLE, OBSERVABLE_OTHER},
        {"windows-registry-key", "key", OBSERVE_TABLE, OBSERVABLE_OTHER},
};

static bool has_object(slice object)
{
    for (size_t i = 0; i < COUNT_OF(properties); i++)
        if (slice_eq(slice_of(properties[i].object), object))
            return true;
    return false;
}

/* ---- What fields give ---- */

static const uint32_t types_of_value[VALUE_KINDS] = {
        [VALUE_ADDRESS] = ADDRESSES,
        [VALUE_NAME] = ADDRESSES | BIT(OBSERVABLE_HOST),
        [VALUE_ADDRESS_NAME] = ADDRESSES | BIT(OBSERVABLE_HOST),
        [VALUE_URL] = ADDRESSES | BIT(OBSERVABLE_HOST) | BIT(OBSERVABLE_URL),
        [VALUE_MD5] = BIT(OBSERVABLE_MD5),
        [VALUE_SHA1] = BIT(OBSERVABLE_SHA1),
        [VALUE_SHA256] = BIT(OBSERVABLE_SHA256),
        [VALUE_SHA512] = BIT(OBSERVABLE_SHA512),
        [VALUE_HASH] = HASHES,
        [VALUE_EMAIL] = BIT(OBSERVABLE_EMAIL),
        [VALUE_JA3] = BIT(OBSERVABLE_JA3),
        [VALUE_USERAGENT] = BIT(OBSERVABLE_USERAGENT),
        [VALUE_FILENAME] = BIT(OBSERVABLE_FILENAME),
        [VALUE_OTHER] = BIT(OBSERVABLE_OTHER),
};

uint32_t observe_field(const struct event_field *field)
{
    uint32_t types = types_of_value[field->value];
    switch (field->role) {
    case ROLE_SOURCE_ADDRESS:
    case ROLE_SOURCE_PORT:
    case ROLE_DESTINATION_ADDRESS:
    case ROLE_DESTINATION_PORT:
        return types | OBSERVE_ENDS;
    case ROLE_URL_HOST:
    case ROLE_URL_PORT:
    case ROLE_URL_PATH:
        return types | BIT(OBSERVABLE_URL);
    case ROLE_TEXT:
        return OBSERVE_ENDS - 1;
    default:
        return types;
    }
}

/* ---- Hints ---- */

/* "to_refs[0].value" and "to_refs[*].value" are "to_refs[*].value". */
static bool path_is(const char *wanted, slice path)
{
    size_t at = 0;
    for (; *wanted != '\0'; wanted++) {
        if (at == path.len || path.ptr[at] != *wanted)
            return false;
        at++;
        if (*wanted != '[')
            continue;
        wanted++;
        while (at < path.len && path.ptr[at] != ']')
            at++;
    }
    return at == path.len;
}

static const struct property *property_find(slice object, slice path)
{
    for (size_t i = 0; i < COUNT_OF(properties); i++)
        if (slice_eq(slice_of(properties[i].object), object) && path_is(properties[i].path, path))
            return &properties[i];
    static const struct property other = {"", "value", OBSERVE_TABLE, OBSERVABLE_OTHER};
    return !has_object(object) && slice_eq(path, S("value")) ? &other : NULL;
}

/* What may give a value of that type: an IPv4 address can be written as an IPv6 one. */
static uint32_t givers(enum observable_type type)
{
    if (type == OBSERVABLE_NONE)
        return ADDRESSES | BIT(OBSERVABLE_HOST);
    return (BIT(type) & ADDRESSES) != 0 ? ADDRESSES : BIT(type);
}

/* What an event must have to have such an object at all. */
static struct observe_hint object_hint(slice object)
{
    struct observe_hint made = {.way = OBSERVE_OBJECT};
    for (size_t i = 0; i < COUNT_OF(properties); i++)
        if (slice_eq(slice_of(properties[i].object), object))
            made.types |= properties[i].type == OBSERVABLE_NONE ? OBSERVE_ENDS : givers(properties[i].type);
    if (made.types == 0)
        made.types = BIT(OBSERVABLE_OTHER);
    return made;
}

static struct observe_hint text_hint(const struct property *property, slice literal)
{
    return (struct observe_hint){.way = OBSERVE_TEXT, .types = givers(property->type), .literal = literal};
}

/* The constant as a value of the tables. NEVER if it can be none: the values of an event all can. */
static struct observe_hint value_hint(const struct property *property, const struct stix_hint *hint)
{
    struct observe_hint made = {.way = OBSERVE_NEVER};
    slice text = hint->constant->text;
    enum observable_type type = property->type;
    if (hint->constant->kind != STIX_CONSTANT_TEXT)
        return made;
    if (type == OBSERVABLE_NONE) {
        type = observable_guess(text);
        if (type != OBSERVABLE_IPV4 && type != OBSERVABLE_IPV6)
            type = OBSERVABLE_HOST;
    }
    made.value = (struct indicator){.type = type, .value = text};
    if (type == OBSERVABLE_OTHER)
        made.value.name = hint->object;
    if (observable_wrong(type, text) == NULL)
        made.way = OBSERVE_TABLE;
    return made;
}

static struct observe_hint subset_hint(const struct property *property, const struct stix_hint *hint)
{
    struct observe_hint made = {.way = OBSERVE_TABLE};
    slice text = hint->constant->text;
    bool address =
            property->type == OBSERVABLE_NONE || property->type == OBSERVABLE_IPV4 || property->type == OBSERVABLE_IPV6;
    made.value.value = text;
    made.value.type = slice_holds(text, '/') ? OBSERVABLE_CIDR : observable_guess(text);
    bool known = made.value.type == OBSERVABLE_CIDR || made.value.type == OBSERVABLE_IPV4 ||
                 made.value.type == OBSERVABLE_IPV6;
    if (address && known && observable_wrong(made.value.type, text) == NULL)
        return made;
    return object_hint(hint->object);
}

static struct observe_hint port_hint(const struct stix_hint *hint)
{
    const struct stix_constant *constant = hint->constant;
    bool port = constant->kind == STIX_CONSTANT_NUMBER && constant->is_integer && constant->integer > 0 &&
                constant->integer <= PORT_MAX;
    if (!port)
        return (struct observe_hint){.way = OBSERVE_NEVER};
    return (struct observe_hint){.way = OBSERVE_PORT, .types = OBSERVE_ENDS, .port = (uint16_t)constant->integer};
}

/* The longest piece of ASCII in a constant that a value has to equal; equality knows no normal form. */
static slice literal_of(slice text)
{
    slice best = {0};
    for (size_t from = 0, i = 0; i <= text.len; i++) {
        if (i < text.len && (unsigned char)text.ptr[i] < 0x80 && text.ptr[i] != '\0')
            continue;
        if (i - from > best.len)
            best = slice_part(text, from, i);
        from = i + 1;
    }
    return best;
}

static struct observe_hint equals_hint(const struct property *property, const struct stix_hint *hint)
{
    if (property->way == OBSERVE_PORT)
        return port_hint(hint);
    if (property->way == OBSERVE_TABLE)
        return value_hint(property, hint);
    slice literal = hint->constant->kind == STIX_CONSTANT_TEXT ? literal_of(hint->constant->text) : (slice){0};
    if (property->way == OBSERVE_TEXT && literal.len >= STIX_COVER_LITERAL_LEAST)
        return text_hint(property, literal);
    return object_hint(hint->object);
}

bool observe_knows(const struct stix_path *path)
{
    if (property_find(path->object, path->text) != NULL)
        return true;
    for (size_t i = 0; i < COUNT_OF(properties); i++) {
        slice known = slice_of(properties[i].path);
        if (slice_eq(slice_of(properties[i].object), path->object) && slice_starts(known, path->text) &&
                (known.ptr[path->text.len] == '.' || known.ptr[path->text.len] == '['))
            return true;
    }
    return false;
}

struct observe_hint observe_hint(const struct stix_hint *hint)
{
    if (hint->kind == STIX_HINT_TYPE)
        return object_hint(hint->object);
    const struct property *property = property_find(hint->object, hint->path->text);
    if (property == NULL)
        return (struct observe_hint){.way = OBSERVE_NEVER};
    if (hint->kind == STIX_HINT_EQUALS)
        return equals_hint(property, hint);
    if (hint->kind == STIX_HINT_ISSUBSET)
        return subset_hint(property, hint);
    bool text = property->way == OBSERVE_TABLE || property->way == OBSERVE_TEXT;
    return text ? text_hint(property, hint->literal) : object_hint(hint->object);
}

/* ---- Views ---- */

struct observing {
    const struct event *event;
    struct arena *arena;
    struct stix_view *view;
};

static slice small_letters(slice text, struct arena *arena)
{
    char *out = arena_take(arena, text.len);
    for (size_t i = 0; i < text.len; i++)
        out[i] = byte_lower(text.ptr[i]);
    return (slice){out, text.len};
}

static slice address_text(slice text, struct arena *arena, unsigned *family)
{
    struct ip ip;
    struct buf buf = buf_make(64);
    *family = 0;
    if (!ip_parse(text, &ip))
        return text;
    ip_write(&buf, &ip);
    slice written = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    *family = ip.family;
    return written;
}

static slice hash_text(slice text, struct arena *arena)
{
    char *out = arena_take(arena, text.len);
    size_t len = 0;
    if (slice_starts(text, S("0x")) || slice_starts(text, S("0X")))
        text = slice_from(text, 2);
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != ':')
            out[len++] = byte_lower(text.ptr[i]);
    return (slice){out, len};
}

static slice url_text(const struct observable *observable, struct arena *arena)
{
    if (observable->path.ptr == NULL)
        return observable->value;
    struct buf buf = buf_make(URL_TEXT_MAX);
    event_url_write(observable, &buf);
    slice text = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return text;
}

/* What stands before the @ is up to the server that it names. */
static slice mail_text(slice text, struct arena *arena)
{
    size_t at = slice_find(text, '@');
    char *out = arena_take(arena, text.len);
    for (size_t i = 0; i < text.len; i++)
        out[i] = i < at ? text.ptr[i] : byte_lower(text.ptr[i]);
    return (slice){out, text.len};
}

static slice value_text(const struct observable *observable, struct arena *arena)
{
    unsigned family;
    slice text = observable->value;
    switch (observable->type) {
    case OBSERVABLE_IPV4:
    case OBSERVABLE_IPV6:
        return address_text(text, arena, &family);
    case OBSERVABLE_HOST:
        return small_letters(slice_ends(text, S(".")) ? slice_part(text, 0, text.len - 1) : text, arena);
    case OBSERVABLE_URL:
        return url_text(observable, arena);
    case OBSERVABLE_EMAIL:
        return mail_text(text, arena);
    case OBSERVABLE_MD5:
    case OBSERVABLE_SHA1:
    case OBSERVABLE_SHA256:
    case OBSERVABLE_SHA512:
    case OBSERVABLE_JA3:
        return hash_text(text, arena);
    default:
        return text;
    }
}

/* As value_text does for what events hold; of an end, by its looks. */
static slice constant_text(enum observable_type type, slice text, struct arena *arena)
{
    unsigned family;
    slice address = address_text(text, arena, &family);
    if (type == OBSERVABLE_NONE)
        type = family == 0 ? OBSERVABLE_HOST : OBSERVABLE_IPV6;
    return family != 0 && (BIT(type) & ADDRESSES) != 0
                   ? address
                   : value_text(&(struct observable){.type = type, .value = text}, arena);
}

/* A pattern is not changed once it is read (stix/pattern.h); this is still part of reading it. */
static struct stix_test *changeable(const struct stix_test *test)
{
    union {
        const struct stix_test *read;
        struct stix_test *own;
    } is = {test};
    return is.own;
}

static void spell_test(struct stix_test *test, enum observable_type type, struct arena *arena)
{
    static const uint32_t small =
            ADDRESSES | HASHES | BIT(OBSERVABLE_HOST) | BIT(OBSERVABLE_JA3) | BIT(OBSERVABLE_NONE);
    if (test->how == STIX_LIKE && test->like.ptr != NULL && (BIT(type) & small) != 0)
        test->like = small_letters(test->like, arena);
    if (test->how != STIX_EQUAL && test->how != STIX_UNEQUAL && test->how != STIX_IN)
        return;
    const struct stix_constant **link = &test->constants;
    for (const struct stix_constant *constant = test->constants; constant != NULL; constant = constant->next) {
        struct stix_constant *spelt = arena_new(arena, struct stix_constant, 1);
        *spelt = *constant;
        if (constant->kind == STIX_CONSTANT_TEXT)
            spelt->text = constant_text(type, constant->text, arena);
        *link = spelt;
        link = &spelt->next;
    }
}

/* As deep as parentheses are (STIX_PATTERN_DEPTH_MAX). */
static void spell_node(const struct stix_node *node, struct arena *arena)
{
    if (node->kind == STIX_NODE_TEST) {
        const struct property *property = property_find(node->test->path.object, node->test->path.text);
        if (property != NULL && property->way == OBSERVE_TABLE)
            spell_test(changeable(node->test), property->type, arena);
    }
    for (const struct stix_node *child = node->first; child != NULL; child = child->next)
        spell_node(child, arena);
}

void observe_spell(const struct stix_pattern *pattern, struct arena *arena)
{
    spell_node(pattern->root, arena);
}

/* Every property of that object type that such an observable gives. */
static void put_properties(struct observing *at, slice object, enum observable_type type, slice text)
{
    for (size_t i = 0; i < COUNT_OF(properties); i++)
        if (properties[i].type == type && properties[i].way == OBSERVE_TABLE &&
                slice_eq(slice_of(properties[i].object), object))
            stix_view_text(at->view, slice_of(properties[i].path), text);
}

static void put_object(struct observing *at, slice object, enum observable_type type, slice text)
{
    stix_view_object(at->view, object);
    put_properties(at, object, type, text);
}

static slice parent_of(slice field)
{
    const char *dot = field.len == 0 ? NULL : memrchr(field.ptr, '.', field.len);
    return dot == NULL ? S("") : slice_part(field, 0, (size_t)(dot - field.ptr));
}

/* A fingerprint of a certificate is no hash of a file. */
static bool is_certificate(const struct observable *observable)
{
    slice field = observable->field;
    return slice_starts(field, S("tls.")) || slice_starts(field, S("quic.")) ||
           slice_find_slice(field, S("cert")) < field.len || slice_find_slice(field, S("fingerprint")) < field.len;
}

/* What stands side by side in the log is one file, until something is said twice. A path and its last part are not. */
static void put_files(struct observing *at)
{
    uint32_t said = 0;
    slice parent = {0}, name = {0};
    for (size_t i = 0; i < at->event->observable_count; i++) {
        const struct observable *observable = &at->event->observables[i];
        bool part = observable->type == OBSERVABLE_FILENAME && name.len > observable->value.len &&
                    name.ptr + name.len == observable->value.ptr + observable->value.len;
        if ((BIT(observable->type) & (HASHES | BIT(OBSERVABLE_FILENAME))) == 0 ||
                (is_certificate(observable) && observable->type != OBSERVABLE_FILENAME))
            continue;
        if (said == 0 || !slice_eq(parent, parent_of(observable->field)) ||
                ((said & BIT(observable->type)) != 0 && !part)) {
            stix_view_object(at->view, S("file"));
            parent = parent_of(observable->field);
            said = 0;
        }
        said |= BIT(observable->type);
        name = observable->type == OBSERVABLE_FILENAME ? observable->value : name;
        put_properties(at, S("file"), observable->type, value_text(observable, at->arena));
    }
}

/* The last word of the field that holds a mail address. */
static const struct mail {
    const char *word, *path;
} mails[] = {
        {"from", "from_ref.value"},
        {"from", "sender_ref.value"},
        {"mail_from", "from_ref.value"},
        {"mail_from", "sender_ref.value"},
        {"sender", "sender_ref.value"},
        {"to[]", "to_refs[*].value"},
        {"rcpt_to[]", "to_refs[*].value"},
        {"cc[]", "cc_refs[*].value"},
        {"bcc", "bcc_refs[*].value"},
};

/* Of a list, [*] becomes the place in it: as many as have this path came before. */
static void put_mail(struct observing *at, size_t row, const struct observable *observable, size_t *counts)
{
    slice path = slice_of(mails[row].path);
    size_t star = slice_find(path, '*');
    if (star < path.len) {
        size_t list = row;
        while (list > 0 && strcmp(mails[list - 1].path, mails[row].path) == 0)
            list--;
        path = slice_of(arena_printf(at->arena, "%.*s%zu%s", (int)star, path.ptr, counts[list]++, path.ptr + star + 1));
    }
    stix_view_text(at->view, path, value_text(observable, at->arena));
}

static void put_message(struct observing *at)
{
    size_t counts[COUNT_OF(mails)] = {0};
    bool begun = false;
    for (size_t i = 0; i < at->event->observable_count; i++) {
        const struct observable *observable = &at->event->observables[i];
        slice parent = parent_of(observable->field);
        slice word = slice_from(observable->field, parent.len == 0 ? 0 : parent.len + 1);
        for (size_t row = 0; observable->type == OBSERVABLE_EMAIL && row < COUNT_OF(mails); row++) {
            if (!slice_eq(word, slice_of(mails[row].word)))
                continue;
            if (!begun)
                stix_view_object(at->view, S("email-message"));
            begun = true;
            put_mail(at, row, observable, counts);
        }
    }
}

/* An address or name of an end counts if it is an observable, too: so that the tables find it. */
static void put_end(struct observing *at, const struct event_end *end, slice value_path, slice type_path)
{
    for (size_t i = 0; end->address.len > 0 && i < at->event->observable_count; i++) {
        const struct observable *observable = &at->event->observables[i];
        if (!slice_eq(observable->value, end->address) || observable->path.ptr != NULL)
            continue;
        slice text = value_text(observable, at->arena);
        if (observable->type == OBSERVABLE_HOST) {
            stix_view_text(at->view, value_path, text);
            stix_view_text(at->view, type_path, S("domain-name"));
            return;
        }
        if (observable->type == OBSERVABLE_IPV4 || observable->type == OBSERVABLE_IPV6) {
            bool v6 = slice_holds(text, ':');
            stix_view_text(at->view, value_path, text);
            stix_view_text(at->view, type_path, v6 ? S("ipv6-addr") : S("ipv4-addr"));
            stix_view_text(at->view, S("protocols[0]"), v6 ? S("ipv6") : S("ipv4"));
            return;
        }
    }
}

/* The protocols whose objects logs name so. */
static void put_protocol(struct observing *at)
{
    static const char *const protocols[] = {"http", "dns", "mdns", "tls", "quic", "smtp", "ssh", "smb", "ftp", "tftp",
            "nfs", "rdp", "krb5", "mqtt", "sip", "dhcp", "arp"};
    for (size_t i = 0; i < at->event->observable_count; i++) {
        slice field = at->event->observables[i].field;
        slice first = slice_part(field, 0, slice_find(field, '.'));
        for (size_t p = 0; first.len < field.len && p < COUNT_OF(protocols); p++)
            if (slice_eq(first, slice_of(protocols[p]))) {
                stix_view_text(at->view, S("protocols[1]"), first);
                return;
            }
    }
}

static bool is_traffic(const struct observable *observable)
{
    return observable->type == OBSERVABLE_USERAGENT || observable->type == OBSERVABLE_JA3 ||
           (observable->type == OBSERVABLE_URL && observable->path.ptr != NULL);
}

static void put_request(struct observing *at, const struct observable *observable)
{
    if (observable->type == OBSERVABLE_URL) {
        stix_view_text(at->view, S("extensions.http-request-ext.request_value"), observable->path);
        stix_view_text(at->view, S("extensions.http-request-ext.request_header.Host"), observable->value);
        return;
    }
    put_properties(at, S("network-traffic"), observable->type, value_text(observable, at->arena));
}

static void put_traffic(struct observing *at)
{
    const struct event *event = at->event;
    bool any = event->source.address.len + event->destination.address.len > 0 ||
               event->source.port + event->destination.port > 0;
    for (size_t i = 0; !any && i < event->observable_count; i++)
        any = is_traffic(&event->observables[i]);
    if (!any)
        return;
    stix_view_object(at->view, S("network-traffic"));
    put_end(at, &event->source, S("src_ref.value"), S("src_ref.type"));
    put_end(at, &event->destination, S("dst_ref.value"), S("dst_ref.type"));
    if (event->source.port != 0)
        stix_view_number(at->view, S("src_port"), event->source.port);
    if (event->destination.port != 0)
        stix_view_number(at->view, S("dst_port"), event->destination.port);
    put_protocol(at);
    for (size_t i = 0; i < event->observable_count; i++)
        if (is_traffic(&event->observables[i]))
            put_request(at, &event->observables[i]);
}

static void put_other(struct observing *at, const struct observable *observable)
{
    stix_view_object(at->view, observable->name);
    if (has_object(observable->name))
        put_properties(at, observable->name, OBSERVABLE_OTHER, observable->value);
    else
        stix_view_text(at->view, S("value"), observable->value);
}

static void put_single(struct observing *at, const struct observable *observable)
{
    static const char *const objects[OBSERVABLE_TYPES] = {
            [OBSERVABLE_HOST] = "domain-name",
            [OBSERVABLE_URL] = "url",
            [OBSERVABLE_EMAIL] = "email-addr",
            [OBSERVABLE_JA3] = "x-ja3",
    };
    uint32_t bit = BIT(observable->type);
    if ((bit & ADDRESSES) != 0) {
        slice text = value_text(observable, at->arena);
        bool v6 = slice_holds(text, ':');
        put_object(at, v6 ? S("ipv6-addr") : S("ipv4-addr"), v6 ? OBSERVABLE_IPV6 : OBSERVABLE_IPV4, text);
    } else if ((bit & HASHES) != 0 && is_certificate(observable)) {
        put_object(at, S("x509-certificate"), observable->type, value_text(observable, at->arena));
    } else if (observable->type == OBSERVABLE_OTHER) {
        put_other(at, observable);
    } else if (objects[observable->type] != NULL) {
        put_object(at, slice_of(objects[observable->type]), observable->type, value_text(observable, at->arena));
    }
}

void observe_event(const struct event *event, int64_t when_us, struct arena *arena, struct stix_view *view)
{
    struct observing at = {event, arena, view};
    stix_view_begin(view, when_us, when_us);
    put_traffic(&at);
    put_files(&at);
    put_message(&at);
    for (size_t i = 0; i < event->observable_count; i++)
        put_single(&at, &event->observables[i]);
}
