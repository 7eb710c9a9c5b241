package io.kiroku.systemtests.containerd;

import com.google.protobuf.InvalidProtocolBufferException;
import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.util.DomainSocketAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionException;

/**
 * The Container Runtime Interface, {@code runtime.v1}, as far as log files have to do with it. The numbers of the fields
 * are those of k8s.io/cri-api/pkg/apis/runtime/v1/api.proto. Calls are unary gRPC over HTTP/2: a message behind five
 * octets, not compressed and its length.
 */
final class Cri implements AutoCloseable {
    /** What becomes of a container (ContainerState). */
    enum State {
        CREATED,
        RUNNING,
        EXITED,
        UNKNOWN
    }

    private static final int PREFIX = 5;
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final String RUNTIME = "RuntimeService";
    private static final long OF_THE_NODE = 2;
    private static final long OF_THE_CONTAINER = 1;

    private final ClientFactory connections = ClientFactory.builder().build();
    private final WebClient client;

    /** @param socket of the runtime */
    Cri(Path socket) {
        this.client = WebClient.builder(
                        SessionProtocol.H2C, DomainSocketAddress.of(socket).asEndpoint())
                .factory(connections)
                .responseTimeout(BOUND)
                .build();
    }

    /** Name and version of the runtime. */
    String version() throws IOException {
        Message version = call(RUNTIME, "Version", new Message());
        return version.text(2) + " " + version.text(3);
    }

    boolean hasImage(String name) throws IOException {
        Message image = new Message().text(1, name);
        Message status = call("ImageService", "ImageStatus", new Message().message(1, image));
        return !status.messages(1).isEmpty();
    }

    /**
     * What there is to say of a pod before it runs: its network, its processes' namespace and the directory of its logs.
     */
    static Message sandbox(String namespace, String name, String uid, Path logs) {
        Message metadata = new Message().text(1, name).text(2, uid).text(3, namespace);
        Message linux = new Message().message(2, new Message().message(1, namespaces()));
        return new Message().message(1, metadata).text(3, logs.toString()).message(8, linux);
    }

    /** On the node's own network, for want of a plugin that makes another. */
    private static Message namespaces() {
        return new Message().number(1, OF_THE_NODE).number(2, OF_THE_CONTAINER).number(3, OF_THE_NODE);
    }

    /** Returns the id of the sandbox. */
    String runSandbox(Message sandbox) throws IOException {
        return call(RUNTIME, "RunPodSandbox", new Message().message(1, sandbox)).text(1);
    }

    /**
     * Ends a container by SIGTERM, and by SIGKILL after so many seconds. Returns its exit status.
     */
    long stopContainer(String id, int seconds) throws IOException {
        call(RUNTIME, "StopContainer", new Message().text(1, id).number(2, seconds));
        Message status = call(RUNTIME, "ContainerStatus", new Message().text(1, id));
        return status.messages(1).getFirst().number(7);
    }

    /** Ends all processes in it. */
    void stopSandbox(String id) throws IOException {
        call(RUNTIME, "StopPodSandbox", new Message().text(1, id));
    }

    void removeSandbox(String id) throws IOException {
        call(RUNTIME, "RemovePodSandbox", new Message().text(1, id));
    }

    /** The URL of its streaming server, good for one forward of that port of the pod. */
    String portForward(String id, int port) throws IOException {
        return call(RUNTIME, "PortForward", new Message().text(1, id).number(2, port))
                .text(1);
    }

    /** The ids of all sandboxes. */
    List<String> sandboxes() throws IOException {
        return call(RUNTIME, "ListPodSandbox", new Message()).messages(1).stream()
                .map(sandbox -> sandbox.text(1))
                .toList();
    }

    /**
     * Makes a container and starts it.
     *
     * @param attempt how often it was restarted
     * @param log its file below the sandbox's directory of logs
     * @return its id
     */
    String startContainer(
            String sandboxId, Message sandbox, String name, int attempt, String log, String image, List<String> command)
            throws IOException {
        Message config = new Message()
                .message(1, new Message().text(1, name).number(2, attempt))
                .message(2, new Message().text(1, image))
                .text(11, log)
                .message(15, new Message().message(3, new Message().message(3, namespaces())));
        command.forEach(word -> config.text(3, word));
        return startContainer(sandboxId, sandbox, config);
    }

