package io.kiroku.collector.audit;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/** Audit events as an API server writes them. */
public final class Events {
    public static final Instant START = Instant.parse("2026-03-01T10:00:00.123456Z");

    private Events() {}

    /** What the webhook's list has; the log has {@code kind} and {@code apiVersion} before it. */
    public static String event(String id, String stage, int second, String user, String verb, String object) {
        return ("{\"level\":\"Metadata\",\"auditID\":\"%s\",\"stage\":\"%s\",\"requestURI\":\"/api/v1/x\",\"verb\":\"%s\","
            + "\"user\":{\"username\":\"%s\",\"groups\":[\"system:authenticated\"]},\"sourceIPs\":[\"192.0.2.7\"],"
            + "\"userAgent\":\"kubectl/v1.35\",\"objectRef\":%s,%s\"requestReceivedTimestamp\":\"%s\","
            + "\"stageTimestamp\":\"%s\"}")
                .formatted(
                        id,
                        stage,
                        verb,
                        user,
                        object,
                        stage.equals("ResponseComplete") ? "\"responseStatus\":{\"metadata\":{},\"code\":200}," : "",
                        START,
                        START.plusSeconds(second));
    }

    public static String pod(String namespace, String name) {
        return "{\"resource\":\"pods\",\"namespace\":\"%s\",\"name\":\"%s\",\"apiVersion\":\"v1\"}"
                .formatted(namespace, name);
    }

    /** The deletion of a pod, answered. */
    public static String deletion(String id, int second, String user, String namespace, String name) {
        return event(id, "ResponseComplete", second, user, "delete", pod(namespace, name));
    }

    /** The line of the audit log for that event. */
    public static String logged(String event) {
        return "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\"," + event.substring(1);
    }

    /** What is posted to a webhook. */
    public static byte[] list(List<String> events) {
        return ("{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"metadata\":{},\"items\":["
                        + String.join(",", events) + "]}\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    public static byte[] list(String... events) {
        return list(List.of(events));
    }
}
