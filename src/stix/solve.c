/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/solve.h"

#include "base/arena.h"

/*
 * The pattern becomes parts and choices. A part is a [ ] (or an OR of such) that needs so many different observations;
 * it takes those that meet its [ ] and whose interval reaches from `until` (last >= least_last) to `from` (first <=
 * most_first). START-STOP only narrows these two bounds. So does every choice, once it is made:
 *
 *   WITHIN w     the earliest "last" among its observations, m: all have last >= m and first <= m + w;
 *   FOLLOWEDBY   the latest "first" on its left, t: left has first <= t, right has last >= t;
 *   OR           one side, if the sides are more than a [ ].
 *
 * With all choices made what is left is a flow: parts draw on observations. The search makes one choice after another
 * and asks each time whether the flow exists, with the open choices left out; that cuts off most of what cannot be.
 * Every look is paid from the budget.
 */

struct part {
    uint64_t *mask;  /* the [ ] of which one has to be met */
    uint64_t demand; /* how many observations */
    int64_t least_last, most_first;
    size_t inactive; /* OR choices above it that are open or went the other way */
};

struct range {
    size_t from, to; /* parts */
};

enum choice_kind { CHOICE_WITHIN, CHOICE_FOLLOWEDBY, CHOICE_OR };

struct choice {
    enum choice_kind kind;
    struct range left, right; /* WITHIN: left only */
    int64_t within_us;
    struct range *sides; /* OR */
    size_t side_count;
    const struct choice *twin;  /* the same choice in the repetition before: ours is not an earlier one */
    const struct choice *above; /* the OR, and which side of it, that this is a choice of */
    size_t side;
    size_t taken;
};

struct bound {
    int64_t least_last, most_first;
};

struct solver {
    const struct stix_candidates *candidates;
    struct stix_budget *budget;
    struct arena *arena;
    struct part *parts;
    size_t part_count;
    struct choice **choices;
    size_t choice_count, choice_room;
    uint64_t total;      /* observations there are, each as often as it counts */
    int64_t longest_us;  /* interval */
    int64_t *lasts;      /* of all candidates, ascending */
    struct bound *saved; /* room for bounds, a row of parts for each choice */
    uint32_t *flow;      /* part * candidates + candidate */
    uint32_t *room;      /* left of each candidate */
    size_t *found_by;    /* of each candidate: the part that looked at it in this search, plus one */
    size_t *came_over;   /* of each part: the candidate over which it was reached */
    bool *reached;
    size_t *queue;
    const char *limit; /* a ceiling that was met */
};

/* ---- Parts and choices from the tree ---- */

static uint64_t add_up(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX / 2 - b ? UINT64_MAX / 2 : a + b;
}

static uint64_t times_up(uint64_t a, uint64_t b)
{
    return b != 0 && a > UINT64_MAX / 2 / b ? UINT64_MAX / 2 : a * b;
}

/* The least number of observations that can meet this. */
static uint64_t least_demand(const struct stix_node *node)
{
    uint64_t least = node->kind == STIX_NODE_OR ? UINT64_MAX : 0;
    if (node->kind == STIX_NODE_OBSERVATION)
        return 1;
    for (const struct stix_node *child = node->first; child != NULL; child = child->next) {
        uint64_t demand = least_demand(child);
        least = node->kind != STIX_NODE_OR ? add_up(least, demand) : demand < least ? demand : least;
    }
    return node->kind == STIX_NODE_REPEATS ? times_up(least, node->times) : least;
}

/* Whether one observation is all that it takes, and any of some [ ] will do. */
static bool is_single(const struct stix_node *node)
{
    if (node->kind == STIX_NODE_OBSERVATION)
        return true;
    if (node->kind == STIX_NODE_WITHIN || (node->kind == STIX_NODE_REPEATS && node->times == 1))
        return is_single(node->first);
    if (node->kind != STIX_NODE_OR)
        return false;
    for (const struct stix_node *child = node->first; child != NULL; child = child->next)
        if (!is_single(child))
            return false;
    return true;
}

