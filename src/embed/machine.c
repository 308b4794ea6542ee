/* Definitions through the public API: compile and validate. */
#include "embed/machine.h"

#include <stdlib.h>

const char *gait_version(void)
{
    return GAIT_VERSION;
}

gait_status embed_tell(const error *err, gait_error *ret_error)
{
    static const gait_status statuses[] = {
        [ERROR_MEMORY] = GAIT_ERROR_MEMORY,       [ERROR_IO] = GAIT_ERROR_IO,
        [ERROR_NOT_FOUND] = GAIT_ERROR_NOT_FOUND, [ERROR_TIMEOUT] = GAIT_ERROR_TIMEOUT,
        [ERROR_CONFLICT] = GAIT_ERROR_CONFLICT,
    };
    gait_status told = statuses[err->code] ? statuses[err->code] : GAIT_ERROR_INVALID;
    if (ret_error) {
        ret_error->status = told;
        ret_error->line = err->line;
        ret_error->column = err->column;
        memcpy(ret_error->message, err->message, sizeof(ret_error->message));
    }
    return told;
}
_Static_assert(sizeof((gait_error){0}.message) == sizeof((error){0}.message), "same size");

static asl_options options_of(const gait_machine_options *options)
{
    return (asl_options){.is_express = options && options->is_express};
}

gait_machine *gait_machine_parse(const char *definition, size_t length,
                                 const gait_machine_options *options, gait_error *ret_error)
{
    error err = {0};
    asl_options compile = options_of(options);
    gait_machine *machine = malloc(sizeof(*machine) + length);
    status s = machine
                   ? asl_compile((str){definition, length}, &compile, &machine->machine, NULL, &err)
                   : fail_memory(&err);
    if (failed(s)) {
        free(machine);
        embed_tell(&err, ret_error);
        return NULL;
    }
    machine->is_express = compile.is_express;
    machine->length = length;
    memcpy(machine->text, definition, length);
    return machine;
}

void gait_machine_free(gait_machine *machine)
{
    if (machine) {
        asl_machine_release(machine->machine);
        free(machine);
    }
}

static void print_member(buf *out, const char *before, str text)
{
    buf_add_str(out, str_from_c(before));
    json_print_string(text, out);
}

static void print_diagnostics(const asl_diagnostics *diagnostics, buf *out)
{
    buf_add_str(out, str_from_c(diagnostics->error_count ? "{\"result\":\"FAIL\",\"diagnostics\":["
                                                         : "{\"result\":\"OK\",\"diagnostics\":["));
    for (uint32_t i = 0; i < diagnostics->count; i++) {
        const asl_diagnostic *d = &diagnostics->items[i];
        print_member(out, i ? ",{\"severity\":" : "{\"severity\":",
                     d->severity == ASL_ERROR ? STR("ERROR") : STR("WARNING"));
        print_member(out, ",\"code\":", str_from_c(d->code));
        print_member(out, ",\"message\":", d->message);
        if (d->location.len) {
            print_member(out, ",\"location\":", d->location);
        }
        buf_add_char(out, '}');
    }
    buf_add_str(out, str_from_c(diagnostics->is_truncated ? "],\"truncated\":true}"
                                                          : "],\"truncated\":false}"));
}

char *gait_validate(const char *definition, size_t length, const gait_machine_options *options,
                    gait_error *ret_error)
{
    error err = {0};
    asl_options compile = options_of(options);
    asl_diagnostics diagnostics;
    asl_diagnostics_init(&diagnostics);
    const asl_machine *machine = NULL;
    buf text;
    buf_init(&text, JSON_TEXT_BYTES_MAX);
    status s = asl_compile((str){definition, length}, &compile, &machine, &diagnostics, &err);
    bool is_judged = ok(s) || diagnostics.error_count > 0;
    if (is_judged) {
        print_diagnostics(&diagnostics, &text);
        buf_add_char(&text, '\0');
        s = buf_status(&text, &err);
    }
    asl_machine_release(machine);
    asl_diagnostics_clean_up(&diagnostics);
    if (!is_judged || failed(s)) {
        embed_tell(&err, ret_error);
        buf_clean_up(&text);
        return NULL;
    }
    return text.ptr;
}

void gait_text_free(char *text)
{
    free(text);
}
