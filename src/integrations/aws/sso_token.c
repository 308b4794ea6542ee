/* Others write these files, too, and may do so at any moment: so a file is read as a whole, and
 * replaced by renaming, as the AWS CLI does. */
#include "integrations/aws/sso_token.h"

#include "base/timetext.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#define RENEWAL_MS 900000 /* before a token expires: as the AWS CLI */
#define LIFE_SECONDS_MAX (366LL * 24 * 60 * 60)
#define TIME_CHARS_MAX 64

/* ---------------------------------------------------------------------------------------- reading
 */

/* "2030-01-02T03:04:05Z"; older versions of the AWS CLI end it in "UTC". */
static bool read_time(str text, int64_t *ret_time_ms)
{
    char copy[TIME_CHARS_MAX];
    if (text.len > 3 && text.len < sizeof(copy) && str_ends_with(text, STR("UTC"))) {
        memcpy(copy, text.ptr, text.len);
        copy[text.len - 3] = 'Z';
        text = str_from(copy, text.len - 2);
    }
    return text.len && ok(time_parse_rfc3339(text, ret_time_ms, NULL));
}

static str text_of(json file, const char *name)
{
    str text = json_str(json_get(file, str_from_c(name)));
    return text.len ? text : STR_NONE;
}

static status take(aws_sso_token *token, error *reterr)
{
    token->access_token = text_of(token->file, "accessToken");
    token->refresh_token = text_of(token->file, "refreshToken");
    token->client_id = text_of(token->file, "clientId");
    token->client_secret = text_of(token->file, "clientSecret");
    if (!read_time(text_of(token->file, "registrationExpiresAt"),
                   &token->registration_expires_ms)) {
        token->registration_expires_ms = INT64_MAX;
    }
    if (!token->access_token.ptr ||
        !read_time(text_of(token->file, "expiresAt"), &token->expires_ms)) {
        return fail(reterr, ERROR_INVALID, "%.*s holds no token", STR_ARG(token->path));
    }
    return STATUS_OK;
}

status aws_sso_token_read(const aws_settings *settings, str key, arena *a, aws_sso_token *ret_token,
                          error *reterr)
{
    aws_sso_token token = {0};
    str text;
    str name = arena_printf(a, "~/.aws/sso/cache/%.*s.json", STR_ARG(key));
    if (!name.ptr) {
        return fail_memory(reterr);
    }
    token.path = aws_settings_path(settings, name, a);
    if (!token.path.ptr) {
        return fail_memory(reterr);
    }
    TRY(aws_settings_read_file(settings, token.path, a, &text, reterr));
    status parsed = json_parse_into(text, a, &token.file, NULL);
    if (parsed.code == ERROR_MEMORY) {
        return fail_memory(reterr);
    }
    if (failed(parsed) || !json_is(token.file, JSON_OBJECT)) {
        return fail(reterr, ERROR_INVALID, "%.*s is no JSON object", STR_ARG(token.path));
    }
    TRY(take(&token, reterr));
    *ret_token = token;
    return STATUS_OK;
}

bool aws_sso_token_is_valid(const aws_sso_token *token, int64_t now_ms)
{
    return token->expires_ms > now_ms;
}

bool aws_sso_token_wants_renewal(const aws_sso_token *token, int64_t now_ms)
{
    return token->expires_ms - RENEWAL_MS <= now_ms && token->refresh_token.ptr &&
           token->client_id.ptr && token->client_secret.ptr &&
           token->registration_expires_ms > now_ms;
}

/* --------------------------------------------------------------------------------------- renewing
 */

/* "2030-01-02T03:04:05Z": whole seconds, as the AWS CLI writes and all SDKs can read. */
static str print_time(int64_t time_ms, arena *a)
{
    char text[TIME_TEXT_SIZE];
    str whole = time_print_rfc3339(time_ms, text);
    return arena_printf(a, "%.*sZ", STR_ARG(str_take(whole, strlen("2030-01-02T03:04:05"))));
}

static status put(json *file, const char *name, str text, arena *a, error *reterr)
{
    return text.ptr ? json_object_with(a, *file, json_from_str(str_from_c(name)),
                                       json_from_str(text), file, reterr)
                    : fail_memory(reterr);
}

status aws_sso_token_renew(const aws_sso_token *old, json answer, int64_t now_ms, arena *a,
                           aws_sso_token *ret_token, error *reterr)
{
    aws_sso_token token = {.path = old->path, .file = old->file};
    int64_t seconds = 0;
    str access = json_str(json_get(answer, STR("AccessToken")));
    str refresh = json_str(json_get(answer, STR("RefreshToken")));
    if (!access.len || !json_int64(json_get(answer, STR("ExpiresIn")), &seconds) || seconds < 1 ||
        seconds > LIFE_SECONDS_MAX) {
        return fail(reterr, ERROR_INVALID,
                    "the answer of IAM Identity Center holds no token, or not for how long");
    }
    access = arena_str(a, access);
    TRY(put(&token.file, "accessToken", access, a, reterr));
    TRY(put(&token.file, "expiresAt", print_time(now_ms + seconds * 1000, a), a, reterr));
    if (refresh.len) { /* otherwise the old one stays: RFC 6749, 6 */
        TRY(put(&token.file, "refreshToken", arena_str(a, refresh), a, reterr));
    }
    TRY(take(&token, reterr));
    *ret_token = token;
    return STATUS_OK;
}

static status write_all(int file, str text)
{
    while (text.len) {
        ssize_t count = write(file, text.ptr, text.len);
        if (count < 0 && errno != EINTR) {
            return fail(NULL, ERROR_IO, "write");
        }
        text = str_skip(text, count > 0 ? (size_t)count : 0);
    }
    return fsync(file) == 0 ? STATUS_OK : fail(NULL, ERROR_IO, "fsync");
}

static status replace(const char *path, const char *temporary, str text)
{
    int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        return fail(NULL, ERROR_IO, "open");
    }
    status done = write_all(file, text);
    if (close(file) != 0 && ok(done)) {
        done = fail(NULL, ERROR_IO, "close");
    }
    if (ok(done) && rename(temporary, path) != 0) {
        done = fail(NULL, ERROR_IO, "rename");
    }
    if (failed(done)) {
        int why = errno;
        unlink(temporary);
        errno = why;
    }
    return done;
}

status aws_sso_token_write(const aws_sso_token *token, arena *a, error *reterr)
{
    uint64_t random;
    str text = json_text(token->file, a);
    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
        return fail(reterr, ERROR_IO, "the system gives no random bytes");
    }
    str temporary =
        arena_printf(a, "%.*s.%016llx.tmp", STR_ARG(token->path), (unsigned long long)random);
    str path = arena_str(a, token->path);
    if (!text.ptr || !temporary.ptr || !path.ptr) {
        return fail_memory(reterr);
    }
    return ok(replace(path.ptr, temporary.ptr, text))
               ? STATUS_OK
               : fail(reterr, ERROR_IO, "%s cannot be written: %s", path.ptr, strerror(errno));
}
