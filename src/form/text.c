/* SPDX-License-Identifier: Apache-2.0 */
#include "form/form.h"

#include "form/make.h"
#include "form/reader.h"

/*
 * Free text: a mail, an article, an advisory as somebody pasted it. Text is searched word by word for addresses,
 * prefixes, names, URLs, hashes, e-mail addresses, CVE ids and ATT&CK techniques; what surrounds them is not
 * understood. That is guessing, so nothing is ever recognised as text by itself, and the rules for what looks like a
 * value and is none are kept here, one function each:
 *
 * 1. In a text that breaks anything so that nobody clicks it (hxxp, [.]), what is not broken is talk: the vendor's own
 *    page, the address to write to. Hashes and ids cannot be broken and always count.
 * 2. Four numbers behind a word like "version" are one, and so are addresses that mean no host.
 * 3. A name that is not broken is written in small letters and ends as names of the DNS do; what ends as files do
 *    (readme.md, run.sh) is a file.
 * 4. An IPv6 address that is not broken holds a digit and begins with three or four, since programs write a::b.
 * 5. Forty hexadecimal digits behind "commit" are no file.
 */

#define WORD_MAX 8192  /* bytes; a longer word is no value */
#define LINE_MAX 65536 /* bytes of a line whose words are kept as the original */

/* Endings that countries have in the DNS, and some that anybody can have. */
static const char endings[] =
        " ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca "
        "cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo "
        "fr "
        "ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm "
        "jo "
        "jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq "
        "mr "
        "ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa "
        "re "
        "ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to "
        "tr "
        "tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw "
        "aero app arpa asia bank biz blog buzz cam cat cfd click cloud club com coop cyou dev digital download edu "
        "email example finance fun gov help host icu info ink int jobs life link live loan lol media mil mobi monster "
        "museum name net news one onion online org page party pro pub quest rest review sbs shop site space store "
        "stream support surf team tech tel test today tokyo tools top travel trade uno vip website wiki win work world "
        "wtf xin xyz zip ";

/* Endings of the DNS that files have, too. */
static const char file_endings[] = " app cc md pl ps py rs sh so zip ";

/* Words before four numbers that say these are no address. */
static const char version_words[] =
        " v ver ver. version versions release releases rel build builds firmware update patch sp revision rev kernel "
        "upgrade through before prior ";

struct scan {
    struct form_reader reader;
    slice line, before; /* the word before the one at hand */
    uint64_t number;
    bool broken; /* this text breaks what it names */
    bool look;   /* the first pass, which only asks that */
};

static bool is_listed(const char *list, slice word)
{
    char spelt[16] = " ";
    if (word.len == 0 || word.len > sizeof(spelt) - 3)
        return false;
    for (size_t i = 0; i < word.len; i++)
        spelt[i + 1] = byte_lower(word.ptr[i]);
    spelt[word.len + 1] = ' ';
    return slice_find_slice(slice_of(list), (slice){spelt, word.len + 2}) < strlen(list);
}

static bool is_letter(char c)
{
    return byte_lower(c) >= 'a' && byte_lower(c) <= 'z';
}

static bool is_letter_or_digit(char c)
{
    return is_letter(c) || byte_is_digit(c) || (c & 0x80) != 0;
}

static slice after_last(slice text, char mark)
{
    size_t at = text.len;
    while (at > 0 && text.ptr[at - 1] != mark)
        at--;
    return slice_from(text, at);
}

static bool has_capitals(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z')
            return true;
    return false;
}

/* ---- What looks like a value and is none: the name under which it is left behind, or NULL ---- */

/* Rule 2. */
static const char *address_wrong(const struct scan *scan, slice value, bool broken)
{
    static const char *const nobody[] = {"0.0.0.0", "127.", "255.255.255.", "169.254."};
    for (size_t i = 0; i < COUNT_OF(nobody); i++)
        if (slice_starts(value, slice_of(nobody[i])))
            return "address that means no host of others";
    return !broken && is_listed(version_words, scan->before) ? "version number" : NULL;
}

/* Rule 4. */
static const char *address6_wrong(slice value, bool broken)
{
    size_t first = slice_find(value, ':');
    bool digit = false;
    for (size_t i = 0; i < value.len; i++)
        digit = digit || byte_is_digit(value.ptr[i]);
    if (slice_starts(value, S("::")) || slice_starts(value, S("fe80:")))
        return "address that means no host of others";
    return !broken && (!digit || first < 3) ? "word with colons that is hardly an address" : NULL;
}

static const char *prefix_wrong(slice value)
{
    uint64_t bits = 0;
    slice_u64(after_last(value, '/'), 128, &bits);
    return bits < 8 ? "prefix of a large part of the internet" : NULL;
}

/* Rule 3. */
static const char *name_wrong(slice value, bool broken)
{
    slice ending = after_last(value, '.');
    if (broken)
        return NULL;
    if (is_listed(file_endings, ending) && !slice_starts(value, S("www.")))
        return "name that may be that of a file";
    if (!is_listed(endings, ending))
        return "word with a dot that is no name we know";
    return has_capitals(value) ? "word with a dot and capital letters" : NULL;
}

