/* AWS's service models for tests, and an arena that lives as long as one test. */
#ifndef GAIT_TESTS_UNIT_INTEGRATIONS_AWS_MODELS_H
#define GAIT_TESTS_UNIT_INTEGRATIONS_AWS_MODELS_H

#include "integrations/aws/models.h"

#include <stdlib.h>

#include "unit.h"

#ifdef GAIT_AWS_MODELS_FILE

typedef struct fixture {
    aws_models *models;
    arena a;
    error err;
} fixture;

static int open_models(void **state)
{
    fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    assert_ok(aws_models_open(str_from_c(GAIT_AWS_MODELS_FILE), &f->models, &f->err), f->err);
    arena_init(&f->a, 0);
    *state = f;
    return 0;
}

static int close_models(void **state)
{
    fixture *f = *state;
    aws_models_close(f->models);
    arena_clean_up(&f->a);
    free(f);
    return 0;
}

static json value_of(fixture *f, const char *text)
{
    json value;
    assert_ok(json_parse_into(str_from_c(text), &f->a, &value, &f->err), f->err);
    return value;
}

static aws_operation operation_of(fixture *f, const char *service, const char *action)
{
    aws_operation found;
    assert_ok(aws_models_find(f->models, str_from_c(service), str_from_c(action), &found, &f->err),
              f->err);
    return found;
}

#endif
#endif
