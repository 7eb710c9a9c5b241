package io.kiroku.collector.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.kiroku.collector.access.AccessUnavailableException;
import io.kiroku.collector.access.Caller;
import io.kiroku.collector.access.Permission;
import io.kiroku.collector.access.RefusedTokenException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With a pretend API server. */
class ClusterCallersTest {
    private static final String ACCESS = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

    private final AnsweringApiServer server = new AnsweringApiServer();

    /** What RBAC allows: user, verb, group, resource, subresource, namespace, name. */
    private final Set<String> allowed = ConcurrentHashMap.newKeySet();

    private final AtomicInteger reviews = new AtomicInteger();
    private final AtomicInteger questions = new AtomicInteger();
    private long now;
    private ClusterCallers callers;

    @BeforeEach
    void start() {
        server.onPost(AnsweringApiServer.REVIEWS, this::review);
        server.onPost(ACCESS, this::access);
        callers = new ClusterCallers(server.client(), () -> now);
    }

    @AfterEach
    void stop() {
        callers.close();
        server.close();
    }

    private String review(JsonNode spec) {
        reviews.incrementAndGet();
        String token = spec.path("token").asText();
        return token.startsWith("good-") ? """
            {"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","status":{"authenticated":true,
            "user":{"username":"%s","uid":"1","groups":["dev"],"extra":{"scopes":["a"]}}}}\
            """.formatted(token.substring(5)) : """
                {"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","status":{"authenticated":false,
                "error":"token has expired"}}\
                """;
    }

    private String access(JsonNode spec) {
        questions.incrementAndGet();
        assertThat(spec.path("groups").path(0).asText()).isEqualTo("dev");
        assertThat(spec.path("extra").path("scopes").path(0).asText()).isEqualTo("a");
        JsonNode what = spec.path("resourceAttributes");
        String question = "%s %s %s %s/%s in %s %s"
                .formatted(
                        spec.path("user").asText(),
                        what.path("verb").asText(),
                        what.path("group").asText(),
                        what.path("resource").asText(),
                        what.path("subresource").asText(),
                        what.path("namespace").asText(),
                        what.path("name").asText());
        return """
            {"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{},"status":{"allowed":%s}}\
            """.formatted(allowed.contains(question.strip()));
    }

    @Test
    void whoeverMayGetLogsOfPodsInANamespaceMayReadThere() throws Exception {
        allowed.add("alice get  pods/log in shop");
        Caller alice = callers.caller("good-alice");
        assertThat(alice.name()).isEqualTo("alice");
        assertThat(alice.rights().reads(Optional.of("shop"))).isTrue();
        assertThat(alice.rights().reads(Optional.of("pay"))).isFalse();
        assertThat(alice.rights().reads(Optional.empty())).isFalse();
        assertThat(alice.rights().readsEverywhere()).isFalse();
        assertThat(alice.rights().may(Permission.METRICS)).isFalse();
        assertThat(alice.rights().may(Permission.EXPORT, Optional.of("shop"))).isFalse();
    }

    @Test
    void nodesAndRolesAreAskedForByThemselves() throws Exception {
        allowed.add("root get  pods/log in");
        allowed.add("root get  nodes/log in");
        allowed.add("root use kiroku.io roles/ in  investigator");
        Caller root = callers.caller("good-root");
        assertThat(root.rights().reads(Optional.empty())).isTrue();
        assertThat(root.rights().reads(Optional.of("any"))).isTrue();
        assertThat(root.rights().readsEverywhere()).isTrue();
        assertThat(root.rights().may(Permission.VERIFY)).isTrue();
        assertThat(root.rights().may(Permission.EXPORT, Optional.of("any"))).isTrue();
        assertThat(root.rights().may(Permission.CUSTODY)).isFalse();
    }

    @Test
    void answersAreKeptForAWhileAndNotForOthers() throws Exception {
        allowed.add("alice get  pods/log in shop");
        Optional<String> shop = Optional.of("shop");
        assertThat(callers.caller("good-alice").rights().reads(shop)).isTrue();
        int asked = questions.get();
        assertThat(callers.caller("good-alice").rights().reads(shop)).isTrue();
        assertThat(reviews).hasValue(1);
        assertThat(questions).hasValue(asked);
        assertThat(callers.caller("good-bob").rights().reads(shop)).isFalse();
        allowed.clear();
        allowed.add("bob get  pods/log in shop");
        now += ClusterCallers.NO.toNanos();
        assertThat(callers.caller("good-bob").rights().reads(shop)).isTrue();
        assertThat(callers.caller("good-alice").rights().reads(shop)).isTrue();
        now += ClusterCallers.YES.toNanos();
        assertThat(callers.caller("good-alice").rights().reads(shop)).isFalse();
    }

    @Test
    void aTokenThatTheServerDoesNotAcceptIsRefusedWithItsReason() {
        assertThatThrownBy(() -> callers.caller("expired"))
                .isInstanceOf(RefusedTokenException.class)
                .hasMessage("the cluster's API server does not accept this token: token has expired");
    }

    @Test
    void aServerThatHangsIsWaitedForAMomentOnly() {
        server.hang();
        long begun = System.nanoTime();
        assertThatThrownBy(() -> callers.caller("good-alice"))
                .isInstanceOf(AccessUnavailableException.class)
                .hasMessageContaining("try again later");
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(ClusterCallers.PATIENCE.multipliedBy(3));
    }
}
