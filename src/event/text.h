/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Observables in free text (a plain log line, a header value), and the little grammar of hosts and URLs that decoders
 * share. One linear pass, nothing is remembered between calls.
 */
#include "base/observable.h"

struct arena;

/*
 * URLs, e-mail addresses, addresses, prefixes, host names and hashes, in the order of the text, defanged ones re-fanged
 * into the arena. A URL gives itself and its host. At most `room` rows; returns how many. What is not UTF-8 is left
 * out.
 */
size_t text_observables(slice text, slice field, struct arena *arena, struct observable *rows, size_t room);

/* A host as logs write it: "name", "name:443", "192.0.2.1:443", "2001:db8::1", "[2001:db8::1]:443". */
struct text_authority {
    slice host;
    slice port;  /* empty: none */
    bool colons; /* the host holds one: an IPv6 address or nothing */
};

struct text_authority text_authority(slice text);
/* Host and port of a URL, with or without a scheme; user information is taken off. */
struct text_authority text_url_authority(slice url);
/* Whether it has the shape of a host name that stands alone in a text: dots, and an end that can be a top-level domain.
 */
bool text_is_name(slice word);
