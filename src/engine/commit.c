/* The end of a step: the work faces become the saved ones, and the delta is handed out.
 *
 * Invariants:
 *  1. Everything that may fail (freezing values, allocating, room in the id map) comes before the
 *     first change; from there on nothing can fail.
 *  2. A step costs what it touched: per touched scope, and per changed slot of a brood.
 *  3. What saved faces pointed to before stays alive until the next step (see retired_*), because
 *     the delta's events may point there.
 *  4. After a step, committed or rolled back, no scope has a work face. */
#include "engine/internal.h"

/* The prepared saved face of one scope. */
typedef struct engine_saving {
    engine_frame frame;
    json_doc *docs[ENGINE_DOCS];
    bool keeps_doc[ENGINE_DOCS]; /* the scope's present one stays */
    engine_slot *brood;          /* new one */
    uint32_t brood_ready;        /* slots of it that hold their document */
} engine_saving;

static bool is_same(json a, json b)
{
    return a.kind == b.kind && a.flags == b.flags && a.count == b.count &&
           a.at.integer == b.at.integer;
}

/* A document for a payload; the raw text, where there is one, goes along in it. */
status engine_payload_freeze(arena *a, const engine_payload *payload, json_doc **ret_doc,
                             engine_payload *ret_payload, error *reterr)
{
    if (json_is_absent(payload->value)) {
        *ret_doc = NULL;
        *ret_payload = *payload;
        return STATUS_OK;
    }
    json value = payload->value;
    if (payload->text.ptr) {
        json *items;
        TRY(json_array_new(a, 2, &value, &items, reterr));
        items[0] = payload->value;
        items[1] = json_from_str(payload->text);
    }
    json_doc *doc;
    TRY(json_freeze(value, &doc, reterr));
    *ret_payload = *payload;
    ret_payload->value = json_doc_root(doc);
    if (payload->text.ptr) {
        ret_payload->value = json_item(json_doc_root(doc), 0);
        ret_payload->text = json_str(json_item(json_doc_root(doc), 1));
    }
    *ret_doc = doc;
    return STATUS_OK;
}

static status save_value(step *s, const engine_scope *scope, engine_saving *saving,
                         engine_doc which, json before, json *value)
{
    if (scope->docs[which] && is_same(before, *value)) {
        saving->keeps_doc[which] = true;
        return STATUS_OK;
    }
    if (json_is_absent(*value)) {
        return STATUS_OK;
    }
    TRY(json_freeze(*value, &saving->docs[which], s->reterr));
    *value = json_doc_root(saving->docs[which]);
    return STATUS_OK;
}

static status save_payload(step *s, const engine_scope *scope, engine_saving *saving,
                           engine_doc which, const engine_payload *before, engine_payload *payload)
{
    if (scope->docs[which] && is_same(before->value, payload->value) &&
        before->text.ptr == payload->text.ptr) {
        saving->keeps_doc[which] = true;
        return STATUS_OK;
    }
    return engine_payload_freeze(s->a, payload, &saving->docs[which], payload, s->reterr);
}

static status save_docs(step *s, const engine_scope *scope, engine_saving *saving)
{
    engine_frame *frame = &saving->frame;
    const engine_frame *before = &scope->saved;
    json raw = frame->input.value;
    TRY(save_payload(s, scope, saving, ENGINE_DOC_INPUT, &before->input, &frame->input));
    if (is_same(raw, frame->task_payload.value)) {
        frame->task_payload.value = frame->input.value;
    }
    TRY(save_payload(s, scope, saving, ENGINE_DOC_TASK_PAYLOAD, &before->task_payload,
                     &frame->task_payload));
    TRY(save_value(s, scope, saving, ENGINE_DOC_TASK_CREDENTIALS, before->task_credentials,
                   &frame->task_credentials));
    TRY(save_value(s, scope, saving, ENGINE_DOC_TASK_SUBMISSION, before->task_submission,
                   &frame->task_submission));
    TRY(save_value(s, scope, saving, ENGINE_DOC_VARIABLES, before->variables, &frame->variables));
    TRY(save_value(s, scope, saving, ENGINE_DOC_ITEMS, before->items, &frame->items));
    return save_value(s, scope, saving, ENGINE_DOC_CHILDREN_INPUT, before->children_input,
                      &frame->children_input);
}

