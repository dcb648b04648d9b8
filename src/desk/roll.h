/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The roll of those whom we serve as tables of text: organisations, their contacts, what is theirs, who supplies whom.
 * CSV by RFC 4180, the names of the columns in the first line, in any order; what comes out goes in again and changes
 * nothing.
 *
 * A spreadsheet takes a cell that begins with = + - or @ for a formula. Such cells, and those that begin with an
 * apostrophe, are written with one before them, which is taken off again when they are read.
 */
#include "base/err.h"

struct actor;
struct arena;
struct buf;
struct db;

#define ROLL_BYTES_MAX ((size_t)256 << 20) /* of a file */
#define ROLL_PROBLEMS_MAX 100              /* that are told; the others are counted */

enum roll_kind { ROLL_ORGANISATIONS, ROLL_CONTACTS, ROLL_ASSETS, ROLL_SUPPLIES, ROLL_KINDS };
const char *roll_kind_name(enum roll_kind kind); /* "organisations" */
bool roll_kind_find(slice name, enum roll_kind *kind);

/* ---- In ---- */

struct roll_file {
    const char *name; /* for people */
    slice text;
};

struct roll_report {
    struct roll_counts {
        uint64_t added, changed, same;
    } counts[ROLL_KINDS];
    struct roll_problem {
        const char *file;
        uint64_t line;
        unsigned column; /* 0: the line as a whole */
        const char *why;
    } * problems;
    size_t problem_count;
    uint64_t refused; /* lines, of which the first are the problems */
};

/*
 * All of the files or nothing: organisations first, then contacts, assets, supplies, whatever their order; which a file
 * is its columns tell. Who is there already is changed to what the line says; a column that is not there changes
 * nothing, and an empty cell is what a new one gets. What is not in the files stays as it is. ERR_INPUT when there are
 * problems, which the report has; ERR_DENIED for who may not do all of it alone.
 */
MUST_USE struct err desk_roll_import(struct db *db, const struct actor *actor, const struct roll_file *files,
        size_t count, struct arena *arena, struct roll_report *report);

/* ---- Out ---- */

struct roll_place {
    int64_t after;
    bool begun, end;
};

/*
 * The next page of a table, behind the place, with the header before the first. Partners and the own organisation are
 * no part of the roll but as who supplies or is supplied, nor is what was closed. ERR_DENIED by right.
 */
MUST_USE struct err desk_roll_write(struct db *db, const struct actor *actor, enum roll_kind kind,
        struct roll_place *place, struct arena *arena, struct buf *out);
