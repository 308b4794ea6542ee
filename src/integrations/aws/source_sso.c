/* IAM Identity Center (SSO): the token of a login buys the credentials of a role.
 *
 *     the cached token ── good ──────────────────────────────> GetRoleCredentials ──> credentials
 *            │                                                        ▲
 *            └── expires soon ──> CreateToken ── the new one, kept ───┤
 *                                     └── refused: whoever else has renewed it meanwhile ──┘
 *
 * Tokens of the older kind of profile (sso_start_url without sso_session) cannot be renewed.
 * Sources: https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html,
 * https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html and
 * https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html */
#include "integrations/aws/source.h"

#include "integrations/aws/sso_token.h"

#define HTTP_UNAUTHORIZED 401

static status ask_credentials(aws_source *source, const aws_sso_token *token, error *reterr);

static int64_t now_ms(const aws_source *source)
{
    return net_loop_clock_ms(source->options.context->loop);
}

/* What only the user can mend. `why` has no secret. */
static status want_login(const aws_source *source, const char *why, error *reterr)
{
    str profile = source->plan->sso_profile;
    return fail(reterr, ERROR_INVALID,
                "the profile '%.*s' needs a login at IAM Identity Center (`aws sso login --profile "
                "%.*s`): %.300s",
                STR_ARG(profile), STR_ARG(profile), why);
}

static status start(aws_source *source, str service, str action, json parameters,
                    aws_outcome_done *done, error *reterr)
{
    const aws_context *context = source->options.context;
    aws_operation operation;
    TRY(aws_source_find_operation(context->models, service, action, &operation, reterr));
    TRY(aws_target_find(context->settings, aws_operation_service(operation),
                        source->plan->sso_region, STR_NONE, STR_NONE, &source->memory,
                        &source->target, reterr));
    aws_exchange_request request = {.operation = operation,
                                    .parameters = parameters,
                                    .target = &source->target,
                                    .timeout_ms = AWS_CREDENTIALS_MS_MAX,
                                    .is_secret = true};
    return aws_exchange_start(context, &request, done, source, &source->exchange, reterr);
}

/* -------------------------------------------------------------------------------------- renewing
 */

/* The token as it is now, where it is good: somebody else may have renewed it. */
static bool reads_valid_token(aws_source *source, aws_sso_token *ret_token, error *reterr)
{
    aws_sso_token token;
    if (failed(aws_sso_token_read(source->options.settings, source->plan->sso_cache_key,
                                  &source->memory, &token, reterr))) {
        return false;
    }
    if (!aws_sso_token_is_valid(&token, now_ms(source))) {
        (void)fail(reterr, ERROR_INVALID, "the token of the login has expired");
        return false;
    }
    *ret_token = token;
    return true;
}

/* A token that cannot be kept is good for this question all the same. */
static status take_answer(aws_source *source, const aws_outcome *outcome, aws_sso_token *ret_token,
                          error *reterr)
{
    error unkept;
    aws_sso_token old;
    TRY(aws_sso_token_read(source->options.settings, source->plan->sso_cache_key, &source->memory,
                           &old, reterr));
    TRY(aws_sso_token_renew(&old, outcome->output, now_ms(source), &source->memory, ret_token,
                            reterr));
    if (failed(aws_sso_token_write(ret_token, &source->memory, &unkept)) &&
        unkept.code == ERROR_MEMORY) {
        return fail_memory(reterr);
    }
    return STATUS_OK;
}

