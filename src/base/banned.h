/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Included before every file: C functions that have no ceiling, hidden state, or a better one of ours. Using one does
 * not compile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(name) _Pragma("GCC error \"banned function\"") name
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets gmtime localtime ctime asctime atoi atol \
        atof
