#include "cli/settings.h"

#include "cli/config_file.h"
#include "cli/usage.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HELP_AT 29 /* the column where what an option does begins */

typedef enum setting_kind {
    SETTING_TEXT,
    SETTING_FILE, /* a text, whose file is there */
    SETTING_REGION,
    SETTING_ACCOUNT,
    SETTING_SWITCH,
    SETTING_NUMBER,
} setting_kind;

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
    {"aws-models", SETTING_FILE, offsetof(settings, aws_models), NULL, "FILE",
     "the AWS service models; without it, aws-models beside the program or in ../share/gait"},
    {"region", SETTING_REGION, offsetof(settings, region), "us-east-1", "NAME",
     "AWS region of the ARNs"},
    {"account", SETTING_ACCOUNT, offsetof(settings, account), "123456789012", "ID",
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

static const char help_top[] =
    "usage: gait serve [OPTION...]\n"
    "\n"
    "Serves the AWS Step Functions API: any AWS SDK, the AWS CLI and Terraform work against it "
    "with\n"
    "their endpoint set to http://127.0.0.1:8083, where the web console is, too. Executions are\n"
    "kept in the data folder and go on after a restart, however the server ended.\n"
    "\n";
static const char help_end[] =
    "  --config FILE              JSON file: these options by name, and the settings of tasks,\n"
    "                             credentials, logs and limits (docs/configuration.md)\n"
    "  --help\n"
    "\n"
    "Each option can also be an environment variable (--retention-days is GAIT_RETENTION_DAYS) or "
    "a\n"
    "member of the configuration file; a flag wins over a variable, a variable over the file.\n"
    "GET /health tells whether the server works, GET /metrics what it does. SIGTERM and Ctrl-C "
    "stop\n"
    "it.\n"
    "\n"
    "Exit status: 0 stopped; 1 another server has taken its data folder over; 2 wrong usage, or "
    "it\n"
    "could not start.\n";

/* Prints words up to the width that help has, and goes on below where they began. */
static void print_wrapped(const char *text, size_t at)
{
    size_t column = at;
    while (*text) {
        size_t len = strcspn(text, " ");
        if (column > at && column + 1 + len > 100) {
            printf("\n%*s", (int)at, "");
            column = at;
        } else if (column > at) {
            putchar(' ');
            column++;
        }
        printf("%.*s", (int)len, text);
        column += len;
        text += len + (text[len] == ' ');
    }
    putchar('\n');
}

static void print_help(void)
{
    fputs(help_top, stdout);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        char flag[64], text[256];
        const char *otherwise = rows[i].when_absent;
        snprintf(flag, sizeof(flag), "--%s %s", rows[i].name,
                 rows[i].value_name ? rows[i].value_name : "");
        snprintf(text, sizeof(text), "%s%s%s%s", rows[i].help, otherwise ? " (" : "",
                 otherwise ? otherwise : "", otherwise ? ")" : "");
        printf("  %-*s", HELP_AT - 2, flag);
        print_wrapped(text, HELP_AT);
    }
    fputs(help_end, stdout);
}

static bool is_region(str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') {
            return false;
        }
    }
    return text.len <= 40;
}

static bool is_account(str text)
{
    size_t i = 0;
    while (i < text.len && isdigit((unsigned char)text.ptr[i])) {
        i++;
    }
    return i == 12 && text.len == 12;
}

static bool refuse(const char *source, const char *why)
{
    fprintf(stderr, "gait serve: %s: %s\n", source, why);
    return false;
}

static bool set_text(settings *s, const struct setting *row, str value, const char *source)
{
    str kept = arena_str(&s->memory_of_texts, value);
    *(str *)((char *)s + row->place) = kept;
    if (!value.len || memchr(value.ptr, '\0', value.len)) {
        return refuse(source, "must not be empty");
    }
    if (row->kind == SETTING_FILE && access(kept.ptr, R_OK) != 0) {
        fprintf(stderr, "gait serve: %s: %s: %s\n", source, kept.ptr, strerror(errno));
        return false;
    }
    if (row->kind == SETTING_REGION && !is_region(value)) {
        return refuse(source, "wants a region, such as us-east-1");
    }
    if (row->kind == SETTING_ACCOUNT && !is_account(value)) {
        return refuse(source, "wants the 12 digits of an account");
    }
    return true;
}

