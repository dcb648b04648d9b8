/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Tables of text, for the formats that are one: CSV at large, Shadowserver's reports, the observable summary. Private
 * to this folder, but for the cells, by which tables of ours are read, too (desk/roll.h). They point into the record.
 */
#include "event/event.h"

/* Where we are in a record, and what went wrong. */
struct csv_cells {
    slice record;
    size_t at;
    char separator;
    bool quoted; /* the record holds a quote somewhere */
    bool done;
    bool lenient;    /* text behind a closing quote is part of the cell, which is given as it stands */
    const char *why; /* the quoting is wrong at `at` */
};

struct csv_cell {
    slice text;   /* without the quotes */
    bool doubled; /* holds doubled quotes */
};

struct csv_cells csv_cells_begin(slice record, char separator);
/* False behind the last cell, or where `why` says what is wrong. */
bool csv_cells_next(struct csv_cells *cells, struct csv_cell *cell);
/* Without the doubling of quotes. */
slice csv_cell_text(const struct csv_cell *cell, struct arena *arena);

/* The first line of an input, without a byte order mark. */
slice csv_first_line(slice head);

/*
 * Reads the header: separator, fields and header of the reader. The fields have the meaning that csv.c knows for their
 * names, and may be changed until the reader is opened.
 */
MUST_USE struct err event_csv_header(
        struct event_reader *reader, slice head, struct arena *arena, struct event_field **fields);

/* Members of `struct event_format`. */
size_t event_csv_record(const struct event_reader *reader, slice block);
MUST_USE struct err event_csv_pick(
        const struct event_reader *reader, slice record, struct arena *arena, struct json_picks *picks, size_t *offset);
