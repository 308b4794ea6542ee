/* Queries, machine learning, and EMR on EC2, on EKS and serverless.
 * Source: connect-athena, connect-sagemaker, connect-emr, connect-emr-eks, connect-emr-serverless;
 * the states of jobs: the API reference of each describing operation. */
#include "integrations/optimized/services.h"

static const optimized_service athena = {"athena", "athena", "Athena", "AmazonAthena",
                                         "AmazonAthenaException"};
static const optimized_service sagemaker = {"sagemaker", "sagemaker", "SageMaker",
                                            "AmazonSageMaker", "AmazonSageMakerException"};
static const optimized_service emr = {"elasticmapreduce", "emr", "ElasticMapReduce",
                                      "AmazonElasticMapReduce", "AmazonElasticMapReduceException"};
static const optimized_service emr_containers = {"emr-containers", "emrcontainers", "EMRContainers",
                                                 "AmazonEMRContainers",
                                                 "AmazonEMRContainersException"};
static const optimized_service emr_serverless = {"emr-serverless", "emrserverless", "EMRServerless",
                                                 "AWSEMRServerless", "AWSEMRServerlessException"};

/* ---------------------------------------------------------------------------- queries and models
 */

static const optimized_job query = {
    .describe = {"getQueryExecution", {{"QueryExecutionId", "s.QueryExecutionId", false}}},
    .status = "d.QueryExecution.Status.State",
    .succeeded = "SUCCEEDED ",
    .failed = "FAILED CANCELLED ",
    .result = "d",
    .cancel = {"stopQueryExecution", {{"QueryExecutionId", "s.QueryExecutionId", false}}},
};

#define SAGEMAKER_JOB(variable, job)                                                               \
    static const optimized_job variable = {                                                        \
        .describe = {"describe" job, {{job "Name", "p." job "Name", false}}},                      \
        .status = "d." job "Status",                                                               \
        .succeeded = "Completed ",                                                                 \
        .failed = "Failed Stopped ",                                                               \
        .result = "d",                                                                             \
        .cancel = {"stop" job, {{job "Name", "p." job "Name", false}}},                            \
    }

SAGEMAKER_JOB(training, "TrainingJob");
SAGEMAKER_JOB(transform, "TransformJob");
SAGEMAKER_JOB(processing, "ProcessingJob");
SAGEMAKER_JOB(tuning, "HyperParameterTuningJob");
SAGEMAKER_JOB(labeling, "LabelingJob");

/* -------------------------------------------------------------------------------------------- EMR
 * A cluster outlives the Task that made it, also one that was stopped: AWS does not terminate it.
 */

static const optimized_job cluster_waiting = {
    .describe = {"describeCluster", {{"ClusterId", "s.ClusterId", false}}},
    .status = "d.Cluster.Status.State",
    .succeeded = "WAITING ",
    .failed = "TERMINATED TERMINATED_WITH_ERRORS ",
    .output = {{"Cluster", "d.Cluster", false}, {"ClusterId", "s.ClusterId", false}},
};

static const optimized_job cluster_terminated = {
    .describe = {"describeCluster", {{"ClusterId", "p.ClusterId", false}}},
    .status = "d.Cluster.Status.State",
    .succeeded = "TERMINATED TERMINATED_WITH_ERRORS ",
    .failed = "",
    .output = {{"Cluster", "d.Cluster", false}},
};

static const optimized_job cluster_step = {
    .describe = {"describeStep",
                 {{"ClusterId", "p.ClusterId", false}, {"StepId", "s.StepId", false}}},
    .status = "d.Step.Status.State",
    .succeeded = "COMPLETED ",
    .failed = "CANCELLED FAILED INTERRUPTED ",
    .output = {{"Step", "d.Step", false}, {"StepId", "s.StepId", false}},
    .cancel = {"cancelSteps", {{"ClusterId", "p.ClusterId", false}, {"StepIds", "s.StepId", true}}},
};

