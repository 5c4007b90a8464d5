/* The rules of a check (docs/spec/files.md section 9), for verdict.c, which puts them together. */
#ifndef HWLOCK_VERDICT_H
#define HWLOCK_VERDICT_H

#include "hwlock.h"

enum { DAY = 86400, NOTICE_DAYS = 14 };

/* Add a finding, and return it. There is room for all that one check can find. */
hwlock_finding *verdict_add(hwlock_verdict *verdict, int code, int level);

/* Days from now on, a begun one counted whole. */
int64_t days_until(int64_t end, int64_t now);

/* What a look at the clock amounts to: `time` is what ends are judged by, `mark` what to remember. */
typedef struct reading {
    hwlock_finding findings[2];
    uint32_t finding_count;
    int degraded;
    int64_t time;
    int64_t mark;
} reading;

/* Rule 3. `issued` is when the license was; `mark` is 0 where there is none. */
reading clock_read(int64_t issued, int64_t mark, int64_t now);

/* Rules 4 to 6. */
void terms_judge(hwlock_verdict *verdict, const hwlock_license *license, int64_t released);

#endif
