/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One step of removing what an import brought; for import.h and retain.h. Private to this folder.
 */
#include "store/import.h"

/* At most `most` rows (up to STORE_PAGE_MAX); 0 in *removed: nothing is left, and the import is noted as swept. */
MUST_USE struct err store_import_clear(struct work *work, int64_t import, size_t most, uint64_t *removed);