static status save_brood(step *s, const engine_scope *scope, engine_saving *saving)
{
    engine_frame *frame = &saving->frame;
    if (frame->slots && frame->child_count) {
        saving->brood = calloc(frame->child_count, sizeof *saving->brood);
        if (!saving->brood) {
            return fail_memory(s->reterr);
        }
        for (uint32_t i = 0; i < frame->child_count; i++) {
            engine_slot *slot = &saving->brood[i];
            TRY(engine_payload_freeze(s->a, &frame->slots[i].result, &slot->result_doc,
                                      &slot->result, s->reterr));
            slot->child = frame->slots[i].child;
            slot->done_id = frame->slots[i].done_id;
            saving->brood_ready = i + 1;
        }
    }
    for (engine_slot_write *write = scope->work->writes; write; write = write->next) {
        json_doc *doc;
        TRY(engine_payload_freeze(s->a, &write->slot.result, &doc, &write->slot.result, s->reterr));
        write->slot.result_doc = doc;
    }
    return STATUS_OK;
}

static status save_attempts(step *s, const engine_scope *scope, engine_saving *saving)
{
    uint32_t *attempts = scope->work->attempts;
    if (!attempts || attempts == scope->saved.attempts) {
        return STATUS_OK;
    }
    uint32_t count = s->machine->states[scope->work->state].retrier_count;
    saving->frame.attempts = malloc(count * sizeof *attempts);
    if (!saving->frame.attempts) {
        return fail_memory(s->reterr);
    }
    memcpy(saving->frame.attempts, attempts, count * sizeof *attempts);
    return STATUS_OK;
}

static status prepare(step *s, engine_scope *scope)
{
    engine_saving *saving = arena_new(s->a, engine_saving);
    if (!saving) {
        return fail_memory(s->reterr);
    }
    saving->frame = *scope->work;
    saving->frame.attempts = NULL;
    scope->saving = saving;
    TRY(save_docs(s, scope, saving));
    TRY(save_brood(s, scope, saving));
    TRY(save_attempts(s, scope, saving));
    if (!saving->frame.attempts) {
        saving->frame.attempts = scope->work->attempts;
    }
    return STATUS_OK;
}

static void forget(engine_scope *scope)
{
    engine_saving *saving = scope->saving;
    if (!saving) {
        return;
    }
    for (int i = 0; i < ENGINE_DOCS; i++) {
        json_doc_release(saving->docs[i]);
    }
    for (uint32_t i = 0; i < saving->brood_ready; i++) {
        json_doc_release(saving->brood[i].result_doc);
    }
    free(saving->brood);
    for (engine_slot_write *write = scope->work->writes; write; write = write->next) {
        json_doc_release(write->slot.result_doc);
    }
    if (saving->frame.attempts != scope->saved.attempts &&
        saving->frame.attempts != scope->work->attempts) {
        free(saving->frame.attempts);
    }
    scope->saving = NULL;
}

void engine_roll_back(step *s)
{
    for (engine_scope *scope = s->touched, *next; scope; scope = next) {
        next = scope->next_touched;
        forget(scope);
        if (scope->is_new) {
            free(scope);
            continue;
        }
        scope->work = NULL;
        scope->next_touched = NULL;
        scope->is_touched = scope->is_ended = scope->is_queued = scope->is_kept = false;
    }
    for (uint32_t i = 0; i < s->x->ready_count; i++) {
        s->x->ready[i]->is_queued = false;
    }
}

static void retire(engine_execution *x, engine_scope *scope)
{
    scope->next_retired = x->retired;
    x->retired = scope;
}

