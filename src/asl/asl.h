/* asl_machine: a definition compiled once: immutable, shared by every execution, transitions by
 * index. asl_compile finds every fault and every warning, as ValidateStateMachineDefinition does.
 * Source: https://states-language.net and
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html */
#ifndef GAIT_ASL_ASL_H
#define GAIT_ASL_ASL_H

#include "asl/template.h"

#define ASL_NONE UINT32_MAX /* no state, no workflow */

typedef enum asl_language {
    ASL_JSONPATH,
    ASL_JSONATA_LANGUAGE,
} asl_language;

typedef enum asl_state_type {
    ASL_TASK,
    ASL_PASS,
    ASL_CHOICE,
    ASL_WAIT,
    ASL_SUCCEED,
    ASL_FAIL,
    ASL_PARALLEL,
    ASL_MAP,
    ASL_STATE_TYPES,
} asl_state_type;

/* ---------------------------------------------------------------------------------- resources */

typedef enum asl_resource_kind {
    ASL_RESOURCE_FUNCTION, /* arn:aws:lambda:...:function:NAME, our short arn:aws:lambda:NAME */
    ASL_RESOURCE_ACTIVITY, /* arn:aws:states:...:activity:NAME */
    ASL_RESOURCE_SERVICE,  /* arn:aws:states:::SERVICE:ACTION[.PATTERN], aws-sdk ones too */
    ASL_RESOURCE_TOPIC,    /* a bare SNS topic ARN: our extension, as sns:publish */
} asl_resource_kind;

typedef enum asl_pattern {
    ASL_REQUEST_RESPONSE,
    ASL_SYNC,                /* .sync */
    ASL_SYNC_2,              /* .sync:2 */
    ASL_WAIT_FOR_TASK_TOKEN, /* .waitForTaskToken */
} asl_pattern;

typedef struct asl_resource {
    asl_resource_kind kind;
    asl_pattern pattern;
    str arn;            /* as written */
    str partition;      /* "aws" */
    str region;         /* "" when not written */
    str account;        /* "" when not written */
    str service;        /* "lambda", "sns", "states"; for aws-sdk the service: "dynamodb" */
    str action;         /* "invoke", "publish", "getItem": without the pattern */
    str name;           /* function, activity or topic: what follows in its ARN */
    str event_resource; /* history's `resource`: "publish.waitForTaskToken", "getItem", the ARN */
    str event_type;     /* history's `resourceType`: "sns", "states", "aws-sdk:dynamodb"; "" for
                           function and activity ARNs */
    bool is_aws_sdk;
    bool is_short; /* one of our short forms */
} asl_resource;

/* ERROR_INVALID when it is no resource ARN of any known form. Slices borrow from `arn`, except
 * the event_* texts that are made in the arena. */
MUST_USE status asl_resource_parse(str arn, arena *a, asl_resource *ret_resource, error *reterr);

/* ------------------------------------------------------------------------------- parts of states
 */

typedef enum asl_jitter { ASL_JITTER_NONE, ASL_JITTER_FULL } asl_jitter;

typedef struct asl_retrier {
    uint32_t error_count;
    const str *error_equals;
    int64_t interval_seconds;  /* default 1 */
    int64_t attempts_max;      /* default 3; 0 = never */
    double backoff_rate;       /* default 2.0 */
    int64_t delay_seconds_max; /* 0 = none */
    asl_jitter jitter;
} asl_retrier;

typedef struct asl_catcher {
    uint32_t error_count;
    const str *error_equals;
    uint32_t next;
    const jsonpath *result_path; /* NULL: the whole output is replaced */
    bool result_path_is_null;    /* "ResultPath": null: the error is dropped */
    const asl_node *assign;      /* or NULL */
    const asl_node *output;      /* JSONata; or NULL */
    str next_name;
} asl_catcher;

/* A JSONPath Choice condition. */
typedef enum asl_operator {
    ASL_AND,
    ASL_OR,
    ASL_NOT,
    ASL_EQUALS,
    ASL_LESS,
    ASL_GREATER,
    ASL_LESS_EQUALS,
    ASL_GREATER_EQUALS,
    ASL_MATCHES, /* StringMatches */
    ASL_IS_PRESENT,
    ASL_IS_NULL,
    ASL_IS_STRING,
    ASL_IS_NUMERIC,
    ASL_IS_BOOLEAN,
    ASL_IS_TIMESTAMP,
} asl_operator;

