/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Hostile text, made safe to look at: what cannot be seen becomes visible, what could be clicked no longer is, and a
 * name that is not what it seems says so. HTML is escaped elsewhere (mustache.h). Appended to a buf of the caller; any
 * thread.
 *
 *     evil.example             evil[.]example
 *     https://evil.example/x   hxxps://evil[.]example/x
 *     198.51.100.7             198[.]51[.]100[.]7
 *     user@evil.example        user[@]evil[.]example
 */
#include "base/observable.h"

/*
 * Control characters, and those that turn the direction of writing or take no room, become visible ("␀", "[U+202E]"),
 * as does what is not UTF-8 (U+FFFD). In `lines` of text, line feeds and tabs stay, and so do the joiners that some
 * scripts need.
 */
void shown_text_write(struct buf *out, slice text, bool lines);
/* A value of a type, defanged; observable_refang undoes that. Hashes and the like are only made visible. */
void shown_value_write(struct buf *out, enum observable_type type, slice value);

/*
 * The other spelling of an internationalised name, defanged: A-labels (xn--...) of one in Unicode, Unicode of A-labels.
 * Nothing for any other name. False if there is none.
 */
bool shown_other_name_write(struct buf *out, slice host);
/* Whether a label of the name, in either spelling, mixes scripts that no language writes together (UTS 39, 5.2). */
bool shown_name_is_mixed(slice host);
