/* Is the clock believable? (docs/spec/files.md section 9, rule 3) */
#include "verdict.h"

enum { HOUR = 3600, TOLERATED = HOUR, ZONES = 26 * HOUR, RESUMED = 7 * DAY, MARK_STEP = 60 };

static const int64_t LEAP = (int64_t)3653 * DAY;

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* So many of these units, a begun one counted whole. */
static int64_t whole(int64_t seconds, int64_t unit)
{
    return (seconds + unit - 1) / unit;
}

static void say(reading *clock, int code, int level, int64_t time, int64_t other, int64_t number)
{
    hwlock_finding found = {code, level, 0, {NULL, 0}, time, other, number};
    clock->findings[clock->finding_count++] = found;
}

/* Grade how far the clock is behind what is certain; return whether it is refused. */
static int is_behind(reading *clock, int64_t issued, int64_t seen, int64_t now)
{
    int64_t behind = later(seen, issued) - now;
    int is_seen = seen >= issued;
    if (behind <= 0)
        return 0;
    if (behind <= TOLERATED) {
        if (seen > now) /* an issue that is a little ahead needs no word */
            say(clock, HWLOCK_CLOCK_SLACK, HWLOCK_NOTE, seen, 0, 0);
        return 0;
    }
    if (behind <= ZONES) {
        say(clock, HWLOCK_CLOCK_ZONE, HWLOCK_WARN, now, 0, whole(behind, HOUR));
        return 0;
    }
    if (behind <= RESUMED && is_seen) {
        say(clock, HWLOCK_CLOCK_RESUMED, HWLOCK_WARN, now, 0, whole(behind, DAY));
        clock->degraded = 1;
        return 0;
    }
    say(clock, is_seen ? HWLOCK_CLOCK_BACK : HWLOCK_CLOCK_EARLY, HWLOCK_DENY, now,
        later(seen, issued), 0);
    return 1;
}

reading clock_read(int64_t issued, int64_t mark, int64_t now)
{
    int64_t seen = mark > 0 ? mark : now, certain = later(seen, issued);
    reading clock = {0};
    int refused = is_behind(&clock, issued, seen, now);
    clock.mark = now - seen >= MARK_STEP ? now : seen;
    if (mark > 0 && now - certain > LEAP) {
        say(&clock, HWLOCK_CLOCK_AHEAD, HWLOCK_WARN, now, 0, (now - certain) / DAY);
        clock.mark = seen;
    }
    clock.time = refused ? now : later(now, certain); /* a refused clock is reason enough */
    return clock;
}
