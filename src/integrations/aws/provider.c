/* An entry is one kind of credentials: the chain's own, or those of a role.
 *
 *     empty ──ask──> fetching: plan ──> source ──> role ──> role ... ──> ready ──5 min before──>
 * empty └── failed: told to all who wait, and to those who ask in the next seconds
 *
 * Invariants: an entry has waits only while it fetches, or its timer runs; a role's entry asks the
 * chain's entry for what it assumes the role with. Waits are told one at a time, since a callback
 * may cancel others. */
#include "integrations/aws/provider.h"

#include "integrations/aws/plan.h"
#include "integrations/aws/source.h"

#include <stdlib.h>

#define EARLY_MS 300000 /* before credentials expire, new ones are fetched */
#define FAILURE_KEPT_MS 3000
#define PLACEHOLDER_MS 60000 /* then it is looked again whether there are others */

typedef struct entry entry;

struct aws_provider_wait {
    aws_provider_wait **link; /* what points to it: the entry's list, one before it */
    aws_provider_wait *next;
    aws_provider_done *done;
    void *user;
};

typedef struct fetch {
    arena memory;
    aws_settings settings;
    bool has_settings;
    aws_plan plan;
    size_t role_at;
    aws_source *source;
    aws_credentials *credentials; /* so far */
    aws_provider_wait *base;      /* a role's: waits for the chain's entry */
} fetch;

struct entry {
    aws_provider *provider;
    entry *next;
    char *role_arn; /* owned; NULL: none */
    bool is_for_emulator;
    aws_credentials *credentials;
    aws_provider_wait *waits;
    fetch *fetch;
    error failure;
    int64_t failed_ms; /* of the loop's time */
    bool has_failed;
    bool is_kept; /* new credentials could not be had, and the old ones are good for a while yet */
    net_timer *timer; /* tells an outcome that was there at once */
    int64_t used_ms;
};

struct aws_provider {
    const aws_context *context;
    entry *entries;
    uint32_t count;
};

static void ask_next(entry *e);

/* ---------------------------------------------------------------------------------------- entries
 */

static void fetch_free(fetch *f)
{
    if (!f) {
        return;
    }
    aws_source_cancel(f->source);
    aws_provider_cancel(f->base);
    aws_credentials_release(f->credentials);
    if (f->has_settings) {
        aws_settings_clean_up(&f->settings);
    }
    arena_wipe(&f->memory);
    free(f);
}

static void entry_free(entry *e)
{
    fetch_free(e->fetch);
    while (e->waits) {
        aws_provider_cancel(e->waits);
    }
    aws_credentials_release(e->credentials);
    net_timer_free(e->timer);
    free(e->role_arn);
    free(e);
}

static int64_t now_ms(const aws_provider *provider)
{
    return net_loop_clock_ms(provider->context->loop);
}

static entry *find_entry(aws_provider *provider, aws_provider_key key)
{
    for (entry *e = provider->entries; e; e = e->next) {
        if (e->is_for_emulator == key.is_for_emulator &&
            str_equal(str_from_c(e->role_arn), key.role_arn)) {
            return e;
        }
    }
    return NULL;
}

/* The role that nobody has asked for longest goes, when there are too many. */
static void drop_oldest(aws_provider *provider)
{
    entry **oldest = NULL;
    for (entry **link = &provider->entries; *link; link = &(*link)->next) {
        entry *e = *link;
        if (e->role_arn && !e->waits && !e->fetch && (!oldest || e->used_ms < (*oldest)->used_ms)) {
            oldest = link;
        }
    }
    if (oldest) {
        entry *e = *oldest;
        *oldest = e->next;
        provider->count--;
        entry_free(e);
    }
}

/* ----------------------------------------------------------------------------------------- telling
 */

static void add_wait(aws_provider_wait **list, aws_provider_wait *wait)
{
    wait->link = list;
    wait->next = *list;
    if (wait->next) {
        wait->next->link = &wait->next;
    }
    *list = wait;
}

static void remove_wait(aws_provider_wait *wait)
{
    *wait->link = wait->next;
    if (wait->next) {
        wait->next->link = wait->link;
    }
}

void aws_provider_cancel(aws_provider_wait *wait)
{
    if (wait) {
        remove_wait(wait);
        free(wait);
    }
}

