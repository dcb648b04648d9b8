/* SPDX-License-Identifier: Apache-2.0 */
#include "event/text.h"
#include "base/arena.h"
#include "base/ip.h"

/*
 * The text is cut into chunks at blanks, quotes and angle brackets, which no observable can hold. A chunk that looks
 * defanged is re-fanged as a whole; then words are read out of it from left to right, and whatever a word turns out to
 * be, reading goes on behind it. So each byte is looked at a fixed number of times.
 */

#define REFANG_BYTES_MAX 8192 /* a longer chunk is searched as it is: no value of ours is longer */
#define URL_BYTES_MAX 8192
#define SCHEME_BYTES_MAX 16
#define LOCAL_PART_MAX 64    /* RFC 5321 section 4.5.3.1.1 */
#define HASH_DIGITS_LEAST 32 /* a shorter chunk without dot or colon holds nothing */
#define IPV6_TEXT_MAX 45

/* A blank ends a chunk, w makes up words, a dot stands between the words of a chunk. 16 bytes a row. */
static const char classes[] = "                " /* controls */
                              "                " /* controls */
                              " . ..w.....w.ww." /* blank to / */
                              "wwwwwwwwww.. . ." /* 0 to ? */
                              ".wwwwwwwwwwwwwww" /* @ to O */
                              "wwwwwwwwwww....w" /* P to _ */
                              " wwwwwwwwwwwwwww" /* ` to o */
                              "wwwwwwwwwww. .. " /* p to DEL */;

/* Ends of file names that are no top-level domains; sorted. Those that are both (com, zip, sh, py) stay names. */
static const char *const file_ends[] = {"apk", "ashx", "asmx", "asp", "aspx", "axd", "bak", "bat", "bin", "cfg", "cfm",
        "cgi", "chm", "class", "cmd", "conf", "cpp", "css", "csv", "dat", "deb", "dll", "dmg", "doc", "docm", "docx",
        "dylib", "elf", "eml", "evtx", "exe", "gif", "gz", "hpp", "hta", "htm", "html", "ico", "img", "inf", "ini",
        "iso", "jar", "java", "jpeg", "jpg", "js", "jse", "json", "jsp", "jspx", "lnk", "log", "msg", "msi", "msp",
        "ocx", "odt", "pcap", "pdb", "pdf", "pem", "php", "phtml", "pkg", "png", "ppt", "pptm", "pptx", "psd", "psm",
        "rar", "reg", "rpm", "rtf", "scr", "shtml", "sqlite", "svg", "swf", "sys", "tar", "tgz", "tif", "tiff", "tmp",
        "toml", "ttf", "txt", "vbe", "vbs", "war", "wasm", "wav", "woff", "wsf", "xls", "xlsb", "xlsm", "xlsx", "xml",
        "xz", "yaml", "yml"};

struct scanner {
    slice field;
    struct arena *arena;
    struct buf refanged;
    struct observable *rows;
    size_t count, room;
    size_t colons_end; /* in this chunk, no IPv6 address begins before here */
};

static bool is_word(char c)
{
    return (unsigned char)c >= 0x80 || classes[(unsigned char)c] == 'w';
}

static bool is_alnum(char c)
{
    return byte_is_digit(c) || (byte_lower(c) >= 'a' && byte_lower(c) <= 'z');
}

static bool is_letter(char c)
{
    return byte_lower(c) >= 'a' && byte_lower(c) <= 'z';
}

/* The byte at a place, or a blank outside: what stands beside a word. */
static char byte_at(slice s, size_t at)
{
    return at < s.len ? s.ptr[at] : ' ';
}

/* The length of a run of digits. */
static size_t digits(slice s, size_t from)
{
    size_t at = from;
    while (at < s.len && byte_is_digit(s.ptr[at]))
        at++;
    return at - from;
}

/* The bytes of the UTF-8 character that begins here (RFC 3629 section 4), 0 if there is none. */
static size_t utf8_length(slice s, size_t at)
{
    unsigned char lead = (unsigned char)s.ptr[at];
    if (lead < 0x80)
        return 1;
    size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || length > s.len - at)
        return 0;
    unsigned char second = (unsigned char)s.ptr[at + 1];
    unsigned char least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < least || second > most)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (((unsigned char)s.ptr[at + i] & 0xC0) != 0x80)
            return 0;
    return length;
}

