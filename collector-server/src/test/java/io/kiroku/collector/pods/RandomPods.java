package io.kiroku.collector.pods;

import io.kiroku.evidence.Dice;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/** Observations such as there may be. */
final class RandomPods {
    private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");

    private RandomPods() {}

    static Observation observation(Dice dice) {
        Instant at = time(dice);
        return switch (dice.below(4)) {
            case 0 -> new Observation.PodSeen(at, pod(dice));
            case 1 -> new Observation.EventSeen(at, event(dice));
            case 2 ->
                new Observation.Preserved(
                        at,
                        dice.oneIn(2)
                                ? new Preservation(
                                        uid(dice), "", 0, dice.pick(Preservation.Cause.values()), at, time(dice))
                                : new Preservation(
                                        uid(dice),
                                        "c" + dice.text(9),
                                        dice.below(9),
                                        dice.pick(Preservation.Cause.values()),
                                        at,
                                        time(dice)));
            default -> new Observation.Watch(at, dice.oneIn(2), dice.text(50));
        };
    }

    static Pod pod(Dice dice) {
        TreeMap<String, String> labels = new TreeMap<>();
        for (int i = dice.below(4); i > 0; i--) {
            labels.put("l" + dice.text(10), dice.text(10));
        }
        List<Owner> owners = new ArrayList<>();
        for (int i = dice.below(3); i > 0; i--) {
            owners.add(new Owner(dice.pick(List.of("ReplicaSet", "Deployment", "Job")), dice.text(10)));
        }
        List<Instance> instances = new ArrayList<>();
        for (int i = dice.below(4); i > 0; i--) {
            instances.add(instance(dice, i));
        }
        return new Pod(
                dice.text(10),
                dice.text(10),
                uid(dice),
                uid(dice),
                dice.text(10),
                owners,
                labels,
                time(dice),
                maybe(dice),
                maybe(dice),
                maybe(dice),
                dice.pick(List.of("Pending", "Running", "Succeeded", "Failed")),
                dice.text(10),
                dice.text(100),
                instances);
    }

    private static Instance instance(Dice dice, int restart) {
        return new Instance(
                dice.pick(List.of("app", "sidecar")),
                dice.pick(Instance.Kind.values()),
                restart,
                dice.text(20),
                dice.text(20),
                dice.pick(Instance.State.values()),
                maybe(dice),
                maybe(dice),
                dice.oneIn(2) ? OptionalInt.empty() : OptionalInt.of((int) dice.number()),
                dice.text(10),
                dice.text(100));
    }

    private static ClusterEvent event(Dice dice) {
        return new ClusterEvent(
                uid(dice),
                time(dice),
                time(dice),
                (int) dice.number(),
                dice.pick(List.of("Normal", "Warning")),
                dice.text(10),
                dice.text(100),
                dice.text(10),
                "Pod",
                dice.text(10),
                dice.text(10),
                uid(dice));
    }

    private static String uid(Dice dice) {
        return "u" + dice.below(50);
    }

    private static Instant time(Dice dice) {
        return START.plusNanos(dice.below(1_000_000_000)).plusSeconds(dice.below(100_000));
    }

    private static Optional<Instant> maybe(Dice dice) {
        return dice.oneIn(2) ? Optional.empty() : Optional.of(time(dice));
    }
}
