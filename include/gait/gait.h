/* libgait: parse, validate and run Amazon States Language workflows inside your own program.
 *
 *     gait_error error;
 *     gait_machine *machine = gait_machine_parse(text, strlen(text), NULL, &error);
 *     gait_run_options options = GAIT_RUN_OPTIONS;
 *     options.input = "{\"n\":1}";
 *     options.on_task = my_tasks;            // or options.functions_folder = "functions";
 *     gait_result *result;
 *     if (gait_run(machine, &options, &result, &error) == GAIT_OK) {
 *         puts(gait_result_output(result));
 *     }
 *
 * Rules: text is UTF-8. What a function returns belongs to the caller, who gives it back with the
 * matching *_free (NULL is fine); text that an object's accessor returns belongs to that object. On
 * failure *ret_... is untouched and *ret_error (which may be NULL) tells what, where and what to
 * do. A machine may be used by several threads at once; everything else by one at a time. Nothing
 * here prints. */
#ifndef GAIT_GAIT_H
#define GAIT_GAIT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define GAIT_API __attribute__((visibility("default")))

typedef enum gait_status {
    GAIT_OK = 0,
    GAIT_ERROR_INVALID = 1, /* a definition, input or option that is not right */
    GAIT_ERROR_MEMORY = 2,
    GAIT_ERROR_IO = 3,        /* the operating system said no */
    GAIT_ERROR_NOT_FOUND = 4, /* there is no execution of that name */
    GAIT_ERROR_CONFLICT = 5,  /* the name is another execution's; the folder is another process's */
    GAIT_ERROR_TIMEOUT = 6,   /* the time to wait has passed */
} gait_status;

typedef struct gait_error {
    gait_status status;
    uint32_t line, column; /* 1-based place in the text at fault; 0 when there is none */
    char message[1024];    /* NUL-terminated */
} gait_error;

/* "0.1.0" */
GAIT_API const char *gait_version(void);

/* ---------------------------------------------------------------------------------- definitions */

typedef struct gait_machine gait_machine;

typedef struct gait_machine_options {
    size_t struct_size; /* sizeof(gait_machine_options) */
    int is_express;     /* refuse what Express workflows may not have */
} gait_machine_options;
#define GAIT_MACHINE_OPTIONS                                                                       \
    {                                                                                              \
        sizeof(gait_machine_options), 0                                                            \
    }

/* Compiles a definition. options may be NULL. NULL on failure: the error tells the first fault;
 * gait_validate tells all of them. */
GAIT_API gait_machine *gait_machine_parse(const char *definition, size_t length,
                                          const gait_machine_options *options,
                                          gait_error *ret_error);
GAIT_API void gait_machine_free(gait_machine *machine);

/* All errors and warnings, as ValidateStateMachineDefinition answers them:
 *     {"result":"OK"|"FAIL","diagnostics":[{"severity","code","message","location"}...],"truncated":false}
 * NULL only when out of memory. The text is given back with gait_text_free. */
GAIT_API char *gait_validate(const char *definition, size_t length,
                             const gait_machine_options *options, gait_error *ret_error);
GAIT_API void gait_text_free(char *text);

/* ------------------------------------------------------------------------------------ executions
 */

/* A Task state that wants to be done. All texts are borrowed for the call and NUL-terminated. */
typedef struct gait_task {
    size_t struct_size;
    const char *resource; /* the ARN as written in the definition */
    const char *state_name;
    const char *payload; /* JSON: the state's Parameters, Arguments or input */
    size_t payload_length;
    uint32_t attempt;           /* 0 for the first try */
    const char *execution_name; /* of the execution that it belongs to */
    uint64_t task_id;           /* unique within the execution */
} gait_task;

/* How the task ended; to be filled by exactly one of the two functions below. */
typedef struct gait_task_reply gait_task_reply;
GAIT_API void gait_task_succeed(gait_task_reply *reply, const char *output,
                                size_t length); /* JSON */
/* error and cause may be NULL. */
GAIT_API void gait_task_fail(gait_task_reply *reply, const char *error, const char *cause);

/* Does a task, on the caller's thread. A handler that replies nothing fails the task. */
typedef void gait_task_handler(void *user, const gait_task *task, gait_task_reply *reply);

typedef struct gait_run_options {
    size_t struct_size;           /* sizeof(gait_run_options) */
    const char *input;            /* JSON; NULL = {} */
    const char *name;             /* of the execution; NULL = a random UUID */
    gait_task_handler *on_task;   /* does every task; NULL = the integrations of `gait run` */
    void *user;                   /* for the callbacks */
    const char *functions_folder; /* local functions, without on_task; NULL = none */
    const char *data_folder;      /* where their logs and topics go; NULL = ".gait" */
    int is_virtual_time;          /* waits, retries and timeouts pass at once */
    int is_express;
    /* Each history event as JSON text, as GetExecutionHistory shows it. May be NULL. */
    void (*on_event)(void *user, const char *event, size_t length);
} gait_run_options;
#define GAIT_RUN_OPTIONS                                                                           \
    {                                                                                              \
        sizeof(gait_run_options), NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL                   \
    }

