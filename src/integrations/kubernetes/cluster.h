/* A cluster of EKS as eks:call and eks:runJob name it, and requests to its Kubernetes API. Who
 * calls is told by a token that is a presigned GetCallerIdentity of STS. Source:
 * https://docs.aws.amazon.com/step-functions/latest/dg/connect-eks.html; the token:
 * https://github.com/kubernetes-sigs/aws-iam-authenticator, "API Authorization from Outside a
 * Cluster" */
#ifndef GAIT_INTEGRATIONS_KUBERNETES_CLUSTER_H
#define GAIT_INTEGRATIONS_KUBERNETES_CLUSTER_H

#include "integrations/aws/sigv4.h"
#include "integrations/http/http_tasks.h"
#include "integrations/http/response.h"
#include "integrations/integration_kind.h"

extern const http_response_words kubernetes_words;

/* Lies in its task's memory. */
typedef struct kubernetes_cluster {
    integration_task *task;
    http_tasks *shared;
    aws_client *client;
    str name, endpoint, trusted, role_arn;
    /* The request that is under way: */
    str method, path;
    json query, body;
    net_http_done *done;
    void *user;
    aws_provider_wait *wait;
    net_http_call *call;
} kubernetes_cluster;

/* ClusterName, CertificateAuthority and Endpoint of the parameters, copied into the task's memory.
 * ERROR_INVALID where the certificate is none. */
MUST_USE status kubernetes_cluster_read(integration_task *task, const integration_call *call,
                                        json parameters, kubernetes_cluster *ret, error *reterr);

/* One at a time. `query` is an object of texts or lists of them, `body` any JSON; either may be
 * absent, and both live until done(user), which comes once, never before this returns: without
 * credentials, too, with an outcome that no answer has. */
MUST_USE status kubernetes_request(kubernetes_cluster *cluster, str method, str path, json query,
                                   json body, net_http_done *done, void *user, error *reterr);
/* done is not called any more. */
void kubernetes_cancel(kubernetes_cluster *cluster);

/* "k8s-aws-v1." and the URL in base64, in the arena: good for a minute at STS, a quarter of an hour
 * at the cluster. Pure. */
MUST_USE status kubernetes_token(str cluster_name, str sts_host, const aws_signer *signer, arena *a,
                                 str *ret_token, error *reterr);

/* Fails the task with States.Runtime, as Step Functions does for parameters that don't fit. */
void kubernetes_refuse(integration_task *task, json parameters, const error *err);

#endif