static void swap_ids(engine_id_map *ids, engine_scope *scope, const engine_frame *after)
{
    const engine_frame *before = &scope->saved;
    if (!after || before->task_id != after->task_id) {
        engine_ids_remove(ids, before->task_id);
    }
    for (int i = 0; i < ENGINE_TIMERS; i++) {
        if (!after || before->timers[i] != after->timers[i]) {
            engine_ids_remove(ids, before->timers[i]);
        }
    }
    if (!after && !scope->is_kept) {
        engine_ids_remove(ids, scope->id);
    } else if (after && scope->is_new && scope->id) {
        engine_ids_put(ids, scope->id, scope, 0);
    }
    if (after && after->task_id && before->task_id != after->task_id) {
        engine_ids_put(ids, after->task_id, scope, 0);
    }
    for (int i = 0; after && i < ENGINE_TIMERS; i++) {
        if (after->timers[i] && before->timers[i] != after->timers[i]) {
            engine_ids_put(ids, after->timers[i], scope, 0);
        }
    }
}

/* The ids of children whose results are in the brood. */
static void put_done(engine_id_map *ids, engine_scope *scope, uint32_t index)
{
    engine_slot *slot = &scope->brood[index];
    slot->done = NULL;
    if (slot->done_id) {
        engine_ids_put(ids, slot->done_id, scope, index + 1);
    }
}

static void remove_done(engine_id_map *ids, const engine_scope *scope)
{
    for (uint32_t i = 0; scope->brood && i < scope->saved.child_count; i++) {
        engine_ids_remove(ids, scope->brood[i].done_id);
    }
}

static void swap_brood(engine_id_map *ids, engine_scope *scope, const engine_saving *saving)
{
    if (scope->brood && !scope->work->has_brood) {
        remove_done(ids, scope);
        scope->retired_brood = scope->brood;
        scope->retired_brood_count = scope->saved.child_count;
        scope->brood = NULL;
    }
    if (saving->brood) {
        INVARIANT(!scope->brood);
        scope->brood = saving->brood;
        for (uint32_t i = 0; i < saving->frame.child_count; i++) {
            put_done(ids, scope, i);
        }
    }
    for (engine_slot_write *write = scope->work->writes; write; write = write->next) {
        INVARIANT(scope->brood);
        engine_slot *slot = &scope->brood[write->index];
        INVARIANT(!slot->result_doc || !write->slot.result_doc);
        *slot = write->slot;
        put_done(ids, scope, write->index);
    }
}

static void swap(engine_execution *x, engine_scope *scope)
{
    engine_saving *saving = scope->saving;
    swap_ids(&x->ids, scope, &saving->frame);
    swap_brood(&x->ids, scope, saving);
    if (saving->frame.attempts != scope->saved.attempts) {
        free(scope->saved.attempts);
    }
    for (int i = 0; i < ENGINE_DOCS; i++) {
        INVARIANT(!scope->retired_docs[i]);
        if (!saving->keeps_doc[i]) {
            scope->retired_docs[i] = scope->docs[i];
            scope->docs[i] = saving->docs[i];
        }
    }
    scope->saved = saving->frame;
    scope->saved.slots = NULL;
    scope->saved.writes = scope->saved.writes_last = NULL;
    scope->saved.wreck = NULL;
    retire(x, scope);
}

/* After the swap a scope's step fields are as at rest. */
static void rest(engine_scope *scope)
{
    scope->work = NULL;
    scope->saving = NULL;
    scope->next_touched = NULL;
    scope->is_touched = scope->is_new = scope->is_queued = scope->is_kept = false;
}

/* An execution that cannot be redriven keeps no scope. */
static void finish(step *s)
{
    engine_execution *x = s->x;
    for (engine_scope *scope = s->touched, *next; scope; scope = next) {
        next = scope->next_touched;
        if (scope->is_new) {
            free(scope);
        } else {
            rest(scope);
            scope->is_ended = false;
        }
    }
    x->retired_root = x->root;
    x->root = NULL;
    free(x->ready);
    x->ready = NULL;
    x->ready_count = 0;
    free(x->ids.entries);
    x->ids = (engine_id_map){0};
}