/* Whether all parts below have the same bounds always: then REPEATS only multiplies. */
static bool is_plain(const struct stix_node *node)
{
    if (is_single(node))
        return true;
    if (node->kind != STIX_NODE_AND && node->kind != STIX_NODE_REPEATS && node->kind != STIX_NODE_START_STOP)
        return false;
    for (const struct stix_node *child = node->first; child != NULL; child = child->next)
        if (!is_plain(child))
            return false;
    return true;
}

/* How many parts it will be at most. */
static uint64_t part_bound(const struct stix_node *node)
{
    uint64_t bound = 0;
    if (is_single(node))
        return 1;
    for (const struct stix_node *child = node->first; child != NULL; child = child->next)
        bound = add_up(bound, part_bound(child));
    return node->kind == STIX_NODE_REPEATS && !is_plain(node->first) ? times_up(bound, node->times) : bound;
}

static void mask_add(const struct stix_node *node, uint64_t *mask)
{
    if (node->kind == STIX_NODE_OBSERVATION)
        mask[node->number / 64] |= UINT64_C(1) << (node->number % 64);
    for (const struct stix_node *child = node->first; node->kind != STIX_NODE_OBSERVATION && child != NULL;
            child = child->next)
        mask_add(child, mask);
}

/* What holds for all below: how often, and START-STOP. */
struct above {
    uint64_t times;
    struct bound bound;
    size_t inactive;
    const struct choice *choice; /* the OR, */
    size_t side;                 /* and its side */
};

static void add_part(struct solver *s, const struct stix_node *node, const struct above *above)
{
    if (s->part_count == STIX_SOLVE_PARTS_MAX) {
        s->limit = "a pattern of more than 4096 observations, REPEATS counted";
        return;
    }
    struct part *part = &s->parts[s->part_count++];
    *part = (struct part){
            .mask = arena_new(s->arena, uint64_t, s->candidates->width),
            .demand = above->times,
            .least_last = above->bound.least_last,
            .most_first = above->bound.most_first,
            .inactive = above->inactive,
    };
    mask_add(node, part->mask);
}

static struct choice *add_choice(struct solver *s, enum choice_kind kind, const struct above *above)
{
    if (s->choice_count == s->choice_room) {
        s->choice_room = s->choice_room == 0 ? 16 : s->choice_room * 2;
        struct choice **more = arena_new(s->arena, struct choice *, s->choice_room);
        if (s->choice_count > 0)
            memcpy(more, s->choices, s->choice_count * sizeof *more);
        s->choices = more;
    }
    struct choice *choice = arena_new(s->arena, struct choice, 1);
    *choice = (struct choice){.kind = kind, .above = above->choice, .side = above->side};
    s->choices[s->choice_count++] = choice;
    return choice;
}

static void add(struct solver *s, const struct stix_node *node, const struct above *above);

static struct range add_range(struct solver *s, const struct stix_node *node, const struct above *above)
{
    struct range range = {.from = s->part_count};
    add(s, node, above);
    range.to = s->part_count;
    return range;
}

static void add_or(struct solver *s, const struct stix_node *node, const struct above *above)
{
    struct choice *choice = add_choice(s, CHOICE_OR, above);
    struct above below = *above;
    size_t room = 0;
    below.inactive++;
    below.choice = choice;
    for (const struct stix_node *child = node->first; child != NULL; child = child->next)
        room++;
    choice->sides = arena_new(s->arena, struct range, room);
    for (const struct stix_node *child = node->first; child != NULL && s->limit == NULL; child = child->next) {
        below.side = choice->side_count;
        choice->sides[choice->side_count++] = add_range(s, child, &below);
    }
}

/* a FOLLOWEDBY b FOLLOWEDBY c is two choices: a before b and c, a and b before c. */
static void add_followedby(struct solver *s, const struct stix_node *node, const struct above *above)
{
    size_t from = s->part_count, splits = 0, first = s->choice_count;
    for (const struct stix_node *child = node->first->next; child != NULL; child = child->next, splits++)
        add_choice(s, CHOICE_FOLLOWEDBY, above);
    size_t at = 0;
    for (const struct stix_node *child = node->first; child != NULL && s->limit == NULL; child = child->next, at++) {
        add(s, child, above);
        if (at < splits) {
            s->choices[first + at]->left = (struct range){from, s->part_count};
            s->choices[first + at]->right.from = s->part_count;
        }
    }
    for (size_t i = 0; i < splits; i++)
        s->choices[first + i]->right.to = s->part_count;
}