/* Those who wait now; who begins to in a callback is told in a later turn. */
static void tell(entry *e, aws_credentials *credentials, const error *err)
{
    aws_provider_wait *told = NULL;
    while (e->waits) {
        aws_provider_wait *wait = e->waits;
        remove_wait(wait);
        add_wait(&told, wait);
    }
    aws_credentials *kept = aws_credentials_retain(credentials);
    while (told) {
        aws_provider_wait wait = *told;
        aws_provider_cancel(told);
        wait.done(wait.user, kept, err);
    }
    aws_credentials_release(kept);
}

static void on_timer(void *user)
{
    entry *e = user;
    if (e->has_failed) {
        error err = e->failure;
        tell(e, NULL, &err);
    } else {
        tell(e, e->credentials, NULL);
    }
}

static void finish(entry *e, aws_credentials *credentials, const error *err)
{
    fetch *f = e->fetch;
    e->fetch = NULL;
    if (credentials) {
        aws_credentials_release(e->credentials);
        e->credentials = aws_credentials_retain(credentials);
        e->has_failed = false;
        e->is_kept = false;
    } else if (e->credentials && e->credentials->expires_ms > now_ms(e->provider)) {
        e->is_kept = true;
    } else {
        aws_credentials_release(e->credentials);
        e->credentials = NULL;
        INVARIANT(err);
        e->failure = *err;
        e->has_failed = true;
        e->is_kept = false;
    }
    e->failed_ms = err ? net_loop_now_ms(e->provider->context->loop) : 0;
    fetch_free(f);
    net_timer_start(e->timer, 0, 0);
}

/* ---------------------------------------------------------------------------------------- fetching
 */

static void on_source(void *user, aws_credentials *credentials, const error *err)
{
    entry *e = user;
    fetch *f = e->fetch;
    f->source = NULL;
    if (credentials) {
        aws_credentials_release(f->credentials);
        f->credentials = credentials;
        ask_next(e);
        return;
    }
    error told = *err;
    if (told.code == ERROR_NOT_FOUND && f->plan.kind == AWS_SOURCE_METADATA && !e->role_arn) {
        str words = aws_plan_explain(&f->settings, true, &f->memory);
        (void)fail(&told, ERROR_NOT_FOUND, "%.*s", STR_ARG(words));
    }
    finish(e, NULL, &told);
}

static aws_source_options source_options(entry *e)
{
    return (aws_source_options){
        .context = e->provider->context,
        .settings = &e->fetch->settings,
        .done = on_source,
        .user = e,
    };
}

/* The next role, or the end. */
static void ask_next(entry *e)
{
    fetch *f = e->fetch;
    error err;
    if (f->role_at == f->plan.role_count) {
        aws_credentials *credentials = aws_credentials_retain(f->credentials);
        finish(e, credentials, NULL);
        aws_credentials_release(credentials);
        return;
    }
    aws_source_options options = source_options(e);
    const aws_role *role = &f->plan.roles[f->role_at++];
    if (failed(aws_source_start_role(&options, role, f->credentials, &f->source, &err))) {
        finish(e, NULL, &err);
    }
}

static void on_base(void *user, aws_credentials *credentials, const error *err)
{
    entry *e = user;
    fetch *f = e->fetch;
    f->base = NULL;
    if (!credentials) {
        finish(e, NULL, err);
        return;
    }
    f->credentials = aws_credentials_retain(credentials);
    ask_next(e);
}

static status begin_role(entry *e, fetch *f, error *reterr)
{
    f->plan.roles[0] = (aws_role){.arn = str_from_c(e->role_arn), .session_name = STR("gait")};
    f->plan.role_count = 1;
    return aws_provider_ask(e->provider, (aws_provider_key){STR_NONE, e->is_for_emulator}, on_base,
                            e, &f->base, reterr);
}

static status begin_chain(entry *e, fetch *f, error *reterr)
{
    const aws_settings *known = e->provider->context->settings;
    TRY(aws_settings_read(known->environment, known->config, &f->settings, reterr));
    f->has_settings = true;
    TRY(aws_plan_make(&f->settings, !e->is_for_emulator, &f->memory, &f->plan, reterr));
    if (f->plan.kind == AWS_SOURCE_NONE && e->is_for_emulator) {
        int64_t until = now_ms(e->provider) + EARLY_MS + PLACEHOLDER_MS;
        TRY(aws_credentials_placeholder(until, &f->credentials, reterr));
        aws_credentials *credentials = aws_credentials_retain(f->credentials);
        finish(e, credentials, NULL);
        aws_credentials_release(credentials);
        return STATUS_OK;
    }
    if (f->plan.kind == AWS_SOURCE_NONE) {
        str words = aws_plan_explain(&f->settings, !e->is_for_emulator, &f->memory);
        return fail(reterr, ERROR_NOT_FOUND, "%.*s", STR_ARG(words));
    }
    aws_source_options options = source_options(e);
    return aws_source_start(&options, &f->plan, &f->source, reterr);
}