typedef enum asl_operand_type {
    ASL_OPERAND_NONE, /* And, Or, Not, Is* */
    ASL_OPERAND_STRING,
    ASL_OPERAND_NUMERIC,
    ASL_OPERAND_BOOLEAN,
    ASL_OPERAND_TIMESTAMP,
} asl_operand_type;

typedef struct asl_condition asl_condition;
struct asl_condition {
    asl_operator operator;
    asl_operand_type operand_type;
    const asl_node *variable; /* comparisons: a path (or an intrinsic, where AWS allows it) */
    json literal;             /* comparisons without ...Path; the Is* tests' true or false */
    const asl_node *operand;  /* ...Path; NULL when literal */
    uint32_t count;           /* And, Or, Not */
    const asl_condition *children;
};

typedef struct asl_rule {
    const asl_condition *condition; /* JSONPath; NULL in JSONata */
    const asl_node *test;           /* JSONata Condition; NULL in JSONPath */
    uint32_t next;
    const asl_node *assign;
    const asl_node *output; /* JSONata */
    str next_name;
} asl_rule;

typedef enum asl_wait_kind {
    ASL_WAIT_SECONDS,
    ASL_WAIT_SECONDS_PATH,
    ASL_WAIT_TIMESTAMP,
    ASL_WAIT_TIMESTAMP_PATH,
} asl_wait_kind;

/* A distributed Map's parts beyond inline ones; compiled now, run by a later floor. */
typedef struct asl_distributed {
    const asl_node *reader_arguments; /* ItemReader.Parameters or Arguments */
    asl_resource reader_resource;
    bool has_reader;
    json reader_config;
    const asl_node *batch_input; /* ItemBatcher.BatchInput */
    bool has_batcher;
    json batcher;
    const asl_node *writer_arguments; /* ResultWriter */
    asl_resource writer_resource;
    bool has_writer;
    json writer_config;
    const asl_node *tolerated_count;      /* ToleratedFailureCount(Path) */
    const asl_node *tolerated_percentage; /* ToleratedFailurePercentage(Path) */
    str label;                            /* "" when not set */
    bool is_express;                      /* ProcessorConfig.ExecutionType */
    /* ReaderConfig and ItemBatcher (without BatchInput) as templates: what was MaxItemsPath is
     * MaxItems here. NULL when absent. */
    const asl_node *reader_settings;
    const asl_node *batcher_settings;
} asl_distributed;

typedef struct asl_state {
    str name;
    str location;      /* JSON pointer in AWS's form: /States/A, /States/M/ItemProcessor/States/B */
    uint32_t index;    /* in asl_machine.states */
    uint32_t workflow; /* in asl_machine.workflows */
    asl_state_type type;
    asl_language language;
    uint32_t next; /* ASL_NONE with End, Succeed, Fail, Choice */
    str next_name; /* Next as written, also where it leads nowhere (asl_options.state_name) */
    bool is_end;

    /* Data flow. NULL = the default. A path field that is `null` is the literal {} (InputPath,
     * OutputPath) or result_path_is_null. */
    const asl_node *input_path;
    const asl_node *output_path;
    const asl_node *parameters; /* Parameters, or JSONata's Arguments */
    const asl_node *result_selector;
    const jsonpath *result_path;
    bool result_path_is_null;
    const asl_node *assign; /* always an ASL_OBJECT */
    const asl_node *output; /* JSONata's Output */

    uint32_t retrier_count, catcher_count;
    const asl_retrier *retriers;
    const asl_catcher *catchers;

    union {
        struct {
            asl_resource resource;
            const asl_node *timeout_seconds; /* literal, path or JSONata; NULL = none */
            const asl_node *heartbeat_seconds;
            const asl_node *credentials;
        } task;
        struct {
            bool has_result;
            json result;
        } pass;
        struct {
            uint32_t rule_count;
            const asl_rule *rules;
            uint32_t default_next; /* ASL_NONE: States.NoChoiceMatched */
            str default_next_name;
        } choice;
        struct {
            asl_wait_kind kind;
            const asl_node *value;
        } wait;
        struct {
            const asl_node *error; /* literal, path, intrinsic or JSONata; NULL = not set */
            const asl_node *cause;
        } fail;
        struct {
            uint32_t branch_count;
            const uint32_t *branches; /* workflows */
        } parallel;
        struct {
            uint32_t processor;              /* workflow */
            const asl_node *items;           /* ItemsPath or Items; NULL = the whole input */
            const asl_node *item_selector;   /* ItemSelector, or Parameters with the old Iterator */
            const asl_node *concurrency_max; /* MaxConcurrency(Path); NULL = 0 = no limit */
            bool is_distributed;
            const asl_distributed *distributed; /* NULL when inline */
        } map;
    } as;
} asl_state;

