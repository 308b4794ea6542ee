/* settings: `gait serve`'s options, each settable by flag (--data DIR), environment (GAIT_DATA=DIR)
 * and configuration file ({"data": "DIR"}), in this order of precedence. One row of the table in
 * settings.c each; help is made from it. */
#ifndef GAIT_CLI_SETTINGS_H
#define GAIT_CLI_SETTINGS_H

#include "json/json.h"

typedef struct settings {
    str listen;     /* ADDRESS:PORT */
    str data;       /* folder; absent with memory */
    str functions;  /* folder */
    str aws_models; /* file; absent when not given */
    str mock;       /* mock configuration file; absent when not given */
    str region, account;
    str allowed_hosts; /* names, commas between; absent when not given */
    bool memory;       /* nothing is kept on disk */
    bool insecure;     /* allow addresses beyond loopback without credentials */
    bool quiet;        /* no log on standard error */
    int64_t connections_max;
    int64_t retention_days;
    int64_t rate_limit; /* 0: none */
    int64_t clock_skew_seconds, replay_seconds;
    str tls_certificate, tls_key, metrics_token_file; /* files; absent when not given */
    str config_path;                                  /* absent without one */
    json config;                                      /* the whole file; JSON_ABSENT without one */
    arena memory_of_texts;
    json_doc *config_doc; /* owned */
} settings;

/* Reads all three sources. Returns 0, 2 after telling on standard error what is wrong, or
 * SETTINGS_HELP after printing the help. */
enum { SETTINGS_HELP = 1000 };
int settings_read(int argc, char **argv, settings *ret_settings);
void settings_clean_up(settings *s);
/* Whether there is a setting of this name, as the configuration file spells it. */
bool settings_has(str name);

#endif