typedef struct gait_result gait_result;

/* Runs one execution to its end. GAIT_OK also when the workflow failed: the result tells. */
GAIT_API gait_status gait_run(const gait_machine *machine, const gait_run_options *options,
                              gait_result **ret_result, gait_error *ret_error);
/* "SUCCEEDED", "FAILED", "TIMED_OUT" or "ABORTED". */
GAIT_API const char *gait_result_status(const gait_result *result);
GAIT_API const char *
gait_result_output(const gait_result *result);                     /* JSON; NULL unless succeeded */
GAIT_API const char *gait_result_error(const gait_result *result); /* NULL when not set */
GAIT_API const char *gait_result_cause(const gait_result *result); /* NULL when not set */
GAIT_API void gait_result_free(gait_result *result);

/* ------------------------------------------------------------------------- durable executions
 *
 *     gait_engine_options options = GAIT_ENGINE_OPTIONS;
 *     options.data_folder = "orders";
 *     options.on_task = my_tasks;
 *     gait_engine *engine;
 *     gait_engine_open(&options, &engine, &error);
 *     gait_engine_start(engine, machine, "order-7", input, &error);
 *     gait_engine_wait(engine, "order-7", -1, &result, &error);
 *
 * An engine keeps Standard executions in a folder: each step is on the disk before anything that it
 * wants is done. A program that ended, or was killed, opens the folder again, and its executions go
 * on where they were: waits, retries and timeouts keep their deadlines, and a task that was under
 * way is done once more, with the same task_id (so let tasks do no harm when they come twice).
 * Histories are kept for 90 days. The folder is as that of `gait serve --data`.
 *
 * There is no thread that works in the background for the caller: executions go on while
 * gait_engine_start, gait_engine_stop or gait_engine_wait are running, and handlers are called from
 * there. No function of an engine may be called from a handler of it. */

typedef struct gait_engine gait_engine;

typedef struct gait_engine_options {
    size_t struct_size;           /* sizeof(gait_engine_options) */
    const char *data_folder;      /* made when missing; one process's at a time; NULL = in memory */
    gait_task_handler *on_task;   /* does every task; NULL = the integrations of `gait run` */
    void *user;                   /* for the callbacks */
    const char *functions_folder; /* local functions, without on_task; NULL = none */
    /* An execution has ended, and this is on the disk. The result is borrowed. May be NULL. */
    void (*on_end)(void *user, const char *execution_name, const gait_result *result);
} gait_engine_options;
#define GAIT_ENGINE_OPTIONS                                                                        \
    {                                                                                              \
        sizeof(gait_engine_options), NULL, NULL, NULL, NULL, NULL                                  \
    }

/* GAIT_ERROR_CONFLICT: another process has the folder. GAIT_ERROR_IO: what the file system or a
 * damaged database says. */
GAIT_API gait_status gait_engine_open(const gait_engine_options *options, gait_engine **ret_engine,
                                      gait_error *ret_error);
/* Executions stay as they are, to go on at the next opening (those in memory are gone). */
GAIT_API void gait_engine_close(gait_engine *engine);

/* Starts an execution; it is on the disk when this returns. input is JSON, NULL = {}. A name is for
 * one execution, and starting that one again (same definition, same input) is fine, whether it runs
 * or has ended: GAIT_ERROR_CONFLICT for another definition or input. Express definitions are not
 * kept: GAIT_ERROR_INVALID. */
GAIT_API gait_status gait_engine_start(gait_engine *engine, const gait_machine *machine,
                                       const char *name, const char *input, gait_error *ret_error);
/* Lets executions go on until that one has ended, now or earlier; with name NULL until none is
 * open, and ret_result is not used. GAIT_ERROR_TIMEOUT after timeout_ms (negative: no limit),
 * GAIT_ERROR_IO when the disk refuses what is to be kept: nothing is lost, and calling again goes
 * on. ret_result may be NULL. */
GAIT_API gait_status gait_engine_wait(gait_engine *engine, const char *name, int64_t timeout_ms,
                                      gait_result **ret_result, gait_error *ret_error);
/* Stops a running execution (ABORTED). error and cause may be NULL. GAIT_ERROR_NOT_FOUND when it
 * does not run. */
GAIT_API gait_status gait_engine_stop(gait_engine *engine, const char *name, const char *error,
                                      const char *cause, gait_error *ret_error);
/* All events so far as a JSON array, as GetExecutionHistory shows them; given back with
 * gait_text_free. NULL on failure. */
GAIT_API char *gait_engine_history(gait_engine *engine, const char *name, gait_error *ret_error);

#ifdef __cplusplus
}
#endif

#endif
