/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests and the fuzz target: whether an export has the shape of its kind, so that nothing from outside broke out of
 * a comment, a rule or a record. One small checker for each kind; it knows only what a line may look like.
 */
#include "base/arena.h"
#include "export/export.h"
#include "form/form.h"
#include "json/check.h"
#include "json/read.h"

static inline bool shape_is_text(slice line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] < ' ' || line.ptr[i] > '~')
            return false;
    return true;
}

static inline bool shape_is_of(slice text, const char *bytes)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '\0' || strchr(bytes, text.ptr[i]) == NULL)
            return false;
    return true;
}

/* Takes a whole line; false, and *wrong set if something is left that does not end. */
static inline bool shape_line(slice *rest, slice *line, const char **wrong)
{
    if (rest->len == 0)
        return false;
    size_t end = slice_find(*rest, '\n');
    *line = slice_part(*rest, 0, end);
    if (end == rest->len) {
        *wrong = "the last line does not end";
        return false;
    }
    *rest = slice_from(*rest, end + 1);
    return true;
}

static inline const char *shape_json(slice text)
{
    return json_check(text, &json_limits_default, NULL).kind == ERR_NONE ? NULL : "not JSON";
}

static inline const char *shape_stix(slice text)
{
    struct json_members walk = json_members(text);
    slice key, value;
    const char *wrong = shape_json(text);
    while (wrong == NULL && json_member_next(&walk, &key, &value))
        if (!slice_eq(key, S("type")) && !slice_eq(key, S("objects")) && !slice_eq(key, S("id")))
            wrong = "a bundle with more members";
    return wrong;
}

/* The fields of a line of CSV; 0 if quotes do not close or stand where they must not. */
static inline size_t shape_csv_fields(slice line)
{
    size_t fields = 1, i = 0;
    while (i < line.len) {
        bool quoted = line.ptr[i] == '"';
        if (!quoted && memchr("=+-@", line.ptr[i], 4) != NULL)
            return 0;
        for (i += quoted; i < line.len && (quoted || line.ptr[i] != ','); i++) {
            if (line.ptr[i] != '"')
                continue;
            if (!quoted)
                return 0;
            quoted = i + 1 < line.len && line.ptr[i + 1] == '"';
            i += quoted;
            if (!quoted && i + 1 < line.len && line.ptr[i + 1] != ',')
                return 0;
        }
        if (quoted)
            return 0;
        fields += i < line.len;
        i++;
    }
    return fields;
}

static inline const char *shape_csv(slice text)
{
    const char *wrong = NULL;
    slice line;
    while (shape_line(&text, &line, &wrong)) {
        if (!slice_ends(line, S("\r")))
            return "a line without CRLF";
        line.len--;
        for (size_t i = 0; i < line.len; i++)
            if ((unsigned char)line.ptr[i] < ' ' || line.ptr[i] == 0x7f)
                return "a control character";
        if (shape_csv_fields(line) != 9)
            return "not nine fields";
    }
    return wrong;
}

static inline bool shape_is_record(slice line)
{
    size_t name = slice_find(line, ' ');
    return name > 0 && name < 254 && slice_starts(slice_from(line, name), S(" CNAME . ;")) &&
           shape_is_of(slice_part(line, 0, name), "abcdefghijklmnopqrstuvwxyz0123456789-_.*");
}

static inline const char *shape_rpz(slice text)
{
    const char *wrong = NULL;
    slice line;
    for (size_t number = 0; shape_line(&text, &line, &wrong); number++) {
        bool head = number == 0   ? slice_starts(line, S("; "))
                    : number == 1 ? slice_starts(line, S("$TTL "))
                    : number == 2 ? slice_starts(line, S("@ SOA localhost. "))
                                  : slice_eq(line, S("@ NS localhost."));
        if (!shape_is_text(line) || !(number < 4 ? head : shape_is_record(line)))
            return "a line that is no record";
    }
    return wrong;
}

/* One option of a rule off the front: a keyword, perhaps : and a value, perhaps quoted, and ; */
static inline bool shape_option(slice *rest, slice *keyword)
{
    size_t i = 0;
    while (i < rest->len && strchr("abcdefghijklmnopqrstuvwxyz0123456789._", rest->ptr[i]) != NULL)
        i++;
    *keyword = slice_part(*rest, 0, i);
    if (i < rest->len && rest->ptr[i] == ':') {
        i++;
        bool quoted = i < rest->len && rest->ptr[i] == '"';
        for (i += quoted; i < rest->len && rest->ptr[i] != (quoted ? '"' : ';'); i++)
            if (rest->ptr[i] == '\\' || rest->ptr[i] == '"' || rest->ptr[i] == ';')
                return false;
        i += quoted;
    }
    if (i >= rest->len || rest->ptr[i] != ';')
        return false;
    *rest = slice_from(*rest, i + 1);
    if (slice_starts(*rest, S(" ")))
        *rest = slice_from(*rest, 1);
    return true;
}

