package io.kiroku.collector.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.collector.PretendAgent;
import io.kiroku.evidence.segment.SegmentFormat;
import io.kiroku.evidence.verify.Finding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StoreVerificationTest {
    private final PretendAgent one = new PretendAgent("node-1");
    private final PretendAgent two = new PretendAgent("node-2");
    private final TestStore disk = new TestStore();
    private List<CatalogueEntry> entries = List.of();
    private byte[] volume = new byte[0];

    @BeforeEach
    void fourRecordsOfTwoStreams() throws Exception {
        try (Store store = disk.open()) {
            TestStore.store(store, one.seal("one\n"), two.seal("eins\n"), one.seal("two\n"), two.seal("zwei\n"));
        }
        entries = disk.entries();
        volume = disk.volumes.bytes(TestStore.FIRST);
    }

    private TestStore with(byte[] changed) {
        TestStore copy = disk.copy();
        copy.volumes.put(TestStore.FIRST, changed);
        return copy;
    }

    private byte[] record(int index) {
        Place place = entries.get(index).place();
        return Arrays.copyOfRange(volume, (int) place.recordAt(), (int) place.end());
    }

    private byte[] withRecords(int... indexes) {
        ByteBuffer out = ByteBuffer.allocate(10 * volume.length);
        out.put(volume, 0, VolumeHeader.LENGTH);
        for (int index : indexes) {
            out.put(record(index));
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    @Test
    void aStoreAsItWasWrittenHolds() throws Exception {
        AtomicLong total = new AtomicLong();
        assertThat(StoreVerification.verify(disk.files(), false, (done, all) -> total.set(done))
                        .holds())
                .isTrue();
        assertThat(total).hasValue(volume.length);
        TestStore.Verified verified = disk.verify();
        assertThat(verified.notes()).isEmpty();
        assertThat(verified.report().counts().segments()).isEqualTo(4);
        assertThat(verified.report().counts().streams()).isEqualTo(2);
    }

    @Test
    void everyFlippedByteIsFoundAndNamed() throws Exception {
        Random random = new Random(1);
        for (int at = 0; at < volume.length; at++) {
            byte[] changed = volume.clone();
            changed[at] ^= (byte) (1 << random.nextInt(8));
            int offset = at;
            TestStore.Verified verified = with(changed).verify();
            assertThat(verified.integrity()).as("byte " + at).anySatisfy(finding -> assertCovers(finding, offset));
            for (CatalogueEntry entry : entries) {
                if (offset >= entry.place().recordAt() && offset < entry.place().end()) {
                    assertThat(verified.integrity())
                            .as("byte " + at)
                            .anySatisfy(finding -> assertNames(finding, entry));
                }
            }
        }
    }

    @Test
    void withoutACatalogueEveryFlippedByteIsFoundButInWhatMayBeTorn() throws Exception {
        long last = entries.getLast().place().recordAt();
        for (int at = 0; at < volume.length; at += 3) {
            byte[] changed = volume.clone();
            changed[at] ^= 0x20;
            int offset = at;
            TestStore copy = with(changed);
            copy.catalogue.remove(TestStore.FIRST_CATALOGUE);
            TestStore.Verified verified = copy.verify();
            if (at < last) {
                assertThat(verified.integrity()).as("byte " + at).anySatisfy(finding -> assertCovers(finding, offset));
            } else {
                assertThat(verified.notes())
                        .singleElement()
                        .satisfies(note -> assertThat(note).contains("tore", "never acknowledged"));
            }
        }
    }

    private static void assertCovers(Finding finding, int offset) {
        assertThat(finding.location()).isNotNull();
        var location = Objects.requireNonNull(finding.location());
        assertThat(location.container()).isEqualTo("volumes/00000001.vol");
        assertThat((long) offset).isBetween(location.offset(), location.offset() + location.length() - 1);
    }

    private static void assertNames(Finding finding, CatalogueEntry entry) {
        assertThat(finding.stream()).isEqualTo(entry.header().stream());
        assertThat(finding.sequence()).isEqualTo(entry.header().sequence());
    }

    @Test
    void aDroppedRecordIsNamed() throws Exception {
        for (int dropped = 0; dropped < 4; dropped++) {
            int gone = dropped;
            int[] left = IntStream.range(0, 4).filter(index -> index != gone).toArray();
            TestStore.Verified verified = with(withRecords(left)).verify();
            assertThat(verified.completeness()).anySatisfy(finding -> assertNames(finding, entries.get(gone)));
        }
    }

    @Test
    void aDroppedRecordIsMissedWithoutACatalogueToo() throws Exception {
        for (int[] left : List.of(new int[] {1, 2, 3}, new int[] {0, 2, 3}, new int[] {0, 1, 3})) {
            TestStore copy = with(withRecords(left));
            copy.catalogue.remove(TestStore.FIRST_CATALOGUE);
            assertThat(copy.verify().completeness())
                    .anySatisfy(finding -> assertThat(finding.sentence()).matches("record [123] is missing"));
        }
    }

    @Test
    void swappedRecordsAreNamed() throws Exception {
        for (int[] order : List.of(new int[] {1, 0, 2, 3}, new int[] {0, 2, 1, 3}, new int[] {0, 1, 3, 2})) {
            TestStore.Verified verified = with(withRecords(order)).verify();
            assertThat(verified.integrity())
                    .anySatisfy(finding -> assertThat(finding.sentence()).contains("lies where record"));
            for (int index = 0; index < 4; index++) {
                if (order[index] != index) {
                    CatalogueEntry moved = entries.get(order[index]);
                    assertThat(verified.integrity()).anySatisfy(finding -> assertNames(finding, moved));
                }
            }
        }
    }

    @Test
    void aRecordThatIsThereTwiceIsNamed() throws Exception {
        for (int[] order : List.of(new int[] {0, 0, 1, 2, 3}, new int[] {0, 1, 2, 3, 1}, new int[] {0, 1, 2, 3, 3})) {
            TestStore.Verified verified = with(withRecords(order)).verify();
            assertThat(verified.integrity())
                    .anySatisfy(finding -> assertThat(finding.sentence()).contains("is there twice"));
        }
    }

    @Test
    void bytesBetweenAndBehindRecordsAreFound() throws Exception {
        int at = (int) entries.get(1).place().end();
        ByteBuffer out = ByteBuffer.allocate(volume.length + 10);
        out.put(volume, 0, at).put(new byte[10]).put(volume, at, volume.length - at);
        assertThat(with(out.array()).verify().integrity()).anySatisfy(finding -> assertCovers(finding, at + 3));

        TestStore.Verified behind =
                with(Arrays.copyOf(volume, volume.length + 10)).verify();
        assertThat(behind.notes())
                .singleElement()
                .satisfies(note ->
                        assertThat(note).contains("bytes %d to %d".formatted(volume.length, volume.length + 9)));
    }

    @Test
    void bytesCutOutOfARecordCostNoOtherRecord() throws Exception {
        int at = (int) entries.get(2).place().offset() + 100;
        ByteBuffer out = ByteBuffer.allocate(volume.length - 7);
        out.put(volume, 0, at).put(volume, at + 7, volume.length - at - 7);
        TestStore.Verified verified = with(out.array()).verify();
        assertThat(verified.integrity()).singleElement().satisfies(finding -> assertNames(finding, entries.get(2)));
        assertThat(verified.report().counts().segments()).isEqualTo(3);
    }

    /** One flipped bit is one finding: what stands behind it in its stream is of known origin all the same. */
    @Test
    void theChainGoesOnBehindASegmentWhoseHeaderHolds() throws Exception {
        try (Store store = disk.open()) {
            TestStore.store(store, one.seal("three\n"), two.seal("drei\n"), one.seal("four\n"));
        }
        CatalogueEntry damaged = disk.entries().get(2);
        int manifest = (int) damaged.place().offset() + SegmentFormat.MANIFEST_AT;
        int payload = (int) damaged.place().end() - 1;
        for (int at : new int[] {manifest, payload}) {
            byte[] changed = disk.volumes.bytes(TestStore.FIRST);
            changed[at] ^= 1;
            TestStore.Verified verified = with(changed).verify();
            assertThat(verified.integrity()).as("byte %d", at).singleElement().satisfies(finding -> {
                assertNames(finding, damaged);
                assertThat(finding.sentence()).startsWith("record 3 is damaged: ");
            });
            assertThat(verified.completeness())
                    .allSatisfy(finding -> assertThat(finding.sentence()).doesNotContain("missing"));
            assertThat(verified.report().counts().segments()).isEqualTo(6);
        }
    }

    @Test
    void theVerdictGoesOnBehindDamage() throws Exception {
        byte[] changed = volume.clone();
        changed[(int) entries.get(0).place().recordAt() + 3] ^= 1;
        changed[(int) entries.get(2).place().offset() + 20] ^= 1;
        TestStore.Verified verified = with(changed).verify();
        assertThat(verified.integrity()).anySatisfy(finding -> assertNames(finding, entries.get(0)));
        assertThat(verified.integrity()).anySatisfy(finding -> assertNames(finding, entries.get(2)));
        assertThat(verified.report().counts().segments())
                .as("of one only the frame is damaged")
                .isEqualTo(3);
    }

    @Test
    void aTornTailIsNotedAndWhileACollectorWritesNotEvenThat() throws Exception {
        ByteBuffer torn = ByteBuffer.allocate(volume.length + 100).put(volume);
        torn.put(record(3), 0, 100);
        TestStore copy = with(torn.array());
        assertThat(copy.verify().report().holds()).isTrue();
        assertThat(copy.verify().notes()).hasSize(1);
        assertThat(copy.verify(true).report().holds()).isTrue();
        assertThat(copy.verify(true).notes()).isEmpty();
    }

    @Test
    void aMissingOrExchangedVolumeIsFound() throws Exception {
        TestStore many = new TestStore();
        PretendAgent agent = new PretendAgent("node-3");
        try (Store store = many.open(1_500)) {
            for (int i = 0; i < 9; i++) {
                TestStore.store(store, agent.seal("line " + i + "\n"));
            }
        }
        assertThat(many.verify().report().holds()).isTrue();
        List<String> names = many.volumes.names();
        for (String name : names) {
            TestStore copy = many.copy();
            copy.volumes.remove(name);
            assertThat(copy.verify().completeness()).as(name).isNotEmpty();
            copy.catalogue.remove(name.replace(".vol", ".cat"));
            if (!name.equals(names.getLast())) {
                assertThat(copy.verify().completeness()).as(name).isNotEmpty();
            }
        }
        TestStore exchanged = many.copy();
        exchanged.volumes.put(names.get(0), many.volumes.bytes(names.get(1)));
        exchanged.volumes.put(names.get(1), many.volumes.bytes(names.get(0)));
        assertThat(exchanged.verify().report().integrity().holds()).isFalse();
    }

    @Test
    void verifyingWhileTheStoreIsWrittenFindsNothing() throws Exception {
        PretendAgent agent = new PretendAgent("node-3");
        TestStore growing = new TestStore();
        try (Store store = growing.open(3_000)) {
            List<ByteBuffer> segments = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                segments.add(agent.seal("line " + i + "\n"));
            }
            TestStore.store(store, segments.removeFirst());
            for (ByteBuffer segment : segments) {
                assertThat(StoreVerification.verify(growing.files(), true, (done, all) -> {
                                    if (done == all) {
                                        return;
                                    }
                                    throw new UncheckedIOException(new IOException("small stores are done at once"));
                                })
                                .holds())
                        .isTrue();
                store.append(PretendAgent.segment(segment));
                assertThat(growing.verify(true).report().holds()).isTrue();
                store.sync();
            }
        }
    }
}
