/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "taxii/taxii.h"

const char *taxii_root_url(const char *url, struct arena *arena)
{
    return arena_printf(arena, "%staxii2/" TAXII_ROOT "/", url);
}
