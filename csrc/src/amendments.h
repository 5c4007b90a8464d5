/* Changes that wait for unlock codes (docs/spec/files.md section 4.5). */
#ifndef HWLOCK_AMENDMENTS_H
#define HWLOCK_AMENDMENTS_H

#include "fields.h"

/* Read member 6 of a license. */
void amendments_read(hwlock_license *license, fields *own);

/* 1 where the changes fit the end and the counters of their license. */
int amendments_fit(const hwlock_license *license);

/* How many days all extensions together add to the term. */
int64_t amendments_days(const hwlock_license *license);

#endif
