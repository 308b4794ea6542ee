/* Clusters of EKS. They are not deleted when a Task that made one is stopped: AWS does not either.
 * Source: connect-eks. eks:call and eks:runJob are not here: they speak to Kubernetes itself. */
#include "integrations/optimized/services.h"

static const optimized_service eks = {"eks", "eks", "Eks", "AmazonEKS", "AmazonEKSException"};

static const optimized_job cluster_made = {
    .describe = {"describeCluster", {{"Name", "p.Name", false}}},
    .status = "d.Cluster.Status",
    .succeeded = "ACTIVE ",
    .failed = "FAILED DELETING ",
    .result = "d",
};

static const optimized_job cluster_deleted = {
    .describe = {"describeCluster", {{"Name", "p.Name", false}}},
    .status = "d.Cluster.Status",
    .succeeded = "",
    .failed = "FAILED ",
    .gone_is_success = true,
    .result = "s",
};

#define PROFILE                                                                                    \
    {                                                                                              \
        {"ClusterName", "p.ClusterName", false},                                                   \
        {                                                                                          \
            "FargateProfileName", "p.FargateProfileName", false                                    \
        }                                                                                          \
    }

static const optimized_job profile_made = {
    .describe = {"describeFargateProfile", PROFILE},
    .status = "d.FargateProfile.Status",
    .succeeded = "ACTIVE ",
    .failed = "CREATE_FAILED DELETE_FAILED DELETING ",
    .result = "d",
};

static const optimized_job profile_deleted = {
    .describe = {"describeFargateProfile", PROFILE},
    .status = "d.FargateProfile.Status",
    .succeeded = "",
    .failed = "DELETE_FAILED ",
    .gone_is_success = true,
    .result = "s",
};

#define NODEGROUP                                                                                  \
    {                                                                                              \
        {"ClusterName", "p.ClusterName", false},                                                   \
        {                                                                                          \
            "NodegroupName", "p.NodegroupName", false                                              \
        }                                                                                          \
    }

static const optimized_job nodegroup_made = {
    .describe = {"describeNodegroup", NODEGROUP},
    .status = "d.Nodegroup.Status",
    .succeeded = "ACTIVE ",
    .failed = "CREATE_FAILED DELETE_FAILED DEGRADED DELETING ",
    .result = "d",
};

static const optimized_job nodegroup_deleted = {
    .describe = {"describeNodegroup", NODEGROUP},
    .status = "d.Nodegroup.Status",
    .succeeded = "",
    .failed = "DELETE_FAILED ",
    .gone_is_success = true,
    .result = "s",
};

static const optimized_action actions[] = {
    {.service = &eks,
     .name = "createCluster",
     .idempotency_token = "ClientRequestToken",
     .patterns = REQUEST_OR_SYNC,
     .request = {.action = "createCluster"},
     .job = &cluster_made},
    {.service = &eks,
     .name = "deleteCluster",
     .patterns = REQUEST_OR_SYNC,
     .request = {.action = "deleteCluster"},
     .job = &cluster_deleted},
    {.service = &eks,
     .name = "createFargateProfile",
     .idempotency_token = "ClientRequestToken",
     .patterns = REQUEST_OR_SYNC,
     .request = {.action = "createFargateProfile"},
     .job = &profile_made},
    {.service = &eks,
     .name = "deleteFargateProfile",
     .patterns = REQUEST_OR_SYNC,
     .request = {.action = "deleteFargateProfile"},
     .job = &profile_deleted},
    {.service = &eks,
     .name = "createNodegroup",
     .idempotency_token = "ClientRequestToken",
     .patterns = REQUEST_OR_SYNC,
     .request = {.action = "createNodegroup"},
     .job = &nodegroup_made},
    {.service = &eks,
     .name = "deleteNodegroup",
     .patterns = REQUEST_OR_SYNC,
     .request = {.action = "deleteNodegroup"},
     .job = &nodegroup_deleted},
};

const optimized_actions optimized_kubernetes = {actions, ARRAY_LENGTH(actions)};
