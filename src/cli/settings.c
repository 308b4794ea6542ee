#include "cli/settings.h"

#include "cli/input.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define CONFIG_BYTES_MAX (1u << 20)

typedef enum setting_kind { SETTING_TEXT, SETTING_SWITCH, SETTING_NUMBER } setting_kind;

/* The flag is --NAME, the variable GAIT_NAME in capitals with _, the file's member NAME. */
static const struct setting {
    const char *name;
    setting_kind kind;
    size_t place; /* in settings */
    const char *when_absent, *value_name, *help;
} rows[] = {
    {"listen", SETTING_TEXT, offsetof(settings, listen), "127.0.0.1:8083", "ADDRESS:PORT",
     "where to serve the API; port 0 takes a free one"},
    {"data", SETTING_TEXT, offsetof(settings, data), ".gait", "DIR",
     "folder of the database, the logs and what local services keep; made when missing"},
    {"memory", SETTING_SWITCH, offsetof(settings, memory), NULL, NULL,
     "keep executions and created functions for as long as the server runs only"},
    {"functions", SETTING_TEXT, offsetof(settings, functions), "functions", "DIR",
     "folder of local Lambda functions, one folder each"},
    {"mock", SETTING_TEXT, offsetof(settings, mock), NULL, "FILE",
     "mocked answers of tasks (docs/mocks.md); SFN_MOCK_CONFIG names it, too"},
    {"aws-models", SETTING_TEXT, offsetof(settings, aws_models), NULL, "FILE",
     "the AWS service models; without it, aws-models beside the program or in ../share/gait"},
    {"region", SETTING_TEXT, offsetof(settings, region), "us-east-1", "NAME",
     "AWS region of the ARNs"},
    {"account", SETTING_TEXT, offsetof(settings, account), "123456789012", "ID",
     "AWS account of the ARNs, 12 digits"},
    {"retention-days", SETTING_NUMBER, offsetof(settings, retention_days), "90", "N",
     "how long finished executions are kept"},
    {"connections-max", SETTING_NUMBER, offsetof(settings, connections_max), "4096", "N",
     "clients served at once"},
    {"rate-limit", SETTING_NUMBER, offsetof(settings, rate_limit), NULL, "N",
     "requests a second of one key, or of one address where no credentials are configured"},
    {"tls-cert", SETTING_TEXT, offsetof(settings, tls_certificate), NULL, "FILE",
     "serve HTTPS with this certificate (PEM, issuers after it)"},
    {"tls-key", SETTING_TEXT, offsetof(settings, tls_key), NULL, "FILE",
     "the certificate's private key (PEM)"},
    {"clock-skew-seconds", SETTING_NUMBER, offsetof(settings, clock_skew_seconds), "300", "N",
     "how far a signed request's time may be from the server's"},
    {"replay-seconds", SETTING_NUMBER, offsetof(settings, replay_seconds), "10", "N",
     "how long the same signed request may come again"},
    {"metrics-token-file", SETTING_TEXT, offsetof(settings, metrics_token_file), NULL, "FILE",
     "GET /metrics wants the bearer token in this file"},
    {"allowed-hosts", SETTING_TEXT, offsetof(settings, allowed_hosts), NULL, "NAMES",
     "names of this server beside IP addresses, localhost and names without a dot "
     "(docs/access.md)"},
    {"insecure", SETTING_SWITCH, offsetof(settings, insecure), NULL, NULL,
     "allow an address beyond loopback without credentials: who reaches it may do anything"},
    {"quiet", SETTING_SWITCH, offsetof(settings, quiet), NULL, NULL,
     "no log on standard error (errors still)"},
};

static const char help_top[] = "usage: gait serve [OPTION...] [--config FILE]\n"
                               "\n"
                               "Serves the AWS Step Functions API: any AWS SDK, the AWS CLI and "
                               "Terraform work against it with\n"
                               "their endpoint set to http://127.0.0.1:8083. Executions are kept "
                               "in the data folder and go on after\n"
                               "a restart, however the server ended.\n"
                               "\n";
static const char help_end[] =
    "  --config FILE              JSON file with the same names as members, and those of the "
    "tasks:\n"
    "                             \"sns\", \"functions\", \"aws\" (see docs/); \"credentials\" "
    "says who may "
    "call (docs/access.md)\n"
    "                             \"redshift-data\", \"glue\": docs/local-services.md\n"
    "                             \"http\", \"connections\": docs/http-task.md\n"
    "                             \"logs\", \"metrics\", \"events\": docs/logging.md; \"limits\": "
    "README.md\n"
    "  --help\n"
    "\n"
    "Each option can also be an environment variable (--retention-days is GAIT_RETENTION_DAYS) or "
    "a\n"
    "member of the configuration file; a flag wins over a variable, a variable over the file.\n"
    "GET /health tells whether the server works, GET /metrics what it does. SIGTERM and Ctrl-C "
    "stop it.\n";

static void print_help(void)
{
    fputs(help_top, stdout);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char flag[64];
        snprintf(flag, sizeof(flag), "--%s %s", rows[i].name,
                 rows[i].value_name ? rows[i].value_name : "");
        printf("  %-26s %s", flag, rows[i].help);
        if (rows[i].when_absent) {
            printf(" (%s)", rows[i].when_absent);
        }
        putchar('\n');
    }
    fputs(help_end, stdout);
}

