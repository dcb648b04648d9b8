/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The folder of a node's memory: its runs, and the key of their hashes in the file "key". Several
 * processes may use it. Whoever writes runs holds the folder from before they are written until the tables name them;
 * only while nobody does are files removed that the tables do not name. Whoever copies the folder holds it, too, from
 * before the tables are copied: until then nothing is removed at all. Any thread.
 */
#include "memory/memory.h"

/* Makes the folder and the key if they are not there. */
MUST_USE struct err memory_folder_key(const char *folder, struct arena *arena, struct hash_key *key);

/* Holds the folder, beside others who do; memory_folder_leave(*hold). */
MUST_USE struct err memory_folder_hold(const char *folder, struct arena *arena, int *hold);
/* Holds it alone; *hold is -1, and that is no error, if somebody else does. */
MUST_USE struct err memory_folder_hold_alone(const char *folder, struct arena *arena, int *hold);
/* For who copies it: nothing is removed meanwhile. */
MUST_USE struct err memory_folder_copy(const char *folder, struct arena *arena, int *hold);
void memory_folder_leave(int hold);

/* The runs that lie there, by name; whose they are the tables say. */
MUST_USE struct err memory_folder_list(const char *folder, struct arena *arena, const char ***names, size_t *count);
/*
 * Removes these; that they are gone is on disk when this returns. One that is not there is no error. *removed is false,
 * and all of them are there, while somebody copies the folder: then they are left over.
 */
MUST_USE struct err memory_folder_remove(
        const char *folder, const char *const *names, size_t count, struct arena *arena, bool *removed);
