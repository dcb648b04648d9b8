/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The migrations of schema/, as tools/embed writes them at build.
 */
#include "db/db.h"

extern const struct db_migration store_schema[];
extern const size_t store_schema_count;
