/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a security.txt: faults have a place in it and a reason, and what has none has the fields that RFC 9116
 * asks for.
 */
#include "desk/security_text.h"

#include "base/arena.h"
#include "base/clock.h"
#include "need.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    struct security_fault *faults;
    slice text = {(const char *)data, size};
    size_t count, lines = 1;
    if (arena == NULL)
        arena = arena_open("fuzz", ARENA_WORK, 16u << 20);
    if (size == 0 || size > 2 * SECURITY_TEXT_MAX)
        return 0;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    fuzz_need(desk_security_check(text, S(""), INT64_C(1795255200000000), arena, &faults, &count).kind == ERR_NONE);
    fuzz_need(count <= SECURITY_FAULTS_MAX);
    for (size_t i = 0; i < count; i++)
        fuzz_need(faults[i].line <= lines && faults[i].section != NULL && faults[i].why != NULL);
    fuzz_need(count > 0 || (slice_find(text, ':') < size && slice_find_slice(text, S("-")) < size));
    arena_reset(arena);
    return 0;
}