static const char *url_wrong(slice value, bool broken)
{
    size_t at = slice_find_slice(value, S("://"));
    slice host = at < value.len ? slice_from(value, at + 3) : value;
    if (slice_starts(host, S("localhost")) || slice_starts(host, S("127.")))
        return "address that means no host of others";
    return at == value.len && !broken ? "word with a slash" : NULL;
}

static const char *value_wrong(const struct scan *scan, enum observable_type type, slice value, bool broken)
{
    bool breakable = form_type_refangs(type);
    if (type == OBSERVABLE_SHA1 && slice_eq_fold(scan->before, S("commit")))
        return "commit of a source"; /* rule 5 */
    if (breakable && scan->broken && !broken)
        return "value that can be clicked, in a text that breaks others"; /* rule 1 */
    switch (type) {
    case OBSERVABLE_IPV4:
        return address_wrong(scan, value, broken);
    case OBSERVABLE_IPV6:
        return address6_wrong(value, broken);
    case OBSERVABLE_CIDR:
        return prefix_wrong(value);
    case OBSERVABLE_DOMAIN:
        return name_wrong(value, broken);
    case OBSERVABLE_EMAIL:
        return name_wrong(slice_from(value, slice_find(value, '@')), broken);
    case OBSERVABLE_URL:
        return url_wrong(value, broken);
    default:
        return NULL;
    }
}

/* ---- Words ---- */

/* CVE-2026-1234, four digits or more (as the CVE programme has them). */
static bool is_cve(slice word)
{
    if (word.len < 13 || word.len > 24 || !slice_eq_fold(slice_part(word, 0, 4), S("CVE-")) || word.ptr[8] != '-')
        return false;
    for (size_t i = 4; i < word.len; i++)
        if (i != 8 && !byte_is_digit(word.ptr[i]))
            return false;
    return true;
}

/* T1059 or T1059.001; those of control systems begin with T08 and T09. */
static bool is_technique(slice word)
{
    if ((word.len != 5 && word.len != 9) || word.ptr[0] != 'T')
        return false;
    for (size_t i = 1; i < word.len; i++)
        if (i == 5 ? word.ptr[i] != '.' : !byte_is_digit(word.ptr[i]))
            return false;
    return word.ptr[1] == '1' || (word.ptr[1] == '0' && word.ptr[2] >= '8');
}

static struct err give(struct scan *scan, enum observable_type type, slice name, slice value, const char *at)
{
    struct indicator indicator = {
            .type = type,
            .name = name,
            .value = value,
            .modified_us = TIME_NONE,
            .from_us = TIME_NONE,
            .until_us = TIME_NONE,
    };
    struct form_place place = {scan->number, (uint64_t)(at - scan->line.ptr) + 1};
    return form_reader_give(&scan->reader, &indicator, place);
}

static struct err give_id(struct scan *scan, slice name, slice word)
{
    char spelt[32];
    for (size_t i = 0; i < word.len; i++)
        spelt[i] = (char)(is_letter(word.ptr[i]) ? word.ptr[i] & ~0x20 : word.ptr[i]);
    return give(scan, OBSERVABLE_OTHER, name, (slice){spelt, word.len}, word.ptr);
}

/* A value, or nothing: then `taken` stays false. */
static struct err take_value(struct scan *scan, slice word, bool *taken)
{
    slice value = form_reader_refang(&scan->reader, word);
    bool broken = !slice_eq(value, word);
    enum observable_type type = observable_guess(value);
    *taken = type != OBSERVABLE_NONE && observable_wrong(type, value) == NULL;
    if (!*taken)
        return OK;
    const char *wrong = value_wrong(scan, type, value, broken);
    if (scan->look)
        scan->broken = scan->broken || (broken && wrong == NULL);
    else if (wrong != NULL)
        form_reader_skip(&scan->reader, wrong, (slice){0});
    else
        return give(scan, type, (slice){0}, value, word.ptr);
    return OK;
}

/* How many brackets of each byte are open at the end of a word: negative, more are closed. */
static void count_open(slice word, int open[128])
{
    static const char pairs[][2] = {{'(', ')'}, {'[', ']'}, {'{', '}'}};
    for (size_t i = 0; i < word.len; i++)
        for (size_t j = 0; j < COUNT_OF(pairs); j++)
            open[(unsigned)pairs[j][1]] += (word.ptr[i] == pairs[j][0]) - (word.ptr[i] == pairs[j][1]);
}

