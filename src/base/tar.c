/* SPDX-License-Identifier: Apache-2.0 */
#include "base/tar.h"

#include "base/arena.h"

#define SECONDS_MAX INT64_C(077777777777)

struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], typeflag[1], linkname[100], magic[6],
            version[2], uname[32], gname[32], devmajor[8], devminor[8], prefix[155], pad[12];
};
_Static_assert(sizeof(struct header) == TAR_BLOCK, "a header is one block");

static const char zeros[TAR_END] = {0};

/* ---- Writing ---- */

/* Where the name is cut at a slash, so that both halves fit; 0: it need not be cut; SIZE_MAX: it cannot be. */
static size_t name_cut(slice name)
{
    if (name.len <= sizeof((struct header *)0)->name)
        return 0;
    for (size_t at = 1; at <= sizeof((struct header *)0)->prefix && at + 1 < name.len; at++)
        if (name.ptr[at] == '/' && name.len - at - 1 <= sizeof((struct header *)0)->name)
            return at;
    return SIZE_MAX;
}

bool tar_name_fits(slice name)
{
    return name.len > 0 && name_cut(name) != SIZE_MAX;
}

static void put_octal(char *field, size_t width, uint64_t number)
{
    field[--width] = '\0';
    for (; width > 0; number >>= 3)
        field[--width] = (char)('0' + (number & 7));
}

/* The sum of its bytes, those of the checksum taken as blanks. */
static unsigned sum_of(const struct header *header)
{
    struct header blank = *header;
    unsigned sum = 0;
    memset(blank.checksum, ' ', sizeof blank.checksum);
    for (size_t i = 0; i < sizeof blank; i++)
        sum += ((const unsigned char *)&blank)[i];
    return sum;
}

static void put_block(struct buf *out, const struct tar_file *file, char type, uint64_t size)
{
    struct header header = {.typeflag = {type}};
    size_t cut = name_cut(file->name), from = cut == 0 ? 0 : cut + 1;
    int64_t seconds = file->time_us < 0 ? 0 : file->time_us / 1000000;
    memcpy(header.prefix, file->name.ptr, cut);
    memcpy(header.name, file->name.ptr + from, file->name.len - from);
    put_octal(header.mode, sizeof header.mode, file->mode & 0777);
    put_octal(header.uid, sizeof header.uid, 0);
    put_octal(header.gid, sizeof header.gid, 0);
    put_octal(header.size, sizeof header.size, size);
    put_octal(header.mtime, sizeof header.mtime, (uint64_t)(seconds > SECONDS_MAX ? SECONDS_MAX : seconds));
    memcpy(header.magic, "ustar", 6);
    memcpy(header.version, "00", 2);
    put_octal(header.checksum, sizeof header.checksum - 1, sum_of(&header));
    header.checksum[sizeof header.checksum - 1] = ' ';
    buf_put(out, (slice){(const char *)&header, sizeof header});
}

/* "LENGTH size=NUMBER\n", where LENGTH counts itself ("pax Extended Header"). */
static void put_more(struct buf *out, const struct tar_file *file)
{
    char text[TAR_MORE_MAX], digits[24];
    int number = snprintf(digits, sizeof digits, "%llu", (unsigned long long)file->size);
    int length = snprintf(text, sizeof text, "%d size=%s\n", number + 9, digits); /* always two digits long */
    put_block(out, file, 'x', (uint64_t)length);
    buf_put(out, (slice){text, (size_t)length});
    tar_put_zeros(out, tar_pad((uint64_t)length));
}

void tar_put_header(struct buf *out, const struct tar_file *file)
{
    bool plain = file->size <= TAR_SIZE_PLAIN;
    if (!plain)
        put_more(out, file);
    put_block(out, file, '0', plain ? file->size : 0);
}

void tar_put_zeros(struct buf *out, size_t count)
{
    buf_put(out, (slice){zeros, count});
}