static const optimized_job container_run = {
    .describe = {"describeJobRun",
                 {{"VirtualClusterId", "p.VirtualClusterId", false}, {"Id", "s.Id", false}}},
    .status = "d.JobRun.State",
    .succeeded = "COMPLETED ",
    .failed = "FAILED CANCELLED ",
    .result = "d.JobRun",
    .cancel = {"cancelJobRun",
               {{"VirtualClusterId", "p.VirtualClusterId", false}, {"Id", "s.Id", false}}},
};

static const optimized_job virtual_cluster_deleted = {
    .describe = {"describeVirtualCluster", {{"Id", "p.Id", false}}},
    .status = "d.VirtualCluster.State",
    .succeeded = "TERMINATED ",
    .failed = "ARRESTED ",
    .gone_is_success = true,
    .result = "d.VirtualCluster",
};

#define APPLICATION(variable, id, good, bad)                                                       \
    static const optimized_job variable = {                                                        \
        .describe = {"getApplication", {{"ApplicationId", id, false}}},                            \
        .status = "d.Application.State",                                                           \
        .succeeded = good,                                                                         \
        .failed = bad,                                                                             \
        .result = "d.Application",                                                                 \
    }

APPLICATION(application_made, "s.ApplicationId", "CREATED ", "TERMINATED ");
APPLICATION(application_started, "p.ApplicationId", "STARTED ", "STOPPED TERMINATED ");
APPLICATION(application_stopped, "p.ApplicationId", "STOPPED ", "TERMINATED ");
APPLICATION(application_deleted, "p.ApplicationId", "TERMINATED ", "");

#define SERVERLESS_RUN(id)                                                                         \
    {                                                                                              \
        {"ApplicationId", "p.ApplicationId", false},                                               \
        {                                                                                          \
            "JobRunId", id, false                                                                  \
        }                                                                                          \
    }

static const optimized_job serverless_run = {
    .describe = {"getJobRun", SERVERLESS_RUN("s.JobRunId")},
    .status = "d.JobRun.State",
    .succeeded = "SUCCESS ",
    .failed = "FAILED CANCELLED ",
    .result = "d.JobRun",
    .cancel = {"cancelJobRun", SERVERLESS_RUN("s.JobRunId")},
};

static const optimized_job serverless_run_cancelled = {
    .describe = {"getJobRun", SERVERLESS_RUN("p.JobRunId")},
    .status = "d.JobRun.State",
    .succeeded = "CANCELLED ",
    .failed = "SUCCESS FAILED ",
    .result = "d.JobRun",
};

static const optimized_lookup fleet_by_name = {
    .list = {"listInstanceFleets", {{"ClusterId", "p.ClusterId", false}}},
    .items = "InstanceFleets",
    .name = "p.InstanceFleetName",
    .into = "InstanceFleet",
    .as = "InstanceFleetId",
};

static const optimized_lookup group_by_name = {
    .list = {"listInstanceGroups", {{"ClusterId", "p.ClusterId", false}}},
    .items = "InstanceGroups",
    .name = "p.InstanceGroupName",
    .into = "InstanceGroup",
    .as = "InstanceGroupId",
};

/* -------------------------------------------------------------------------------------- the table
 */

/* An action that is its operation, and one whose requests can be told from each other. */
#define SAME(of, action_name, action_patterns, action_job)                                         \
    ONCE(of, action_name, action_patterns, action_job, NULL)
#define ONCE(of, action_name, action_patterns, action_job, token)                                  \
    {                                                                                              \
        .service = &(of), .name = (action_name), .patterns = (action_patterns),                    \
        .request = {.action = (action_name)}, .idempotency_token = (token), .job = (action_job)    \
    }

