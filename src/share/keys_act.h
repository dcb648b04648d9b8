/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What is done about our keys when it was agreed to: acts of share/approve.c. Their detail is what keys_made.c had the
 * identity key sign, so nobody who does not hold it proposes anything that would be done.
 */
#include "store/work.h"

#define SHARE_KEYS_SUBJECT "node"

/* Our keys, as they stand. */
MUST_USE struct err share_keys_about(struct work *work, slice subject, slice detail, slice *state);
MUST_USE struct err share_keys_do_make(struct work *work, slice subject, slice detail);
MUST_USE struct err share_keys_do_rotate(struct work *work, slice subject, slice detail);
MUST_USE struct err share_keys_do_revoke(struct work *work, slice subject, slice detail);
MUST_USE struct err share_keys_do_tls(struct work *work, slice subject, slice detail);
MUST_USE struct err share_keys_do_identity(struct work *work, slice subject, slice detail);