static bool utf8_is(slice s)
{
    uint64_t eight, high = UINT64_C(0x8080808080808080);
    for (size_t at = 0, length; at < s.len; at += length) {
        length = 8;
        if (s.len - at >= 8 && (memcpy(&eight, s.ptr + at, sizeof eight), (eight & high) == 0))
            continue;
        length = utf8_length(s, at);
        if (length == 0)
            return false;
    }
    return true;
}

/*
 * The length of a gap at this place, 0 if there is none. Beside the ASCII ones: no-break space and guillemets (U+0080
 * to U+00BF), typographic quotes, dashes and spaces (U+2000 to U+207F), ideographic punctuation (U+3000 to U+303F),
 * which would else be taken for letters of an international name.
 */
static size_t gap_length(slice s, size_t at)
{
    unsigned char c = (unsigned char)s.ptr[at];
    if (c < 0x80)
        return classes[c] == ' ' ? 1 : 0;
    if (c != 0xC2 && c != 0xE2 && c != 0xE3)
        return 0;
    size_t length = utf8_length(s, at);
    unsigned char second = length == 0 ? 0 : (unsigned char)s.ptr[at + 1];
    bool gap = c == 0xC2 || (c == 0xE2 && second <= 0x81) || (c == 0xE3 && second == 0x80);
    return gap ? length : 0;
}

static void add(struct scanner *s, enum observable_type type, slice value)
{
    if (s->count < s->room && value.len <= URL_BYTES_MAX)
        s->rows[s->count++] = (struct observable){.type = type, .value = value, .field = s->field};
}

static void add_host(struct scanner *s, slice host)
{
    struct ip ip;
    if (ip_parse(host, &ip))
        add(s, ip.family == 4 ? OBSERVABLE_IPV4 : OBSERVABLE_IPV6, host);
    else if (text_is_name(host))
        add(s, OBSERVABLE_HOST, host);
}

static bool is_file_end(slice end)
{
    char lower[7] = ""; /* the longest has six letters */
    if (end.len >= sizeof(lower))
        return false;
    for (size_t i = 0; i < end.len; i++)
        lower[i] = byte_lower(end.ptr[i]);
    size_t least = 0, most = COUNT_OF(file_ends);
    while (least < most) {
        size_t middle = (least + most) / 2;
        int order = strcmp(lower, file_ends[middle]);
        if (order == 0)
            return true;
        if (order < 0)
            most = middle;
        else
            least = middle + 1;
    }
    return false;
}

/* Letters only, an A-label, or a label in another script. */
static bool is_top_label(slice label)
{
    bool letters = label.len >= 2, high = false;
    for (size_t i = 0; i < label.len; i++) {
        letters &= is_letter(label.ptr[i]) || (unsigned char)label.ptr[i] >= 0x80;
        high |= (unsigned char)label.ptr[i] >= 0x80;
    }
    if (letters)
        return !high ? !is_file_end(label) : true;
    return label.len > 4 && slice_eq_fold(slice_part(label, 0, 4), S("xn--"));
}

static bool is_label(slice label)
{
    if (label.len == 0 || label.len > 63 || label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        char c = label.ptr[i];
        if (!is_alnum(c) && c != '-' && c != '_' && (unsigned char)c < 0x80)
            return false;
    }
    return true;
}

bool text_is_name(slice word)
{
    if (word.len < 4 || word.len > 253 || slice_find(word, '.') == word.len)
        return false;
    slice rest = word, label = {NULL, 0};
    size_t labels = 0;
    while (slice_next(&rest, '.', &label)) {
        if (!is_label(label))
            return false;
        labels++;
    }
    return labels >= 2 && is_top_label(label) && utf8_is(word);
}

struct text_authority text_authority(slice text)
{
    struct text_authority split = {.host = text};
    size_t behind = 0; /* where a port may begin */
    if (!slice_holds(text, ':') && !(text.len > 0 && text.ptr[0] == '['))
        return split;
    if (text.len > 0 && text.ptr[0] == '[') {
        size_t close = slice_find(text, ']');
        split.host = slice_part(text, 1, close);
        split.colons = true;
        behind = close == text.len ? close : close + 1;
    } else {
        behind = slice_find(text, ':');
        split.colons = behind < text.len && memchr(text.ptr + behind + 1, ':', text.len - behind - 1) != NULL;
        if (split.colons)
            return split;
        split.host.len = behind;
    }
    if (behind < text.len && text.ptr[behind] == ':')
        split.port = slice_from(text, behind + 1);
    return split;
}

