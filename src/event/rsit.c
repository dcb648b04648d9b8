/* SPDX-License-Identifier: Apache-2.0 */
#include "event/rsit.h"

#include <assert.h>

const struct rsit_class rsit_classes[] = {
        {"abusive-content", "spam"},
        {"abusive-content", "harmful-speech"},
        {"abusive-content", "violence"},
        {"malicious-code", "infected-system"},
        {"malicious-code", "c2-server"},
        {"malicious-code", "malware-distribution"},
        {"malicious-code", "malware-configuration"},
        {"information-gathering", "scanner"},
        {"information-gathering", "sniffing"},
        {"information-gathering", "social-engineering"},
        {"intrusion-attempts", "ids-alert"},
        {"intrusion-attempts", "brute-force"},
        {"intrusion-attempts", "exploit"},
        {"intrusions", "privileged-account-compromise"},
        {"intrusions", "unprivileged-account-compromise"},
        {"intrusions", "application-compromise"},
        {"intrusions", "system-compromise"},
        {"intrusions", "burglary"},
        {"availability", "dos"},
        {"availability", "ddos"},
        {"availability", "misconfiguration"},
        {"availability", "sabotage"},
        {"availability", "outage"},
        {"information-content-security", "unauthorised-information-access"},
        {"information-content-security", "unauthorised-information-modification"},
        {"information-content-security", "data-loss"},
        {"information-content-security", "data-leak"},
        {"fraud", "unauthorised-use-of-resources"},
        {"fraud", "copyright"},
        {"fraud", "masquerade"},
        {"fraud", "phishing"},
        {"vulnerable", "weak-crypto"},
        {"vulnerable", "ddos-amplifier"},
        {"vulnerable", "potentially-unwanted-accessible"},
        {"vulnerable", "information-disclosure"},
        {"vulnerable", "vulnerable-system"},
        {"other", "other"},
        {"other", "undetermined"},
        {"test", "test"},
        {NULL, NULL},
};

const struct rsit_class *rsit_find(slice type)
{
    for (const struct rsit_class *at = rsit_classes; at->type != NULL; at++)
        if (slice_eq(slice_of(at->type), type))
            return at;
    return NULL;
}

const struct rsit_class *rsit_class_find(slice class)
{
    size_t slash = slice_find(class, '/');
    const struct rsit_class *found = slash < class.len ? rsit_find(slice_from(class, slash + 1)) : NULL;
    return found != NULL && slice_eq(slice_part(class, 0, slash), slice_of(found->taxonomy)) ? found : NULL;
}

const struct rsit_class *rsit_map(const struct rsit_word *map, slice word)
{
    for (; map->word != NULL; map++)
        if (slice_eq_fold(slice_of(map->word), word)) {
            const struct rsit_class *class = rsit_find(slice_of(map->type));
            assert(class != NULL);
            return class;
        }
    return NULL;
}
