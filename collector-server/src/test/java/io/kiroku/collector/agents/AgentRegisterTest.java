package io.kiroku.collector.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.agents.AgentRegister.Denial;
import io.kiroku.evidence.record.Octets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentRegisterTest {
    private static final String KEY_A = "a".repeat(64);
    private static final String KEY_B = "b".repeat(64);
    private static final Octets STREAM_1 = Octets.parse("11".repeat(16));
    private static final Octets STREAM_2 = Octets.parse("22".repeat(16));
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-03-01T10:00:00Z"));

    @TempDir
    Path data;

    private AgentRegister open() throws IOException {
        return AgentRegister.open(data, CLOCK);
    }

    private static String sentence(Optional<Denial> denial) {
        return denial.map(Denial::sentence).orElse("");
    }

    @Test
    void nobodyIsDeniedWhileNobodyIsPinned() throws Exception {
        assertThat(open().deny("node-1", STREAM_1, Optional.of(KEY_A))).isEmpty();
        assertThat(open().deny("node-1", STREAM_1, Optional.empty())).isEmpty();
    }

    @Test
    void aPinnedNodeHasOneKeyAndOneStream() throws Exception {
        AgentRegister running = open();
        open().pin("node-1", KEY_A);
        running.refresh();
        assertThat(running.deny("node-1", STREAM_1, Optional.of(KEY_A))).isEmpty();
        for (AgentRegister register : new AgentRegister[] {running, open()}) {
            assertThat(sentence(register.deny("node-1", STREAM_1, Optional.of(KEY_B))))
                    .isEqualTo("node node-1 and its stream are pinned to key aaaaaaaaaaaa since 2026-03-01T10:00:00Z,"
                            + " found key bbbbbbbbbbbb");
            assertThat(sentence(register.deny("node-2", STREAM_1, Optional.of(KEY_B))))
                    .contains("node-1 and its stream are pinned");
            assertThat(sentence(register.deny("node-1", STREAM_1, Optional.empty())))
                    .endsWith("found no certificate");
            assertThat(sentence(register.deny("node-2", STREAM_2, Optional.of(KEY_A))))
                    .contains("is pinned to node node-1");
            assertThat(sentence(register.deny("node-1", STREAM_2, Optional.of(KEY_A))))
                    .contains("found stream 2222");
            assertThat(register.deny("node-1", STREAM_1, Optional.of(KEY_A))).isEmpty();
        }
    }

    @Test
    void twoNodesDoNotShareAStream() throws Exception {
        AgentRegister register = open();
        register.pin("node-1", KEY_A);
        register.pin("node-2", KEY_B);
        assertThat(register.deny("node-1", STREAM_1, Optional.of(KEY_A))).isEmpty();
        assertThat(sentence(register.deny("node-2", STREAM_1, Optional.of(KEY_B))))
                .contains("is that of node node-1");
    }

    @Test
    void aRevokedKeyStaysRevokedAndAnotherMayTakeItsPlace() throws Exception {
        AgentRegister register = open();
        register.pin("node-1", KEY_A);
        assertThat(register.deny("node-1", STREAM_1, Optional.of(KEY_A))).isEmpty();
        assertThat(register.ended(KEY_A)).isEmpty();
        open().end("node-1", Pin.Reason.REVOKED);
        register.refresh();
        assertThat(register.ended(KEY_A))
                .contains("key aaaaaaaaaaaa of node node-1 was revoked at 2026-03-01T10:00:00Z");
        assertThat(sentence(register.deny("node-1", STREAM_1, Optional.of(KEY_A))))
                .contains("was revoked at");
        assertThatThrownBy(() -> register.pin("node-1", KEY_A)).hasMessageContaining("a key is pinned once");
        register.pin("node-1", KEY_B);
        assertThat(register.deny("node-1", STREAM_1, Optional.of(KEY_B))).isEmpty();
    }

    @Test
    void misuseIsNamed() throws Exception {
        AgentRegister register = open();
        assertThatThrownBy(() -> register.end("node-1", Pin.Reason.REVOKED))
                .hasMessage("node node-1 has no key that is in use");
        assertThatThrownBy(() -> register.pin("a\nb", KEY_A)).hasMessageContaining("found \"a?b\"");
        register.pin("node-1", KEY_A);
        assertThatThrownBy(() -> register.pin("node-1", KEY_B)).hasMessageContaining("revoke or replace that one");
    }

    @Test
    void aDenialIsNewOnce() throws Exception {
        AgentRegister register = open();
        register.pin("node-1", KEY_A);
        assertThat(register.deny("node-1", STREAM_1, Optional.of(KEY_B)))
                .get()
                .extracting(Denial::isNew)
                .isEqualTo(true);
        assertThat(register.deny("node-1", STREAM_1, Optional.of(KEY_B)))
                .get()
                .extracting(Denial::isNew)
                .isEqualTo(false);
    }

    @Test
    void whateverLiesThereIsRefusedWithASentence() throws Exception {
        open().pin("node-1", KEY_A);
        open().end("node-1", Pin.Reason.REVOKED);
        Random random = new Random(7);
        for (String end : new String[] {".pin", ".end"}) {
            Path file = data.resolve("agents").resolve(KEY_A + end);
            byte[] whole = Files.readAllBytes(file);
            for (int round = 0; round < 300; round++) {
                byte[] damaged = whole.clone();
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
                Files.write(file, damaged);
                try {
                    open();
                } catch (IOException refused) {
                    assertThat(refused.getMessage()).contains(file.toString()).doesNotContain("\n");
                }
            }
            Files.write(file, whole);
        }
    }
}
