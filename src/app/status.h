/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * How a running node is, for who watches it: /health for whoever asks whether it works, /metrics for those who may know
 * how well (kentongan-serve(1) names the metrics).
 */
#include "gate/ask.h"

struct err status_health(struct ask *ask);
struct err status_metrics(struct ask *ask);
