/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* For the tests of sift: events and patterns by chance, the same for the same seed, that often meet each other. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static uint64_t seed;

static inline size_t roll(size_t sides)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(seed >> 33) % sides;
}

#define PICK(list) ((list)[roll(COUNT_OF(list))])

/* Values as logs spell them. */
static const char *const log_addresses[] = {"192.0.2.1", "192.0.2.77", "198.51.100.7:8443", "198.51.100.7",
        "2001:0DB8:0000:0000:0000:0000:00aa:0001", "2001:db8::aa:1", "::ffff:192.0.2.1", "[2001:db8::ff]:53", "bukan"};
static const char *const log_names[] = {"melati.example", "Update.MELATI.example.", "mawar.example:8080",
        "kenanga.test", "a.b.c.melur.example", "192.0.2.77", "x"};
static const char *const log_paths[] = {
        "/muat/gerbang.php?id=7", "/", "/a", "http://kenanga.test/penuh", "kenanga.test:443", "/Muat/Gerbang"};
static const char *const log_files[] = {"/muat/kembang.exe", "kembang.exe", "C:\\\\\\\\a\\\\\\\\kembang.dll", "x"};
static const char *const log_hashes[] = {
        "0123456789ABCDEF0123456789abcdef", "0123456789abcdef0123456789abcdef", "ffffffffffffffffffffffffffffffff"};
static const char *const log_sha1[] = {
        "00:11:22:33:44:55:66:77:88:99:AA:bb:cc:dd:ee:ff:00:11:22:33", "00112233445566778899aabbccddeeff00112233"};
static const char *const log_mails[] = {"Juru <Juru@Mawar.example>", "juru@mawar.example", "a@x.example"};
static const unsigned ports[] = {53, 80, 443, 4444, 8443};

static inline void put_event(struct buf *out, unsigned second)
{
    buf_printf(out, "{\"timestamp\":\"2026-06-01T10:%02u:%02u.000000+0000\",\"event_type\":\"x\"", second / 60 % 60,
            second % 60);
    if (roll(8) > 0)
        buf_printf(out, ",\"src_ip\":\"%s\",\"dest_ip\":\"%s\"", PICK(log_addresses), PICK(log_addresses));
    if (roll(3) > 0)
        buf_printf(out, ",\"src_port\":%u,\"dest_port\":\"%u\"", PICK(ports), PICK(ports));
    if (roll(3) == 0)
        buf_printf(out, ",\"http\":{\"hostname\":\"%s\",\"url\":\"%s\",\"http_user_agent\":\"Peronda %zu\"}",
                PICK(log_names), PICK(log_paths), roll(3));
    if (roll(3) == 0)
        buf_printf(out, ",\"dns\":{\"rrname\":\"%s\",\"grouped\":{\"TXT\":[\"lihat %s di %s\"]}}", PICK(log_names),
                PICK(log_names), PICK(log_addresses));
    if (roll(4) == 0)
        buf_printf(out, ",\"fileinfo\":{\"filename\":\"%s\",\"md5\":\"%s\"}", PICK(log_files), PICK(log_hashes));
    if (roll(4) == 0)
        buf_printf(out, ",\"tls\":{\"sni\":\"%s\",\"fingerprint\":\"%s\",\"ja3\":{\"hash\":\"%s\"}}", PICK(log_names),
                PICK(log_sha1), PICK(log_hashes));
    if (roll(5) == 0)
        buf_printf(out, ",\"smtp\":{\"mail_from\":\"%s\",\"rcpt_to\":[\"%s\",\"%s\"]}", PICK(log_mails),
                PICK(log_mails), PICK(log_mails));
    if (roll(6) == 0)
        buf_printf(out, ",\"ether\":{\"src_mac\":\"00:00:5e:00:53:%02zu\"},\"http.redirect\":\"x\"", roll(3));
    buf_put(out, S("}\n"));
}

