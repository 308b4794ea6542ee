/* Every limit of Gait, each with its source. Nothing in Gait is unbounded: what reaches one of
 * these gets a clear error. A limit that a deployment may change is a default here and a setting of
 * the engine or the server. */
#ifndef GAIT_BASE_LIMITS_H
#define GAIT_BASE_LIMITS_H

/* ---- base and json */
#define ERROR_MESSAGE_MAX 1024             /* ours */
#define ARENA_BYTES_MAX_DEFAULT (1u << 30) /* ours: 1 GiB a step */
#define ARENA_CHUNK_BYTES_MIN 4096         /* ours */
#define ARENA_CHUNK_BYTES_MAX (1u << 22)   /* ours */
#define JSON_DEPTH_MAX 1000            /* Jackson StreamReadConstraints, which AWS's parser is */
#define JSON_TEXT_BYTES_MAX (1u << 30) /* ours: nodes address text by 32-bit lengths */
#define JSON_NUMBER_CHARS_MAX 1000     /* Jackson StreamReadConstraints.DEFAULT_MAX_NUM_LEN */
#define JSON_OBJECT_LINEAR_MAX 16      /* ours: larger objects carry a sorted index */

/* ---- commands: one value of at most JSON_TEXT_BYTES_MAX, as nodes and as text */
#define CLI_MEMORY_BYTES_MAX ((size_t)16 << 30) /* ours: 16 bytes of nodes for a byte of text */
#define CLI_TEXT_BYTES_MAX ((size_t)6 << 30)    /* ours: \u00xx for each byte of a string */

/* ---- expressions */
#define EXPRESSION_DEPTH_MAX 200        /* ours: nesting of one expression's text */
#define EXPRESSION_BYTES_MAX (1u << 20) /* a definition is at most 1 MiB */
#define JSONPATH_STEPS_MAX 1000         /* ours: as deep as JSON itself */
#define JSONPATH_WORK_MAX 10000000u     /* ours: values that one evaluation may look at */
#define JSONPATH_PATTERN_BYTES_MAX 4096 /* ours: of a regular expression in a filter */
#define JSONPATH_PATTERN_HEAP_KIB 4096  /* ours: memory of one match */
#define INTRINSIC_CALLS_MAX 10          /* dg/intrinsic-functions.html: nested in one field */
#define INTRINSIC_RANGE_ITEMS_MAX 1000  /* the same page: States.ArrayRange */
#define INTRINSIC_TEXT_CHARS_MAX 10000  /* the same page: States.Base64Encode, Decode and Hash */
#define JSONATA_DEPTH_MAX 5000          /* ours: nested evaluations; tail calls do not count */
#define JSONATA_NESTING_MAX 500         /* ours: of brackets and the like in the text */
#define JSONATA_HEIGHT_MAX 1500         /* ours: of the tree, long chains of operators included */
#define JSONATA_STEPS_MAX 50000000u     /* ours */
#define JSONATA_RANGE_MAX 10000000      /* D2014: jsonata-js, 1e7 */
#define JSONATA_PICTURE_WIDTH_MAX 65536 /* ours: characters that one picture may ask for */
#define JSONATA_PICTURE_BYTES_MAX 4096  /* ours: of a picture string */
#define REGEX_MATCH_STEPS_MAX 10000000  /* ours: backtracking of one match; PCRE2's default */
#define REGEX_HEAP_KIB_MAX 65536        /* ours: backtracking memory of one match */
#define REGEX_GROUPS_MAX 1000           /* ours: capturing groups */
#define REGEX_NESTING_MAX 200           /* ours: groups in groups of a regular expression */

/* ---- definitions: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
#define DEFINITION_BYTES_MAX (1u << 20)
#define STATE_NAME_CHARS_MAX 80
#define DEFINITION_NESTING_MAX 100     /* ours: Parallel in Map in Parallel ... */
#define DEFINITION_DIAGNOSTICS_MAX 100 /* ValidateStateMachineDefinition maxResults */

/* ---- pictures */
#define GRAPH_POINTS_MAX 1000000 /* ours: places that the ways of one scope pass */