static bool set(settings *s, const struct setting *row, str value, const char *source)
{
    void *place = (char *)s + row->place;
    if (row->kind == SETTING_TEXT) {
        *(str *)place = arena_str(&s->memory_of_texts, value);
        if (value.len) {
            return true;
        }
        fprintf(stderr, "gait serve: %s: must not be empty\n", source);
        return false;
    }
    if (row->kind == SETTING_SWITCH) {
        bool is_on = str_equal(value, STR("true")) || str_equal(value, STR("1"));
        *(bool *)place = is_on;
        if (is_on || str_equal(value, STR("false")) || str_equal(value, STR("0"))) {
            return true;
        }
        fprintf(stderr, "gait serve: %s: wants true or false\n", source);
        return false;
    }
    int64_t number = 0;
    for (size_t i = 0; i < value.len && value.len <= 9; i++) {
        number = isdigit((unsigned char)value.ptr[i]) && number >= 0
                     ? number * 10 + (value.ptr[i] - '0')
                     : -1;
    }
    if (!value.len || value.len > 9 || number <= 0) {
        fprintf(stderr, "gait serve: %s: wants a whole number from 1\n", source);
        return false;
    }
    *(int64_t *)place = number;
    return true;
}

static bool read_defaults(settings *s)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (rows[i].when_absent && !set(s, &rows[i], str_from_c(rows[i].when_absent), "default")) {
            return false;
        }
    }
    return true;
}

static bool read_file(settings *s, const char *path)
{
    buf text;
    error err;
    buf_init(&text, CONFIG_BYTES_MAX);
    status done = cli_read_file(path, CONFIG_BYTES_MAX, &text, &err);
    if (ok(done)) {
        done = json_parse(buf_str(&text), &s->config_doc, &err);
    }
    buf_clean_up(&text);
    if (failed(done)) {
        if (err.line) {
            fprintf(stderr, "%s:%u:%u: ", path, err.line, err.column);
        }
        fprintf(stderr, "%s\n", err.message);
        return false;
    }
    s->config_path = arena_str(&s->memory_of_texts, str_from_c(path));
    s->config = json_doc_root(s->config_doc);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        json member = json_get(s->config, str_from_c(rows[i].name));
        char source[128];
        snprintf(source, sizeof(source), "%s: '%s'", path, rows[i].name);
        str value = json_is(member, JSON_STRING) ? json_str(member)
                    : json_is_absent(member)     ? STR_NONE
                                                 : json_text(member, &s->memory_of_texts);
        bool is_function_limits = rows[i].kind == SETTING_TEXT && json_is(member, JSON_OBJECT);
        if (value.ptr && !is_function_limits && !set(s, &rows[i], value, source)) {
            return false;
        }
    }
    return true;
}

static bool read_environment(settings *s)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char name[64];
        int len = snprintf(name, sizeof(name), "GAIT_%s", rows[i].name);
        for (int j = 0; j < len; j++) {
            name[j] = name[j] == '-' ? '_' : (char)toupper((unsigned char)name[j]);
        }
        const char *value = getenv(name);
        if (!value && rows[i].place == offsetof(settings, mock)) {
            value = getenv("SFN_MOCK_CONFIG"); /* Step Functions Local's name of it */
        }
        if (value && !set(s, &rows[i], str_from_c(value), name)) {
            return false;
        }
    }
    return true;
}

/* The row of a flag such as --data or --data=DIR; *ret_inline is what follows the =. */
static const struct setting *find_row(const char *argument, const char **ret_inline)
{
    const char *equals = strchr(argument, '=');
    size_t len = equals ? (size_t)(equals - argument) : strlen(argument);
    *ret_inline = equals ? equals + 1 : NULL;
    for (size_t i = 0; i < ARRAY_LENGTH(rows) && strncmp(argument, "--", 2) == 0; i++) {
        if (len - 2 == strlen(rows[i].name) && strncmp(argument + 2, rows[i].name, len - 2) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

static bool read_flags(settings *s, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value;
        const struct setting *row = find_row(argv[i], &value);
        if (strcmp(argv[i], "--config") == 0 && i + 1 < argc) {
            i++; /* read before */
            continue;
        }
        if (!row) {
            fprintf(stderr, "gait serve: there is no option '%s'; `gait serve --help` tells them\n",
                    argv[i]);
            return false;
        }
        if (!value && row->kind == SETTING_SWITCH) {
            value = "true";
        } else if (!value && i + 1 < argc) {
            value = argv[++i];
        } else if (!value) {
            fprintf(stderr, "gait serve: %s wants %s\n", argv[i], row->value_name);
            return false;
        }
        if (!set(s, row, str_from_c(value), argv[i])) {
            return false;
        }
    }
    return true;
}

int settings_read(int argc, char **argv, settings *ret_settings)
{
    settings s = {0};
    const char *config = getenv("GAIT_CONFIG");
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            print_help();
            return SETTINGS_HELP;
        }
        if (strcmp(argv[i], "--config") == 0 && i + 1 < argc) {
            config = argv[++i];
        }
    }
    arena_init(&s.memory_of_texts, 0);
    if (!read_defaults(&s) || (config && !read_file(&s, config)) || !read_environment(&s) ||
        !read_flags(&s, argc, argv)) {
        settings_clean_up(&s);
        return 2;
    }
    *ret_settings = s;
    return 0;
}

void settings_clean_up(settings *s)
{
    json_doc_release(s->config_doc);
    arena_clean_up(&s->memory_of_texts);
}
