/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Asks of one STIX 2.1 object after another whether it is valid, for who makes objects and wants none to leave that
 * breaks the standard. What is valid is the same as in validate.h, without bundles and streams around it. The owner
 * closes it; one thread.
 */
#include "base/slice.h"

struct stix_checker;

struct stix_checker *stix_checker_open(void);
/* The first thing that breaks a MUST, as a sentence that lives until the next call; NULL: the object is valid. */
const char *stix_checker_wrong(struct stix_checker *checker, slice json);
void stix_checker_close(struct stix_checker *checker); /* NULL is allowed */