/* Repetitions with choices in them are written out; equal ones may be found in one order only. */
static void add_repeats(struct solver *s, const struct stix_node *node, const struct above *above)
{
    struct above below = *above;
    if (is_plain(node->first)) {
        below.times = times_up(above->times, node->times);
        add(s, node->first, &below);
        return;
    }
    size_t before = SIZE_MAX;
    for (uint64_t i = 0; i < node->times && s->limit == NULL && stix_spend(s->budget, 1); i++) {
        size_t first = s->choice_count;
        add(s, node->first, &below);
        if (before != SIZE_MAX && first < s->choice_count)
            s->choices[first]->twin = s->choices[before];
        before = first;
    }
}

static void add_start_stop(struct solver *s, const struct stix_node *node, const struct above *above)
{
    struct above below = *above;
    if (node->start_us > below.bound.least_last)
        below.bound.least_last = node->start_us;
    if (node->stop_us - 1 < below.bound.most_first)
        below.bound.most_first = node->stop_us - 1;
    /* nothing is at or after the one and before the other, however long it took */
    if (node->stop_us <= node->start_us)
        below.bound.most_first = INT64_MIN;
    add(s, node->first, &below);
}

static void add_within(struct solver *s, const struct stix_node *node, const struct above *above)
{
    struct choice *choice = add_choice(s, CHOICE_WITHIN, above);
    choice->within_us = node->within_us;
    choice->left = add_range(s, node->first, above);
}

static void add(struct solver *s, const struct stix_node *node, const struct above *above)
{
    if (s->limit != NULL || !stix_spend(s->budget, 1))
        return;
    if (is_single(node)) {
        add_part(s, node, above);
        return;
    }
    switch (node->kind) {
    case STIX_NODE_OR:
        add_or(s, node, above);
        break;
    case STIX_NODE_FOLLOWEDBY:
        add_followedby(s, node, above);
        break;
    case STIX_NODE_WITHIN:
        add_within(s, node, above);
        break;
    case STIX_NODE_REPEATS:
        add_repeats(s, node, above);
        break;
    case STIX_NODE_START_STOP:
        add_start_stop(s, node, above);
        break;
    default:
        for (const struct stix_node *child = node->first; child != NULL; child = child->next)
            add(s, child, above);
    }
}

/* ---- The flow ---- */

