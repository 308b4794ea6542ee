/* An execution made anew from its stored scopes. The bytes are hostile input: whatever they say is
 * checked against the machine and against each other before anything runs on it.
 *
 *   1. read each form into a scope or, for a child that is done, into its result
 *   2. in order of ids (a parent's is smaller than its children's): hang each below its parent
 *   3. count what runs and what is next; list what is ready; enter ids
 */
#include "engine/codec.h"
#include "engine/codec_scope.h"

/* No execution counts as far; it must not wrap around. */
#define COUNTER_MAX (UINT64_MAX / 2)

typedef struct stored_form {
    uint64_t id, parent_id;
    uint32_t index;
    codec_kind kind;
    engine_scope *scope; /* owned until it hangs in the tree */
    engine_payload result;
    json_doc *result_doc; /* owned until it is in its slot */
} stored_form;

typedef struct restoring {
    engine_execution *x;
    const asl_machine *machine;
    arena a;
    stored_form *forms; /* sorted by id */
    uint32_t count;
    error *reterr;
} restoring;

static status refuse(const restoring *r)
{
    return fail(r->reterr, ERROR_INVALID, "the execution's stored state does not fit together");
}

/* ------------------------------------------------------------------------------------- reading */

static void read_payload(codec_reader *c, engine_payload *payload)
{
    bool has_text = codec_read_small(c, 1) != 0;
    codec_read_payload(c, has_text, &payload->value, &payload->text);
}

static void read_task(codec_reader *c, engine_frame *frame)
{
    frame->task_id = codec_read_number(c);
    frame->task_is_started = codec_read_small(c, 1) != 0;
    uint32_t submitted = codec_read_small(c, CODEC_SUBMITTED_JOB);
    frame->task_is_submitted = submitted != 0;
    read_payload(c, &frame->task_payload);
    frame->task_credentials = codec_read_value(c);
    if (submitted == CODEC_SUBMITTED_JOB) {
        frame->task_submission = codec_read_value(c);
        c->is_broken |= json_is_absent(frame->task_submission);
    }
    frame->task_timeout_seconds = codec_read_signed(c);
    frame->heartbeat_seconds = codec_read_signed(c);
    c->is_broken |= frame->task_id == 0;
}

static void read_attempts(codec_reader *c, const asl_state *state, engine_frame *frame)
{
    if (!codec_read_small(c, 1)) {
        return;
    }
    c->is_broken |= state->retrier_count == 0;
    uint32_t *attempts = c->is_broken ? NULL : calloc(state->retrier_count, sizeof *attempts);
    if (!attempts) {
        c->is_out_of_memory |= !c->is_broken;
        c->is_broken = true;
        return;
    }
    for (uint32_t i = 0; i < state->retrier_count; i++) {
        attempts[i] = codec_read_small(c, UINT32_MAX);
    }
    frame->attempts = attempts;
}

static void read_children(codec_reader *c, const asl_state *state, engine_frame *frame)
{
    uint32_t count = codec_read_small(c, UINT32_MAX);
    frame->concurrency = codec_read_small(c, UINT32_MAX);
    frame->items = codec_read_value(c);
    frame->children_input = codec_read_value(c);
    bool is_right = state->type == ASL_MAP
                        ? json_is(frame->items, JSON_ARRAY) && count == json_count(frame->items)
                    : state->type == ASL_PARALLEL ? count == state->as.parallel.branch_count
                                                  : false;
    c->is_broken |= !is_right || count == 0;
    frame->child_count = c->is_broken ? 0 : count;
}

/* A pause is what these two phases are; the other timers are a task's. */
static void read_timers(codec_reader *c, engine_frame *frame)
{
    for (int i = 0; i < ENGINE_TIMERS; i++) {
        frame->timers[i] = codec_read_number(c);
        frame->timers_at_ms[i] = frame->timers[i] ? codec_read_signed(c) : 0;
    }
    bool pauses = frame->phase == ENGINE_PHASE_WAIT || frame->phase == ENGINE_PHASE_RETRY;
    bool has_limits = frame->timers[ENGINE_TIMER_TIMEOUT] || frame->timers[ENGINE_TIMER_HEARTBEAT];
    c->is_broken |= pauses != (frame->timers[ENGINE_TIMER_PAUSE] != 0);
    c->is_broken |= has_limits && frame->phase != ENGINE_PHASE_TASK;
}

