/* SPDX-License-Identifier: Apache-2.0 */
#include "app/retention.h"

struct retain_limits retention_limits(const struct config *config)
{
    const int64_t us = 1000; /* of a millisecond */
    return (struct retain_limits){
            .originals_us = (int64_t)config->retention.originals_ms * us,
            .refused_us = (int64_t)config->retention.refused_ms * us,
            .undone_us = (int64_t)config->retention.undone_ms * us,
            .details_us = (int64_t)config->retention.details_ms * us,
            .links_us = (int64_t)config->retention.links_ms * us,
            .sessions_us = (int64_t)config->retention.sessions_ms * us,
            .notices_us = (int64_t)config->retention.notices_ms * us,
    };
}
