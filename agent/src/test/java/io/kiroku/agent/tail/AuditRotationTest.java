package io.kiroku.agent.tail;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.agent.simulation.Rebuilt;
import io.kiroku.agent.simulation.SimFiles;
import io.kiroku.agent.simulation.SimNode;
import io.kiroku.evidence.record.Entry.EventKind;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An API server's audit log as lumberjack rotates it, followed by a pattern that also matches the rotated names. */
class AuditRotationTest extends OnANode {
    private static final String DIRECTORY = "/var/log/kubernetes/audit";
    private static final String AUDIT = DIRECTORY + "/audit.log";

    @BeforeEach
    void followAudit() {
        follow(PathPattern.parse(DIRECTORY + "/*.log"));
        files.mkdirs(DIRECTORY);
    }

    private static String rotated(int round) {
        return "%s/audit-2026-03-01T10-00-%02d.123.log".formatted(DIRECTORY, round);
    }

    /** It closes the file before it renames it, and nothing is written to it any more. */
    private SimFiles.Writer rotate(SimFiles.Writer writer, int round) {
        writer.close();
        files.rename(AUDIT, rotated(round));
        return files.open(AUDIT);
    }

    private List<String> captured(Rebuilt rebuilt) {
        return rebuilt.of(AUDIT).stream().map(Rebuilt.File::text).toList();
    }

    @Test
    void whatIsRotatedStaysTheSameSource() throws Exception {
        node.start();
        SimFiles.Writer writer = files.open(AUDIT);
        for (int round = 1; round <= 4; round++) {
            writer.write(bytes("round " + round + "\n"));
            node.run(SimNode.SECOND);
            writer = rotate(writer, round);
            if (round > 2) {
                files.unlink(rotated(round - 2));
            }
        }
        writer.write(bytes("live\n"));
        Rebuilt rebuilt = settled();
        assertThat(captured(rebuilt)).containsExactly("round 1\n", "round 2\n", "round 3\n", "round 4\n", "live\n");
        assertThat(rebuilt.files()).hasSize(5);
        assertThat(rebuilt.gaps()).isEmpty();
        assertThat(rebuilt.events(EventKind.ROTATED)).hasSize(4);
    }

    @Test
    void whatWasRotatedBeforeTheAgentCameIsReadFirstAndIsTheSameSource() throws Exception {
        files.write(rotated(2), bytes("second\n"));
        files.write(AUDIT, bytes("live\n"));
        files.write(rotated(1), bytes("first\n"));
        files.gzip(rotated(1));
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(captured(rebuilt)).containsExactly("first\n", "second\n", "live\n");
        assertThat(rebuilt.files()).hasSize(3);
    }

    @Test
    void severalRotationsBetweenTwoLooksLoseNothingAndDeclareNothing() throws Exception {
        node.start();
        SimFiles.Writer writer = files.open(AUDIT);
        writer.write(bytes("0\n"));
        node.run(SimNode.SECOND);
        for (int round = 1; round <= 3; round++) {
            writer = rotate(writer, round);
            writer.write(bytes(round + "\n"));
        }
        Rebuilt rebuilt = settled();
        assertThat(captured(rebuilt)).containsExactly("0\n", "1\n", "2\n", "3\n");
        assertThat(rebuilt.files()).hasSize(4);
        assertThat(rebuilt.gaps()).isEmpty();
    }

    @Test
    void rotationsWhileNoAgentRuns() throws Exception {
        SimFiles.Writer writer = files.open(AUDIT);
        writer.write(bytes("before\n"));
        node.start().run(2 * SimNode.SECOND);
        node.sync();
        node.kill();
        writer.write(bytes("meanwhile\n"));
        writer = rotate(writer, 1);
        writer.write(bytes("between\n"));
        writer = rotate(writer, 2);
        writer.write(bytes("live\n"));
        node.start();
        Rebuilt rebuilt = settled();
        assertThat(captured(rebuilt)).containsExactly("before\nmeanwhile\n", "between\n", "live\n");
        assertThat(rebuilt.files()).hasSize(3);
        assertThat(rebuilt.gaps()).isEmpty();
    }

    /** With --audit-log-compress, the compressed file has its name from its first byte on. */
    @Test
    void whatIsBeingCompressedIsNotTakenForAnotherFile() throws Exception {
        node.start();
        SimFiles.Writer writer = files.open(AUDIT);
        byte[] content = noise(50_000, 5);
        writer.write(content);
        node.run(SimNode.SECOND);
        writer = rotate(writer, 1);
        writer.write(bytes("live\n"));
        node.run(SimNode.SECOND);
        files.write("/elsewhere", content);
        files.gzip("/elsewhere");
        byte[] whole = files.at("/elsewhere.gz").content();
        SimFiles.Writer compressed = files.open(rotated(1) + ".gz");
        compressed.write(Arrays.copyOf(whole, whole.length / 2));
        node.run(3 * SimNode.SECOND);
        compressed.write(Arrays.copyOfRange(whole, whole.length / 2, whole.length));
        compressed.close();
        files.unlink(rotated(1));
        Rebuilt rebuilt = settled();
        assertThat(rebuilt.files()).hasSize(2);
        assertBytes(rebuilt.of(AUDIT).getFirst(), content);
        assertThat(rebuilt.of(AUDIT).getLast().text()).isEqualTo("live\n");
        assertThat(rebuilt.gaps()).isEmpty();
    }

    @Test
    void whatNobodyHadSeenIsReadOnceItIsCompressed() throws Exception {
        files.write(rotated(1), bytes("first\n"));
        files.at(rotated(1)).deny(true);
        files.write(AUDIT, bytes("live\n"));
        node.start().run(3 * SimNode.SECOND);
        files.gzip(rotated(1));
        Rebuilt rebuilt = settled();
        assertThat(captured(rebuilt)).containsExactlyInAnyOrder("first\n", "live\n");
        assertThat(rebuilt.gaps()).isEmpty();
    }
}