/* Only these phases are ever stored, and only for states that have them. */
static bool phase_fits(engine_phase phase, asl_state_type type, bool is_distributed)
{
    switch (phase) {
    case ENGINE_PHASE_ENTER:
    case ENGINE_PHASE_AGAIN:
        return true;
    case ENGINE_PHASE_TASK:
        return type == ASL_TASK || is_distributed;
    case ENGINE_PHASE_WAIT:
        return type == ASL_WAIT;
    case ENGINE_PHASE_RETRY:
        return type == ASL_TASK || type == ASL_PARALLEL || type == ASL_MAP;
    case ENGINE_PHASE_CHILDREN:
        return type == ASL_PARALLEL || (type == ASL_MAP && !is_distributed);
    default:
        return false;
    }
}

static void read_frame(restoring *r, codec_reader *c, engine_frame *frame)
{
    frame->state = codec_read_small(c, r->machine->state_count - 1);
    const asl_state *state = &r->machine->states[frame->state];
    frame->phase = (engine_phase)codec_read_small(c, ENGINE_PHASE_AGAIN);
    bool is_distributed = state->type == ASL_MAP && state->as.map.is_distributed;
    c->is_broken |= !phase_fits(frame->phase, state->type, is_distributed);
    read_payload(c, &frame->input);
    frame->variables = codec_read_value(c);
    c->is_broken |= !json_is_absent(frame->variables) && !json_is(frame->variables, JSON_OBJECT);
    frame->variables_bytes = codec_read_small(c, UINT32_MAX);
    frame->entered_event = codec_read_number(c);
    frame->entered_ms = codec_read_signed(c);
    frame->last_event = codec_read_number(c);
    frame->cause_event = codec_read_number(c);
    frame->retry_count = codec_read_small(c, UINT32_MAX);
    read_attempts(c, state, frame);
    frame->heartbeat_seconds = -1;
    if (frame->phase == ENGINE_PHASE_TASK) {
        read_task(c, frame);
    } else if (frame->phase == ENGINE_PHASE_AGAIN) {
        read_payload(c, &frame->task_payload);
    }
    read_timers(c, frame);
    if (frame->phase == ENGINE_PHASE_CHILDREN) {
        read_children(c, state, frame);
    }
}

/* The frame's values move from the arena to documents of the scope. */
static status own_values(restoring *r, engine_scope *scope)
{
    engine_frame *frame = &scope->saved;
    struct {
        engine_doc doc;
        json *value;
    } values[] = {
        {ENGINE_DOC_VARIABLES, &frame->variables},
        {ENGINE_DOC_ITEMS, &frame->items},
        {ENGINE_DOC_CHILDREN_INPUT, &frame->children_input},
        {ENGINE_DOC_TASK_CREDENTIALS, &frame->task_credentials},
        {ENGINE_DOC_TASK_SUBMISSION, &frame->task_submission},
    };
    TRY(engine_payload_freeze(&r->a, &frame->input, &scope->docs[ENGINE_DOC_INPUT], &frame->input,
                              r->reterr));
    TRY(engine_payload_freeze(&r->a, &frame->task_payload, &scope->docs[ENGINE_DOC_TASK_PAYLOAD],
                              &frame->task_payload, r->reterr));
    for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
        if (!json_is_absent(*values[i].value)) {
            TRY(json_freeze(*values[i].value, &scope->docs[values[i].doc], r->reterr));
            *values[i].value = json_doc_root(scope->docs[values[i].doc]);
        }
    }
    if (frame->child_count) {
        scope->brood = calloc(frame->child_count, sizeof *scope->brood);
        if (!scope->brood) {
            frame->child_count = 0;
            return fail_memory(r->reterr);
        }
    }
    return STATUS_OK;
}

static status read_live(restoring *r, codec_reader *c, stored_form *form)
{
    engine_execution *x = r->x;
    json input = {0};
    if (form->id == 0) {
        x->timeout_timer = codec_read_number(c);
        x->timeout_at_ms = codec_read_signed(c);
        input = codec_read_value(c);
        c->is_broken |= x->input_doc != NULL;
    } else {
        form->parent_id = codec_read_number(c);
        form->index = codec_read_small(c, UINT32_MAX);
    }
    form->scope = calloc(1, sizeof *form->scope);
    if (!form->scope) {
        return fail_memory(r->reterr);
    }
    form->scope->id = form->id;
    form->scope->index = form->index;
    read_frame(r, c, &form->scope->saved);
    TRY(codec_read_end(c, r->reterr));
    TRY(own_values(r, form->scope));
    return form->id == 0 ? json_freeze(input, &x->input_doc, r->reterr) : STATUS_OK;
}

