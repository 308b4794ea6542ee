/* mocks: tasks of executions that were started with a test case, answered from a mock configuration
 * file. Stands before other runtime_tasks, which get every task that is not mocked.
 *
 * A state's invocations are counted in its execution: retries, iterations of a Map, and every time
 * that a loop comes round. After a restart the count is read back from the history. */
#ifndef GAIT_RUNTIME_MOCKS_H
#define GAIT_RUNTIME_MOCKS_H

#include "runtime/mock_config.h"
#include "runtime/tasks.h"
#include "store/store.h"

typedef struct mocks mocks;

/* The file is parsed and checked; ERROR_SYNTAX or ERROR_INVALID. `from` holds the histories; NULL:
 * nothing is durable, as in `gait run`. */
MUST_USE status mocks_new(str file_text, store *from, runtime_tasks others, mocks **ret_mocks,
                          error *reterr);
void mocks_free(mocks *m); /* NULL is fine */
runtime_tasks mocks_tasks(mocks *m);

/* The member of runtime_task.extra that names the test case. */
#define MOCKS_TEST_CASE STR("testCase")

/* Whether an execution of the machine can be started with the test case; ERROR_NOT_FOUND. `user` is
 * the mocks. */
status mocks_check_case(void *user, str machine_name, str test_case, const asl_machine *machine,
                        error *reterr);
/* Whether the test case mocks a state. */
bool mocks_has_state(const mocks *m, str machine_name, str test_case, str state_name);

#endif
