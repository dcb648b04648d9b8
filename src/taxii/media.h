/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Media types as TAXII 2.1 has them (section 1.6.8): what a client takes, and what it sends.
 */
#include "base/slice.h"

/* Whether an Accept header takes TAXII 2.1: the most particular range that fits decides (RFC 9110 section 12.5.1). An
 * empty one takes everything. */
bool taxii_accepts(slice accept);
/* Whether a Content-Type is an envelope's: of TAXII or STIX, of version 2.1 or of none. */
bool taxii_takes(slice type);
