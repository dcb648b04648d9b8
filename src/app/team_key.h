/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The OpenPGP key of the team: the file that [mail] pgp-key names, or else keys/team.pgp of the node, which `kentongan
 * profile key` makes. It lies with the node's other keys, and goes where they go: into a backup unless --without-keys.
 */
#include "app/config.h"
#include "desk/publish.h"

/* NULL: there is none. ERR_DENIED if others may read it. */
MUST_USE struct err team_key_file(const struct config *config, struct arena *arena, const char **file);
/* Keeps a secret key, in ASCII armour, where none is yet; ERR_CONFLICT. */
MUST_USE struct err team_key_keep(const struct config *config, slice secret, struct arena *arena, const char **file);
/* What a document is published with. The address is the node's own unless it was told another way (node_url). */
MUST_USE struct err team_publishing(
        const struct config *config, const char *url, struct arena *arena, struct publishing *publishing);
