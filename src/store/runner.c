/* SPDX-License-Identifier: Apache-2.0 */
#include "store/runner.h"

#include <stdio.h>
#include <unistd.h>

#include "base/hash.h"

#define FILE_MAX 4096 /* bytes read of a file of the system */

enum { PART_MACHINE, PART_BOOT, PART_NAMESPACE, PART_PROCESS, PART_START, PARTS };

static slice file_read(const char *path, char text[FILE_MAX])
{
    FILE *file = fopen(path, "re");
    size_t len = file == NULL ? 0 : fread(text, 1, FILE_MAX, file);
    if (file != NULL)
        fclose(file);
    return slice_trim((slice){text, len});
}

/* The system's own id of the machine is confidential (machine-id(5)), so it is hashed. */
static void machine_write(struct buf *out)
{
    char text[FILE_MAX];
    struct sha256 hash = hash_sha256(file_read("/etc/machine-id", text));
    buf_hex(out, (slice){(const char *)hash.bytes, 8});
}

static void namespace_write(struct buf *out)
{
    char target[64];
    ssize_t len = readlink("/proc/self/ns/pid", target, sizeof target);
    for (ssize_t i = 0; i < len; i++)
        if (byte_is_digit(target[i]))
            buf_byte(out, target[i]);
}

/* Field 22 of proc(5) stat, ticks since boot; field 2 is a name in brackets that may hold anything. Empty: no such
 * process. */
static slice start_of(slice process, char text[FILE_MAX])
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%.*s/stat", (int)process.len, process.ptr);
    slice rest = file_read(path, text), field = {"", 0};
    while (slice_find(rest, ')') < rest.len)
        rest = slice_from(rest, slice_find(rest, ')') + 1);
    for (int i = 2; i <= 22 && rest.len > 0; i++)
        if (!slice_next(&rest, ' ', &field))
            return S("");
    return field;
}

static void here_write(struct buf *out)
{
    char text[FILE_MAX];
    machine_write(out);
    buf_byte(out, ' ');
    buf_put(out, file_read("/proc/sys/kernel/random/boot_id", text));
    buf_byte(out, ' ');
    namespace_write(out);
}

void runner_write(struct buf *out)
{
    char text[FILE_MAX], number[24];
    snprintf(number, sizeof number, "%ld", (long)getpid());
    here_write(out);
    buf_printf(out, " %s ", number);
    buf_put(out, start_of(slice_of(number), text));
}

static bool name_parse(slice name, slice parts[PARTS])
{
    slice rest = name;
    for (int i = 0; i < PARTS; i++)
        if (!slice_next(&rest, ' ', &parts[i]))
            return false;
    uint64_t process;
    return rest.len == 0 && slice_u64(parts[PART_PROCESS], UINT32_MAX, &process);
}

enum runner_state runner_state(slice name)
{
    slice theirs[PARTS], ours[PARTS];
    char text[FILE_MAX];
    struct buf self = buf_make(RUNNER_MAX);
    runner_write(&self);
    enum runner_state state = RUNNER_ELSEWHERE;
    if (!name_parse(name, theirs) || !name_parse(buf_slice(&self), ours))
        state = RUNNER_ELSEWHERE;
    else if (!slice_eq(theirs[PART_MACHINE], ours[PART_MACHINE]))
        state = RUNNER_ELSEWHERE;
    else if (!slice_eq(theirs[PART_BOOT], ours[PART_BOOT]))
        state = RUNNER_DEAD;
    else if (slice_eq(theirs[PART_NAMESPACE], ours[PART_NAMESPACE]))
        state = slice_eq(start_of(theirs[PART_PROCESS], text), theirs[PART_START]) ? RUNNER_LIVES : RUNNER_DEAD;
    buf_free(&self);
    return state;
}
