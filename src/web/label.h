/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * How the words of the store are shown to people: in their language, and of a state the class that gives it its shape
 * (doc/look.md). Scripts get the store's own word beside it.
 */
#include "gate/ask.h"
#include "people/who.h"
#include "store/import.h"
#include "store/organisation.h"

/* Three members: "state": the store's word, "state_text", "look". */
void label_user_state(struct ask *ask, enum user_state state);
void label_organisation_state(struct ask *ask, enum organisation_state state);
void label_import_state(struct ask *ask, enum import_state state);
/* Two members: "relation", "relation_text". */
void label_relation(struct ask *ask, enum organisation_relation relation);
/* A member that is an array of {name, text}: the roles among these bits. */
void label_roles(struct ask *ask, slice key, uint32_t roles);
/* All that can be given: {name, text, chosen}; chosen: among these bits. */
void label_all_roles(struct ask *ask, slice key, uint32_t chosen);
/* All scopes that a token may have: {name, about}. */
void label_all_scopes(struct ask *ask, slice key);
