/* The rules by which a license lets a program run (docs/spec/files.md section 9). Each says all that
 * it finds, so that one look shows everything. */
#include <string.h>

#include "binding.h"
#include "fields.h"
#include "host.h"
#include "revocation.h"
#include "verdict.h"

static const int64_t LAST_SECOND = 253402300799; /* of the year 9999 */

hwlock_finding *verdict_add(hwlock_verdict *verdict, int code, int level)
{
    hwlock_finding *found = &verdict->findings[verdict->finding_count++];
    found->code = code;
    found->level = level;
    return found;
}

/* A fingerprint: what is told of a match, and whether it fits. */
static int judge_host(hwlock_verdict *verdict, const hwlock_anchor *anchor,
                      const hwlock_match *match)
{
    hwlock_finding *found;
    if (match->needed == 0) { /* nobody looked */
        verdict_add(verdict, HWLOCK_ANCHOR_OTHER, HWLOCK_DENY)->name = anchor->kind;
        return 0;
    }
    if (match->score >= match->needed) {
        if (match->same == host_all(anchor))
            return 1;
        found = verdict_add(verdict, HWLOCK_HOST_CHANGED, HWLOCK_WARN);
        found->number = (int64_t)match->score - match->needed;
        found->other = (int64_t)match->total - match->needed;
        return 1;
    }
    int known = host_knows(anchor, match->same);
    found = verdict_add(verdict, known ? HWLOCK_HOST_TOO_CHANGED : HWLOCK_HOST_OTHER, HWLOCK_DENY);
    found->number = match->score;
    found->other = match->needed;
    return 0;
}

/* What must answer: the caller asked it. */
static int judge_answer(hwlock_verdict *verdict, const hwlock_anchor *anchor, int holds, int wrong)
{
    if (holds)
        return 1;
    if (anchor->label.bytes != 0)
        verdict_add(verdict, wrong ? HWLOCK_DONGLE_PROOF : HWLOCK_DONGLE_ABSENT, HWLOCK_DENY)
            ->name = anchor->label;
    else
        verdict_add(verdict, wrong ? HWLOCK_ANCHOR_PROOF : HWLOCK_ANCHOR_OTHER, HWLOCK_DENY)
            ->name = anchor->kind;
    return 0;
}

static int judge_anchor(hwlock_verdict *verdict, const hwlock_license *license, uint32_t number,
                        const hwlock_facts *facts)
{
    const hwlock_anchor *anchor = &license->anchors[number];
    if (facts->revoked != NULL && revoked_device(facts->revoked, anchor, verdict->time)) {
        verdict_add(verdict, HWLOCK_REVOKED_DEVICE, HWLOCK_DENY)->name =
            anchor->label.bytes != 0 ? anchor->label : anchor->kind;
        return 0;
    }
    if (anchor->component_count != 0)
        return judge_host(verdict, anchor, &facts->matches[number]);
    return judge_answer(verdict, anchor, facts->holding >> number & 1, facts->wrong >> number & 1);
}

/* From `first` on, what denies becomes what warns. */
static void soften(hwlock_verdict *verdict, uint32_t first)
{
    for (uint32_t i = first; i < verdict->finding_count; i++) {
        if (verdict->findings[i].level == HWLOCK_DENY)
            verdict->findings[i].level = HWLOCK_WARN;
    }
}

/* Rule 2. */
static int judge_binding(hwlock_verdict *verdict, const hwlock_license *license,
                         const hwlock_facts *facts)
{
    uint32_t holding = 0;
    for (uint32_t i = 0; i < license->anchor_count; i++) {
        uint32_t before = verdict->finding_count;
        holding |= (uint32_t)judge_anchor(verdict, license, i, facts) << i;
        for (; before < verdict->finding_count; before++)
            verdict->findings[before].anchor = i + 1;
    }
    int good = binding_holds(license, holding);
    if (good) /* what failed in spite of that is told: the margin has shrunk */
        soften(verdict, 0);
    return good;
}