static bool set(settings *s, const struct setting *row, str value, const char *source)
{
    void *place = (char *)s + row->place;
    if (row->kind == SETTING_SWITCH) {
        bool is_on = str_equal(value, STR("true")) || str_equal(value, STR("1"));
        *(bool *)place = is_on;
        return is_on || str_equal(value, STR("false")) || str_equal(value, STR("0")) ||
               refuse(source, "wants true or false");
    }
    if (row->kind != SETTING_NUMBER) {
        return set_text(s, row, value, source);
    }
    int64_t number = 0;
    for (size_t i = 0; i < value.len && value.len <= 9; i++) {
        number = isdigit((unsigned char)value.ptr[i]) && number >= 0
                     ? number * 10 + (value.ptr[i] - '0')
                     : -1;
    }
    if (!value.len || value.len > 9 || number <= 0) {
        return refuse(source, "wants a whole number from 1");
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

/* The texts of "functions" may also be the member of a section of that name. */
static json setting_member(const settings *s, const struct setting *row)
{
    if (row->place == offsetof(settings, functions)) {
        str folder = cli_config_functions_folder(s->config);
        return folder.ptr ? json_from_str(folder) : (json){0};
    }
    return json_get(s->config, str_from_c(row->name));
}

static bool read_file(settings *s, const char *path)
{
    error err;
    if (failed(cli_config_read(path, &s->config_doc, &s->config, &err))) {
        fprintf(stderr, "gait serve: %s\n", err.message);
        return false;
    }
    s->config_path = arena_str(&s->memory_of_texts, str_from_c(path));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        json member = setting_member(s, &rows[i]);
        char source[256];
        snprintf(source, sizeof(source), "%s: '%s'", path, rows[i].name);
        if (json_is_absent(member)) {
            continue;
        }
        bool is_text = json_is(member, JSON_STRING);
        if (!is_text && !json_is(member, JSON_NUMBER) && !json_is(member, JSON_BOOLEAN)) {
            return refuse(source, "must be a text, a number, or true or false");
        }
        str value = is_text ? json_str(member) : json_text(member, &s->memory_of_texts);
        if (!set(s, &rows[i], value, source)) {
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

/* --config FILE or --config=FILE at argv[*at]; *at is left at the last word of it. */
static bool is_config(int argc, char **argv, int *at, const char **ret_path)
{
    static const char flag[] = "--config";
    const size_t len = sizeof(flag) - 1;
    if (strncmp(argv[*at], flag, len) == 0 && argv[*at][len] == '=') {
        *ret_path = argv[*at] + len + 1;
        return true;
    }
    if (strcmp(argv[*at], flag) == 0 && *at + 1 < argc) {
        *ret_path = argv[++*at];
        return true;
    }
    return false;
}

static bool read_flags(settings *s, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        const char *value;
        const struct setting *row = find_row(argv[i], &value);
        if (is_config(argc, argv, &i, &value)) {
            continue; /* read before */
        }
        if (!row && strcmp(argv[i], "--config") != 0) {
            (void)cli_wrong_usage("serve", "there is no option '%s'", argv[i]);
            return false;
        }
        if (row && !value && row->kind == SETTING_SWITCH) {
            value = "true";
        } else if (row && !value && i + 1 < argc) {
            value = argv[++i];
        } else if (!value) {
            (void)cli_wrong_usage("serve", "%s wants %s", argv[i], row ? row->value_name : "FILE");
            return false;
        }
        char source[64];
        snprintf(source, sizeof(source), "--%s", row->name);
        if (!set(s, row, str_from_c(value), source)) {
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
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            print_help();
            return SETTINGS_HELP;
        }
        (void)is_config(argc, argv, &i, &config);
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

bool settings_has(str name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        if (str_equal(name, str_from_c(rows[i].name))) {
            return true;
        }
    }
    return false;
}
