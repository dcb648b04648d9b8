/* SPDX-License-Identifier: Apache-2.0 */
#include "db/driver.h"

static struct err postgres_open(const struct db_options *options, struct arena *arena, struct db **db)
{
    (void)options;
    (void)arena;
    (void)db;
    return err_make(ERR_SYSTEM, "this program was built without PostgreSQL");
}

const struct db_driver db_postgres = {.engine = DB_POSTGRES, .open = postgres_open};
