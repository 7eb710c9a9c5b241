package io.kiroku.collector.pods;

/**
 * What owns a pod, or owns its owner (Kubernetes' {@code metadata.ownerReferences}, the one that is the controller).
 *
 * @param kind as Kubernetes writes it: {@code ReplicaSet}, {@code Deployment}, {@code Job}, ...
 */
public record Owner(String kind, String name) {}