static status read_done(restoring *r, codec_reader *c, stored_form *form)
{
    engine_payload result = {0};
    form->parent_id = codec_read_number(c);
    form->index = codec_read_small(c, UINT32_MAX);
    read_payload(c, &result);
    c->is_broken |= form->id == 0;
    TRY(codec_read_end(c, r->reterr));
    return engine_payload_freeze(&r->a, &result, &form->result_doc, &form->result, r->reterr);
}

static status read_form(restoring *r, const engine_stored_scope *stored, stored_form *form)
{
    codec_reader c = {.bytes = stored->bytes, .a = &r->a};
    form->id = stored->id;
    c.is_broken |= codec_read_small(&c, CODEC_SCOPE_VERSION) != CODEC_SCOPE_VERSION;
    form->kind = (codec_kind)codec_read_small(&c, CODEC_KINDS - 1);
    uint64_t last_event_id = codec_read_number(&c), last_id = codec_read_number(&c);
    c.is_broken |= last_event_id > COUNTER_MAX || last_id > COUNTER_MAX;
    r->x->last_event_id = MAX_OF(r->x->last_event_id, last_event_id);
    r->x->last_id = MAX_OF(r->x->last_id, last_id);
    if (form->kind == CODEC_ENDED) {
        r->x->outcome = (engine_outcome)codec_read_small(&c, ENGINE_ABORTED);
        c.is_broken |= form->id != 0 || r->x->outcome <= ENGINE_SUCCEEDED;
        form->kind = CODEC_LIVE;
    }
    return form->kind == CODEC_LIVE ? read_live(r, &c, form) : read_done(r, &c, form);
}

/* ------------------------------------------------------------------------------------ the tree */

static int by_id(const void *a, const void *b)
{
    uint64_t x = ((const stored_form *)a)->id, y = ((const stored_form *)b)->id;
    return (x > y) - (x < y);
}

static stored_form *find(restoring *r, uint64_t id)
{
    stored_form key = {.id = id};
    return bsearch(&key, r->forms, r->count, sizeof key, by_id);
}

/* The workflow that child `index` of the state runs. */
static uint32_t workflow_of(const asl_state *state, uint32_t index)
{
    return state->type == ASL_MAP ? state->as.map.processor : state->as.parallel.branches[index];
}

static status hang(restoring *r, stored_form *form)
{
    const stored_form *above = form->parent_id < form->id ? find(r, form->parent_id) : NULL;
    engine_scope *parent = above ? above->scope : NULL;
    if (!parent || form->index >= parent->saved.child_count) {
        return refuse(r);
    }
    engine_slot *slot = &parent->brood[form->index];
    if (slot->child || slot->done_id) {
        return refuse(r);
    }
    parent->saved.child_next = MAX_OF(parent->saved.child_next, form->index + 1);
    if (form->kind == CODEC_DONE) {
        slot->done_id = form->id;
        slot->result = form->result;
        slot->result_doc = form->result_doc;
        form->result_doc = NULL;
        return STATUS_OK;
    }
    uint32_t workflow = workflow_of(&r->machine->states[parent->saved.state], form->index);
    if (r->machine->states[form->scope->saved.state].workflow != workflow) {
        return refuse(r);
    }
    form->scope->parent = parent;
    form->scope->workflow = workflow;
    slot->child = form->scope;
    parent->saved.children_running++;
    return STATUS_OK;
}

/* Iterations start in order, branches all at once; while any is left, one runs, unless the failure
 * that ended the execution came between two. */
static bool brood_fits(const restoring *r, const engine_scope *scope)
{
    const engine_frame *frame = &scope->saved;
    bool all_started = r->machine->states[frame->state].type == ASL_PARALLEL;
    bool is_partial = frame->child_next < frame->child_count;
    bool may_pause = r->x->outcome != ENGINE_RUNNING && is_partial;
    if (frame->child_count &&
        ((!frame->children_running && !may_pause) || (all_started && is_partial))) {
        return false;
    }
    for (uint32_t i = 0; i < frame->child_next; i++) {
        if (!scope->brood[i].child && !scope->brood[i].done_id) {
            return false;
        }
    }
    return true;
}

