/* Effects leave. */
#include "runtime/shard_private.h"

void shard_receive(void *receiver, uint64_t execution, const engine_input *input);

shard_execution shard_about(const live *l)
{
    return (shard_execution){
        .seq = l->seq,
        .identity = engine_execution_identity(l->execution),
        .listed_under = l->listed_under,
        .extra = l->extra,
        .machine = engine_execution_machine(l->execution),
    };
}

static void tell_finished(shard *s, live *l, const engine_effect *effect)
{
    shard_execution about = shard_about(l);
    s->open_count -= s->open_count > 0;
    if (s->options.observer.finished) {
        s->options.observer.finished(s->options.observer.self, &about, effect);
    }
    if (l->sync_reply) {
        l->sync_reply(l->sync_user, &about, effect);
        l->sync_reply = NULL;
    }
}

void shard_act_effect(shard *s, live *l, const engine_effect *effect)
{
    switch (effect->kind) {
    case ENGINE_EFFECT_START_TASK:
        s->options.tasks.start(s->options.tasks.self,
                               &(runtime_task){.execution = l->seq,
                                               .identity = engine_execution_identity(l->execution),
                                               .effect = effect,
                                               .extra = l->extra},
                               shard_receive, s);
        break;
    case ENGINE_EFFECT_CANCEL_TASK:
        s->options.tasks.cancel(s->options.tasks.self, l->seq, effect->task_id);
        break;
    case ENGINE_EFFECT_SET_TIMER:
        shard_set_deadline(s, l, effect->timer_id, effect->at_ms);
        break;
    case ENGINE_EFFECT_CLEAR_TIMER:
        timers_clear(&s->deadlines, (timer_key){l->seq, effect->timer_id});
        break;
    case ENGINE_EFFECT_FINISH:
        tell_finished(s, l, effect);
        break;
    }
}

static void tell_events(shard *s, const pending *p)
{
    arena memory;
    arena_init(&memory, 0);
    const engine_event *events;
    uint32_t count;
    if (ok(engine_events_decode(p->chunk, &memory, &events, &count, NULL))) {
        shard_execution about = shard_about(p->of);
        s->options.observer.events(s->options.observer.self, &about, events, count);
    }
    arena_clean_up(&memory);
}

static void answer(const pending *p)
{
    error err;
    if (p->has_error) {
        (void)fail(&err, p->code, "%.*s", STR_ARG(p->message)).code;
    }
    p->reply(p->user, p->has_error ? &err : NULL);
}

void shard_act_all(shard *s, pending *first)
{
    for (pending *p = first; p; p = p->next) {
        switch (p->kind) {
        case PENDING_PIN:
            break;
        case PENDING_EFFECT:
            shard_act_effect(s, p->of, &p->effect);
            break;
        case PENDING_EVENTS:
            tell_events(s, p);
            break;
        case PENDING_REPLY:
            answer(p);
            break;
        }
        json_doc_release(p->payload);
        json_doc_release(p->credentials);
        if (p->of) {
            p->of->pins--;
            shard_settle(s, p->of);
        }
    }
}
