/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * How many connections each address has. Of IPv6 a network of 64 bits is one address, since that is what one customer
 * gets. Any thread.
 */
#include "base/err.h"
#include "base/ip.h"

struct http_callers;

struct http_callers *http_callers_open(unsigned each_max);
void http_callers_close(struct http_callers *callers);
/* Whether one more would be let in. */
bool http_callers_may(struct http_callers *callers, const struct ip *ip);
/* It is in; give back what this gives when it goes. */
void *http_callers_add(struct http_callers *callers, const struct ip *ip);
void http_callers_drop(struct http_callers *callers, void *caller);
