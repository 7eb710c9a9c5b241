package io.kiroku.collector.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.NamespacedKubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.io.IOException;
import java.util.function.Function;

/** An API server that answers as a test says. */
final class AnsweringApiServer implements AutoCloseable {
    static final String REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews";

    private static final int HANGS_MILLIS = 30_000;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final KubernetesMockServer server = new KubernetesMockServer(false);

    AnsweringApiServer() {
        server.init();
    }

    /** With the patience that a collector has. */
    NamespacedKubernetesClient client() {
        return server.createClient((KubernetesClientBuilder builder) -> builder.editOrNewConfig()
                .withConnectionTimeout((int) ClusterCallers.PATIENCE.toMillis())
                .withRequestTimeout((int) ClusterCallers.PATIENCE.toMillis())
                .withRequestRetryBackoffLimit(0)
                .endConfig());
    }

    /** @param answer by the {@code spec} of what is posted there */
    void onPost(String path, Function<JsonNode, String> answer) {
        server.expect()
                .post()
                .withPath(path)
                .andReply(201, request -> answer.apply(spec(request)))
                .always();
    }

    void onGet(String path, String answer) {
        server.expect().get().withPath(path).andReturn(200, answer).always();
    }

    /** Nothing is answered any more: who asks for a review waits for half a minute. */
    void hang() {
        server.reset();
        server.expect()
                .post()
                .delay(HANGS_MILLIS)
                .withPath(REVIEWS)
                .andReturn(201, "{}")
                .always();
    }

    private static JsonNode spec(RecordedRequest request) {
        try {
            return MAPPER.readTree(request.getUtf8Body()).path("spec");
        } catch (IOException malformed) {
            throw new AssertionError(malformed);
        }
    }

    @Override
    public void close() {
        server.destroy();
    }
}