/* The first candidate whose first_us is above `us`. */
static size_t behind(const struct solver *s, int64_t us)
{
    size_t low = 0, high = s->candidates->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->candidates->rows[middle].first_us <= us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Where candidates of this part can lie: by first_us, and as no interval is longer than the longest. */
static struct range within_bounds(const struct solver *s, const struct part *part)
{
    if (part->most_first == INT64_MIN)
        return (struct range){0, 0};
    int64_t earliest = part->least_last < INT64_MIN + s->longest_us ? INT64_MIN : part->least_last - s->longest_us;
    size_t from = earliest == INT64_MIN ? 0 : behind(s, earliest - 1), to = behind(s, part->most_first);
    return (struct range){from, to < from ? from : to};
}

static bool can_take(const struct solver *s, const struct part *part, size_t candidate)
{
    const struct stix_candidate *row = &s->candidates->rows[candidate];
    if (row->last_us < part->least_last || row->first_us > part->most_first)
        return false;
    const uint64_t *words = s->candidates->words + candidate * s->candidates->width;
    for (size_t i = 0; i < s->candidates->width; i++)
        if ((words[i] & part->mask[i]) != 0)
            return true;
    return false;
}

static uint32_t *flow_at(const struct solver *s, size_t part, size_t candidate)
{
    return &s->flow[part * s->candidates->count + candidate];
}

/* What each part can take without asking anybody to give way. */
static uint64_t take_free(struct solver *s, size_t number, struct range range)
{
    uint64_t taken = 0, demand = s->parts[number].demand;
    for (size_t i = range.from; i < range.to && taken < demand; i++) {
        if (s->room[i] == 0 || !can_take(s, &s->parts[number], i))
            continue;
        uint64_t more = demand - taken < s->room[i] ? demand - taken : s->room[i];
        *flow_at(s, number, i) += (uint32_t)more;
        s->room[i] -= (uint32_t)more;
        taken += more;
    }
    return taken;
}

/* Moves one observation along the path that ends at a candidate with room. */
static void give_way(struct solver *s, size_t start, size_t candidate)
{
    s->room[candidate]--;
    for (;;) {
        size_t part = s->found_by[candidate] - 1;
        ++*flow_at(s, part, candidate);
        if (part == start)
            return;
        candidate = s->came_over[part];
        --*flow_at(s, part, candidate);
    }
}

/* Looks for a candidate with room for the part `start`, over parts that could take another: breadth first. */
static bool make_room(struct solver *s, size_t start)
{
    size_t head = 0, tail = 0;
    memset(s->found_by, 0, s->candidates->count * sizeof *s->found_by);
    memset(s->reached, 0, s->part_count);
    if (!stix_spend(s->budget, 1 + s->candidates->count / 64))
        return false;
    s->queue[tail++] = start;
    s->reached[start] = true;
    while (head < tail) {
        size_t number = s->queue[head++];
        struct range range = within_bounds(s, &s->parts[number]);
        if (!stix_spend(s->budget, 1 + range.to - range.from))
            return false;
        for (size_t i = range.from; i < range.to; i++) {
            if (s->found_by[i] != 0 || !can_take(s, &s->parts[number], i))
                continue;
            s->found_by[i] = number + 1;
            if (s->room[i] > 0) {
                give_way(s, start, i);
                return true;
            }
            if (!stix_spend(s->budget, s->part_count))
                return false;
            for (size_t other = 0; other < s->part_count; other++) {
                if (s->reached[other] || *flow_at(s, other, i) == 0)
                    continue;
                s->reached[other] = true;
                s->came_over[other] = i;
                s->queue[tail++] = other;
            }
        }
    }
    return false;
}

static void clear_flow(struct solver *s)
{
    size_t cells = s->part_count * s->candidates->count;
    memset(s->flow, 0, cells * sizeof *s->flow);
    for (size_t i = 0; i < s->candidates->count; i++)
        s->room[i] =
                (uint32_t)(s->candidates->rows[i].number < UINT32_MAX ? s->candidates->rows[i].number : UINT32_MAX);
    stix_spend(s->budget, 1 + (cells + s->candidates->count) / 16);
}

/* Whether all active parts can have what they need, each from other observations. */
static bool is_feasible(struct solver *s)
{
    clear_flow(s);
    for (size_t i = 0; i < s->part_count; i++) {
        const struct part *part = &s->parts[i];
        if (part->inactive > 0)
            continue;
        struct range range = within_bounds(s, part);
        if (!stix_spend(s->budget, 1 + range.to - range.from))
            return false;
        for (uint64_t taken = take_free(s, i, range); taken < part->demand; taken++)
            if (!make_room(s, i))
                return false;
    }
    return !s->budget->empty;
}

/* ---- The search ---- */

static bool search(struct solver *s, size_t at);

static void save(struct solver *s, size_t at)
{
    for (size_t i = 0; i < s->part_count; i++)
        s->saved[at * s->part_count + i] = (struct bound){s->parts[i].least_last, s->parts[i].most_first};
}

static void restore(struct solver *s, size_t at)
{
    for (size_t i = 0; i < s->part_count; i++) {
        s->parts[i].least_last = s->saved[at * s->part_count + i].least_last;
        s->parts[i].most_first = s->saved[at * s->part_count + i].most_first;
    }
}

static void narrow(struct solver *s, struct range range, int64_t least_last, int64_t most_first)
{
    for (size_t i = range.from; i < range.to; i++) {
        if (least_last > s->parts[i].least_last)
            s->parts[i].least_last = least_last;
        if (most_first < s->parts[i].most_first)
            s->parts[i].most_first = most_first;
    }
}

/* A choice on a side that was not taken is none. Those above were made before, as they come first. */
static bool is_open(const struct choice *choice)
{
    for (; choice->above != NULL; choice = choice->above)
        if (choice->above->taken != choice->side)
            return false;
    return true;
}

static size_t start_of(const struct choice *choice)
{
    return choice->twin == NULL ? 0 : choice->twin->taken;
}

/* One try of a choice: narrowed, looked at, searched on, and undone. */
static bool attempt(struct solver *s, size_t at)
{
    bool found = is_feasible(s) && search(s, at + 1);
    if (!found)
        restore(s, at);
    return found;
}

static bool search_within(struct solver *s, size_t at)
{
    struct choice *choice = s->choices[at];
    for (size_t i = start_of(choice); i < s->candidates->count && !s->budget->empty; i++) {
        int64_t last = s->lasts[i];
        if (i > 0 && last == s->lasts[i - 1] && i > start_of(choice))
            continue;
        choice->taken = i;
        narrow(s, choice->left, last, last > INT64_MAX - choice->within_us ? INT64_MAX : last + choice->within_us);
        if (attempt(s, at))
            return true;
    }
    return false;
}

/* Whether the flow exists when candidate I is the latest on the left, with or without what that says of the right. */
static bool fits(struct solver *s, size_t at, size_t i, bool left)
{
    struct choice *choice = s->choices[at];
    int64_t first = s->candidates->rows[i].first_us;
    if (left)
        narrow(s, choice->left, INT64_MIN, first);
    else
        narrow(s, choice->right, first, INT64_MAX);
    bool feasible = is_feasible(s);
    restore(s, at);
    return feasible;
}

/* The later, the more the left can take and the less the right: both ends of what can be are found by halving. */
static struct range followedby_range(struct solver *s, size_t at)
{
    size_t low = start_of(s->choices[at]), high = s->candidates->count;
    for (size_t end = high; low < end && !s->budget->empty;) {
        size_t middle = low + (end - low) / 2;
        if (fits(s, at, middle, true))
            end = middle;
        else
            low = middle + 1;
    }
    for (size_t from = low; from < high && !s->budget->empty;) {
        size_t middle = from + (high - from) / 2;
        if (fits(s, at, middle, false))
            from = middle + 1;
        else
            high = middle;
    }
    return (struct range){low, high};
}

static bool search_followedby(struct solver *s, size_t at)
{
    struct choice *choice = s->choices[at];
    struct range range = followedby_range(s, at);
    for (size_t i = range.from; i < range.to && !s->budget->empty; i++) {
        int64_t first = s->candidates->rows[i].first_us;
        if (i > range.from && first == s->candidates->rows[i - 1].first_us)
            continue;
        choice->taken = i;
        narrow(s, choice->left, INT64_MIN, first);
        narrow(s, choice->right, first, INT64_MAX);
        if (attempt(s, at))
            return true;
    }
    return false;
}

static bool search_or(struct solver *s, size_t at)
{
    struct choice *choice = s->choices[at];
    for (size_t side = start_of(choice); side < choice->side_count && !s->budget->empty; side++) {
        choice->taken = side;
        for (size_t i = choice->sides[side].from; i < choice->sides[side].to; i++)
            s->parts[i].inactive--;
        if (attempt(s, at))
            return true;
        for (size_t i = choice->sides[side].from; i < choice->sides[side].to; i++)
            s->parts[i].inactive++;
    }
    return false;
}

/* As deep as there are choices. */
static bool search(struct solver *s, size_t at)
{
    while (at < s->choice_count && !is_open(s->choices[at]))
        at++;
    if (at == s->choice_count)
        return true;
    if (!stix_spend(s->budget, 1 + s->part_count / 16))
        return false;
    save(s, at);
    switch (s->choices[at]->kind) {
    case CHOICE_WITHIN:
        return search_within(s, at);
    case CHOICE_FOLLOWEDBY:
        return search_followedby(s, at);
    default:
        return search_or(s, at);
    }
}

/* ---- From outside ---- */

static int order_moments(const void *a, const void *b)
{
    int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;
    return (one > other) - (one < other);
}

static void prepare(struct solver *s)
{
    const struct stix_candidates *c = s->candidates;
    s->lasts = arena_new(s->arena, int64_t, c->count);
    for (size_t i = 0; i < c->count; i++) {
        int64_t length = c->rows[i].last_us - c->rows[i].first_us;
        s->longest_us = length > s->longest_us ? length : s->longest_us;
        s->lasts[i] = c->rows[i].last_us;
        s->total = add_up(s->total, c->rows[i].number);
    }
    qsort(s->lasts, c->count, sizeof *s->lasts, order_moments);
    stix_spend(s->budget, c->count);
}

static struct err take_rooms(struct solver *s)
{
    size_t count = s->candidates->count;
    if (s->limit == NULL && (s->part_count * count > STIX_SOLVE_CELLS_MAX ||
                                    s->part_count * s->choice_count > STIX_SOLVE_CELLS_MAX / 16))
        s->limit = "a pattern of too many observations, REPEATS counted, for so many observations in the data";
    if (s->limit != NULL)
        return err_make(ERR_LIMIT, s->limit);
    s->saved = arena_new(s->arena, struct bound, s->choice_count * s->part_count);
    s->flow = arena_new(s->arena, uint32_t, s->part_count * count);
    s->room = arena_new(s->arena, uint32_t, count);
    s->found_by = arena_new(s->arena, size_t, count);
    s->came_over = arena_new(s->arena, size_t, s->part_count);
    s->reached = arena_new(s->arena, bool, s->part_count);
    s->queue = arena_new(s->arena, size_t, s->part_count);
    return OK;
}

static void tell(const struct solver *s, struct stix_solution *solution)
{
    size_t count = s->candidates->count;
    size_t *used = arena_new(s->arena, size_t, count);
    uint64_t *times = arena_new(s->arena, uint64_t, count);
    *solution = (struct stix_solution){.found = true, .used = used, .times = times};
    for (size_t i = 0; i < count; i++) {
        uint64_t here = 0;
        for (size_t part = 0; part < s->part_count; part++)
            here += *flow_at(s, part, i);
        if (here == 0)
            continue;
        used[solution->count] = i;
        times[solution->count++] = here;
    }
}

struct err stix_solve(const struct stix_pattern *pattern, const struct stix_candidates *candidates,
        struct stix_budget *budget, struct arena *arena, struct stix_solution *solution)
{
    struct solver s = {.candidates = candidates, .budget = budget, .arena = arena};
    const struct above above = {.times = 1, .bound = {INT64_MIN, INT64_MAX}};
    *solution = (struct stix_solution){0};
    prepare(&s);
    if (least_demand(pattern->root) > s.total)
        return OK;
    uint64_t parts = part_bound(pattern->root);
    s.parts = arena_new(arena, struct part, parts < STIX_SOLVE_PARTS_MAX ? (size_t)parts : STIX_SOLVE_PARTS_MAX);
    add(&s, pattern->root, &above);
    TRY(take_rooms(&s));
    /* the flow of the last attempt, or this one, is the answer */
    if (is_feasible(&s) && search(&s, 0))
        tell(&s, solution);
    return budget->empty ? err_make(ERR_LIMIT, "the pattern takes more steps of work than it is given") : OK;
}

int64_t stix_solve_span(const struct stix_node *node)
{
    if (is_single(node))
        return 0;
    int64_t span = node->kind == STIX_NODE_OR ? 0 : INT64_MAX;
    if (node->kind == STIX_NODE_OR)
        for (const struct stix_node *child = node->first; child != NULL; child = child->next)
            span = stix_solve_span(child) > span ? stix_solve_span(child) : span;
    if (node->kind == STIX_NODE_WITHIN || node->kind == STIX_NODE_START_STOP ||
            (node->kind == STIX_NODE_REPEATS && node->times == 1))
        span = stix_solve_span(node->first);
    return node->kind == STIX_NODE_WITHIN && node->within_us < span ? node->within_us : span;
}
