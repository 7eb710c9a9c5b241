package io.kiroku.collector.cluster;

import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.kiroku.collector.access.AccessUnavailableException;
import io.kiroku.collector.access.Caller;
import io.kiroku.collector.access.ExpiringCache;
import io.kiroku.collector.access.RefusedTokenException;
import io.kiroku.collector.access.TokenFile;
import io.kiroku.collector.access.Voucher;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Callers whom the cluster's API server knows: a bearer token is sent to it as a TokenReview, and what its user may do is asked by
 * SubjectAccessReviews ({@link ClusterRights}). Answers are kept, a yes for {@link #YES} and a no for {@link #NO}. An API
 * server that does not answer is waited for {@link #PATIENCE}, by so many callers at once and no more.
 */
public final class ClusterCallers implements Voucher, AutoCloseable {
    /** How long a yes holds: whoever loses a right keeps it that long. */
    public static final Duration YES = Duration.ofSeconds(30);

    /** How long a no holds. */
    public static final Duration NO = Duration.ofSeconds(5);

    /** How long one question may take. */
    public static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final Logger LOG = LoggerFactory.getLogger(ClusterCallers.class);
    private static final int MOST_TOKENS = 10_000;
    private static final int MOST_ANSWERS = 100_000;
    private static final int MOST_AT_ONCE = 32;
    private static final int MOST_TOKEN = 16 << 10;

    /** What the API server said of a token. */
    private record Reviewed(Optional<UserInfo> user, String why) {}

    private final KubernetesClient client;
    private final LongSupplier nanoTime;
    private final ExpiringCache<String, Reviewed> tokens = new ExpiringCache<>(MOST_TOKENS);
    private final ExpiringCache<ClusterRights.Question, Boolean> answers = new ExpiringCache<>(MOST_ANSWERS);
    private final Semaphore questions = new Semaphore(MOST_AT_ONCE);

    ClusterCallers(KubernetesClient client, LongSupplier nanoTime) {
        this.client = client;
        this.nanoTime = nanoTime;
    }

    /** Callers of the cluster that this process runs in, or that its kubeconfig names. */
    public static ClusterCallers ofEnvironment(LongSupplier nanoTime) {
        return new ClusterCallers(
                new KubernetesClientBuilder()
                        .withConfig(impatient(Config.autoConfigure(null)))
                        .build(),
                nanoTime);
    }

    /** The same cluster, asked once and no longer than {@link #PATIENCE}. */
    static Config impatient(Config config) {
        int millis = (int) PATIENCE.toMillis();
        return new ConfigBuilder(config)
                .withConnectionTimeout(millis)
                .withRequestTimeout(millis)
                .withRequestRetryBackoffLimit(0)
                .build();
    }

    /** Any token that is not somebody else's for sure: the API server knows many kinds. */
    @Override
    public boolean concerns(String token) {
        return !token.isEmpty() && token.length() <= MOST_TOKEN && !token.startsWith(TokenFile.PREFIX);
    }

    @Override
    public Caller caller(String token) throws RefusedTokenException {
        String hash = TokenFile.hash(token);
        Optional<Reviewed> known = tokens.get(hash, nanoTime.getAsLong());
        Reviewed reviewed = known.isPresent() ? known.get() : review(token, hash);
        if (reviewed.user().isEmpty()) {
            throw new RefusedTokenException(
                    "the cluster's API server does not accept this token%s".formatted(reviewed.why()));
        }
        UserInfo user = reviewed.user().get();
        return new Caller(user.getUsername(), "kubernetes", new ClusterRights(user, hash, this));
    }

    private Reviewed review(String token, String hash) {
        TokenReview review = new TokenReviewBuilder()
                .withNewSpec()
                .withToken(token)
                .endSpec()
                .build();
        TokenReview answered = ask("TokenReview", () -> client.resource(review).create());
        TokenReviewStatus status = answered.getStatus();
        boolean good = status != null
                && Boolean.TRUE.equals(status.getAuthenticated())
                && status.getUser() != null
                && status.getUser().getUsername() != null
                && !status.getUser().getUsername().isEmpty();
        Reviewed reviewed = good
                ? new Reviewed(Optional.of(status.getUser()), "")
                : new Reviewed(
                        Optional.empty(),
                        status == null
                                        || status.getError() == null
                                        || status.getError().isEmpty()
                                ? ""
                                : ": " + status.getError());
        tokens.put(hash, reviewed, nanoTime.getAsLong() + (good ? YES : NO).toNanos());
        return reviewed;
    }

    /** Whether the API server allows that. */
    boolean allows(ClusterRights.Question question, SubjectAccessReview review) {
        Optional<Boolean> known = answers.get(question, nanoTime.getAsLong());
        if (known.isPresent()) {
            return known.get();
        }
        SubjectAccessReview answered =
                ask("SubjectAccessReview", () -> client.resource(review).create());
        boolean allowed = answered.getStatus() != null
                && Boolean.TRUE.equals(answered.getStatus().getAllowed());
        answers.put(question, allowed, nanoTime.getAsLong() + (allowed ? YES : NO).toNanos());
        return allowed;
    }

    private <T> T ask(String what, Supplier<T> question) {
        boolean asked = false;
        try {
            asked = questions.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (asked) {
                return question.get();
            }
        } catch (KubernetesClientException failure) {
            LOG.warn("A {} was not answered by the cluster's API server: {}.", what, failure.getMessage());
            throw unavailable(failure);
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        } finally {
            if (asked) {
                questions.release();
            }
        }
        throw unavailable(null);
    }

    private static AccessUnavailableException unavailable(@Nullable KubernetesClientException cause) {
        return new AccessUnavailableException(
                "the cluster's API server does not say who you are or what you may do: try again later", cause);
    }

    @Override
    public void close() {
        client.close();
    }
}
