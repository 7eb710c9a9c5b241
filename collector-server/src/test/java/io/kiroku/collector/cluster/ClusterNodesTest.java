package io.kiroku.collector.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.kiroku.collector.access.AccessUnavailableException;
import io.kiroku.collector.access.RefusedTokenException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With a pretend API server. */
class ClusterNodesTest {
    private static final String AGENT = "system:serviceaccount:kiroku:agent";

    private final AnsweringApiServer server = new AnsweringApiServer();

    /** What the API server says of tokens. */
    private final Map<String, String> statuses = new HashMap<>();

    private ClusterNodes nodes;

    @BeforeEach
    void start() {
        server.onPost(AnsweringApiServer.REVIEWS, this::review);
        nodes = new ClusterNodes(server.client(), Set.of("kiroku:agent"));
    }

    @AfterEach
    void stop() {
        nodes.close();
        server.close();
    }

    private String review(JsonNode spec) {
        assertThat(spec.path("audiences").path(0).asText()).isEqualTo("kiroku-collector");
        String token = spec.path("token").asText();
        return """
            {"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","status":%s}\
            """.formatted(statuses.getOrDefault(token, "{\"authenticated\":false,\"error\":\"token has expired\"}"));
    }

    private void know(String token, String user, String audience, String extra) {
        statuses.put(token, """
            {"authenticated":true,"audiences":["%s"],"user":{"username":"%s","extra":{%s}}}\
            """.formatted(audience, user, extra));
    }

    private void pod(String name, String uid, String node) {
        server.onGet("/api/v1/namespaces/kiroku/pods/" + name, """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s","namespace":"kiroku","uid":"%s"},
            "spec":{"nodeName":"%s","containers":[]}}\
            """.formatted(name, uid, node));
    }

    private static String bound(String pod, String uid) {
        return """
            "authentication.kubernetes.io/pod-name":["%s"],"authentication.kubernetes.io/pod-uid":["%s"]\
            """.formatted(pod, uid);
    }

    private void assertRefused(String token, String sentence) {
        assertThatThrownBy(() -> nodes.nodeOf(token))
                .isInstanceOf(RefusedTokenException.class)
                .hasMessageContaining(sentence);
    }

    @Test
    void theTokenNamesItsNode() throws Exception {
        know("t", AGENT, "kiroku-collector", """
            "authentication.kubernetes.io/node-name":["node-1"]\
            """);
        assertThat(nodes.nodeOf("t")).isEqualTo("node-1");
    }

    @Test
    void anOlderClusterIsAskedForThePod() throws Exception {
        pod("agent-x", "uid-1", "node-2");
        know("t", AGENT, "kiroku-collector", bound("agent-x", "uid-1"));
        know("former", AGENT, "kiroku-collector", bound("agent-x", "uid-0"));
        know("gone", AGENT, "kiroku-collector", bound("agent-y", "uid-1"));
        know("unbound", AGENT, "kiroku-collector", "");
        assertThat(nodes.nodeOf("t")).isEqualTo("node-2");
        assertRefused("former", "a pod that is gone");
        assertRefused("gone", "a pod that is gone");
        assertRefused("unbound", "expected a token that is bound to a pod");
    }

    @Test
    void othersTokensAreRefused() {
        String node = """
            "authentication.kubernetes.io/node-name":["node-1"]\
            """;
        know("audience", AGENT, "vault", node);
        know("account", "system:serviceaccount:shop:agent", "kiroku-collector", node);
        know("person", "alice", "kiroku-collector", node);
        assertRefused("old", "does not accept this token for audience kiroku-collector: token has expired");
        assertRefused("audience", "expected a token for audience kiroku-collector, found one for another");
        assertRefused(
                "account",
                "expected a token of service account kiroku:agent, found one of system:serviceaccount:shop:agent");
        assertRefused("person", "found one of alice");
    }

    @Test
    void anApiServerThatHangsIsWaitedForThreeSeconds() {
        server.hang();
        long began = System.nanoTime();
        assertThatThrownBy(() -> nodes.nodeOf("slow"))
                .isInstanceOf(AccessUnavailableException.class)
                .hasMessageContaining("try again later");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(8));
    }
}