static void commit_scopes(step *s)
{
    for (engine_scope *scope = s->touched, *next; scope; scope = next) {
        next = scope->next_touched;
        if (scope->is_ended && scope->is_new) {
            free(scope);
        } else if (scope->is_ended) {
            swap_ids(&s->x->ids, scope, NULL);
            remove_done(&s->x->ids, scope);
            rest(scope);
            retire(s->x, scope);
        } else {
            swap(s->x, scope);
            rest(scope);
        }
    }
}

/* Adds to a list that may be NULL, to be counted only. */
static void add_id(uint64_t *ids, uint32_t *count, uint64_t id)
{
    if (ids) {
        ids[*count] = id;
    }
    ++*count;
}

/* Children of a live scope that became done in this step; marks them, and lists their ids where
 * `ids` is given. */
static uint32_t count_done(const engine_scope *scope, uint64_t *ids)
{
    const engine_frame *frame = scope->work;
    uint32_t count = 0;
    for (uint32_t i = 0; frame->slots && i < frame->child_count; i++) {
        if (frame->slots[i].done_id) {
            frame->slots[i].done->is_kept = true;
            add_id(ids, &count, frame->slots[i].done_id);
        }
    }
    for (const engine_slot_write *write = frame->writes; write; write = write->next) {
        if (write->slot.done_id) {
            write->slot.done->is_kept = true;
            add_id(ids, &count, write->slot.done_id);
        }
    }
    return count;
}

static status prepare_all(step *s, engine_scope ***ret_ready)
{
    uint32_t live = 0, done = 0;
    for (engine_scope *scope = s->touched; scope; scope = scope->next_touched) {
        if (!scope->is_ended) {
            live++;
            TRY(prepare(s, scope));
            done += count_done(scope, NULL);
        }
    }
    TRY(engine_ids_reserve(&s->x->ids, live * (2 + ENGINE_TIMERS) + done, s->reterr));
    if (s->queue_count) {
        engine_scope **ready = malloc(s->queue_count * sizeof(engine_scope *));
        if (!ready) {
            return fail_memory(s->reterr);
        }
        *ret_ready = ready;
    }
    return STATUS_OK;
}

/* Whether all that happened to the scope is that children started or finished: that can be told
 * from the children's own stored forms (codec_restore.c). */
static bool only_children_changed(const engine_scope *scope)
{
    const engine_frame *before = &scope->saved, *after = scope->work;
    return !scope->is_new && before->phase == ENGINE_PHASE_CHILDREN &&
           after->phase == ENGINE_PHASE_CHILDREN && after->has_brood && !after->slots &&
           before->entered_event == after->entered_event;
}

/* The root's form also says that the execution has ended, or runs again. */
static bool must_be_stored(const step *s, const engine_scope *scope)
{
    bool is_turn = s->keeps_scopes || s->in->kind == ENGINE_REDRIVE;
    return (is_turn && !scope->parent) || !only_children_changed(scope);
}

/* What is stored goes on: live scopes that were touched, and children that are done but whose
 * results are still to be collected. */
static uint32_t list_changed(step *s, uint64_t *ids)
{
    uint32_t count = 0;
    for (engine_scope *scope = s->touched; scope; scope = scope->next_touched) {
        if (!scope->is_ended) {
            if (must_be_stored(s, scope)) {
                ids[count++] = scope->id;
            }
            count += count_done(scope, ids + count);
        }
    }
    return count;
}

