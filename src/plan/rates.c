/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/rates.h"

#include "base/arena.h"
#include "base/clock.h"
#include "plan/shipped.h"

#define BEHIND_MAX 12
#define SOURCE_MAX 200
#define CURRENCY_LEN 3
#define NAME_LEN (sizeof "usd-idr-2026-11-20" - 1)

__extension__ typedef unsigned __int128 product;

bool plan_currency_is(slice text)
{
    bool is = text.len == CURRENCY_LEN;
    for (size_t i = 0; is && i < text.len; i++)
        is = text.ptr[i] >= 'A' && text.ptr[i] <= 'Z';
    return is;
}

/* ---- Fields ---- */

/* "16650.25": digits with at most one point, which stands between two of them; not nought. */
static bool decimal(slice value, uint64_t *digits, uint64_t *scale)
{
    size_t point = slice_find(value, '.'), count = 0;
    *digits = 0;
    *scale = 1;
    for (size_t i = 0; i < value.len; i++) {
        if (i == point)
            continue;
        if (!byte_is_digit(value.ptr[i]) || ++count > PLAN_RATE_DIGITS_MAX)
            return false;
        *digits = *digits * 10 + (uint64_t)(value.ptr[i] - '0');
        *scale *= i > point ? 10 : 1;
    }
    size_t behind = point < value.len ? value.len - point - 1 : 1;
    return *digits > 0 && point > 0 && behind > 0 && behind <= BEHIND_MAX;
}

static const char *rate_set(void *thing, slice value, struct arena *arena)
{
    struct plan_rate *rate = thing;
    (void)arena;
    rate->text = value;
    return decimal(value, &rate->digits, &rate->scale)
                   ? NULL
                   : "a number above nought as 16650.25: 18 digits at the most, 12 of them behind the point";
}

static const char *per_set(void *thing, slice value, struct arena *arena)
{
    return plan_number(value, 1, PLAN_RATE_PER_MAX, &((struct plan_rate *)thing)->per, arena);
}

static const char *source_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    ((struct plan_rate *)thing)->source = value;
    return value.len > 0 && value.len <= SOURCE_MAX ? NULL : "1 to 200 bytes: whose rate it is";
}

/* "usd" as "USD". */
static slice capitals(slice text, struct arena *arena)
{
    char *made = arena_take_array(arena, text.len + 1, 1);
    for (size_t i = 0; i < text.len; i++)
        made[i] = (char)(text.ptr[i] >= 'a' && text.ptr[i] <= 'z' ? text.ptr[i] - 'a' + 'A' : text.ptr[i]);
    return (slice){made, text.len};
}

/* The name says which currencies and which day: so nothing is said twice, and no two rates are of one day. */
static const char *end(void *thing, struct arena *arena)
{
    static const char why[] = "a rate is named after two currencies and a day, as usd-idr-2026-11-20";
    struct plan_rate *rate = thing;
    slice name = rate->name;
    if (name.len != NAME_LEN || name.ptr[3] != '-' || name.ptr[7] != '-')
        return why;
    rate->currency = capitals(slice_part(name, 0, 3), arena);
    rate->in = capitals(slice_part(name, 4, 7), arena);
    rate->day = slice_from(name, 8);
    const char *begins = arena_printf(arena, "%.*sT00:00:00Z", (int)rate->day.len, rate->day.ptr);
    bool fine = plan_currency_is(rate->currency) && plan_currency_is(rate->in) && !slice_eq(rate->currency, rate->in);
    return fine && time_parse_strict(slice_of(begins), &rate->day_us) ? NULL : why;
}

static const struct plan_field fields[] = {
        {"rate", true, rate_set},
        {"per", false, per_set},
        {"source", true, source_set},
};
static const struct plan_kind kind = {"rate", sizeof(struct plan_rate), fields, COUNT_OF(fields), end};

struct err plan_rates_read(
        const char *name, slice text, plan_say *say, void *context, struct arena *arena, struct plan_rates *rates)
{
    struct plan_file file;
    TRY(plan_read(name, text, &kind, say, context, arena, &file));
    *rates = (struct plan_rates){.version = file.version, .rows = file.things, .count = file.count};
    return OK;
}

struct err plan_rates_shipped(struct arena *arena, struct plan_rates *rates)
{
    return plan_rates_read("rates.conf", plan_shipped_text(S("rates.conf")), NULL, NULL, arena, rates);
}

/* ---- Finding and reckoning ---- */

bool plan_rates_find(const struct plan_rates *rates, slice currency, int64_t us, const struct plan_rate **rate)
{
    const struct plan_rate *newest = NULL;
    for (size_t i = 0; i < rates->count; i++) {
        const struct plan_rate *row = &rates->rows[i];
        bool fits = slice_eq(row->currency, currency) && slice_eq(row->in, rates->currency);
        if (fits && row->day_us <= us && (newest == NULL || row->day_us > newest->day_us))
            newest = row;
    }
    *rate = newest;
    return newest != NULL || slice_eq(currency, rates->currency);
}

bool plan_rate_apply(const struct plan_rate *rate, int64_t amount, int64_t *told)
{
    *told = amount;
    if (rate == NULL)
        return true;
    /* Below 2^63 * 10^18, which 128 bits hold. */
    product whole = (product)(uint64_t)amount * rate->digits;
    product by = (product)rate->scale * (rate->per == 0 ? 1 : rate->per);
    product nearest = (whole + by / 2) / by;
    *told = nearest <= INT64_MAX ? (int64_t)nearest : 0;
    return nearest <= INT64_MAX;
}

slice plan_rate_text(const struct plan_rates *rates, const struct plan_rate *rate, struct arena *arena)
{
    return rate == NULL ? rates->currency
                        : slice_of(arena_printf(arena, "%llu %.*s = %.*s %.*s, %.*s, %.*s",
                                  (unsigned long long)(rate->per == 0 ? 1 : rate->per), (int)rate->currency.len,
                                  rate->currency.ptr, (int)rate->text.len, rate->text.ptr, (int)rates->currency.len,
                                  rates->currency.ptr, (int)rate->day.len, rate->day.ptr, (int)rate->source.len,
                                  rate->source.ptr));
}
