/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Registered codes of languages and countries, in either case. */
#include "base/slice.h"

/* A primary language subtag of RFC 5646 with two or three letters: "id", "jav". */
bool stix_code_language(slice code);
/* Two letters of ISO 3166-1. */
bool stix_code_country(slice code);