static inline bool shape_is_keyword(slice keyword)
{
    static const char *const known[] = {"msg", "content", "bsize", "nocase", "endswith", "startswith", "dotprefix",
            "dns.query", "tls.sni", "http.host", "http.uri.raw", "http.user_agent", "ja3.hash", "file.name", "metadata",
            "sid", "rev", "to_lowercase", "dataset", "ip.src", "ip.dst", "filemd5", "filesha1", "filesha256"};
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (slice_eq(keyword, slice_of(known[i])))
            return true;
    return false;
}

static inline bool shape_is_rule(slice line)
{
    size_t open = slice_find(line, '('), sids = 0, messages = 0;
    slice keyword;
    if (!slice_starts(line, S("alert ")) || !slice_ends(line, S(";)")) || open == line.len || line.len > 8191)
        return false;
    if (!shape_is_of(slice_part(line, 6, open), "abcdefghijklmnopqrstuvwxyz0123456789 .:/<>-"))
        return false;
    slice rest = slice_part(line, open + 1, line.len - 1);
    while (rest.len > 0) {
        if (!shape_option(&rest, &keyword) || !shape_is_keyword(keyword))
            return false;
        sids += slice_eq(keyword, S("sid"));
        messages += slice_eq(keyword, S("msg"));
    }
    return sids == 1 && messages == 1;
}

static inline const char *shape_rules(slice text)
{
    const char *wrong = NULL;
    slice line;
    for (size_t number = 0; shape_line(&text, &line, &wrong); number++)
        if (!shape_is_text(line) || !(number == 0 ? slice_starts(line, S("# ")) : shape_is_rule(line)))
            return "a line that is no rule";
    return wrong;
}

static inline const char *shape_list(slice text)
{
    const char *wrong = NULL;
    slice line;
    while (shape_line(&text, &line, &wrong))
        if (line.len == 0 || !shape_is_of(line, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=.:"))
            return "a line that no dataset takes";
    return wrong;
}

/* The next file of a tar archive; false at its end or if it is none. */
static inline bool shape_tar_next(slice *rest, slice *name, slice *content)
{
    uint64_t size = 0;
    if (rest->len < 512 || rest->ptr[0] == '\0' || memcmp(rest->ptr + 257, "ustar", 6) != 0)
        return false;
    for (size_t i = 124; i < 135; i++)
        size = size * 8 + (uint64_t)(rest->ptr[i] - '0');
    size_t blocks = 512 + (size + 511) / 512 * 512;
    if (blocks > rest->len)
        return false;
    *name = slice_of(rest->ptr);
    *content = slice_part(*rest, 512, 512 + size);
    *rest = slice_from(*rest, blocks);
    return true;
}

static inline const char *shape_tar(slice text)
{
    slice name, content;
    size_t count = 0;
    const char *wrong = NULL;
    for (; wrong == NULL && shape_tar_next(&text, &name, &content); count++)
        wrong = count == 0 ? shape_rules(content) : shape_list(content);
    if (wrong == NULL && (count != 9 || text.len != 1024))
        wrong = "not an archive of nine files";
    return wrong;
}

static inline const char *shape_zeek(slice text)
{
    const char *wrong = NULL;
    slice line, field;
    for (size_t number = 0; shape_line(&text, &line, &wrong); number++) {
        size_t fields = 0;
        while (slice_next(&line, '\t', &field)) {
            if (field.len == 0 || !shape_is_text(field) || (number > 0 && fields == 0 && field.ptr[0] == '#'))
                return "a field that is empty or not plain";
            fields++;
        }
        if (fields != (number == 0 ? 7 : 6))
            return "not as many fields as the header names";
    }
    return wrong;
}

static inline const char *shape_nft(slice text)
{
    const char *wrong = NULL;
    slice line;
    bool elements = false;
    for (size_t number = 0; shape_line(&text, &line, &wrong); number++) {
        if (number < 2 ? !shape_is_text(line) || !slice_starts(line, S("# "))
                       : !shape_is_of(line, "abcdefghijklmnopqrstuvwxyz0123456789_.:/,{} \t"))
            return "a line that is no part of a set";
        if (elements && !slice_eq(line, S("}")) && !shape_is_of(line, "0123456789abcdef.:/, \t"))
            return "an element that is no address";
        elements = slice_starts(line, S("add element")) || (elements && !slice_eq(line, S("}")));
    }
    return elements ? "a command that does not end" : wrong;
}

/* NULL: it has; else what is wrong. */
static inline const char *shape_wrong(const char *kind, slice text)
{
    static const struct {
        const char *kind;
        const char *(*check)(slice text);
    } checks[] = {
            {"stix", shape_stix},
            {"misp", shape_json},
            {"csv", shape_csv},
            {"rpz", shape_rpz},
            {"suricata", shape_tar},
            {"suricata-rules", shape_rules},
            {"zeek", shape_zeek},
            {"nft", shape_nft},
    };
    for (size_t i = 0; i < COUNT_OF(checks); i++)
        if (strcmp(kind, checks[i].kind) == 0)
            return checks[i].check(text);
    return "a kind without a checker";
}