struct text_authority text_url_authority(slice url)
{
    size_t scheme = slice_find(url, ':'), end = 0, start = 0;
    bool named = slice_starts(slice_from(url, scheme), S("://"));
    for (size_t i = 0; i < scheme && named; i++)
        named = is_alnum(url.ptr[i]) || url.ptr[i] == '+' || url.ptr[i] == '-' || url.ptr[i] == '.';
    slice rest = named ? slice_from(url, scheme + 3) : url;
    while (end < rest.len && rest.ptr[end] != '/' && rest.ptr[end] != '?' && rest.ptr[end] != '#' &&
            rest.ptr[end] != '\\') {
        if (rest.ptr[end] == '@')
            start = end + 1;
        end++;
    }
    return text_authority(slice_part(rest, start, end));
}

/* What ends a sentence does not end a URL, nor does a bracket that was opened before it. */
static slice url_trim(slice url)
{
    long open[2] = {0, 0};
    for (size_t i = 0; i < url.len; i++) {
        open[0] += (url.ptr[i] == '(') - (url.ptr[i] == ')');
        open[1] += (url.ptr[i] == '[') - (url.ptr[i] == ']');
    }
    for (; url.len > 0; url.len--) {
        char last = url.ptr[url.len - 1];
        if (last == ')' && open[0] < 0)
            open[0]++;
        else if (last == ']' && open[1] < 0)
            open[1]++;
        else if (memchr(".,;:!?'*", last, 8) == NULL)
            break;
    }
    return url;
}

/* Where the URL ends whose authority begins at `from`: RFC 3986 has no such bytes, or the next URL of a list begins. */
static size_t url_end(slice chunk, size_t start, size_t from)
{
    char quote = start > 0 && chunk.ptr[start - 1] == '\'' ? '\'' : '\\';
    size_t at = from;
    for (; at < chunk.len; at++) {
        char c = chunk.ptr[at];
        if (c == '\\' || c == '{' || c == '}' || c == '^' || c == quote)
            break;
        if ((c == ',' || c == ';') && slice_starts(slice_from(chunk, at + 1), S("http")))
            break;
    }
    return start + url_trim(slice_part(chunk, start, at)).len;
}

/* A URL and its host. Returns its end. */
static size_t take_url(struct scanner *s, slice chunk, size_t start, size_t from)
{
    size_t end = url_end(chunk, start, from);
    slice url = slice_part(chunk, start, end);
    if (end <= from || !utf8_is(url))
        return end > from ? end : from;
    add(s, OBSERVABLE_URL, url);
    add_host(s, text_url_authority(url).host);
    return end;
}

/* Whether "/192.0.2.1" or "/192.0.2.1:80" follows, as some logs write an address behind its name. */
static bool address_follows(slice chunk, size_t slash)
{
    struct ip ip;
    size_t end = slash + 1;
    while (end < chunk.len && end - slash <= 15 && (byte_is_digit(chunk.ptr[end]) || chunk.ptr[end] == '.'))
        end++;
    return ip_parse(slice_part(chunk, slash + 1, end), &ip);
}

/* The end of the word at `from`, without the punctuation that follows it. */
static size_t word_end(slice chunk, size_t from, size_t *behind)
{
    size_t end = from;
    while (end < chunk.len && is_word(chunk.ptr[end]))
        end++;
    *behind = end;
    while (end > from && memchr(".%+-", chunk.ptr[end - 1], 4) != NULL)
        end--;
    return end;
}

/* A name or address at [start, end), or the URL without scheme that goes on behind it. Returns the end of what it was.
 */
static size_t take_host(struct scanner *s, slice chunk, size_t start, size_t end, enum observable_type type)
{
    size_t slash = end;
    size_t port = byte_at(chunk, end) == ':' ? digits(chunk, end + 1) : 0;
    if (port >= 1 && port <= 5)
        slash = end + 1 + port;
    if (byte_at(chunk, slash) == '/' && !address_follows(chunk, slash))
        return take_url(s, chunk, start, slash);
    add(s, type, slice_part(chunk, start, end));
    return end;
}

