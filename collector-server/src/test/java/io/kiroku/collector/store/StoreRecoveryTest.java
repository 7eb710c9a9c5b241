package io.kiroku.collector.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.collector.PretendAgent;
import io.kiroku.evidence.chain.ChainHead;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StoreRecoveryTest {
    private final PretendAgent agent = new PretendAgent("node-1");
    private final TestStore disk = new TestStore();

    @Test
    void aTailThatIsTornAnywhereIsCutAndTheRestStays() throws Exception {
        List<Integer> ends = new ArrayList<>();
        List<ChainHead> heads = new ArrayList<>();
        try (Store store = disk.open()) {
            for (int i = 0; i < 2; i++) {
                TestStore.store(store, agent.seal("line " + i + "\n"));
            }
            ends.add(disk.volumes.bytes(TestStore.FIRST).length);
            heads.add(agent.head());
            byte[] catalogue = disk.catalogue.bytes(TestStore.FIRST_CATALOGUE);
            for (int i = 2; i < 4; i++) {
                store.append(PretendAgent.segment(agent.seal("line " + i + "\n")));
                heads.add(agent.head());
            }
            store.sync();
            disk.catalogue.put(TestStore.FIRST_CATALOGUE, catalogue);
        }
        byte[] whole = disk.volumes.bytes(TestStore.FIRST);
        for (CatalogueEntry entry : disk.entries().subList(2, 4)) {
            ends.add((int) entry.place().end());
        }
        for (int length = ends.getFirst(); length <= whole.length; length++) {
            TestStore copy = disk.copy();
            copy.volumes.put(TestStore.FIRST, Arrays.copyOf(whole, length));
            int left = 0;
            while (left + 1 < ends.size() && ends.get(left + 1) <= length) {
                left++;
            }
            try (Store store = copy.open()) {
                assertThat(store.head(agent.stream())).isEqualTo(heads.get(left));
                assertThat(copy.volumes.bytes(TestStore.FIRST)).hasSize(ends.get(left));
                assertThat(store.counts().tornTails()).isEqualTo(ends.get(left) == length ? 0 : 1);
            }
            TestStore.Verified verified = copy.verify();
            assertThat(verified.report().holds()).isTrue();
            assertThat(verified.notes()).isEmpty();
        }
    }

    @Test
    void whatWasStatedToBeDurableIsNeverCut() throws Exception {
        try (Store store = disk.open()) {
            TestStore.store(store, agent.seal("one\n"), agent.seal("two\n"), agent.seal("three\n"));
        }
        List<CatalogueEntry> entries = disk.entries();
        disk.catalogue.remove(TestStore.FIRST_CATALOGUE);
        byte[] whole = disk.volumes.bytes(TestStore.FIRST);
        for (long at = entries.get(1).place().recordAt();
                at < entries.get(1).place().end();
                at += 11) {
            TestStore copy = disk.copy();
            byte[] damaged = whole.clone();
            damaged[(int) at] ^= 1;
            copy.volumes.put(TestStore.FIRST, damaged);
            try (Store store = copy.open()) {
                assertThat(store.counts().damaged()).isPositive();
                assertThat(store.counts().tornTails()).isZero();
                assertThat(store.head(agent.stream())).isEqualTo(agent.head());
                assertThat(copy.volumes.bytes(TestStore.FIRST)).isEqualTo(damaged);
                PretendAgent further = agent.twin();
                TestStore.store(store, further.seal("four\n"));
            }
            assertThat(copy.volumes.names()).hasSize(2);
            assertThat(copy.verify().report().integrity().holds()).isFalse();
            try (Store store = copy.open()) {
                assertThat(store.counts().segments()).isEqualTo(3);
                assertThat(copy.volumes.names()).hasSize(2);
            }
        }
    }

    @Test
    void theLastRecordIsNotTornIfTheCatalogueListsIt() throws Exception {
        try (Store store = disk.open()) {
            TestStore.store(store, agent.seal("one\n"), agent.seal("two\n"));
        }
        byte[] whole = disk.volumes.bytes(TestStore.FIRST);
        disk.volumes.put(TestStore.FIRST, Arrays.copyOf(whole, whole.length - 1));
        try (Store store = disk.open()) {
            assertThat(store.counts().damaged()).isPositive();
            assertThat(store.head(agent.stream())).isNotEqualTo(agent.head());
        }
        assertThat(disk.volumes.bytes(TestStore.FIRST)).hasSize(whole.length - 1);
        TestStore.Verified verified = disk.verify();
        assertThat(verified.integrity()).anySatisfy(finding -> {
            assertThat(finding.stream()).isEqualTo(agent.stream());
            assertThat(finding.sequence()).isEqualTo(2);
        });
        assertThat(verified.completeness())
                .anySatisfy(finding -> assertThat(finding.sequence()).isEqualTo(2));
    }

    @Test
    void aLostTailThatIsSentAgainIsWholeAgain() throws Exception {
        try (Store store = disk.open()) {
            TestStore.store(store, agent.seal("one\n"), agent.seal("two\n"));
        }
        ByteBuffer third = agent.seal("three\n");
        try (Store store = disk.open()) {
            TestStore.store(store, third);
        }
        Place last = disk.entries().getLast().place();
        disk.volumes.put(TestStore.FIRST, Arrays.copyOf(disk.volumes.bytes(TestStore.FIRST), (int) last.recordAt()));
        assertThat(disk.verify().completeness()).singleElement().satisfies(finding -> {
            assertThat(finding.stream()).isEqualTo(agent.stream());
            assertThat(finding.sequence()).isEqualTo(3);
        });
        try (Store store = disk.open()) {
            TestStore.store(store, third);
        }
        assertThat(disk.verify().report().holds()).isTrue();
        try (Store store = disk.open()) {
            TestStore.store(store, agent.seal("four\n"));
        }
        assertThat(disk.verify().report().holds()).isTrue();
        assertThat(disk.volumes.names()).hasSize(2);
    }

    @Test
    void afterAPowerLossAllThatWasSyncedIsThereAndNothingIsTorn() throws Exception {
        for (long seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            TestStore before = new TestStore();
            PretendAgent writer = new PretendAgent("node-" + seed);
            @Nullable ChainHead synced = null;
            Store store = before.open(6_000);
            int steps = random.nextInt(30);
            for (int i = 0; i < steps; i++) {
                store.append(PretendAgent.segment(writer.seal("x".repeat(random.nextInt(300)))));
                if (random.nextInt(3) == 0) {
                    store.sync();
                    synced = writer.head();
                }
            }
            TestStore after = new TestStore(
                    before.volumes.afterCrash(random), before.catalogue.afterCrash(random), new ForgetfulDirectory());
            assertThat(after.verify().report().holds())
                    .as("before recovery, seed " + seed)
                    .isTrue();
            try (Store reopened = after.open(6_000)) {
                ChainHead head = reopened.head(writer.stream());
                if (synced != null) {
                    assertThat(head).as("seed " + seed).isNotNull();
                    assertThat(head == null ? 0 : head.sequence()).isGreaterThanOrEqualTo(synced.sequence());
                }
                assertThat(reopened.counts().damaged()).as("seed " + seed).isZero();
                PretendAgent other = new PretendAgent("other");
                TestStore.store(reopened, other.seal("goes on\n"));
            }
            TestStore.Verified verified = after.verify();
            assertThat(verified.report().holds())
                    .as("after recovery, seed " + seed)
                    .isTrue();
            assertThat(verified.notes()).isEmpty();
        }
    }

    @Test
    void aFullDiskIsToldAndForgottenOnceThereIsRoom() throws Exception {
        try (Store store = disk.open()) {
            TestStore.store(store, agent.seal("one\n"));
            byte[] before = disk.volumes.bytes(TestStore.FIRST);
            ByteBuffer second = agent.seal("two ".repeat(100));
            for (int room : new int[] {0, 1, 31, 32, 33, 200}) {
                disk.volumes.fill(room);
                assertThatThrownBy(() -> TestStore.store(store, second))
                        .isInstanceOf(StoreUnavailableException.class)
                        .hasMessageContaining("No space left on device");
                assertThat(disk.volumes.bytes(TestStore.FIRST)).isEqualTo(before);
                assertThat(disk.verify(true).report().holds()).isTrue();
            }
            disk.volumes.fill(Long.MAX_VALUE);
            TestStore.store(store, second, agent.seal("three\n"));
            assertThat(store.head(agent.stream())).isEqualTo(agent.head());
        }
        assertThat(disk.volumes.names()).hasSize(1);
        assertThat(disk.verify().report().counts().segments()).isEqualTo(3);
        assertThat(disk.verify().report().holds()).isTrue();
    }

    @Test
    void aDiskThatIsFullFromTheStartLeavesNothingBehind() throws Exception {
        disk.volumes.fill(3);
        ByteBuffer first = agent.seal("one\n");
        try (Store store = disk.open()) {
            assertThatThrownBy(() -> TestStore.store(store, first)).isInstanceOf(StoreUnavailableException.class);
            assertThat(disk.volumes.names()).isEmpty();
            disk.volumes.fill(Long.MAX_VALUE);
            disk.catalogue.fill(3);
            assertThatThrownBy(() -> TestStore.store(store, first)).isInstanceOf(StoreUnavailableException.class);
            assertThatThrownBy(() -> TestStore.store(store, first)).isInstanceOf(StoreUnavailableException.class);
            assertThat(disk.volumes.names()).hasSize(1);
            disk.catalogue.fill(Long.MAX_VALUE);
            TestStore.store(store, first);
        }
        assertThat(disk.verify().report().counts().segments()).isEqualTo(1);
        assertThat(disk.verify().report().holds()).isTrue();
    }

    @Test
    void aCatalogueThatFellBehindCatchesUp() throws Exception {
        try (Store store = disk.open();
                StoreReader reader = StoreReader.open(disk.files(), () -> true)) {
            TestStore.store(store, agent.seal("one\n"));
            disk.catalogue.fill(10);
            TestStore.store(store, agent.seal("two\n"));
            assertThat(store.head(agent.stream())).isEqualTo(agent.head());
            ByteBuffer third = agent.seal("three\n");
            assertThatThrownBy(() -> TestStore.store(store, third)).isInstanceOf(StoreUnavailableException.class);
            disk.catalogue.fill(Long.MAX_VALUE);
            TestStore.store(store, third);
            List<CatalogueEntry> entries = new ArrayList<>();
            reader.scan(Position.START, entries::add);
            assertThat(entries).hasSize(3);
        }
    }

    @Test
    void aVolumeWhoseSyncFailedIsNotWrittenAgain() throws Exception {
        ByteBuffer second = agent.twin().seal("zero\n");
        try (Store store = disk.open()) {
            TestStore.store(store, agent.seal("one\n"));
            second = agent.seal("two\n");
            disk.volumes.failSyncs("Input/output error");
            ByteBuffer lost = second;
            assertThatThrownBy(() -> TestStore.store(store, lost))
                    .isInstanceOf(StoreUnavailableException.class)
                    .hasMessageContaining("Input/output error");
            disk.volumes.failSyncs(null);
            TestStore.store(store, second, agent.seal("three\n"));
        }
        assertThat(disk.volumes.names()).hasSize(2);
        assertThat(disk.entries()).hasSize(3);
        TestStore.Verified verified = disk.verify();
        assertThat(verified.report().holds()).isTrue();
        assertThat(verified.report().counts().segments()).isEqualTo(3);
        try (Store store = disk.open()) {
            assertThat(store.head(agent.stream())).isEqualTo(agent.head());
        }
    }

    @Test
    void aDamagedHeaderOrAMissingVolumeDoesNotStopTheStore() throws Exception {
        try (Store store = disk.open(1_500)) {
            for (int i = 0; i < 12; i++) {
                TestStore.store(store, agent.seal("line " + i + "\n"));
            }
        }
        TestStore damaged = disk.copy();
        byte[] volume = damaged.volumes.bytes(StoreFiles.volumeName(2));
        volume[5] ^= 4;
        damaged.volumes.put(StoreFiles.volumeName(2), volume);
        TestStore missing = disk.copy();
        missing.volumes.remove(StoreFiles.volumeName(2));
        for (TestStore each : List.of(damaged, missing)) {
            try (Store store = each.open(1_500)) {
                assertThat(store.counts().damaged()).isPositive();
                assertThat(store.head(agent.stream())).isEqualTo(agent.head());
                TestStore.store(store, agent.twin().seal("more\n"));
            }
            assertThat(each.verify().report().holds()).isFalse();
        }
    }
}
