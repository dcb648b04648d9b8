/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For whom an index is made. What is matched on other people's machines has left our walls: constituents get what its
 * markings let clients have (TLP 2.0: AMBER goes to clients, AMBER+STRICT and RED do not), nothing that PAP keeps from
 * sensors, and nothing that carries no TLP at all, or a marking that we have never seen, since that may say anything.
 *
 * Belongs to one thread.
 */
#include "store/object.h"

enum audience_kind {
    AUDIENCE_OWN,     /* our own organisation: everything */
    AUDIENCE_CLIENTS, /* the constituents that we serve */
    AUDIENCES,
};

struct audience;

/* What of ours may be matched on the machines of an organisation (0: none). Partners have agreements for that, or
 * nothing. ERR_DENIED. */
MUST_USE struct err audience_find(struct db *db, int64_t organisation, struct arena *arena, enum audience_kind *kind);

struct audience *audience_open(enum audience_kind kind);
void audience_close(struct audience *audience); /* NULL is allowed */
/* Learns every marking definition that is seen. */
MUST_USE struct err audience_read(struct audience *audience, struct db *db);
/* Learns one. What was asked about before stays as it was answered: on the strict side. */
MUST_USE struct err audience_learn(struct audience *audience, const struct object *definition);
bool audience_may(struct audience *audience, const struct object *object);
const char *audience_name(enum audience_kind kind); /* "clients" */
