/* What a license says of its own end (docs/spec/files.md section 9, rules 4 to 6). */
#include "fields.h"
#include "model.h"
#include "verdict.h"

int64_t days_until(int64_t end, int64_t now)
{
    return end > now ? (end - now + DAY - 1) / DAY : 0;
}

static void judge_standing(hwlock_verdict *verdict, const hwlock_license *license)
{
    const hwlock_model *model = &license->model;
    int64_t end = license->expires_at, now = verdict->time;
    int64_t notice = model->renew_days != 0 ? model->renew_days : NOTICE_DAYS;
    verdict->days_left = verdict->grace_until = verdict->grace_days_left = HWLOCK_PERPETUAL;
    if (end == HWLOCK_PERPETUAL)
        return;
    verdict->days_left = days_until(end, now);
    if (model->grace_days != 0)
        verdict->grace_until = end + (int64_t)model->grace_days * DAY;
    if (now < end) {
        verdict->standing = verdict->days_left <= notice ? HWLOCK_RENEWING : HWLOCK_ACTIVE;
    } else if (now < verdict->grace_until) {
        verdict->standing = HWLOCK_GRACE;
        verdict->grace_days_left = days_until(verdict->grace_until, now);
    } else {
        verdict->standing = HWLOCK_ENDED;
    }
}

/* Rule 4. */
static void judge_term(hwlock_verdict *verdict, const hwlock_license *license)
{
    int trial = span_says(license->model.kind, "trial");
    hwlock_finding *found;
    judge_standing(verdict, license);
    switch (verdict->standing) {
    case HWLOCK_RENEWING:
        found = verdict_add(verdict, trial ? HWLOCK_TRIAL_ENDING : HWLOCK_TERM_ENDING,
                            HWLOCK_WARN);
        found->number = verdict->days_left;
        break;
    case HWLOCK_GRACE:
        found = verdict_add(verdict, HWLOCK_TERM_GRACE, HWLOCK_WARN);
        found->number = verdict->grace_days_left;
        found->other = verdict->grace_until;
        break;
    case HWLOCK_ENDED:
        found = verdict_add(verdict, trial ? HWLOCK_TRIAL_ENDED : HWLOCK_TERM_ENDED, HWLOCK_DENY);
        break;
    default:
        return;
    }
    found->time = license->expires_at;
}

/* Rule 5. */
static void judge_kind(hwlock_verdict *verdict, const hwlock_license *license, int64_t released)
{
    int64_t until = license->model.maintained_until;
    if (span_says(license->model.kind, "floating"))
        verdict_add(verdict, HWLOCK_FLOATING_LEASE, HWLOCK_DENY);
    if (!span_says(license->model.kind, "maintenance"))
        return;
    if (released <= 0) {
        verdict_add(verdict, HWLOCK_MAINTENANCE_UNKNOWN, HWLOCK_NOTE)->time = until;
    } else if (released > until) {
        hwlock_finding *found = verdict_add(verdict, HWLOCK_MAINTENANCE_ENDED, HWLOCK_DENY);
        found->time = released;
        found->other = until;
    }
}

/* Rule 6. */
static void judge_feature(hwlock_verdict *verdict, const hwlock_license *license, uint32_t number)
{
    hwlock_span name = license->features[number];
    int64_t end = model_feature_end(license, name), now = verdict->time;
    hwlock_finding *found;
    if (end != HWLOCK_PERPETUAL && now >= end) {
        found = verdict_add(verdict, HWLOCK_FEATURE_ENDED, HWLOCK_WARN);
    } else {
        verdict->features |= (uint64_t)1 << number;
        if (end == HWLOCK_PERPETUAL || days_until(end, now) > NOTICE_DAYS)
            return;
        found = verdict_add(verdict, HWLOCK_FEATURE_ENDING, HWLOCK_WARN);
        found->number = days_until(end, now);
    }
    found->name = name;
    found->time = end;
}

void terms_judge(hwlock_verdict *verdict, const hwlock_license *license, int64_t released)
{
    judge_term(verdict, license);
    judge_kind(verdict, license, released);
    for (uint32_t i = 0; i < license->feature_count; i++)
        judge_feature(verdict, license, i);
}
