package io.kiroku.collector.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.kiroku.collector.access.AccessUnavailableException;
import io.kiroku.collector.access.RefusedTokenException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * On which node a pod runs, by its projected service-account token: the cluster's API server says whose the token is, and since
 * Kubernetes 1.32 on which node its pod is; before, the pod itself says so. An API server that does not answer is waited for
 * {@link ClusterCallers#PATIENCE} at each of at most two questions. Used by any thread.
 */
public final class ClusterNodes implements AutoCloseable {
    /** What a token has to be made for, so that one for somebody else's ears is of no use here. */
    public static final String AUDIENCE = "kiroku-collector";

    private static final Logger LOG = LoggerFactory.getLogger(ClusterNodes.class);
    private static final String USER = "system:serviceaccount:";
    private static final String EXTRA = "authentication.kubernetes.io/";

    private final KubernetesClient client;
    private final Set<String> accounts;

    ClusterNodes(KubernetesClient client, Set<String> accounts) {
        this.client = client;
        this.accounts = Set.copyOf(accounts);
    }

    /**
     * Nodes of the cluster that this process runs in, or that its kubeconfig names.
     *
     * @param accounts the service accounts that agents run as, {@code NAMESPACE:NAME}
     */
    public static ClusterNodes ofEnvironment(Set<String> accounts) {
        return new ClusterNodes(
                new KubernetesClientBuilder()
                        .withConfig(ClusterCallers.impatient(Config.autoConfigure(null)))
                        .build(),
                accounts);
    }

    /**
     * The node of the pod that a token is bound to.
     *
     * @throws RefusedTokenException with one sentence if it is not good, for another audience, of another service account, or
     *     bound to no pod that there is
     * @throws AccessUnavailableException if the API server does not say
     */
    public String nodeOf(String token) throws RefusedTokenException {
        UserInfo user = review(token);
        String account =
                user.getUsername().startsWith(USER) ? user.getUsername().substring(USER.length()) : "";
        if (!accounts.contains(account)) {
            throw new RefusedTokenException("expected a token of service account %s, found one of %s"
                    .formatted(String.join(" or ", accounts.stream().sorted().toList()), user.getUsername()));
        }
        Optional<String> node = extra(user, "node-name");
        return node.isPresent() ? node.get() : nodeOfPod(user, account.substring(0, account.indexOf(':')));
    }

    private UserInfo review(String token) throws RefusedTokenException {
        TokenReview review = new TokenReviewBuilder()
                .withNewSpec()
                .withToken(token)
                .withAudiences(AUDIENCE)
                .endSpec()
                .build();
        TokenReview answered = ask("TokenReview", () -> client.resource(review).create());
        TokenReviewStatus status = answered.getStatus();
        if (status == null
                || !Boolean.TRUE.equals(status.getAuthenticated())
                || status.getUser() == null
                || status.getUser().getUsername() == null) {
            String why = status == null || status.getError() == null ? "" : status.getError();
            throw new RefusedTokenException("the cluster's API server does not accept this token for audience %s%s"
                    .formatted(AUDIENCE, why.isEmpty() ? "" : ": " + why));
        }
        // An API server that knows nothing of audiences names none (authentication.k8s.io/v1, TokenReviewStatus).
        List<String> audiences = status.getAudiences();
        if (audiences == null || !audiences.contains(AUDIENCE)) {
            throw new RefusedTokenException(
                    "expected a token for audience %s, found one for another".formatted(AUDIENCE));
        }
        return status.getUser();
    }

    private String nodeOfPod(UserInfo user, String namespace) throws RefusedTokenException {
        String name = extra(user, "pod-name").orElse("");
        String uid = extra(user, "pod-uid").orElse("");
        if (name.isEmpty() || uid.isEmpty()) {
            throw new RefusedTokenException("expected a token that is bound to a pod, found one that is not");
        }
        Pod pod = ask(
                "question for a pod",
                () -> Optional.ofNullable(client.pods()
                                .inNamespace(namespace)
                                .withName(name)
                                .get())
                        .orElseGet(Pod::new));
        String node = pod.getSpec() == null ? null : pod.getSpec().getNodeName();
        if (pod.getMetadata() == null || !uid.equals(pod.getMetadata().getUid()) || node == null || node.isEmpty()) {
            throw new RefusedTokenException("expected a token of a pod that runs, found one of a pod that is gone");
        }
        return node;
    }

    private static Optional<String> extra(UserInfo user, String name) {
        Map<String, List<String>> extra = user.getExtra();
        List<String> values = extra == null ? null : extra.get(EXTRA + name);
        return values == null || values.size() != 1 ? Optional.empty() : Optional.of(values.getFirst());
    }

    private static <T> T ask(String what, Supplier<T> question) {
        try {
            return question.get();
        } catch (KubernetesClientException failure) {
            LOG.warn("A {} was not answered by the cluster's API server: {}.", what, failure.getMessage());
            throw new AccessUnavailableException(
                    "the cluster's API server does not say whose this token is: try again later", failure);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
