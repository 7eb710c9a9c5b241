package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.simulation.Rebuilt;
import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimKernel;
import io.kiroku.agent.simulation.SimNode;
import io.kiroku.evidence.record.Entry.EventKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A node with one agent that follows pods' logs, and what most tests do with it. */
abstract class OnANode {
    static final String PODS = "/var/log/pods";
    static final String POD = PODS + "/ns_pod_uid";
    static final String CONTAINER = POD + "/app";
    static final String LIVE = CONTAINER + "/0.log";
    static final String ROTATED = LIVE + ".20250101-000001";

    @TempDir
    Path directory;

    SimNode node;
    SimFiles files;
    SimKernel kernel;

    @BeforeEach
    final void makeNode() {
        follow(PathPattern.below(PODS, "*/*/*.log"));
        files.mkdirs(CONTAINER);
    }

    /** Another node, with another agent. */
    final void follow(PathPattern... patterns) {
        node = new SimNode(1, directory.resolve("keys-" + patterns.length + patterns[0].hashCode()), patterns);
        files = node.files;
        kernel = node.kernel;
        files.mkdirs(PODS);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Bytes that no compression makes smaller, with newlines here and there. */
    static byte[] noise(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        for (int i = 99; i < length; i += 100) {
            bytes[i] = '\n';
        }
        return bytes;
    }

    /** Lets the agent come to its end and puts together what the collector has, which must be sound and whole. */
    final Rebuilt settled() throws IOException {
        return sound(Rebuilt.from(node.settle()));
    }

    static Rebuilt sound(Rebuilt rebuilt) {
        assertThat(rebuilt.report().integrity().toString()).isEqualTo("Holds[]");
        assertThat(rebuilt.report().completeness().toString()).isEqualTo("Holds[]");
        return rebuilt;
    }

    static void assertBytes(byte[] captured, byte[] written) {
        assertThat(captured.length).as("captured bytes").isEqualTo(written.length);
        assertThat(Arrays.mismatch(captured, written)).as("first difference").isEqualTo(-1);
    }

    static void assertBytes(Rebuilt.File file, byte[] written) {
        assertBytes(file.bytes(), written);
    }

    /** What the agent complained of. */
    static List<String> complaints(Rebuilt rebuilt) {
        return rebuilt.events(EventKind.UNREADABLE).stream()
                .map(event -> event.detail())
                .toList();
    }
}