/* What goes wrong at once is told in the next turn, like everything else. */
static status begin_fetch(entry *e, error *reterr)
{
    error err;
    fetch *f = calloc(1, sizeof(*f));
    if (!f) {
        return fail_memory(reterr);
    }
    arena_init(&f->memory, 0);
    e->fetch = f;
    status begun = e->role_arn ? begin_role(e, f, &err) : begin_chain(e, f, &err);
    if (failed(begun)) {
        finish(e, NULL, &err);
    }
    return STATUS_OK;
}

/* ------------------------------------------------------------------------------------------ asking
 */

static status make_entry(aws_provider *provider, aws_provider_key key, entry **ret_entry,
                         error *reterr)
{
    if (provider->count >= AWS_ROLES_MAX) {
        drop_oldest(provider);
    }
    if (provider->count >= AWS_ROLES_MAX) {
        return fail(reterr, ERROR_LIMIT, "more than %d roles are assumed at once", AWS_ROLES_MAX);
    }
    entry *e = calloc(1, sizeof(*e));
    char *arn = key.role_arn.len ? str_duplicate(key.role_arn) : NULL;
    if (!e || (key.role_arn.len && !arn) ||
        failed(net_timer_new(provider->context->loop, on_timer, e, &e->timer, NULL))) {
        free(e);
        free(arn);
        return fail_memory(reterr);
    }
    e->provider = provider;
    e->role_arn = arn;
    e->is_for_emulator = key.is_for_emulator;
    e->next = provider->entries;
    provider->entries = e;
    provider->count++;
    *ret_entry = e;
    return STATUS_OK;
}

static bool is_fresh(const entry *e)
{
    return e->credentials && (e->credentials->expires_ms == AWS_CREDENTIALS_NEVER_EXPIRE ||
                              e->credentials->expires_ms - EARLY_MS > now_ms(e->provider));
}

aws_credentials *aws_provider_peek(aws_provider *provider, aws_provider_key key)
{
    entry *e = find_entry(provider, key);
    if (!e || !is_fresh(e)) {
        return NULL;
    }
    e->used_ms = net_loop_now_ms(provider->context->loop);
    return e->credentials;
}

status aws_provider_ask(aws_provider *provider, aws_provider_key key, aws_provider_done *done,
                        void *user, aws_provider_wait **ret_wait, error *reterr)
{
    entry *e = find_entry(provider, key);
    if (!e) {
        TRY(make_entry(provider, key, &e, reterr));
    }
    aws_provider_wait *wait = calloc(1, sizeof(*wait));
    if (!wait) {
        return fail_memory(reterr);
    }
    int64_t now = net_loop_now_ms(provider->context->loop);
    *wait = (aws_provider_wait){.done = done, .user = user};
    add_wait(&e->waits, wait);
    e->used_ms = now;
    bool is_kept = e->is_kept && e->credentials->expires_ms > now_ms(provider);
    bool is_known =
        is_fresh(e) || ((is_kept || e->has_failed) && now - e->failed_ms < FAILURE_KEPT_MS);
    if (is_known && !e->fetch) {
        net_timer_start(e->timer, 0, 0);
    } else if (!e->fetch && !net_timer_is_running(e->timer)) {
        status begun = begin_fetch(e, reterr);
        if (failed(begun)) {
            aws_provider_cancel(wait);
            return begun;
        }
    }
    *ret_wait = wait;
    return STATUS_OK;
}

status aws_provider_new(const aws_context *context, aws_provider **ret_provider, error *reterr)
{
    aws_provider *provider = calloc(1, sizeof(*provider));
    if (!provider) {
        return fail_memory(reterr);
    }
    provider->context = context;
    *ret_provider = provider;
    return STATUS_OK;
}

void aws_provider_free(aws_provider *provider)
{
    if (!provider) {
        return;
    }
    /* A role's fetch waits at the chain's entry: all fetches end before any entry goes. */
    for (entry *e = provider->entries; e; e = e->next) {
        fetch_free(e->fetch);
        e->fetch = NULL;
    }
    while (provider->entries) {
        entry *e = provider->entries;
        provider->entries = e->next;
        entry_free(e);
    }
    free(provider);
}
