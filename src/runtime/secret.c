#include "runtime/secret.h"

#include <sys/random.h>

status secret_read(store *from, const char *name, unsigned char out[SECRET_BYTES], error *reterr)
{
    arena a;
    arena_init(&a, 0);
    str bytes;
    status done = store_get_record(from, STR("secret"), str_from_c(name), &a, &bytes, reterr);
    if (done.code == ERROR_NOT_FOUND) {
        if (getrandom(out, SECRET_BYTES, 0) != SECRET_BYTES) {
            done = fail(reterr, ERROR_IO, "the system gives no random bytes");
        } else {
            store_write w = {
                .kind = STORE_PUT_RECORD,
                .record = {STR("secret"), str_from_c(name), {(char *)out, SECRET_BYTES}}};
            done = store_commit(from, &w, 1, reterr);
        }
    } else if (ok(done) && bytes.len == SECRET_BYTES) {
        memcpy(out, bytes.ptr, SECRET_BYTES);
    } else if (ok(done)) {
        done = fail(reterr, ERROR_INVALID, "the store's secret '%s' is damaged", name);
    }
    arena_clean_up(&a);
    return done;
}
