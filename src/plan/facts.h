/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What rules go by: an incident and whose it is, in the words of rule files.
 */
#include "base/slice.h"

struct plan_facts {
    slice country; /* "ID"; or empty: not known */
    slice kind, sector, class, local_class;
    slice severity; /* a word */
    uint64_t criticality;
    bool vital, personal_data;
};