/* ---- Reading ---- */

/* What it is, for who wonders why it is refused. */
static const char *type_name(char type)
{
    static const struct {
        char type;
        const char *name;
    } rows[] = {{'1', "a hard link"}, {'2', "a symbolic link"}, {'3', "a character device"}, {'4', "a block device"},
            {'5', "a folder"}, {'6', "a named pipe"}, {'7', "a file of a kind of its own"},
            {'g', "a global extension of pax"}, {'L', "a long name of GNU tar"}, {'K', "a long link of GNU tar"},
            {'S', "a file with holes of GNU tar"}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].type == type)
            return rows[i].name;
    return "of no kind that we know";
}

/* Digits up to a NUL or a blank, which only NULs and blanks follow. */
static bool read_octal(const char *field, size_t width, uint64_t *number)
{
    uint64_t value = 0;
    size_t at = 0;
    for (; at < width && field[at] >= '0' && field[at] <= '7'; at++)
        value = value * 8 + (uint64_t)(field[at] - '0');
    bool good = at > 0 && at < width;
    for (; at < width; at++)
        good &= field[at] == '\0' || field[at] == ' ';
    *number = value;
    return good;
}

static slice field_text(const char *field, size_t width)
{
    return (slice){field, slice_find((slice){field, width}, '\0')};
}

static slice name_of(const struct header *header, struct arena *arena)
{
    slice prefix = field_text(header->prefix, sizeof header->prefix);
    slice name = field_text(header->name, sizeof header->name);
    if (prefix.len == 0)
        return arena_copy(arena, name);
    return slice_of(arena_printf(arena, "%.*s/%.*s", (int)prefix.len, prefix.ptr, (int)name.len, name.ptr));
}

struct err tar_header_read(slice block, struct arena *arena, enum tar_kind *kind, struct tar_file *file)
{
    struct header header;
    uint64_t sum, mode, seconds;
    struct tar_file read = {0};
    memcpy(&header, block.ptr, sizeof header);
    *kind = TAR_ZEROS;
    if (memcmp(&header, zeros, sizeof header) == 0)
        return OK;
    if (memcmp(header.magic, "ustar", 6) != 0 || memcmp(header.version, "00", 2) != 0)
        return err_make(ERR_INPUT, "this is no header of a tar archive (ustar) [POSIX.1-2017, pax]");
    if (!read_octal(header.checksum, sizeof header.checksum, &sum) || sum != sum_of(&header))
        return err_make(ERR_INPUT, "the checksum of the header is another");
    char type = header.typeflag[0];
    if (type != '0' && type != 'x')
        return err_format(arena, ERR_INPUT, "the member is %s; there are only files here", type_name(type));
    if (!read_octal(header.size, sizeof header.size, &read.size) ||
            !read_octal(header.mode, sizeof header.mode, &mode) ||
            !read_octal(header.mtime, sizeof header.mtime, &seconds))
        return err_make(ERR_INPUT, "a field of the header is no number");
    read.name = name_of(&header, arena);
    read.mode = (unsigned)mode;
    read.time_us = (int64_t)seconds * 1000000;
    *kind = type == '0' ? TAR_FILE : TAR_MORE;
    *file = read;
    return OK;
}

struct err tar_more_read(slice more, uint64_t *size)
{
    uint64_t length = 0, number = 0;
    size_t blank = slice_find(more, ' ');
    bool good = slice_u64(slice_part(more, 0, blank), TAR_MORE_MAX, &length) && length == more.len && blank < more.len;
    slice rest = good ? slice_from(more, blank + 1) : more;
    good = good && slice_starts(rest, S("size=")) && slice_ends(rest, S("\n")) &&
           slice_u64(slice_part(rest, 5, rest.len - 1), INT64_MAX, &number);
    if (!good)
        return err_make(ERR_INPUT, "an extension of pax that says more than a size");
    *size = number;
    return OK;
}
