/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests: a file system under SQLite that does what disks do on bad days. It keeps apart what a program wrote and
 * what it synced. When the power goes, what was not synced is dropped, kept up to a moment, kept in parts and in
 * another order, or torn in the middle of sectors; a disk can be full, and calls can fail. Everything follows from a
 * seed. The files are real ones, so that other code may look at them; locks and shared memory are the usual ones.
 *
 *     struct fault *fault = fault_open("fault");       db_open(... .vfs = "fault") goes through it from now on
 *     fault_power_off_after(fault, 17);                the 17th change from now does not happen any more
 *     ... work until it fails; db_close ...
 *     fault_power_on(fault, seed);                     the files are what is left; all is well again
 *
 * One for the whole program; any thread may use the files, one thread steers.
 */
#include <stdbool.h>
#include <stdint.h>

struct fault;

enum fault_call { FAULT_READ, FAULT_WRITE, FAULT_SYNC };

struct fault *fault_open(const char *name);
/* Every connection through it is closed. */
void fault_close(struct fault *fault);

/* From the nth change (write, sync, truncation, removal) on, nothing works; 0: at once. */
void fault_power_off_after(struct fault *fault, uint64_t changes);
bool fault_is_off(const struct fault *fault);
/* The files become what a disk may hold after that; every connection is closed. All faults are forgotten. */
void fault_power_on(struct fault *fault, uint64_t seed);
/* Removes a closed database with its log, for good. */
void fault_remove(struct fault *fault, const char *path);
/* The files together have room for this many bytes more. UINT64_MAX: a large disk. */
void fault_room(struct fault *fault, uint64_t bytes);
/* The nth call of this kind from now fails once, 1 is the next. A sync that fails has lost what it was for. */
void fault_fail(struct fault *fault, enum fault_call call, uint64_t nth);
/* Changes that were dropped or spoiled by fault_power_on so far. */
uint64_t fault_lost(const struct fault *fault);

/* The small generator of the seeds; never cryptographic. */
uint64_t fault_random(uint64_t *state);
