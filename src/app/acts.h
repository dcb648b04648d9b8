/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What of the folders above src/share may need a second person: rows beside those of share/approve.c. */

/* Once, before there are other threads. */
void acts_open(void);
