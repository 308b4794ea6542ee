/* Records kept as files NAME.json in one folder, listed. */
#ifndef GAIT_INTEGRATIONS_LOCAL_RECORDS_H
#define GAIT_INTEGRATIONS_LOCAL_RECORDS_H

#include "json/json.h"

/* Makes what a list shows of the record NAME.json; JSON_ABSENT: nothing. */
typedef status local_record_show(void *user, str name, arena *a, json *ret_line, error *reterr);

typedef struct local_list {
    str folder;              /* one that is not there has no records */
    local_record_show *show; /* fails: so does the list */
    void *user;
    const char *time_member; /* of a line: a text by which the newest comes first */
    uint32_t lines_max;      /* the newest of at most LOCAL_RECORDS_MAX */
} local_list;

MUST_USE status local_list_make(const local_list *list, arena *a, json *ret_lines, error *reterr);

#endif
