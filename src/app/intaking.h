/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Taking events in while a node is served: the node's ingest, and its intake with what node.conf says. Belongs to who
 * opened it.
 */
#include "app/node.h"
#include "detect/intake.h"
#include "people/who.h"

struct intaking;

struct intaking_options {
    struct db_options db;
    const struct node *node;
    struct follow *follow;         /* the live index */
    int64_t organisation;          /* the own one */
    struct doorkeeper *doorkeeper; /* knows whose a certificate is */
};

/* All that the options point at lives as long. */
MUST_USE struct err intaking_open(
        const struct intaking_options *options, struct arena *arena, struct intaking **intaking);
void intaking_close(struct intaking *intaking); /* NULL is allowed */
struct intake *intaking_intake(const struct intaking *intaking);
