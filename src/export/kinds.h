/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The kinds, for the table in kinds.c. */
#include "export/export.h"

extern const struct export_kind export_stix, export_misp, export_csv, export_rpz, export_suricata,
        export_suricata_rules, export_zeek, export_nft;
