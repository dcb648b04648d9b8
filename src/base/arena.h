/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Memory with one owner and one end: a process, a piece of work (a request, a batch of lines), a generation (an index).
 * Whoever opens an arena closes it; nobody frees single objects. Memory is zeroed, aligned to 16 bytes and never NULL.
 * An arena belongs to one thread.
 *
 * Every arena has a ceiling in bytes. A work arena that reaches it still hands out memory, so that code in the middle
 * stays calm, and remembers that it is full: the edge that owns it asks arena_full() after each item and ends that item
 * with ERR_LIMIT. One that grows to twice its ceiling, and a process arena at its ceiling, is our own mistake and stops
 * the program with the arena's name.
 */
#include <stdarg.h>

#include "base/err.h"

struct arena;

enum arena_kind { ARENA_PROCESS, ARENA_WORK };

/* `name` is a literal used in messages. */
struct arena *arena_open(const char *name, enum arena_kind kind, size_t bytes_max);
void arena_close(struct arena *arena); /* NULL is allowed */
/* Forgets all that was allocated; keeps one chunk for the next piece of work. */
void arena_reset(struct arena *arena);
bool arena_full(const struct arena *arena);
/* OK, or ERR_LIMIT naming the arena and its ceiling. */
MUST_USE struct err arena_check(const struct arena *arena);
size_t arena_used(const struct arena *arena);

void *arena_take(struct arena *arena, size_t bytes);
/* A zeroed array of `count` things of one type. */
#define arena_new(arena, type, count) ((type *)arena_take_array((arena), (count), sizeof(type)))
void *arena_take_array(struct arena *arena, size_t count, size_t size);

slice arena_copy(struct arena *arena, slice s);
/* The bytes as hexadecimal digits, lower case; slice_hex() reads them. */
slice arena_hex(struct arena *arena, slice bytes);
/* The slice as a C string: only for the call to a C library. */
const char *arena_cstr(struct arena *arena, slice s);
const char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *arena_vprintf(struct arena *arena, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
