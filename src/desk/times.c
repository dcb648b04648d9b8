/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/times.h"

/*
 * What is critical is a machine that others command: hours count. What is low is to be mended with the next round.
 * Nobody reads a fourth mail: after two reminders their sector is told, and then a person of ours takes up the phone.
 */
static const struct {
    int64_t due_us;
    int64_t chase_us[DESK_CHASES]; /* after the one before; 0: no such step */
} times[SEVERITIES] = {
        [SEVERITY_CRITICAL] = {1 * DAY_US, {4 * HOUR_US, 4 * HOUR_US, 16 * HOUR_US, 1 * DAY_US}},
        [SEVERITY_HIGH] = {2 * DAY_US, {1 * DAY_US, 1 * DAY_US, 1 * DAY_US, 1 * DAY_US}},
        [SEVERITY_MEDIUM] = {7 * DAY_US, {3 * DAY_US, 4 * DAY_US, 7 * DAY_US, 7 * DAY_US}},
        [SEVERITY_LOW] = {14 * DAY_US, {14 * DAY_US, 0, 0, 0}},
        [SEVERITY_INFO] = {0, {0, 0, 0, 0}},
};

int64_t desk_due_at(enum severity severity, int64_t told_us)
{
    return times[severity].due_us == 0 ? TIME_NONE : told_us + times[severity].due_us;
}

int64_t desk_chase_at(enum severity severity, int64_t chased, int64_t sent_us)
{
    if (chased >= DESK_CHASES || times[severity].chase_us[chased] == 0)
        return TIME_NONE;
    return sent_us + times[severity].chase_us[chased];
}

int64_t desk_day_begin(const struct desk_day *day, int64_t us)
{
    int64_t there = us + day->zone_us, into = there % DAY_US;
    return us - (into < 0 ? into + DAY_US : into);
}

int64_t desk_digest_due(const struct desk_day *day, int64_t now_us)
{
    int64_t today = desk_day_begin(day, now_us) + day->digest_us;
    return today <= now_us ? today : today - DAY_US;
}
