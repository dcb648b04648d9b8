/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kinds.h"

const struct export_kind *const export_kinds[] = {&export_stix, &export_misp, &export_csv, &export_rpz,
        &export_suricata, &export_suricata_rules, &export_zeek, &export_nft, NULL};

const struct export_kind *export_kind_find(slice name)
{
    for (size_t i = 0; export_kinds[i] != NULL; i++)
        if (slice_eq(name, slice_of(export_kinds[i]->name)))
            return export_kinds[i];
    return NULL;
}
