/* Each state entered (and each Map iteration) is a node; an event belongs to the node of its
 * previous event or to a new one below it. The events' previous ids are all that is needed to find
 * the place:
 *
 *   StateEntered after StateExited       a sibling of that state
 *   StateEntered after ParallelStateStarted or MapIterationStarted   a child of that node
 *   anything else                        says something about its previous event's node
 */
#include "cli/tree.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define DRAW_INTERVAL_NS 50000000
#define CHILDREN_SHOWN_MAX 12 /* of one node; the others are counted */

#define PLAIN "\033[0m"
#define FAINT "\033[2m"
#define RED "\033[31m"
#define GREEN "\033[32m"
#define YELLOW "\033[33m"
#define CYAN "\033[36m"
#define WRAP_OFF "\033[?7l"
#define WRAP_ON "\033[?7h"

typedef enum mark { RUNNING, DONE, FAILED, ABORTED } mark;

static const struct {
    const char *sign, *colour;
} marks[] = {
    [RUNNING] = {"◐", CYAN},
    [DONE] = {"✔", GREEN},
    [FAILED] = {"✘", RED},
    [ABORTED] = {"■", YELLOW},
};

#define NO_NODE UINT32_MAX

typedef struct node {
    char *label; /* owned */
    uint32_t parent, first_child, last_child, next_sibling, child_count;
    int64_t begin_ms, end_ms;
    uint32_t tries;
    uint32_t state; /* of the machine; ASL_NONE for the execution; an iteration has its Map's */
    mark mark;
    bool is_iteration;
    bool has_failed; /* its last try; a catcher may still have ended it well for the execution */
    bool takes_children; /* what follows is below it: Parallel, a Map iteration */
} node;

struct tree {
    FILE *to;
    bool has_colours;
    const asl_machine *machine;
    node *nodes; /* owned; [0] is the execution */
    uint32_t count, room;
    uint32_t *node_of_event; /* owned; by event id */
    uint64_t event_room;
    uint32_t lines_drawn;
    uint32_t lines_max; /* of the drawing under way */
    struct timespec drawn_at;
    bool is_broken; /* out of memory: the picture stops, the run goes on */
};

status tree_new(FILE *to, bool has_colours, const asl_machine *machine, tree **ret_tree,
                error *reterr)
{
    tree *t = calloc(1, sizeof(*t));
    if (!t) {
        return fail_memory(reterr);
    }
    t->to = to;
    t->has_colours = has_colours;
    t->machine = machine;
    *ret_tree = t;
    return STATUS_OK;
}

void tree_free(tree *t)
{
    if (t) {
        for (uint32_t i = 0; i < t->count; i++) {
            free(t->nodes[i].label);
        }
        free(t->nodes);
        free(t->node_of_event);
        free(t);
    }
}

static uint32_t add_node(tree *t, uint32_t parent, uint32_t state, str label, int64_t begin_ms)
{
    if (t->count == t->room) {
        uint32_t room = t->room ? t->room * 2 : 64;
        node *nodes = realloc(t->nodes, room * sizeof(*nodes));
        if (!nodes) {
            t->is_broken = true;
            return NO_NODE;
        }
        t->nodes = nodes;
        t->room = room;
    }
    char *copy = str_duplicate(label);
    if (!copy) {
        t->is_broken = true;
        return NO_NODE;
    }
    uint32_t index = t->count++;
    t->nodes[index] = (node){.label = copy,
                             .parent = parent,
                             .first_child = NO_NODE,
                             .last_child = NO_NODE,
                             .next_sibling = NO_NODE,
                             .state = state,
                             .begin_ms = begin_ms};
    if (parent != NO_NODE) {
        node *above = &t->nodes[parent];
        if (above->last_child == NO_NODE) {
            above->first_child = index;
        } else {
            t->nodes[above->last_child].next_sibling = index;
        }
        above->last_child = index;
        above->child_count++;
    }
    return index;
}

static uint32_t node_of(const tree *t, uint64_t event_id)
{
    return event_id < t->event_room ? t->node_of_event[event_id] : NO_NODE;
}

static void remember(tree *t, uint64_t event_id, uint32_t index)
{
    if (event_id >= t->event_room) {
        uint64_t room = MAX_OF(event_id + 1, t->event_room * 2 + 256);
        uint32_t *grown = realloc(t->node_of_event, room * sizeof(*grown));
        if (!grown) {
            t->is_broken = true;
            return;
        }
        for (uint64_t i = t->event_room; i < room; i++) {
            grown[i] = NO_NODE;
        }
        t->node_of_event = grown;
        t->event_room = room;
    }
    t->node_of_event[event_id] = index;
}

static void end_node(tree *t, uint32_t index, mark with, int64_t time_ms)
{
    if (index != NO_NODE && t->nodes[index].mark == RUNNING) {
        t->nodes[index].mark = with;
        t->nodes[index].end_ms = time_ms;
    }
}

