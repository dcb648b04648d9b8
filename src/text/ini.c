/* SPDX-License-Identifier: Apache-2.0 */
#include "text/ini.h"

#include "json/chars.h"

/* One line of the text, and its number. */
struct ini_line {
    const struct ini_sink *sink;
    slice text; /* the whole line */
    size_t number;
};

static size_t column_of(const struct ini_line *line, const char *at)
{
    return (size_t)(at - line->text.ptr) + 1;
}

static void wrong(const struct ini_line *line, const char *at, const char *why)
{
    line->sink->wrong(line->sink->context, line->number, column_of(line, at), why);
}

/* What no line may hold, and where it begins; NULL: the line is fine. */
static const char *bytes_wrong(slice text, const char **at)
{
    const char *end = text.ptr + text.len;
    for (*at = text.ptr; *at < end;) {
        unsigned char byte = (unsigned char)**at;
        if (byte == 0)
            return "a NUL byte; is this a text file?";
        if ((byte < ' ' && byte != '\t') || byte == 0x7F)
            return "a control character; write plain text";
        size_t bytes = byte < 0x80 ? 1 : json_utf8_bytes(*at, end);
        if (bytes == 0)
            return "this is not UTF-8; save the file as UTF-8";
        *at += bytes;
    }
    return NULL;
}

static bool is_name(slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char low = byte_lower(name.ptr[i]);
        if (!(low >= 'a' && low <= 'z') && !byte_is_digit(low) && low != '-')
            return false;
    }
    return name.len > 0;
}

/* One name, or two with a blank between: what it is, and which. */
static bool is_section(slice name)
{
    size_t blank = slice_find(name, ' ');
    return is_name(slice_part(name, 0, blank)) && (blank == name.len || is_name(slice_from(name, blank + 1)));
}

static void read_section(const struct ini_line *line, slice text)
{
    size_t end = slice_find(text, ']');
    slice name = slice_trim(slice_part(text, 1, end));
    if (end == text.len)
        wrong(line, text.ptr, "the section has no ] at its end; write `[section]`");
    else if (end + 1 < text.len)
        wrong(line, text.ptr + end + 1, "nothing may stand behind the ] of a section");
    else if (!is_section(name))
        wrong(line, text.ptr, "the name of a section has letters, digits and dashes");
    else
        line->sink->section(line->sink->context, name, line->number, column_of(line, text.ptr));
}

static void read_entry(const struct ini_line *line, slice text)
{
    size_t equals = slice_find(text, '=');
    slice key = slice_trim(slice_part(text, 0, equals));
    if (equals == text.len) {
        wrong(line, text.ptr, "there is no = in this line; write `key = value`, or begin a comment with #");
        return;
    }
    if (!is_name(key)) {
        wrong(line, text.ptr, "a key has letters, digits and dashes; write `key = value`");
        return;
    }
    slice value = slice_trim(slice_from(text, equals + 1));
    struct ini_entry entry = {key, value, line->number, column_of(line, key.ptr), column_of(line, value.ptr)};
    line->sink->entry(line->sink->context, &entry);
}

static void read_line(const struct ini_line *line)
{
    slice text = slice_trim(line->text);
    const char *at = text.ptr;
    if (line->text.len > INI_LINE_MAX) {
        wrong(line, line->text.ptr, "the line is longer than 4096 bytes");
        return;
    }
    const char *why = bytes_wrong(text, &at);
    if (why != NULL)
        wrong(line, at, why);
    else if (text.len == 0 || text.ptr[0] == '#' || text.ptr[0] == ';')
        return;
    else if (text.ptr[0] == '[')
        read_section(line, text);
    else
        read_entry(line, text);
}

size_t ini_read(slice text, const struct ini_sink *sink)
{
    struct ini_line line = {.sink = sink};
    if (slice_starts(text, S("\xEF\xBB\xBF"))) /* editors of some systems begin a text with a byte order mark */
        text = slice_from(text, 3);
    while (text.len > 0 && slice_next(&text, '\n', &line.text)) {
        line.number++;
        read_line(&line);
    }
    return line.number;
}