/* ---- executions: the same page */
#define PAYLOAD_BYTES_MAX (256u * 1024u) /* input, output, variables' single value */
#define VARIABLES_BYTES_MAX (10u * 1024u * 1024u)
#define VARIABLE_NAME_CHARS_MAX 80
#define HISTORY_EVENTS_MAX 25000
#define ERROR_NAME_CHARS_MAX 256              /* SendTaskFailure: error */
#define CAUSE_CHARS_MAX 32768                 /* SendTaskFailure: cause */
#define EXECUTION_SECONDS_MAX (366u * 86400u) /* one year */
#define EXPRESS_SECONDS_MAX 300
#define TASK_SECONDS_MAX 99999999 /* ASL: TimeoutSeconds, HeartbeatSeconds */
#define RETRY_ATTEMPTS_MAX 99999999
#define MAP_CONCURRENCY_INLINE_MAX 40
#define MAP_CONCURRENCY_DISTRIBUTED_MAX 10000 /* children of a map run at a time */
#define MAP_CSV_HEADER_BYTES_MAX 10240 /* input-output-itemreader.html: headers of up to 10 KiB */
#define ENGINE_STEP_TRANSITIONS_MAX 10000 /* ours: then the step yields and is continued */

/* ---- resources of the API: the same page */
#define MACHINES_MAX 100000  /* registered state machines */
#define ACTIVITIES_MAX 10000 /* registered activities */
#define VERSIONS_MAX 1000    /* published, of a state machine */
#define ALIASES_MAX 100      /* of a state machine */
#define TAGS_MAX 50          /* of a resource */

/* ---- net */
#define NET_PROCESS_LINE_BYTES_MAX (256u * 1024u)    /* a CloudWatch Logs event's former maximum */
#define NET_HTTP_CONNECTIONS_MAX 4096                /* ours */
#define NET_HTTP_HEADER_BYTES_MAX (32u * 1024u)      /* ours: memory of a connection */
#define NET_HTTP_BODY_BYTES_MAX (8u * 1024u * 1024u) /* ours */
#define NET_HTTP_STREAM_BYTES_MAX (4u * 1024u * 1024u)   /* ours: that wait for the client */
#define NET_HTTP_RESPONSE_BYTES_MAX (8u * 1024u * 1024u) /* ours */
#define NET_HTTP_CLIENT_CONNECTIONS_MAX 256              /* ours */
#define NET_HTTP_CLIENT_HOST_CONNECTIONS_MAX 128         /* ours: one slow host is not all */

/* ---- integrations: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
#define LAMBDA_PAYLOAD_BYTES_MAX (6u * 1024u * 1024u)
#define LAMBDA_RESPONSE_BYTES_MAX 6291556u /* 6 MiB + 100: the number in AWS's error text */
#define LAMBDA_NAME_CHARS_MAX 64
#define LAMBDA_EVENT_BYTES_MAX (1u << 20)    /* Invoke: InvocationType Event */
#define LAMBDA_REQUEST_BYTES_MAX 70167211u   /* CreateFunction: a zip of 50 MB in base64 */
#define LAMBDA_UNZIPPED_BYTES_MAX 262144000u /* 250 MiB */
#define LAMBDA_ENTRIES_MAX 100000u           /* ours: files of one zip */
#define LAMBDA_ENVIRONMENT_BYTES_MAX 4096    /* names and values together */
#define LAMBDA_RECORD_BYTES_MAX (64u << 20)  /* ours: a function with its versions */
#define LAMBDA_TIMEOUT_SECONDS_DEFAULT 3
#define LAMBDA_TIMEOUT_SECONDS_MAX 900
#define LAMBDA_INIT_MS_MAX 10000   /* the Init phase */
#define LAMBDA_LOG_TAIL_BYTES 4096 /* LogType Tail */
#define LAMBDA_PROCESSES_MAX 16    /* ours: of one function */
#define LAMBDA_QUEUE_MAX 10000     /* ours: calls of one function that wait for a process */
#define LAMBDA_IDLE_MS_MAX 300000  /* ours: then a warm process ends */
#define LAMBDA_LOG_FILE_BYTES_MAX (64u * 1024u * 1024u) /* ours: then it becomes NAME.log.1 */
#define FUNCTION_JSON_BYTES_MAX 65536                   /* ours */
#define SNS_MESSAGE_BYTES_MAX (256u * 1024u)            /* Publish: Message */
#define SNS_SUBJECT_CHARS_MAX 100                       /* Publish: Subject, fewer than 100 */
#define SNS_TOPIC_CHARS_MAX 256                         /* CreateTopic: Name */
#define SNS_HTTP_TIMEOUT_MS 15000                       /* delivery to HTTP endpoints */
#define HTTP_TASK_TIMEOUT_MS 60000 /* dg/call-https-apis.html, "Timeouts for connections" */
#define HTTP_TASK_RESPONSE_BYTES_MAX (256u * 1024u) /* the Range that AWS asks for, a payload */
#define HTTP_TASK_CONNECTIONS_MAX 20000             /* ours: requests at once */
#define HTTP_URL_BYTES_MAX 8000                     /* ours: what servers commonly take */
#define HTTP_REQUEST_BODY_BYTES_MAX (1 << 20)       /* ours: 256 KiB, percent-encoded */
#define HTTP_TOKEN_BYTES_MAX (64u * 1024u)          /* ours: an OAuth server's answer */

