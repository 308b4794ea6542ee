/* gait graph: a definition as a picture. */
#include "cli/commands.h"
#include "cli/findings.h"
#include "cli/input.h"
#include "cli/usage.h"

#include "graph/graph.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#define TEXT_BYTES_MAX (2 * (size_t)DEFINITION_BYTES_MAX)
#define PICTURE_BYTES_MAX (256u << 20)

static const char help[] =
    "usage: gait graph FILE [-o FILE] [--format svg|mermaid|dot]\n"
    "\n"
    "Draws a workflow's definition; - is standard input.\n"
    "\n"
    "  -o FILE          where the picture goes (standard output); its ending says the format:\n"
    "                   .svg, .mmd (Mermaid) or .dot (Graphviz)\n"
    "  --format FORMAT  svg, mermaid or dot (svg)\n"
    "  --help\n"
    "\n"
    "Exit status: 0 drawn; 1 the definition or the file cannot be used; 2 wrong usage.\n";

typedef struct graph_options {
    const char *input, *output;
    graph_format format;
} graph_options;

static status write_picture(const char *path, str picture, error *reterr)
{
    FILE *to = path ? fopen(path, "we") : stdout;
    if (!to) {
        return fail(reterr, ERROR_IO, "%s: %s", path, strerror(errno));
    }
    bool is_written = fwrite(picture.ptr, 1, picture.len, to) == picture.len;
    is_written = (path ? fclose(to) : fflush(to)) == 0 && is_written;
    return is_written
               ? STATUS_OK
               : fail(reterr, ERROR_IO, "%s: %s", path ? path : "standard output", strerror(errno));
}

static status draw(const graph_options *o, asl_diagnostics *findings, error *reterr)
{
    const asl_machine *machine = NULL;
    buf text, picture;
    buf_init(&picture, PICTURE_BYTES_MAX);
    status result = cli_read_file(o->input, TEXT_BYTES_MAX, &text, reterr);
    if (ok(result)) {
        result = asl_compile(buf_str(&text), NULL, &machine, findings, reterr);
    }
    if (ok(result)) {
        result = graph_draw(machine, o->format, &picture, reterr);
    }
    if (ok(result)) {
        result = write_picture(o->output, buf_str(&picture), reterr);
    }
    asl_machine_release(machine);
    buf_clean_up(&picture);
    buf_clean_up(&text);
    return result;
}

int cli_graph(int argc, char **argv)
{
    enum { FORMAT = 256 };
    static const struct option names[] = {
        {"format", required_argument, NULL, FORMAT},
        {"output", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    graph_options o = {.format = GRAPH_SVG};
    const char *format = NULL;
    int name;
    opterr = 0;
    while ((name = getopt_long(argc, argv, CLI_SHORT_OPTIONS "o:", names, NULL)) >= 0) {
        switch (name) {
        case 'o':
            o.output = optarg;
            break;
        case FORMAT:
            format = optarg;
            break;
        case 'h':
            (void)fputs(help, stdout);
            return 0;
        default:
            return cli_wrong_option("graph", argv, name);
        }
    }
    if (optind + 1 != argc) {
        return cli_wrong_count("graph", "FILE", argc - optind);
    }
    o.input = argv[optind];
    str ending = str_from_c(o.output);
    size_t dot = str_find_last_char(ending, '.');
    str wanted = format                 ? str_from_c(format)
                 : !o.output            ? STR("svg")
                 : dot == STR_NOT_FOUND ? STR("")
                                        : str_skip(ending, dot + 1);
    if (!graph_format_from_name(wanted, &o.format)) {
        return cli_wrong_usage("graph", "there is no format for '%s': svg, mermaid and dot are",
                               format ? format : o.output);
    }
    error err;
    asl_diagnostics findings;
    asl_diagnostics_init(&findings);
    status drawn = draw(&o, &findings, &err);
    cli_print_findings(stderr, cli_input_name(o.input), &findings, false);
    if (failed(drawn) && !findings.error_count) {
        fprintf(stderr, "gait graph: %s\n", err.message);
    }
    asl_diagnostics_clean_up(&findings);
    return failed(drawn) ? 1 : 0;
}
