/* What kind of license it is (docs/spec/files.md section 4.4). */
#ifndef HWLOCK_MODEL_H
#define HWLOCK_MODEL_H

#include "fields.h"

/* Read a model, which has one form: what is not said is absent. */
void model_read(hwlock_model *model, fields f);

/* 1 where the model fits the end and the features of its license. */
int model_fits(const hwlock_license *license);

#endif