/* The nearest node from `index` upwards that stands for the event's state, or for an iteration of
 * it. */
static uint32_t enclosing(const tree *t, uint32_t index, const engine_event *event,
                          bool is_iteration)
{
    while (index != NO_NODE && (t->nodes[index].state != event->state ||
                                t->nodes[index].is_iteration != is_iteration)) {
        index = t->nodes[index].parent;
    }
    return index;
}

static uint32_t enter(tree *t, const engine_event *event)
{
    uint32_t before = node_of(t, event->previous_id);
    uint32_t parent = 0;
    if (before != NO_NODE) {
        parent = t->nodes[before].takes_children ? before : t->nodes[before].parent;
        if (!t->nodes[before].takes_children) {
            end_node(t, before, FAILED, event->time_ms); /* entered from a catcher */
        }
    }
    return add_node(t, parent == NO_NODE ? 0 : parent, event->state,
                    t->machine->states[event->state].name, event->time_ms);
}

static uint32_t begin_iteration(tree *t, const engine_event *event)
{
    char label[32];
    int len = snprintf(label, sizeof(label), "#%lld", (long long)event->index);
    /* It may follow the end of another iteration, and is then still a child of the Map. */
    uint32_t map = enclosing(t, node_of(t, event->previous_id), event, false);
    uint32_t index = add_node(t, map == NO_NODE ? 0 : map, event->state, (str){label, (size_t)len},
                              event->time_ms);
    if (index != NO_NODE) {
        t->nodes[index].takes_children = true;
        t->nodes[index].is_iteration = true;
    }
    return index;
}

static void end_execution(tree *t, engine_event_type type, int64_t time_ms)
{
    mark with = type == ENGINE_EXECUTION_SUCCEEDED ? DONE
                : type == ENGINE_EXECUTION_ABORTED ? ABORTED
                                                   : FAILED;
    for (uint32_t i = 1; i < t->count; i++) {
        end_node(t, i, with, time_ms);
    }
    end_node(t, 0, with, time_ms);
}

static void note_try(tree *t, uint32_t index, engine_event_type type)
{
    if (index == NO_NODE) {
        return;
    }
    switch (type) {
    case ENGINE_TASK_SCHEDULED_EVENT:
    case ENGINE_LAMBDA_SCHEDULED:
    case ENGINE_ACTIVITY_SCHEDULED:
        t->nodes[index].tries++;
        t->nodes[index].has_failed = false;
        break;
    case ENGINE_TASK_FAILED_EVENT:
    case ENGINE_TASK_TIMED_OUT_EVENT:
    case ENGINE_LAMBDA_FAILED:
    case ENGINE_LAMBDA_TIMED_OUT:
    case ENGINE_ACTIVITY_FAILED:
    case ENGINE_ACTIVITY_TIMED_OUT:
        t->nodes[index].has_failed = true;
        break;
    default:
        break;
    }
}

static void take(tree *t, const engine_event *event)
{
    uint32_t index = node_of(t, event->previous_id);
    switch (event->type) {
    case ENGINE_EXECUTION_STARTED:
        index = add_node(t, NO_NODE, ASL_NONE, STR("execution"), event->time_ms);
        break;
    case ENGINE_STATE_ENTERED:
        index = enter(t, event);
        if (t->machine->states[event->state].type == ASL_FAIL) {
            end_node(t, index, FAILED, event->time_ms);
        }
        break;
    case ENGINE_STATE_EXITED:
        index = enclosing(t, index, event, false);
        if (index != NO_NODE) {
            t->nodes[index].takes_children = false;
            end_node(t, index, t->nodes[index].has_failed ? FAILED : DONE, event->time_ms);
        }
        break;
    case ENGINE_MAP_STATE_STARTED:
    case ENGINE_PARALLEL_STATE_STARTED:
        if (index != NO_NODE) {
            t->nodes[index].takes_children = true;
        }
        break;
    case ENGINE_MAP_STATE_SUCCEEDED:
    case ENGINE_PARALLEL_STATE_SUCCEEDED:
        index = enclosing(t, index, event, false);
        break;
    case ENGINE_MAP_STATE_FAILED:
    case ENGINE_PARALLEL_STATE_FAILED:
        index = enclosing(t, index, event, false);
        if (index != NO_NODE) {
            t->nodes[index].has_failed = true;
            t->nodes[index].takes_children = false; /* a catcher's state stands beside it */
        }
        break;
    case ENGINE_MAP_ITERATION_STARTED:
        index = begin_iteration(t, event);
        break;
    case ENGINE_MAP_ITERATION_SUCCEEDED:
        index = enclosing(t, index, event, true);
        end_node(t, index, DONE, event->time_ms);
        break;
    case ENGINE_MAP_ITERATION_FAILED:
    case ENGINE_MAP_ITERATION_ABORTED:
        index = enclosing(t, index, event, true);
        end_node(t, index, FAILED, event->time_ms);
        break;
    case ENGINE_EXECUTION_SUCCEEDED:
    case ENGINE_EXECUTION_FAILED:
    case ENGINE_EXECUTION_TIMED_OUT:
    case ENGINE_EXECUTION_ABORTED:
        end_execution(t, event->type, event->time_ms);
        index = 0;
        break;
    default:
        note_try(t, index, event->type);
        break;
    }
    remember(t, event->id, index);
}