/* An address at [start, end), the prefix it begins, or a URL. Returns the end of what it was. */
static size_t take_address(struct scanner *s, slice chunk, size_t start, size_t end, uint8_t family)
{
    struct prefix prefix;
    size_t behind, bits_end = byte_at(chunk, end) == '/' ? word_end(chunk, end + 1, &behind) : end;
    if (bits_end > end + 1 && byte_at(chunk, bits_end) != '/' &&
            prefix_parse(slice_part(chunk, start, bits_end), &prefix)) {
        add(s, OBSERVABLE_CIDR, slice_part(chunk, start, bits_end));
        return bits_end;
    }
    if (family == 4)
        return take_host(s, chunk, start, end, OBSERVABLE_IPV4);
    add(s, OBSERVABLE_IPV6, slice_part(chunk, start, end));
    return end;
}

/* An IPv6 address that begins here. Returns its end, or `start` if there is none. */
static size_t take_ipv6(struct scanner *s, slice chunk, size_t start)
{
    if (start < s->colons_end || (start > 0 && is_word(chunk.ptr[start - 1])))
        return start;
    size_t end = start, colons = 0;
    for (; end < chunk.len; end++) {
        char c = chunk.ptr[end];
        if (c != ':' && c != '.' && byte_hex(c) < 0)
            break;
        colons += c == ':';
    }
    s->colons_end = end;
    char next = byte_at(chunk, end);
    while (end > start && (chunk.ptr[end - 1] == '.' || (chunk.ptr[end - 1] == ':' && byte_at(chunk, end - 2) != ':')))
        end--;
    struct ip ip;
    slice text = slice_part(chunk, start, end);
    if (colons < 2 || text.len < 3 || text.len > IPV6_TEXT_MAX || (is_word(next) && next != '%') ||
            !ip_parse(text, &ip))
        return start;
    return take_address(s, chunk, start, end, 6);
}

/* The hashes among the runs of letters and digits in a word. */
static void take_hashes(struct scanner *s, slice word)
{
    static const struct {
        size_t digits;
        enum observable_type type;
    } hashes[] = {{32, OBSERVABLE_MD5}, {40, OBSERVABLE_SHA1}, {64, OBSERVABLE_SHA256}, {128, OBSERVABLE_SHA512}};
    size_t start = 0;
    bool hex = true;
    for (size_t at = 0; at <= word.len && word.len >= hashes[0].digits; at++) {
        char c = byte_at(word, at);
        if (is_alnum(c)) {
            hex &= byte_hex(c) >= 0;
            continue;
        }
        for (size_t i = 0; hex && i < COUNT_OF(hashes); i++)
            if (at - start == hashes[i].digits)
                add(s, hashes[i].type, slice_part(word, start, at));
        start = at + 1;
        hex = true;
    }
}

/* "192.0.2.1-192.0.2.9": the two ends of a range. */
static bool take_range(struct scanner *s, slice word)
{
    size_t dash = slice_find(word, '-');
    struct ip ip;
    if (dash == word.len || !ip_parse(slice_part(word, 0, dash), &ip) || !ip_parse(slice_from(word, dash + 1), &ip))
        return false;
    add(s, OBSERVABLE_IPV4, slice_part(word, 0, dash));
    add(s, OBSERVABLE_IPV4, slice_from(word, dash + 1));
    return true;
}

/* A part of a path or of an account, where names of files and people stand. */
static bool is_inside_path(slice chunk, size_t start)
{
    char before = start == 0 ? ' ' : chunk.ptr[start - 1];
    if (before == '\\' || before == '@')
        return true;
    return before == '/' && !(start >= 2 && chunk.ptr[start - 2] == '/');
}

/* A word that is neither the scheme of a URL nor the local part of an e-mail address. Returns where to go on. */
static size_t take_word(struct scanner *s, slice chunk, size_t start, size_t end)
{
    slice word = slice_part(chunk, start, end);
    struct ip ip;
    if (word.len == 0)
        return end;
    if (byte_is_digit(word.ptr[0]) && ip_parse(word, &ip))
        return take_address(s, chunk, start, end, 4);
    if (byte_is_digit(word.ptr[0]) && take_range(s, word))
        return end;
    if (!text_is_name(word)) {
        take_hashes(s, word);
        return end;
    }
    return is_inside_path(chunk, start) ? end : take_host(s, chunk, start, end, OBSERVABLE_HOST);
}