static void on_renewal(void *user, const aws_outcome *outcome)
{
    aws_source *source = user;
    aws_sso_token token;
    error err, ignored;
    source->exchange = NULL;
    status done;
    if (outcome->kind == AWS_SUCCEEDED) {
        done = take_answer(source, outcome, &token, &err);
    } else if (reads_valid_token(source, &token, &ignored)) {
        done = STATUS_OK;
    } else if (outcome->kind == AWS_FAILED_BY_SERVICE && outcome->http_status < 500) {
        str code = outcome->code.len ? outcome->code : STR("unknown");
        str why = arena_printf(&source->memory, "its token cannot be renewed: %.*s",
                               STR_ARG(str_take(code, 100)));
        done = want_login(source, why.ptr ? why.ptr : "its token cannot be renewed", &err);
    } else {
        str cause = aws_outcome_cause(outcome, &source->memory);
        done = fail(&err, ERROR_IO, "the token of the profile '%.*s' cannot be renewed: %.*s",
                    STR_ARG(source->plan->sso_profile), STR_ARG(str_take(cause, 600)));
    }
    if (ok(done)) {
        done = ask_credentials(source, &token, &err);
    }
    if (failed(done)) {
        aws_source_finish(source, NULL, &err);
    }
}

static status ask_renewal(aws_source *source, const aws_sso_token *token, error *reterr)
{
    json parameters;
    json_object_builder b;
    json_object_begin(&b, &source->memory, 4);
    json_object_add(&b, STR("ClientId"), json_from_str(token->client_id));
    json_object_add(&b, STR("ClientSecret"), json_from_str(token->client_secret));
    json_object_add(&b, STR("GrantType"), json_literal("refresh_token"));
    json_object_add(&b, STR("RefreshToken"), json_from_str(token->refresh_token));
    TRY(json_object_finish(&b, &parameters, reterr));
    return start(source, STR("ssooidc"), STR("createToken"), parameters, on_renewal, reterr);
}

/* ------------------------------------------------------------------------------------ credentials
 */

static void on_credentials(void *user, const aws_outcome *outcome)
{
    aws_source *source = user;
    error err;
    source->exchange = NULL;
    if (outcome->kind == AWS_SUCCEEDED) {
        aws_source_finish_json(source, json_get(outcome->output, STR("RoleCredentials")),
                               "the answer of IAM Identity Center");
        return;
    }
    if (outcome->kind == AWS_FAILED_BY_SERVICE && outcome->http_status == HTTP_UNAUTHORIZED) {
        (void)want_login(source, "the token of the login is not valid any more", &err);
    } else {
        str cause = aws_outcome_cause(outcome, &source->memory);
        (void)fail(
            &err, ERROR_INVALID,
            "IAM Identity Center gives the profile '%.*s' no credentials of the role "
            "'%.*s' in the account '%.*s': %.*s",
            STR_ARG(source->plan->sso_profile), STR_ARG(str_take(source->plan->sso_role, 100)),
            STR_ARG(str_take(source->plan->sso_account, 100)), STR_ARG(str_take(cause, 600)));
    }
    aws_source_finish(source, NULL, &err);
}

static status ask_credentials(aws_source *source, const aws_sso_token *token, error *reterr)
{
    const aws_plan *plan = source->plan;
    json parameters;
    json_object_builder b;
    json_object_begin(&b, &source->memory, 3);
    json_object_add(&b, STR("RoleName"), json_from_str(plan->sso_role));
    json_object_add(&b, STR("AccountId"), json_from_str(plan->sso_account));
    json_object_add(&b, STR("AccessToken"), json_from_str(token->access_token));
    TRY(json_object_finish(&b, &parameters, reterr));
    return start(source, STR("sso"), STR("getRoleCredentials"), parameters, on_credentials, reterr);
}

status aws_source_ask_sso(aws_source *source, error *reterr)
{
    const aws_plan *plan = source->plan;
    aws_sso_token token;
    error err;
    status read = aws_sso_token_read(source->options.settings, plan->sso_cache_key, &source->memory,
                                     &token, &err);
    if (read.code == ERROR_MEMORY) {
        return fail_memory(reterr);
    }
    if (failed(read)) {
        return want_login(source, err.message, reterr);
    }
    if (plan->sso_is_renewable && aws_sso_token_wants_renewal(&token, now_ms(source))) {
        return ask_renewal(source, &token, reterr);
    }
    return aws_sso_token_is_valid(&token, now_ms(source))
               ? ask_credentials(source, &token, reterr)
               : want_login(source, "the token of the login has expired", reterr);
}