/* -------------------------------------------------------------------------------------- drawing */

static void print_elapsed(FILE *to, int64_t ms)
{
    if (ms < 1000) {
        fprintf(to, "%lld ms", (long long)ms);
    } else if (ms < 60000) {
        fprintf(to, "%.1f s", (double)ms / 1000);
    } else {
        fprintf(to, "%lld:%02lld:%02lld", (long long)(ms / 3600000), (long long)(ms / 60000 % 60),
                (long long)(ms / 1000 % 60));
    }
}

/* Labels are a definition's own text: control characters must not reach the terminal. */
static void print_label(FILE *to, const char *label)
{
    for (const char *c = label; *c; c++) {
        fputc((unsigned char)*c < 0x20 || *c == 0x7F ? '?' : *c, to);
    }
}

static const char *colour(const tree *t, const char *sequence)
{
    return t->has_colours ? sequence : "";
}

static void draw_line(tree *t, const node *n, uint32_t depth, int64_t now_ms)
{
    const char *plain = colour(t, PLAIN);
    fprintf(t->to, "%*s%s%s%s ", (int)(2 * depth), "", colour(t, marks[n->mark].colour),
            marks[n->mark].sign, plain);
    print_label(t->to, n->label);
    if (n->tries > 1) {
        fprintf(t->to, " %s(try %u)%s", colour(t, YELLOW), n->tries, plain);
    }
    fprintf(t->to, "  %s", colour(t, FAINT));
    print_elapsed(t->to, (n->mark == RUNNING ? now_ms : n->end_ms) - n->begin_ms);
    fprintf(t->to, "%s\033[K\n", plain);
    t->lines_drawn++;
}

static void draw_node(tree *t, uint32_t index, uint32_t depth, int64_t now_ms)
{
    if (t->lines_drawn >= t->lines_max || depth > DEFINITION_NESTING_MAX * 2) {
        return;
    }
    const node *n = &t->nodes[index];
    draw_line(t, n, depth, now_ms);
    uint32_t hidden = n->child_count > CHILDREN_SHOWN_MAX ? n->child_count - CHILDREN_SHOWN_MAX : 0;
    uint32_t skipped = 0;
    for (uint32_t child = n->first_child; child != NO_NODE; child = t->nodes[child].next_sibling) {
        if (skipped < hidden && t->nodes[child].mark == DONE) {
            skipped++;
            continue;
        }
        draw_node(t, child, depth + 1, now_ms);
    }
    if (skipped && t->lines_drawn < t->lines_max) {
        fprintf(t->to, "%*s%s... and %u more that succeeded%s\033[K\n", (int)(2 * depth + 2), "",
                colour(t, FAINT), skipped, colour(t, PLAIN));
        t->lines_drawn++;
    }
}

/* While it is live, lines are cut at the terminal's edge: each must be one row, since the next
 * drawing goes up by as many. */
static void draw(tree *t, int64_t now_ms, uint32_t lines_max)
{
    if (!t->count || t->is_broken) {
        return;
    }
    bool is_live = lines_max != UINT32_MAX;
    if (is_live) {
        fputs(WRAP_OFF, t->to);
    }
    if (t->lines_drawn) {
        fprintf(t->to, "\033[%uA\r", t->lines_drawn);
    }
    t->lines_drawn = 0;
    t->lines_max = lines_max;
    draw_node(t, 0, 0, now_ms);
    fputs(is_live ? "\033[J" WRAP_ON : "\033[J", t->to);
    fflush(t->to);
}

static uint32_t terminal_rows(const tree *t)
{
    struct winsize size = {0};
    bool is_known = ioctl(fileno(t->to), TIOCGWINSZ, &size) == 0 && size.ws_row > 2;
    return is_known ? size.ws_row - 1u : 23;
}

void tree_draw(tree *t, int64_t now_ms)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t since_ns =
        (now.tv_sec - t->drawn_at.tv_sec) * 1000000000LL + now.tv_nsec - t->drawn_at.tv_nsec;
    if (since_ns >= DRAW_INTERVAL_NS) {
        t->drawn_at = now;
        draw(t, now_ms, terminal_rows(t));
    }
}

void tree_add(tree *t, const engine_event *events, uint32_t count)
{
    for (uint32_t i = 0; i < count && !t->is_broken; i++) {
        take(t, &events[i]);
    }
    if (count) {
        tree_draw(t, events[count - 1].time_ms);
    }
}

void tree_finish(tree *t, int64_t now_ms)
{
    draw(t, now_ms, UINT32_MAX);
}
