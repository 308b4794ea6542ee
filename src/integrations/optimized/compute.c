/* Jobs, tasks and builds.
 * Source: connect-batch, connect-ecs, connect-codebuild, connect-glue, connect-databrew,
 * connect-mediaconvert; the states of jobs: the API reference of each describing operation. */
#include "integrations/optimized/services.h"

static const optimized_service batch = {"batch", "batch", "Batch", "AWSBatch", "AWSBatchException"};
static const optimized_service ecs = {"ecs", "ecs", "ECS", "AmazonECS", "AmazonECSException"};
static const optimized_service codebuild = {"codebuild", "codebuild", "CodeBuild", "AWSCodeBuild",
                                            "AWSCodeBuildException"};
static const optimized_service glue = {"glue", "glue", "Glue", "AWSGlue", "AWSGlueException"};
static const optimized_service databrew = {"databrew", "databrew", "DataBrew", "AWSGlueDataBrew",
                                           "AWSGlueDataBrewException"};
static const optimized_service mediaconvert = {"mediaconvert", "mediaconvert", "MediaConvert",
                                               "AWSMediaConvert", "AWSMediaConvertException"};

static const optimized_job batch_job = {
    .describe = {"describeJobs", {{"Jobs", "s.JobId", true}}},
    .status = "d.Jobs[0].Status",
    .succeeded = "SUCCEEDED ",
    .failed = "FAILED ",
    .result = "d.Jobs[0]",
    .cancel = {"terminateJob",
               {{"JobId", "s.JobId", false}, {"Reason", "=Aborted by Step Functions", false}}},
};

static const optimized_job ecs_task = {
    .describe = {"describeTasks",
                 {{"Cluster", "p.Cluster", false}, {"Tasks", "s.Tasks[0].TaskArn", true}}},
    .status = "d.Tasks[0].LastStatus",
    .succeeded = "STOPPED ",
    .failed = "",
    .success = OPTIMIZED_BY_EXIT_CODES,
    .result = "d.Tasks[0]",
    .cancel = {"stopTask",
               {{"Cluster", "p.Cluster", false},
                {"Task", "s.Tasks[0].TaskArn", false},
                {"Reason", "=Aborted by Step Functions", false}}},
};

static const optimized_job build = {
    .describe = {"batchGetBuilds", {{"Ids", "s.Build.Id", true}}},
    .status = "d.Builds[0].BuildStatus",
    .succeeded = "SUCCEEDED ",
    .failed = "FAILED FAULT TIMED_OUT STOPPED ",
    .output = {{"Build", "d.Builds[0]", false}},
    .cancel = {"stopBuild", {{"Id", "s.Build.Id", false}}},
};

static const optimized_job build_batch = {
    .describe = {"batchGetBuildBatches", {{"Ids", "s.BuildBatch.Id", true}}},
    .status = "d.BuildBatches[0].BuildBatchStatus",
    .succeeded = "SUCCEEDED ",
    .failed = "FAILED FAULT TIMED_OUT STOPPED ",
    .output = {{"BuildBatch", "d.BuildBatches[0]", false}},
    .cancel = {"stopBuildBatch", {{"Id", "s.BuildBatch.Id", false}}},
};

static const optimized_job glue_run = {
    .describe = {"getJobRun", {{"JobName", "p.JobName", false}, {"RunId", "s.JobRunId", false}}},
    .status = "d.JobRun.JobRunState",
    .succeeded = "SUCCEEDED ",
    .failed = "FAILED STOPPED TIMEOUT ERROR EXPIRED ",
    .result = "d.JobRun",
    .cancel = {"batchStopJobRun",
               {{"JobName", "p.JobName", false}, {"JobRunIds", "s.JobRunId", true}}},
};

static const optimized_job databrew_run = {
    .describe = {"describeJobRun", {{"Name", "p.Name", false}, {"RunId", "s.RunId", false}}},
    .status = "d.State",
    .succeeded = "SUCCEEDED ",
    .failed = "FAILED STOPPED TIMEOUT ",
    .result = "d",
    .cancel = {"stopJobRun", {{"Name", "p.Name", false}, {"RunId", "s.RunId", false}}},
};

static const optimized_job transcoding = {
    .describe = {"getJob", {{"Id", "s.Job.Id", false}}},
    .status = "d.Job.Status",
    .succeeded = "COMPLETE ",
    .failed = "ERROR CANCELED ",
    .result = "d",
    .cancel = {"cancelJob", {{"Id", "s.Job.Id", false}}},
};

static const optimized_action actions[] = {
    {.service = &batch,
     .name = "submitJob",
     .patterns = REQUEST_OR_SYNC,
     .request = {.action = "submitJob"},
     .job = &batch_job},
    {.service = &ecs,
     .name = "runTask",
     .idempotency_token = "ClientToken",
     .patterns = REQUEST_OR_SYNC | OPTIMIZED_TOKEN,
     .request = {.action = "runTask"},
     .job = &ecs_task},
    {.service = &codebuild,
     .name = "startBuild",
     .idempotency_token = "IdempotencyToken",
     .patterns = REQUEST_OR_SYNC,
     .request = {.action = "startBuild"},
     .job = &build},
    {.service = &codebuild,
     .name = "stopBuild",
     .patterns = REQUEST,
     .request = {.action = "stopBuild"}},
    {.service = &codebuild,
     .name = "startBuildBatch",
     .idempotency_token = "IdempotencyToken",
     .patterns = REQUEST_OR_SYNC,
     .request = {.action = "startBuildBatch"},
     .job = &build_batch},
    {.service = &codebuild,
     .name = "stopBuildBatch",
     .patterns = REQUEST,
     .request = {.action = "stopBuildBatch"}},
    {.service = &codebuild,
     .name = "retryBuildBatch",
     .idempotency_token = "IdempotencyToken",
     .patterns = REQUEST_OR_SYNC,
     .request = {.action = "retryBuildBatch"},
     .job = &build_batch},
    {.service = &codebuild,
     .name = "deleteBuildBatch",
     .patterns = REQUEST,
     .request = {.action = "deleteBuildBatch"}},
    {.service = &codebuild,
     .name = "batchDeleteBuilds",
     .patterns = REQUEST,
     .request = {.action = "batchDeleteBuilds"}},
    {.service = &codebuild,
     .name = "batchGetReports",
     .patterns = REQUEST,
     .request = {.action = "batchGetReports"}},
    {.service = &codebuild,
     .name = "batchGetBuildBatches",
     .patterns = REQUEST,
     .request = {.action = "batchGetBuildBatches"}},
    {.service = &glue,
     .name = "startJobRun",
     .patterns = REQUEST_OR_SYNC,
     .request = {.action = "startJobRun"},
     .job = &glue_run},
    {.service = &databrew,
     .name = "startJobRun",
     .patterns = REQUEST_OR_SYNC,
     .request = {.action = "startJobRun"},
     .job = &databrew_run},
    {.service = &mediaconvert,
     .name = "createJob",
     .idempotency_token = "ClientRequestToken",
     .patterns = REQUEST_OR_SYNC,
     .request = {.action = "createJob"},
     .job = &transcoding},
};

const optimized_actions optimized_compute = {actions, ARRAY_LENGTH(actions)};
