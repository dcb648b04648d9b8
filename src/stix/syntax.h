/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The forms that values of STIX have to have, as plain questions about a text. None of them allocates.
 */
#include "base/slice.h"

/* ---- Timestamps (section 2.16): the spelling is kept, moments are compared. ---- */

/* YYYY-MM-DDTHH:mm:ss[.s+]Z with a day that exists; `digits` of the fraction, however many there are. */
bool stix_time_check(slice text, size_t *digits);
/* Negative, zero or positive: which of two timestamps that passed is earlier. Every digit of the fraction counts. */
int stix_time_order(slice a, slice b);

bool stix_syntax_hex(slice text);
bool stix_syntax_base64(slice text);
/* RFC 5646: a language tag whose first part is registered. */
bool stix_syntax_language(slice text);
/* RFC 3986 section 3: a scheme, a colon, and only characters that may stand in a URI or IRI. */
bool stix_syntax_uri(slice text);
/* With or without a prefix length; the spelling of part 6.8 and 6.9. */
bool stix_syntax_ipv4(slice text);
bool stix_syntax_ipv6(slice text);
bool stix_syntax_mac(slice text);
/* An address alone (RFC 5322 section 3.4.1), no name before it. */
bool stix_syntax_email(slice text);
/* RFC 1034, and labels of other scripts (RFC 5890). */
bool stix_syntax_domain(slice text);
/* CPE 2.3 as a formatted string (NISTIR 7695 section 6.2). */
bool stix_syntax_cpe(slice text);
/* A top-level type of the IANA registry and a subtype. */
bool stix_syntax_mime(slice text);
bool stix_syntax_charset(slice text);

/* ---- Names (section 3.1) ---- */

/* a-z, 0-9 and _, beginning with a letter, 3 to 250 bytes. */
bool stix_name_property(slice text);
/* a-z, 0-9 and single hyphens, beginning with a letter, 3 to 250 bytes. */
bool stix_name_type(slice text);
/* A key of a dictionary (section 2.3): A-Z, a-z, 0-9, - and _, up to 250 bytes. */
bool stix_name_key(slice text);
/* The name of a relationship (section 5.1.2): a-z, 0-9 and hyphens. */
bool stix_name_relation(slice text);
/* Whether a word is in lower case with hyphens (section 2.14). */
bool stix_name_kebab(slice text);

/* What is wrong with the value of a hash, or NULL; hashes that we do not know are anything. */
const char *stix_hash_wrong(slice algorithm, slice value);
