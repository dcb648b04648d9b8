/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Rates by which losses are told in one currency, as a rule file ("[rate usd-idr-2026-11-20]"): what a unit of one
 * currency was worth in another on a day, and who says so. Of two currencies the newest rate holds that is not after
 * the day that is asked for, so that what was reckoned once is reckoned the same later.
 *
 * Decimals are whole numbers here; nothing is lost but in the last step, to the nearest hundredth. Pure; any thread.
 * Everything lies in the arena.
 */
#include "plan/file.h"

#define PLAN_RATE_DIGITS_MAX 18 /* of a rate, and 12 of them behind the point */
#define PLAN_RATE_PER_MAX 1000000

struct plan_rate {
    slice name;
    slice currency, in;     /* "USD", "IDR" */
    slice day;              /* "2026-11-20" */
    int64_t day_us;         /* where it begins */
    slice text;             /* "16650.25", as it stands there */
    uint64_t digits, scale; /* 1665025 and 100 */
    uint64_t per;           /* of so many units of it; 0: of one */
    slice source;           /* whose rate it is */
};

struct plan_rates {
    slice version;
    slice currency; /* in which is told: "IDR"; whoever read the file says so */
    struct plan_rate *rows;
    size_t count;
};

/* The one that comes with the program, etc/rates.conf. */
MUST_USE struct err plan_rates_shipped(struct arena *arena, struct plan_rates *rates);
/* A file by its name, as plan_read. */
MUST_USE struct err plan_rates_read(
        const char *name, slice text, plan_say *say, void *context, struct arena *arena, struct plan_rates *rates);
/* Three capital letters, as ISO 4217 has them. */
bool plan_currency_is(slice text);
/* That holds at that moment for what is told in rates->currency. False: there is none. *rate: NULL for that currency
 * itself. */
bool plan_rates_find(const struct plan_rates *rates, slice currency, int64_t us, const struct plan_rate **rate);
/* An amount of nought or more in it, both in hundredths. False: it is more than a number holds. */
bool plan_rate_apply(const struct plan_rate *rate, int64_t amount, int64_t *told);
/* For people: "1 USD = 16650.25 IDR, 2026-11-20, Bank Indonesia". */
slice plan_rate_text(const struct plan_rates *rates, const struct plan_rate *rate, struct arena *arena);
