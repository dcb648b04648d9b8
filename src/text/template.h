/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a template becomes when it is read: a row of nodes in the order of the text, sections holding those behind them.
 * Between mustache_read.c, which makes them, and mustache.c, which walks them; nobody else looks inside.
 */
#include "text/mustache.h"

enum node_kind {
    NODE_TEXT,     /* as it stands; never longer than a line */
    NODE_VALUE,    /* {{name}} */
    NODE_SECTION,  /* {{#name}} */
    NODE_INVERTED, /* {{^name}} */
    NODE_PARTIAL,  /* {{>name}} */
    NODE_WORDS,    /* {{#_}}, {{#_ name}} */
};

struct node {
    enum node_kind kind;
    bool fresh;      /* of text: a line of the template begins here */
    uint32_t behind; /* of sections: the node behind all that they hold */
    slice name;      /* of words: what they count, or empty */
    slice text;      /* of words: for one, or for any number; of a partial: what its lines are indented by */
    slice many;      /* of words that count */
};

struct template
{
    const char *name;
    struct node *nodes;
    uint32_t count;
};
