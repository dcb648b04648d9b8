/* SPDX-License-Identifier: Apache-2.0 */
/* Every event of a block as we understand it, one row each. */
#include "sift/records.h"

void sift_decode(struct worker *worker)
{
    struct record record = records_begin(worker);
    while (record_next(worker, &record)) {
        if (!record_pick(worker, &record, true))
            continue;
        struct event event;
        event_fill(worker->reader, &worker->picks, worker->arena, &event);
        event_write(worker->reader, &event, record.text, record.line, worker->arena, &worker->rows);
        worker->observable_count = event.observable_count;
        record_tell_full(worker, &record);
        worker->totals.events++;
        worker->totals.hits++;
    }
}
