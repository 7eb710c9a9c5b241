package io.kiroku.collector.pods;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.Property;
import io.kiroku.evidence.record.MalformedException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ObservationJsonTest {
    private static final Instant AT = Instant.parse("2026-03-01T10:00:00.5Z");

    private static Pod pod(List<Instance> instances) {
        return new Pod(
                "shop",
                "web-7d4f-abc",
                "u-1",
                "u-1",
                "node-1",
                List.of(new Owner("ReplicaSet", "web-7d4f"), new Owner("Deployment", "web")),
                new TreeMap<>(Map.of("app", "web")),
                AT,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "Running",
                "",
                "",
                instances);
    }

    private static Instance crashed(int restart, String message) {
        return new Instance(
                "app",
                Instance.Kind.MAIN,
                restart,
                "web:1",
                "web@sha256:12",
                Instance.State.TERMINATED,
                Optional.of(AT),
                Optional.of(AT.plusMillis(100)),
                OptionalInt.of(137),
                "OOMKilled",
                message);
    }

    @Test
    void aLineIsAlwaysTheSame() {
        Observation seen = new Observation.PodSeen(AT, pod(List.of(crashed(3, ""))));
        assertThat(ObservationJson.lines(seen))
                .singleElement()
                .satisfies(
                        line -> assertThat(new String(line, StandardCharsets.UTF_8))
                                .isEqualTo(
                                        "{\"at\":\"2026-03-01T10:00:00.500Z\",\"pod\":{\"namespace\":\"shop\",\"name\":\"web-7d4f-abc\","
                                            + "\"uid\":\"u-1\",\"node\":\"node-1\",\"owners\":[{\"kind\":\"ReplicaSet\",\"name\":\"web-7d4f\"},"
                                            + "{\"kind\":\"Deployment\",\"name\":\"web\"}],\"labels\":{\"app\":\"web\"},"
                                            + "\"created\":\"2026-03-01T10:00:00.500Z\",\"phase\":\"Running\",\"instances\":[{\"container\":\"app\","
                                            + "\"kind\":\"main\",\"restart\":3,\"image\":\"web:1\",\"imageId\":\"web@sha256:12\","
                                            + "\"state\":\"terminated\",\"started\":\"2026-03-01T10:00:00.500Z\","
                                            + "\"finished\":\"2026-03-01T10:00:00.600Z\",\"exitCode\":137,\"reason\":\"OOMKilled\"}]}}"));
    }

    @Test
    void whatIsWrittenIsRead() {
        Property.holds(2000, dice -> {
            Observation observation = RandomPods.observation(dice);
            List<byte[]> lines = ObservationJson.lines(observation);
            assertThat(lines).hasSize(1);
            assertThat(new String(lines.getFirst(), StandardCharsets.UTF_8)).doesNotContain("\n");
            assertThat(ObservationJson.read(lines.getFirst())).isEqualTo(observation);
        });
    }

    @Test
    void otherBytesAreRefusedAndNothingElse() {
        Property.holdsForSomeTime(dice -> {
            byte[] line = ObservationJson.lines(RandomPods.observation(dice)).getFirst();
            byte[] spoilt = dice.oneIn(5) ? dice.bytes(dice.below(200)) : dice.spoil(line);
            try {
                ObservationJson.read(spoilt);
            } catch (MalformedException refused) {
                assertThat(refused.getMessage()).startsWith("expected");
            }
        });
        for (String hostile : List.of("", "[".repeat(100_000), "{\"at\":\"x\"}", "{}", "7", "null", "{} {}")) {
            assertThatThrownBy(() -> ObservationJson.read(hostile.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(MalformedException.class);
        }
        assertThatThrownBy(() -> ObservationJson.read(new byte[ObservationJson.MOST_LINE + 1]))
                .hasMessage("expected an observation of at most 262144 bytes, found 262145");
    }

    @Test
    void aPodThatIsTooLongForALineComesInSeveral() throws Exception {
        List<Instance> instances = new ArrayList<>();
        for (int restart = 0; restart < 100; restart++) {
            instances.add(crashed(restart, "\u3042".repeat(4096)));
        }
        Pod pod = pod(instances);
        List<byte[]> lines = ObservationJson.lines(new Observation.PodSeen(AT, pod));
        assertThat(lines)
                .hasSizeGreaterThan(4)
                .allSatisfy(line -> assertThat(line.length).isLessThanOrEqualTo(ObservationJson.MOST_LINE));
        PodTable table = new PodTable();
        for (byte[] line : lines) {
            table.add(ObservationJson.read(line));
        }
        assertThat(table.pods()).containsExactly(pod);
    }

    @Test
    void whatIsWrittenLaterCanBeReadByWhatWasThereBefore() throws Exception {
        String line =
                "{\"at\":\"2026-03-01T10:00:00Z\",\"watch\":{\"holds\":false,\"sentence\":\"s\",\"more\":[1]},\"much\":{}}";
        assertThat(ObservationJson.read(line.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(new Observation.Watch(Instant.parse("2026-03-01T10:00:00Z"), false, "s"));
    }
}
