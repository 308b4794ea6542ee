/* credential_process: a command of the profile that prints credentials.
 * Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html */
#include "integrations/aws/source.h"

#define OUTPUT_BYTES_MAX 65536u
#define PROCESS_MS_MAX 60000

static void on_line(void *user, net_stream stream, str line)
{
    aws_source *source = user;
    if (stream == NET_STREAM_OUT) {
        buf_add_str(&source->output, line);
        buf_add_char(&source->output, '\n');
    }
}

/* What the process said may hold secrets, so that no message repeats it. */
static void on_process_exit(void *user, int exit_status, int signal)
{
    aws_source *source = user;
    json value;
    int64_t version = 0;
    if (exit_status != 0 || signal != 0) {
        aws_source_fail(source, ERROR_INVALID, "the credential_process failed, with status %d",
                        signal ? 128 + signal : exit_status);
        return;
    }
    if (source->output.overflowed ||
        failed(json_parse_into(buf_str(&source->output), &source->memory, &value, NULL))) {
        aws_source_fail(source, ERROR_INVALID, "the credential_process does not print JSON");
        return;
    }
    if (!json_int64(json_get(value, STR("Version")), &version) || version != 1) {
        aws_source_fail(source, ERROR_INVALID,
                        "what the credential_process prints must have "
                        "\"Version\": 1");
        return;
    }
    aws_source_finish_json(source, value, "what the credential_process prints");
}

static void on_late(void *user)
{
    aws_source_fail(user, ERROR_TIMEOUT, "the credential_process has not ended in %d seconds",
                    PROCESS_MS_MAX / 1000);
}

status aws_source_ask_process(aws_source *source, error *reterr)
{
    const aws_context *context = source->options.context;
    str command = arena_str(&source->memory, source->plan->command);
    if (!command.ptr) {
        return fail_memory(reterr);
    }
    buf_init(&source->output, OUTPUT_BYTES_MAX);
    net_timer_free(source->timer);
    source->timer = NULL;
    TRY(net_timer_new(context->loop, on_late, source, &source->timer, reterr));
    net_timer_start(source->timer, PROCESS_MS_MAX, 0);
    const char *const arguments[] = {"sh", "-c", command.ptr, NULL};
    net_process_options options = {
        .file = "/bin/sh",
        .arguments = arguments,
        .environment = source->options.settings->environment,
        .events = {.on_line = on_line, .on_exit = on_process_exit, .user = source},
    };
    return net_process_start(context->loop, &options, &source->process, reterr);
}
