/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the fields of Zeek's logs mean: one table for JSON and for tab-separated text. Private to this folder.
 */
#include "event/event.h"

extern const struct event_field zeek_fields[];
extern const size_t zeek_field_count;

/* ICMP has no ports: Zeek writes its type and code there, which are told under names of their own. */
#define ZEEK_ICMP_TYPE S("icmp_type")
#define ZEEK_ICMP_CODE S("icmp_code")
