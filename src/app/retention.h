/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* How long the configuration keeps what, as the verb takes it. */
#include "app/config.h"
#include "store/retain.h"

struct retain_limits retention_limits(const struct config *config);