/* Properties, and constants as patterns spell them. */
static const struct property {
    const char *path;
    const char *constants[6];
} properties[] = {
        {"ipv4-addr:value", {"192.0.2.1", "192.0.2.77", "198.51.100.7", "192.0.2.0/24"}},
        {"ipv6-addr:value", {"2001:db8::aa:1", "2001:DB8::FF", "2001:db8::/32"}},
        {"domain-name:value", {"melati.example", "Update.Melati.example.", "a.b.c.melur.example", "kenanga.test"}},
        {"url:value", {"http://melati.example/muat/gerbang.php?id=7", "http://kenanga.test/penuh",
                              "http://mawar.example:8080/a", "http://192.0.2.77/"}},
        {"file:name", {"kembang.exe", "/muat/kembang.exe", "x"}},
        {"file:hashes.MD5", {"0123456789abcdef0123456789abcdef", "0123456789ABCDEF0123456789ABCDEF"}},
        {"x509-certificate:hashes.'SHA-1'", {"00112233445566778899aabbccddeeff00112233"}},
        {"email-addr:value", {"Juru@mawar.example", "juru@mawar.example"}},
        {"email-message:from_ref.value", {"juru@mawar.example", "Juru@mawar.example"}},
        {"email-message:to_refs[*].value", {"a@x.example", "juru@mawar.example"}},
        {"network-traffic:src_ref.value", {"192.0.2.1", "2001:db8::aa:1", "198.51.100.7"}},
        {"network-traffic:dst_ref.value", {"192.0.2.77", "2001:db8::ff", "198.51.100.7"}},
        {"network-traffic:protocols[*]", {"http", "dns", "ipv4"}},
        {"network-traffic:extensions.'http-request-ext'.request_value", {"/muat/gerbang.php?id=7", "/a", "/"}},
        {"network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'", {"Peronda 1", "Peronda 2"}},
        {"network-traffic:x_ja3_hash", {"0123456789abcdef0123456789abcdef"}},
        {"mac-addr:value", {"00:00:5e:00:53:01"}},
        {"file:size", {"7"}},
};

static inline const char *constant_of(const struct property *property)
{
    size_t count = 0;
    while (count < COUNT_OF(property->constants) && property->constants[count] != NULL)
        count++;
    return property->constants[roll(count)];
}

static inline void put_test(struct buf *out, const struct property *property)
{
    const char *constant = constant_of(property);
    size_t len = strlen(constant), from = roll(len), part = 1 + roll(len - from);
    switch (roll(8)) {
    case 0:
        buf_printf(out, "%s LIKE '%%%.*s%%'", property->path, (int)part, constant + from);
        break;
    case 1:
        buf_printf(out, "%s LIKE '%.*s%%'", property->path, (int)part, constant);
        break;
    case 2:
        buf_printf(out, "%s MATCHES '%.*s'", property->path, (int)(slice_find(slice_of(constant), '?')), constant);
        break;
    case 3:
        buf_printf(out, "%s IN ('%s', '%s')", property->path, constant, constant_of(property));
        break;
    case 4:
        buf_printf(out, "%s NOT = '%s'", property->path, constant);
        break;
    case 5:
        if (strstr(property->path, "addr:value") != NULL && strstr(property->path, "ip") == property->path) {
            buf_printf(out, "%s ISSUBSET '%s'", property->path,
                    strchr(property->path, '6') ? "2001:db8::/112" : "192.0.2.0/26");
            break;
        }
        /* fall through */
    default:
        buf_printf(out, "%s = '%s'", property->path, constant);
    }
}

static inline void put_observation(struct buf *out)
{
    const struct property *property = &PICK(properties);
    const char *end = strchr(property->path, ':');
    size_t object = (size_t)(end - property->path);
    buf_byte(out, '[');
    put_test(out, property);
    if (roll(3) == 0) {
        const struct property *other = &PICK(properties);
        bool same = strncmp(other->path, property->path, object + 1) == 0;
        buf_put(out, same && roll(2) == 0 ? S(" AND ") : S(" OR "));
        put_test(out, other);
    } else if (strncmp(property->path, "network", 7) == 0 && roll(3) == 0) {
        buf_printf(out, roll(2) == 0 ? " AND network-traffic:dst_port = %u" : " OR network-traffic:src_port IN (%u, 1)",
                PICK(ports));
    }
    buf_byte(out, ']');
}

static inline void put_pattern(struct buf *out)
{
    size_t kind = roll(8);
    if (kind < 4) {
        put_observation(out);
    } else if (kind == 4) {
        put_observation(out);
        buf_put(out, S(" START t'2026-06-01T10:00:30Z' STOP t'2026-06-01T10:01:30Z'"));
    } else if (kind == 5) {
        put_observation(out);
        buf_printf(out, " REPEATS %zu TIMES WITHIN 20 SECONDS", 1 + roll(4));
    } else {
        buf_byte(out, '(');
        put_observation(out);
        buf_put(out, kind == 6 ? S(" FOLLOWEDBY ") : roll(2) == 0 ? S(" AND ") : S(" OR "));
        put_observation(out);
        buf_put(out, S(") WITHIN 10 SECONDS"));
    }
}