/* What was stored and is gone, with the done children of broods that are no more. */
static uint32_t list_ended(step *s, uint64_t *ids)
{
    uint32_t count = 0;
    for (engine_scope *scope = s->touched; scope; scope = scope->next_touched) {
        if (scope->is_new) {
            continue;
        }
        if (scope->is_ended && !scope->is_kept) {
            add_id(ids, &count, scope->id);
        }
        bool drops_brood = scope->is_ended || !scope->work->has_brood;
        for (uint32_t i = 0; drops_brood && scope->brood && i < scope->saved.child_count; i++) {
            if (scope->brood[i].done_id) {
                add_id(ids, &count, scope->brood[i].done_id);
            }
        }
    }
    return count;
}

static status list_ids(step *s, engine_delta *delta)
{
    size_t room = 0;
    if (s->outcome != ENGINE_RUNNING && !s->keeps_scopes) {
        return STATUS_OK;
    }
    for (engine_scope *scope = s->touched; scope; scope = scope->next_touched) {
        room += scope->is_ended ? 0 : 1 + (size_t)count_done(scope, NULL);
    }
    uint64_t *changed = arena_array(s->a, uint64_t, room);
    uint64_t *ended = arena_array(s->a, uint64_t, list_ended(s, NULL));
    if (!changed || !ended) {
        return fail_memory(s->reterr);
    }
    delta->changed_scopes = changed;
    delta->changed_scope_count = list_changed(s, changed);
    delta->ended_scopes = ended;
    delta->ended_scope_count = list_ended(s, ended);
    return STATUS_OK;
}

static int32_t tasks_change(const step *s)
{
    int32_t change = 0;
    for (const engine_scope *scope = s->touched; scope; scope = scope->next_touched) {
        change -= !scope->is_new && engine_frame_has_task(&scope->saved);
        change += !scope->is_ended && engine_frame_has_task(scope->work);
    }
    return change;
}

/* The live part of the queue goes on with the next ENGINE_CONTINUE. */
static void keep_queue(step *s, engine_scope **ready)
{
    free(s->x->ready);
    s->x->ready = ready;
    s->x->ready_count = 0;
    for (uint32_t i = 0; i < s->queue_count; i++) {
        engine_scope *scope = s->queue[(s->queue_first + i) % s->queue_room];
        scope->is_queued = false;
        if (!scope->is_ended) {
            ready[s->x->ready_count++] = scope;
        }
    }
}

status engine_commit(step *s, bool wants_continue, engine_delta *ret_delta)
{
    engine_execution *x = s->x;
    bool is_finished = s->outcome != ENGINE_RUNNING;
    engine_delta delta = {.events = s->events,
                          .event_count = s->event_count,
                          .effects = s->effects,
                          .effect_count = s->effect_count,
                          .keeps_scopes = s->keeps_scopes,
                          .tasks_change = tasks_change(s),
                          .wants_continue = wants_continue && !is_finished};
    engine_scope **ready = NULL;
    json_doc *input = NULL;
    bool drops_scopes = is_finished && !s->keeps_scopes;
    status result = list_ids(s, &delta);
    if (ok(result) && !drops_scopes) {
        if (!x->input_doc) {
            result = json_freeze(s->execution_input, &input, s->reterr);
        }
        if (ok(result)) {
            result = prepare_all(s, &ready);
        }
    }
    if (failed(result)) {
        json_doc_release(input);
        return result;
    }
    INVARIANT(s->last_event_id == x->last_event_id + s->event_count);
    INVARIANT(!is_finished || s->effects[s->effect_count - 1].kind == ENGINE_EFFECT_FINISH);
    x->is_started = true;
    x->last_event_id = s->last_event_id;
    x->last_id = s->last_id;
    x->timeout_timer = s->timeout_timer;
    x->timeout_at_ms = s->timeout_at_ms;
    x->outcome = s->outcome;
    if (input) {
        x->input_doc = input;
    }
    x->identity.redrive_count = s->redrive_count;
    x->identity.redrive_time_ms = s->redrive_time_ms;
    if (drops_scopes) {
        finish(s);
    } else {
        keep_queue(s, ready);
        commit_scopes(s);
        x->root = s->root;
    }
    *ret_delta = delta;
    return STATUS_OK;
}
