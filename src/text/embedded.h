/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The compiled catalogues of po/ as bytes, written by tools/catalogue when the program is built. */
#include "base/slice.h"

extern const slice embedded_id;
