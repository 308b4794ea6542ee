#include "cli/findings.h"

/* One finding is one line whatever a name holds: control characters are shown as escapes. */
static void print_text(FILE *to, str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 || c == 0x7F) {
            fprintf(to, "\\x%02x", c);
        } else {
            (void)fputc(c, to);
        }
    }
}

void cli_print_findings(FILE *to, const char *file, const asl_diagnostics *findings,
                        bool with_warnings)
{
    for (uint32_t i = 0; i < findings->count; i++) {
        const asl_diagnostic *item = &findings->items[i];
        if (item->severity != ASL_ERROR && !with_warnings) {
            continue;
        }
        fprintf(to, "%s:%u:%u: %s %s ", file, item->line, item->column,
                item->severity == ASL_ERROR ? "error" : "warning", item->code);
        /* Jackson's messages tell the text and its place on a line of their own. */
        print_text(to, str_take(item->message, str_find(item->message, STR("\n at [Source"))));
        if (str_starts_with(item->location, STR("/"))) {
            (void)fputs(" (", to);
            print_text(to, item->location);
            (void)fputc(')', to);
        }
        (void)fputc('\n', to);
    }
    if (findings->is_truncated) {
        fprintf(to, "%s: more than %d findings; the rest is not shown\n", file,
                DEFINITION_DIAGNOSTICS_MAX);
    }
}