typedef struct asl_workflow {
    uint32_t start;                    /* state */
    uint32_t parent;                   /* state that holds it; ASL_NONE for the machine's own */
    uint32_t first_state, state_count; /* its states are contiguous */
} asl_workflow;

typedef struct asl_machine {
    str text;    /* the definition, as given */
    str comment; /* "" when absent */
    asl_language language;
    int64_t timeout_seconds; /* 0 = none */
    uint32_t workflow_count;
    const asl_workflow *workflows; /* [0] is the machine's own */
    uint32_t state_count;
    const asl_state *states;
} asl_machine;

/* --------------------------------------------------------------------------------- compilation */

typedef enum asl_severity { ASL_ERROR, ASL_WARNING } asl_severity;

typedef struct asl_diagnostic {
    asl_severity severity;
    const char *code;      /* "SCHEMA_VALIDATION_FAILED", ...: static */
    str message;           /* AWS's words where they are known */
    str location;          /* "/States/A/Next"; "" for AWS's missing location */
    uint32_t line, column; /* in the text; 1-based */
} asl_diagnostic;

typedef struct asl_diagnostics {
    arena memory; /* owns the texts */
    asl_diagnostic *items;
    uint32_t count, room;
    uint32_t error_count;
    bool is_truncated; /* more than DEFINITION_DIAGNOSTICS_MAX were found */
} asl_diagnostics;

void asl_diagnostics_init(asl_diagnostics *d);
void asl_diagnostics_clean_up(asl_diagnostics *d);

typedef struct asl_options {
    bool is_express; /* refuses what Express workflows may not have */
    bool aws_only;   /* our extensions (short ARNs) are errors instead of warnings */
    /* Whether a resource can be run here; a failure becomes an error diagnostic. May be NULL. */
    status (*check_resource)(void *user, const asl_resource *resource, error *reterr);
    /* Whether a Task's Parameters or Arguments, as they are written, fit its resource; a failure
     * becomes an error diagnostic. May be NULL. */
    status (*check_arguments)(void *user, const asl_resource *resource, json arguments,
                              error *reterr);
    void *user; /* of both */
    /* Not NULL: the text is one state alone, as TestState takes it, under this name. Its
     * transitions are not followed. */
    str state_name;
} asl_options;

/* Compiles a definition. All diagnostics are collected (in order of place) whether it succeeds or
 * not; it fails with ERROR_INVALID when there is at least one error, and then reterr tells the
 * first. The machine is reference-counted: one reference is the caller's. options and diagnostics
 * may be NULL. */
MUST_USE status asl_compile(str text, const asl_options *options, const asl_machine **ret_machine,
                            asl_diagnostics *diagnostics, error *reterr);
/* The errors as InvalidDefinition's message joins them: "CODE: message at location, CODE: ...". */
MUST_USE status asl_diagnostics_summary(const asl_diagnostics *d, arena *a, str *ret_text,
                                        error *reterr);
const asl_machine *asl_machine_retain(const asl_machine *machine);
void asl_machine_release(const asl_machine *machine); /* NULL is fine */

/* Names such as "Task". */
const char *asl_state_type_name(asl_state_type type);
/* State names that variables are referenced from: for DescribeStateMachine's variableReferences, an
 * object {state name: [variable, ...]} sorted as AWS does, made in the arena. */
MUST_USE status asl_variable_references(const asl_machine *machine, arena *a, json *ret_object,
                                        error *reterr);
/* Line and column of a diagnostic's location ("/States/A/Retry[0]") in a definition's text: of a
 * member's name or of an item; of the nearest one around it when it is not there. */
void asl_locate(str text, str pointer, uint32_t *ret_line, uint32_t *ret_column);

#endif