#define AWS_SHARED_FILE_BYTES_MAX (1u << 20) /* ours: ~/.aws/config and the like */
#define AWS_SETTINGS_BYTES_MAX (64u << 20)   /* ours: what they become in memory */
#define AWS_RESPONSE_BYTES_MAX (8u << 20)    /* ours: a task's result is 256 KiB */
#define AWS_ATTEMPT_MS_MAX 65000             /* ours: then a call is sent again */
#define AWS_ATTEMPTS_SETTING_MAX 100         /* ours: who sets more has mistaken something */
#define AWS_ATTEMPTS_MAX 3                   /* sdkref: retry mode standard */
#define AWS_CREDENTIALS_MS_MAX 15000         /* ours: one question for credentials */
#define AWS_ROLES_MAX 256                    /* ours: whose credentials are kept */

/* ---- local services, which stand in for AWS's */
#define LOCAL_TASK_BYTES_MAX (256u << 20)     /* ours: memory of one request */
#define LOCAL_RECORDS_MAX 10000               /* ours: that one list looks at */
#define S3_KEY_BYTES_MAX 1024                 /* S3: UTF-8 bytes of a key */
#define S3_KEYS_MAX 1000                      /* S3: of one list or one deletion */
#define S3_DEPTH_MAX 512                      /* a key's parts: 1024 bytes, every second a slash */
#define S3_BUCKETS_MAX 10000                  /* S3: of an account */
#define S3_OBJECT_BYTES_MAX (64u << 20)       /* ours: read or copied at once */
#define S3_ABOUT_BYTES_MAX (64u << 10)        /* ours: what is kept of an object beside its bytes */
#define GLUE_JOB_BYTES_MAX (1u << 20)         /* ours: a job's definition, a run's record */
#define GLUE_LOG_BYTES_MAX (64u << 20)        /* ours: of one run; what comes after is dropped */
#define GLUE_TIMEOUT_MINUTES_MAX 10080        /* Glue: 7 days */
#define REDSHIFT_SQL_BYTES_MAX 100000         /* Data API: a statement of 100 KB */
#define REDSHIFT_PARAMETERS_MAX 200           /* ours */
#define REDSHIFT_BATCH_MAX 40                 /* BatchExecuteStatement: Sqls */
#define REDSHIFT_STATEMENTS_MAX 500           /* Data API: active at once */
#define REDSHIFT_CONNECTIONS_MAX 16           /* ours */
#define REDSHIFT_CONNECT_MS_MAX 30000         /* ours */
#define REDSHIFT_STATEMENT_MS_MAX 86400000    /* Data API: 24 hours */
#define REDSHIFT_RESULT_BYTES_MAX (16u << 20) /* ours; the Data API has 100 MB */
#define REDSHIFT_RECORD_BYTES_MAX (16u << 20) /* ours */
#define REDSHIFT_PAGE_BYTES (128u << 10)      /* ours: half of what a state may take */

/* ---- the console */
#define FEED_MINUTES_MAX 1440                 /* ours: a day */
#define FEED_MACHINES_MAX 50                  /* ours: counted apart */
#define FEED_DURATIONS 72                     /* ours: up to 2^36 ms, two years */
#define CONSOLE_STREAMS_MAX 256               /* ours: pages that watch at a time */
#define CONSOLE_ROWS_MAX 2000                 /* ours: executions that one search looks at */
#define CONSOLE_QUERY_BYTES_MAX 1024          /* ours: the text that is searched for */
#define CONSOLE_SEARCHED_BYTES_MAX (8u << 20) /* ours: in which one search looks for it */
#define CONSOLE_COUNTED_MAX 1000              /* ours: executions of a machine that are counted */
#define CONSOLE_BODY_BYTES_MAX (1u << 20)     /* ours: an expression with its data */
#define CONSOLE_EVALUATION_MS_MAX 2000        /* ours: time of one */
#define CONSOLE_MEMORY_BYTES_MAX (128u << 20) /* ours: of one */

/* ---- access */
#define AUTH_SIGNED_HEADERS_MAX 100         /* ours: of one request */
#define AUTH_SIGNATURES_KEPT_MAX (1u << 20) /* ours: that may not be used again, twice over */
#define AUTH_ADDRESSES_MAX 4096             /* ours: whose rate is limited apart */

/* ---- AWS services' protocols */
#define AWS_BODY_BYTES_MAX (64u << 20) /* ours: of a request, before it is sent */
#define AWS_VALUE_DEPTH_MAX 200        /* ours: nesting of parameters and of answers */

#endif