/* Without the marks of a sentence around it. A bracket goes if the word does not hold its pair. */
static slice without_marks(slice word)
{
    int open[128] = {0};
    while (word.len > 0 && !is_letter_or_digit(word.ptr[0]) && word.ptr[0] != '/' && word.ptr[0] != ':')
        word = slice_from(word, 1);
    count_open(word, open);
    for (; word.len > 0; word.len--) {
        char last = word.ptr[word.len - 1];
        bool bracket = memchr(")]}", last, 3) != NULL && open[(unsigned)last] < 0;
        if (!bracket && memchr(".,;:!?*_'", last, 9) == NULL)
            break;
        if (bracket)
            open[(unsigned)last]++;
    }
    return word;
}

static struct err take_plain(struct scan *scan, slice word, bool *taken)
{
    word = without_marks(word);
    *taken = true;
    if (is_cve(word))
        return scan->look ? OK : give_id(scan, S("vulnerability"), word);
    if (is_technique(word))
        return scan->look ? OK : give_id(scan, S("attack-pattern"), word);
    return take_value(scan, word, taken);
}

/* Words that hold several things: IP:192.0.2.1, a.example,b.example, md5=... */
static struct err take_pieces(struct scan *scan, slice word)
{
    size_t from = 0;
    for (size_t i = 0; i <= word.len; i++) {
        bool ends = i == word.len || memchr(",;=:()[]{}/\\&", word.ptr[i], 13) != NULL;
        bool taken = false;
        if (!ends)
            continue;
        if (i > from && (i - from) < word.len)
            TRY(take_plain(scan, slice_part(word, from, i), &taken));
        from = i + 1;
    }
    return OK;
}

/* The first cut takes a list apart, so that 192[.]0[.]2[.]1,bad[.]example is two; the second all that is left. */
static struct err take_word(struct scan *scan, slice word)
{
    bool taken = false;
    if (word.len < 4 || word.len > WORD_MAX)
        return OK;
    TRY(take_plain(scan, word, &taken));
    if (taken)
        return OK;
    slice rest = word, piece;
    while (slice_next(&rest, ',', &piece)) {
        slice pieces = piece, part;
        while (slice_next(&pieces, ';', &part)) {
            size_t sign = slice_find(part, '=') < part.len ? slice_find(part, '=') : slice_find(part, ':');
            TRY(take_plain(scan, part, &taken));
            if (!taken && sign < part.len)
                TRY(take_plain(scan, slice_from(part, sign + 1), &taken));
            if (!taken)
                TRY(take_pieces(scan, part));
        }
    }
    return OK;
}

/* How many bytes at this place stand between words: blanks, quotes, angles, and typographic marks of UTF-8. */
static size_t gap_at(slice line, size_t at)
{
    slice rest = slice_from(line, at);
    uint8_t c = (uint8_t)rest.ptr[0];
    if (c <= ' ' || c == '"' || c == '<' || c == '>' || c == '|' || c == '`' || c == 0x7f)
        return 1;
    if (slice_starts(rest, S("](")))
        return 2; /* between the text of a link and where it leads, in Markdown */
    if (rest.len >= 3 && c == 0xe2 && (uint8_t)rest.ptr[1] == 0x80)
        return 3; /* U+2000 to U+203F: dashes, quotation marks, narrow blanks */
    return slice_starts(rest, S("\xc2\xa0")) ? 2 : 0;
}

static struct err read_line(struct scan *scan)
{
    size_t from = 0, gap;
    scan->before = (slice){0};
    for (size_t at = 0; at<scan->line.len; at += gap> 0 ? gap : 1) {
        gap = gap_at(scan->line, at);
        if (gap == 0)
            continue;
        slice word = slice_part(scan->line, from, at);
        from = at + gap;
        if (word.len == 0)
            continue;
        TRY(take_word(scan, word));
        scan->before = word;
    }
    return from < scan->line.len ? take_word(scan, slice_from(scan->line, from)) : OK;
}

static struct err read_lines(struct scan *scan)
{
    slice rest = scan->reader.text;
    scan->number = 0;
    while (slice_next(&rest, '\n', &scan->line)) {
        scan->number++;
        if (scan->reader.sink->row != NULL)
            *scan->reader.sink->row = slice_part(scan->line, 0, scan->line.len < LINE_MAX ? scan->line.len : LINE_MAX);
        TRY(read_line(scan));
    }
    return OK;
}

static struct err read_twice(struct scan *scan)
{
    size_t nul = slice_find(scan->reader.text, '\0');
    if (nul < scan->reader.text.len)
        return form_reader_refuse(&scan->reader, nul, err_make(ERR_INPUT, "here is a NUL: this is no text in UTF-8"));
    scan->look = true;
    TRY(read_lines(scan));
    scan->look = false;
    return read_lines(scan);
}

static struct err read_text(slice text, struct arena *arena, const struct form_sink *sink)
{
    struct scan scan = {.reader = form_reader_open(text, arena, sink)};
    struct err err = read_twice(&scan);
    form_reader_close(&scan.reader);
    return err;
}

/* Anything may be text: only who reads it can say so. */
static int recognise_text(slice head)
{
    (void)head;
    return 0;
}

const struct form form_text = {"text", "free text: what looks like a value in a mail or an article", recognise_text,
        read_text, form_text_objects};
