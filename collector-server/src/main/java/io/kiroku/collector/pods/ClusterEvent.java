package io.kiroku.collector.pods;

import java.time.Instant;

/**
 * An Event of the cluster ({@code events.k8s.io/v1}, or {@code v1}).
 *
 * @param uid {@code metadata.uid}; the same event comes again with a higher count
 * @param first when it happened first
 * @param last when it happened last
 * @param count how often
 * @param type {@code Normal} or {@code Warning}
 * @param reason {@code BackOff}, {@code Killing}, {@code FailedScheduling}, ...
 * @param message for people
 * @param component who reports it
 * @param kind what it is about: {@code Pod}, {@code Node}, ...
 * @param namespace of what it is about; empty if that has none
 * @param name of what it is about
 * @param aboutUid the uid of what it is about; may be empty
 */
public record ClusterEvent(
        String uid,
        Instant first,
        Instant last,
        int count,
        String type,
        String reason,
        String message,
        String component,
        String kind,
        String namespace,
        String name,
        String aboutUid) {}