static size_t take_email(struct scanner *s, slice chunk, size_t start, size_t at)
{
    size_t behind, end = word_end(chunk, at + 1, &behind);
    slice host = slice_part(chunk, at + 1, end);
    if (!text_is_name(host))
        return at; /* root@192.0.2.1: the host counts by itself */
    slice email = slice_part(chunk, start, end);
    if (at > start && at - start <= LOCAL_PART_MAX && utf8_is(email))
        add(s, OBSERVABLE_EMAIL, email);
    return behind;
}

/* Whether a word is the scheme of a URL; `start` is moved to where the scheme begins. */
static bool is_scheme(slice chunk, size_t start, size_t end)
{
    return slice_starts(slice_from(chunk, end), S("://")) && end > start && end - start <= SCHEME_BYTES_MAX &&
           is_letter(chunk.ptr[start]);
}

/* Reads one thing that begins at a word. Returns where to go on, always further on. */
static size_t take(struct scanner *s, slice chunk, size_t at)
{
    char c = chunk.ptr[at];
    size_t end = byte_hex(c) >= 0 || c == ':' ? take_ipv6(s, chunk, at) : at;
    if (end > at)
        return end;
    if (!is_word(c))
        return at + 1;
    size_t start = at, behind;
    while (start < chunk.len && memchr(".%+-", chunk.ptr[start], 4) != NULL)
        start++;
    end = word_end(chunk, start, &behind);
    if (is_scheme(chunk, start, behind))
        return take_url(s, chunk, start, behind + 3);
    if (byte_at(chunk, behind) == '@')
        return take_email(s, chunk, start, behind) + 1;
    end = take_word(s, chunk, start, end);
    return end > behind ? end : behind > at ? behind : at + 1;
}

static void scan_chunk(struct scanner *s, slice chunk, bool defanged)
{
    if (defanged && chunk.len <= REFANG_BYTES_MAX) {
        buf_reset(&s->refanged);
        if (observable_refang(chunk, &s->refanged))
            chunk = arena_copy(s->arena, buf_slice(&s->refanged));
    }
    s->colons_end = 0;
    for (size_t at = 0; at < chunk.len && s->count < s->room;)
        at = is_word(chunk.ptr[at]) || chunk.ptr[at] == ':' ? take(s, chunk, at) : at + 1;
}

/* What a byte says of the chunk that holds it. */
enum { TELLING = 1, DEFANGED = 2, AN_X = 4 };

static const uint8_t says[256] = {
        ['.'] = TELLING,
        [':'] = TELLING,
        ['['] = DEFANGED,
        ['('] = DEFANGED,
        ['{'] = DEFANGED,
        ['x'] = AN_X,
        ['X'] = AN_X,
};

/* As in hxxp. */
static bool has_two_x(slice chunk)
{
    for (size_t i = 0; i + 1 < chunk.len; i++)
        if (byte_lower(chunk.ptr[i]) == 'x' && byte_lower(chunk.ptr[i + 1]) == 'x')
            return true;
    return false;
}

size_t text_observables(slice text, slice field, struct arena *arena, struct observable *rows, size_t room)
{
    struct scanner s = {.field = field, .arena = arena, .rows = rows, .room = room};
    s.refanged = buf_make(REFANG_BYTES_MAX);
    size_t at = 0;
    while (at < text.len && s.count < room) {
        size_t start = at, gap = 0;
        unsigned said = 0;
        for (; at < text.len && (gap = gap_length(text, at)) == 0; at++)
            said |= says[(unsigned char)text.ptr[at]];
        slice chunk = slice_part(text, start, at);
        bool defanged = (said & DEFANGED) != 0 || ((said & AN_X) != 0 && has_two_x(chunk));
        if (defanged || (said & TELLING) != 0 || chunk.len >= HASH_DIGITS_LEAST)
            scan_chunk(&s, chunk, defanged);
        at += gap;
    }
    buf_free(&s.refanged);
    return s.count;
}