/* Rule 9. */
static void judge_taken_back(hwlock_verdict *verdict, const hwlock_license *license,
                             const hwlock_facts *facts)
{
    uint32_t number = facts->revoked == NULL ? 0 : facts->revoked->number;
    hwlock_finding *found;
    int64_t since = HWLOCK_PERPETUAL;
    if (facts->revoked != NULL)
        since = revoked_since(facts->revoked, "license", license->id, sizeof license->id);
    if (since != HWLOCK_PERPETUAL) {
        int is_now = verdict->time >= since;
        verdict_add(verdict, is_now ? HWLOCK_REVOKED_LICENSE : HWLOCK_REVOKED_SOON,
                    is_now ? HWLOCK_DENY : HWLOCK_WARN)
            ->time = since;
    }
    since = HWLOCK_PERPETUAL;
    if (facts->revoked != NULL)
        since = revoked_since(facts->revoked, "issuer", license->issuer_kid,
                              sizeof license->issuer_kid);
    if (since != HWLOCK_PERPETUAL && license->issued_at >= since) {
        found = verdict_add(verdict, HWLOCK_REVOKED_ISSUER, HWLOCK_DENY);
        found->name = license->issuer;
        found->time = since;
    }
    if (number < facts->revoked_seen) {
        found = verdict_add(verdict, HWLOCK_REVOKED_LIST, HWLOCK_DENY);
        found->number = number;
        found->other = facts->revoked_seen;
    }
}

/* An add-on alone grants nothing, whatever its level. */
static void judge_addon(hwlock_verdict *verdict, const hwlock_license *license,
                        const hwlock_verdict *base)
{
    hwlock_span wanted = license->model.addon_to;
    int fits = 0;
    if (wanted.bytes == 0)
        return;
    if (base != NULL && base->allowed && base->license->model.addon_to.bytes == 0) {
        fits = span_is(wanted, base->license->entitlement);
        for (uint32_t i = 0; i < base->license->feature_count; i++)
            fits |= (base->features >> i & 1) != 0 && span_is(wanted, base->license->features[i]);
    }
    if (!fits)
        verdict_add(verdict, HWLOCK_ADDON_BASE, HWLOCK_DENY)->name = wanted;
}

static int64_t within(int64_t time)
{
    return time < 0 ? 0 : time > LAST_SECOND ? LAST_SECOND : time;
}

int hwlock_license_check(hwlock_verdict *verdict, const hwlock_license *license,
                         const hwlock_facts *facts)
{
    reading clock = clock_read(license->issued_at, within(facts->mark), within(facts->now)); /* 3 */
    memset(verdict, 0, sizeof *verdict);
    verdict->license = license;
    verdict->soft = license->model.level.bytes != 0;
    verdict->time = clock.time;
    verdict->mark = clock.mark;
    verdict->degraded = clock.degraded;
    int good = judge_binding(verdict, license, facts); /* 2 */
    judge_taken_back(verdict, license, facts);         /* 9 */
    if (span_says(license->model.level, "advisory")) { /* 8 */
        soften(verdict, 0);
        good = 1;
    }
    uint32_t rest = verdict->finding_count;
    for (uint32_t i = 0; i < clock.finding_count; i++)
        verdict->findings[verdict->finding_count++] = clock.findings[i];
    terms_judge(verdict, license, facts->released); /* 4. 5. 6. */
    if (verdict->soft)                              /* 8 */
        soften(verdict, rest);
    judge_addon(verdict, license, facts->base);
    for (uint32_t i = 0; i < verdict->finding_count; i++)
        good &= verdict->findings[i].level != HWLOCK_DENY;
    verdict->allowed = good;
    if (!good)
        verdict->features = 0;
    return good ? HWLOCK_OK : HWLOCK_DENIED;
}

int hwlock_verdict_has(const hwlock_verdict *verdict, const char *feature)
{
    hwlock_span wanted = {(const uint8_t *)feature, strlen(feature)};
    for (uint32_t i = 0; verdict->allowed && i < verdict->license->feature_count; i++) {
        if ((verdict->features >> i & 1) != 0 && span_is(wanted, verdict->license->features[i]))
            return 1;
    }
    return 0;
}
