/* What kind of license it is (docs/spec/files.md section 4.4). */
#ifndef HWLOCK_MODEL_H
#define HWLOCK_MODEL_H

#include "fields.h"

enum { MODEL_MAX_DAYS = 3650 };

/* Read a model, which has one form: what is not said is absent. */
void model_read(hwlock_model *model, fields f);

/* 1 where the model fits the end and the features of its license. */
int model_fits(const hwlock_license *license);

/* When a feature ends by itself; HWLOCK_PERPETUAL where it does not. */
int64_t model_feature_end(const hwlock_license *license, hwlock_span feature);

/* 1 where there is a counter of this name, of which *limit may be used. */
int model_limit(const hwlock_license *license, hwlock_span counter, uint64_t *limit);

#endif
