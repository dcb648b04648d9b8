/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Options that several commands share: the same letter, name and meaning everywhere. */

#define OPTION_FORMAT                                                                                                  \
    {                                                                                                                  \
        'f', "format", "NAME",                                                                                         \
                "Format of the events: eve, zeek, zeek-tsv, intelmq, n6, idea, fhir, xarf, cef, syslog, "              \
                "weblog, shadowserver, summary, csv, lines, or auto (default)"                                         \
    }
#define OPTION_THREADS                                                                                                 \
    {                                                                                                                  \
        'j', "threads", "N", "Work on N cores (default: all of them)"                                                  \
    }
#define OPTION_OUTPUT                                                                                                  \
    {                                                                                                                  \
        'o', "output", "FILE", "Write to FILE instead of standard output"                                              \
    }
#define OPTION_MAP                                                                                                     \
    {                                                                                                                  \
        0, "map", "FILE", "What the columns of a CSV log mean: `column = word` a line"                                 \
    }
#define OPTION_SECRET                                                                                                  \
    {                                                                                                                  \
        0, "secret", "FILE", "Key of the hashes that stand for people in FHIR (default: drawn for this run)"           \
    }
#define OPTION_STATS                                                                                                   \
    {                                                                                                                  \
        0, "stats", NULL, "Tell events, bytes, hits, malformed, rate and memory on standard error"                     \
    }
#define OPTION_PLAIN                                                                                                   \
    {                                                                                                                  \
        0, "plain", NULL, "Take the slow, obvious road: the same answer, to verify the fast one"                       \
    }
#define OPTION_INTEL                                                                                                   \
    {                                                                                                                  \
        'i', "intel", "FILE", "Intelligence: STIX, MISP, CSV, list or compiled index; may be repeated"                 \
    }
/* What works on a node: before the command, or behind it as any other option. */
#define OPTION_CONFIG                                                                                                  \
    {                                                                                                                  \
        'c', "config", "CONF", "The node to work on: its folder, or the node.conf in it"                               \
    }
#define OPTION_JSON                                                                                                    \
    {                                                                                                                  \
        0, "json", NULL, "Answer as JSON lines"                                                                        \
    }