static status hang_all(restoring *r)
{
    if (!r->count || r->forms[0].id != 0 || r->forms[0].kind != CODEC_LIVE ||
        r->machine->states[r->forms[0].scope->saved.state].workflow != r->x->identity.workflow) {
        return refuse(r);
    }
    r->x->root = r->forms[0].scope;
    for (uint32_t i = 1; i < r->count; i++) {
        if (r->forms[i].id == r->forms[i - 1].id) {
            return refuse(r);
        }
        TRY(hang(r, &r->forms[i]));
    }
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->forms[i].scope && !brood_fits(r, r->forms[i].scope)) {
            return refuse(r);
        }
    }
    return STATUS_OK;
}

/* ------------------------------------------------------------------------- queue and the table */

static int by_turn(const void *a, const void *b)
{
    const engine_scope *x = *(engine_scope *const *)a, *y = *(engine_scope *const *)b;
    if (x->saved.last_event != y->saved.last_event) {
        return x->saved.last_event < y->saved.last_event ? -1 : 1;
    }
    return (x->id > y->id) - (x->id < y->id);
}

/* A scope is queued right after the event that precedes its next one, so that these are in the
 * queue's order. */
static status list_ready(restoring *r)
{
    engine_execution *x = r->x;
    x->ready = calloc(MAX_OF(r->count, 1), sizeof(engine_scope *));
    if (!x->ready) {
        return fail_memory(r->reterr);
    }
    for (uint32_t i = 0; i < r->count; i++) {
        engine_scope *scope = r->forms[i].scope;
        engine_phase phase = scope ? scope->saved.phase : ENGINE_PHASE_CHILDREN;
        if (phase == ENGINE_PHASE_ENTER || phase == ENGINE_PHASE_AGAIN) {
            x->ready[x->ready_count++] = scope;
        }
    }
    qsort(x->ready, x->ready_count, sizeof(engine_scope *), by_turn);
    return STATUS_OK;
}

static status enter_id(restoring *r, uint64_t id, engine_scope *scope, uint32_t slot)
{
    if (id == 0) {
        return STATUS_OK;
    }
    if (id > r->x->last_id || engine_ids_get(&r->x->ids, id)) {
        return refuse(r);
    }
    engine_ids_put(&r->x->ids, id, scope, slot);
    return STATUS_OK;
}

static status enter_ids(restoring *r)
{
    TRY(engine_ids_reserve(&r->x->ids, r->count * (2 + ENGINE_TIMERS), r->reterr));
    for (uint32_t i = 0; i < r->count; i++) {
        engine_scope *scope = r->forms[i].scope;
        if (!scope) {
            engine_scope *parent = find(r, r->forms[i].parent_id)->scope;
            TRY(enter_id(r, r->forms[i].id, parent, r->forms[i].index + 1));
            continue;
        }
        TRY(enter_id(r, scope->id, scope, 0));
        TRY(enter_id(r, scope->saved.task_id, scope, 0));
        for (int k = 0; k < ENGINE_TIMERS; k++) {
            TRY(enter_id(r, scope->saved.timers[k], scope, 0));
        }
    }
    return STATUS_OK;
}

static status restore(restoring *r, const engine_stored_scope *scopes, uint32_t count)
{
    r->forms = arena_array(&r->a, stored_form, count);
    if (!r->forms) {
        return fail_memory(r->reterr);
    }
    r->count = count;
    for (uint32_t i = 0; i < count; i++) {
        TRY(read_form(r, &scopes[i], &r->forms[i]));
    }
    qsort(r->forms, count, sizeof *r->forms, by_id);
    TRY(hang_all(r));
    if (r->x->outcome == ENGINE_RUNNING) {
        TRY(list_ready(r));
    }
    return enter_ids(r);
}

/* Scopes that hang in no brood would be lost with the forms. */
static void forget(restoring *r)
{
    for (uint32_t i = 0; r->forms && i < r->count; i++) {
        engine_scope *scope = r->forms[i].scope;
        json_doc_release(r->forms[i].result_doc);
        if (scope && !scope->parent && scope != r->x->root) {
            engine_scope_free(scope);
        }
    }
}

status engine_execution_restore(const asl_machine *machine, const engine_identity *identity,
                                const engine_stored_scope *scopes, uint32_t count,
                                engine_execution **ret_execution, error *reterr)
{
    restoring r = {.machine = machine, .reterr = reterr};
    TRY(engine_execution_new(machine, identity, &r.x, reterr));
    arena_init(&r.a, 0);
    status st = restore(&r, scopes, count);
    if (ok(st)) {
        r.x->is_started = true;
        *ret_execution = r.x;
    } else {
        forget(&r);
        engine_execution_free(r.x);
    }
    arena_clean_up(&r.a);
    return st;
}