static const optimized_action actions[] = {
    ONCE(athena, "startQueryExecution", REQUEST_OR_SYNC, &query, "ClientRequestToken"),
    SAME(athena, "stopQueryExecution", REQUEST, NULL),
    SAME(athena, "getQueryExecution", REQUEST, NULL),
    SAME(athena, "getQueryResults", REQUEST, NULL),
    SAME(sagemaker, "createTrainingJob", REQUEST_OR_SYNC, &training),
    SAME(sagemaker, "createTransformJob", REQUEST_OR_SYNC, &transform),
    SAME(sagemaker, "createProcessingJob", REQUEST_OR_SYNC, &processing),
    SAME(sagemaker, "createHyperParameterTuningJob", REQUEST_OR_SYNC, &tuning),
    SAME(sagemaker, "createLabelingJob", REQUEST_OR_SYNC, &labeling),
    SAME(sagemaker, "createModel", REQUEST, NULL),
    SAME(sagemaker, "createEndpoint", REQUEST, NULL),
    SAME(sagemaker, "createEndpointConfig", REQUEST, NULL),
    SAME(sagemaker, "updateEndpoint", REQUEST, NULL),
    {.service = &emr,
     .name = "createCluster",
     .patterns = REQUEST_OR_SYNC,
     .request = {.action = "runJobFlow"},
     .output = {{"ClusterArn", "s.ClusterArn", false}, {"ClusterId", "s.JobFlowId", false}},
     .job = &cluster_waiting},
    {.service = &emr,
     .name = "setClusterTerminationProtection",
     .patterns = REQUEST,
     .request = {"setTerminationProtection",
                 {{"JobFlowIds", "p.ClusterId", true},
                  {"TerminationProtected", "p.TerminationProtected", false}}},
     .parameters = "*ClusterId *TerminationProtected "},
    {.service = &emr,
     .name = "terminateCluster",
     .patterns = REQUEST_OR_SYNC,
     .request = {"terminateJobFlows", {{"JobFlowIds", "p.ClusterId", true}}},
     .parameters = "*ClusterId ",
     .job = &cluster_terminated},
    {.service = &emr,
     .name = "addStep",
     .patterns = REQUEST_OR_SYNC,
     .request = {"addJobFlowSteps",
                 {{"JobFlowId", "p.ClusterId", false},
                  {"Steps", "p.Step", true},
                  {"ExecutionRoleArn", "p.ExecutionRoleArn", false}}},
     .parameters = "*ClusterId *Step ExecutionRoleArn ",
     .output = {{"StepId", "s.StepIds[0]", false}},
     .job = &cluster_step},
    {.service = &emr,
     .name = "cancelStep",
     .patterns = REQUEST,
     .request = {"cancelSteps",
                 {{"ClusterId", "p.ClusterId", false}, {"StepIds", "p.StepId", true}}},
     .parameters = "*ClusterId *StepId ",
     .output = {{"CancelStepsInfo", "s.CancelStepsInfoList[0]", false}}},
    {.service = &emr,
     .name = "modifyInstanceFleetByName",
     .patterns = REQUEST,
     .request = {"modifyInstanceFleet",
                 {{"ClusterId", "p.ClusterId", false},
                  {"InstanceFleet", "p.InstanceFleet", false}}},
     .parameters = "*ClusterId *InstanceFleetName *InstanceFleet ",
     .lookup = &fleet_by_name},
    {.service = &emr,
     .name = "modifyInstanceGroupByName",
     .patterns = REQUEST,
     .request = {"modifyInstanceGroups",
                 {{"ClusterId", "p.ClusterId", false},
                  {"InstanceGroups", "p.InstanceGroup", true}}},
     .parameters = "*ClusterId *InstanceGroupName *InstanceGroup ",
     .lookup = &group_by_name},
    ONCE(emr_containers, "createVirtualCluster", REQUEST, NULL, "ClientToken"),
    SAME(emr_containers, "deleteVirtualCluster", REQUEST_OR_SYNC, &virtual_cluster_deleted),
    ONCE(emr_containers, "startJobRun", REQUEST_OR_SYNC, &container_run, "ClientToken"),
    ONCE(emr_serverless, "createApplication", REQUEST_OR_SYNC, &application_made, "ClientToken"),
    SAME(emr_serverless, "startApplication", REQUEST_OR_SYNC, &application_started),
    SAME(emr_serverless, "stopApplication", REQUEST_OR_SYNC, &application_stopped),
    SAME(emr_serverless, "deleteApplication", REQUEST_OR_SYNC, &application_deleted),
    ONCE(emr_serverless, "startJobRun", REQUEST_OR_SYNC, &serverless_run, "ClientToken"),
    SAME(emr_serverless, "cancelJobRun", REQUEST_OR_SYNC, &serverless_run_cancelled),
};

const optimized_actions optimized_analytics = {actions, ARRAY_LENGTH(actions)};