    /**
     * Makes a container of an image with an entry point, confined as the chart confines the agent: user 0, two capabilities, a
     * file system that is read only, the runtime's own seccomp profile, no way to more privileges.
     *
     * @param log its file below the sandbox's directory of logs
     * @param directories of this machine that it sees under the same names
     * @return its id
     */
    String startConfined(
            String sandboxId,
            Message sandbox,
            String name,
            String log,
            String image,
            List<String> arguments,
            List<Path> directories)
            throws IOException {
        Message capabilities =
                new Message().text(1, "DAC_READ_SEARCH").text(1, "FOWNER").text(2, "ALL");
        Message security = new Message()
                .message(1, capabilities)
                .message(3, namespaces())
                .message(5, new Message())
                .number(7, 1)
                .number(11, 1)
                .message(15, new Message());
        Message config = new Message()
                .message(1, new Message().text(1, name))
                .message(2, new Message().text(1, image))
                .text(11, log)
                .message(15, new Message().message(2, security));
        arguments.forEach(word -> config.text(4, word));
        for (Path directory : directories) {
            config.message(7, new Message().text(1, directory.toString()).text(2, directory.toString()));
        }
        return startContainer(sandboxId, sandbox, config);
    }

    private String startContainer(String sandboxId, Message sandbox, Message config) throws IOException {
        String id = call(
                        RUNTIME,
                        "CreateContainer",
                        new Message().text(1, sandboxId).message(2, config).message(3, sandbox))
                .text(1);
        call(RUNTIME, "StartContainer", new Message().text(1, id));
        return id;
    }

    State stateOf(String container) throws IOException {
        Message answer = call(RUNTIME, "ContainerStatus", new Message().text(1, container));
        return State.values()[(int) answer.messages(1).getFirst().number(3)];
    }

    /**
     * How a container that has exited lived.
     *
     * @param code its exit status, as the kubelet would report it
     */
    record Exit(Instant started, Instant finished, int code) {}

    Exit exitOf(String container) throws IOException {
        Message status = call(RUNTIME, "ContainerStatus", new Message().text(1, container))
                .messages(1)
                .getFirst();
        return new Exit(time(status.number(5)), time(status.number(6)), (int) status.number(7));
    }

    private static Instant time(long nanos) {
        return Instant.ofEpochSecond(0, nanos);
    }

    void removeContainer(String id) throws IOException {
        call(RUNTIME, "RemoveContainer", new Message().text(1, id));
    }

    /**
     * The container's log is opened anew under its name.
     *
     * @throws IOException if it is not running, too
     */
    void reopenLog(String container) throws IOException {
        call(RUNTIME, "ReopenContainerLog", new Message().text(1, container));
    }

    private Message call(String service, String method, Message request) throws IOException {
        byte[] message = request.bytes();
        byte[] body = ByteBuffer.allocate(PREFIX + message.length)
                .put((byte) 0)
                .putInt(message.length)
                .put(message)
                .array();
        RequestHeaders headers = RequestHeaders.of(
                HttpMethod.POST,
                "/runtime.v1." + service + "/" + method,
                "content-type",
                "application/grpc",
                "te",
                "trailers");
        AggregatedHttpResponse response;
        try {
            response = client.execute(headers, body).aggregate().join();
        } catch (CompletionException failed) {
            throw new IOException(method + ": " + failed.getCause(), failed);
        }
        String status =
                response.trailers().get("grpc-status", response.headers().get("grpc-status", "none"));
        if (!status.equals("0")) {
            throw new IOException(
                    "%s: status %s, %s %s".formatted(method, status, response.headers(), response.trailers()));
        }
        return answer(response.content().array());
    }

    private static Message answer(byte[] body) throws InvalidProtocolBufferException {
        byte[] message = new byte[ByteBuffer.wrap(body).getInt(1)];
        ByteBuffer.wrap(body, PREFIX, message.length).get(message);
        return Message.parse(message);
    }

    @Override
    public void close() {
        connections.close();
    }
}
