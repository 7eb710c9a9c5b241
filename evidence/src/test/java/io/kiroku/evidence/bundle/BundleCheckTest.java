package io.kiroku.evidence.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.Scribe;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.NoteSigner;
import io.kiroku.evidence.log.Policy;
import io.kiroku.evidence.log.SignedNote;
import io.kiroku.evidence.verify.Finding;
import io.kiroku.evidence.verify.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bundle holds, and whatever was done to it is caught with a sentence that says what. */
class BundleCheckTest {
    @TempDir
    private Path directory;

    private Path file(String name) {
        return directory.resolve(name);
    }

    private static String findings(BundleVerdict verdict) {
        return all(verdict.report().integrity()) + all(verdict.report().completeness());
    }

    private static String all(Verdict verdict) {
        return verdict instanceof Verdict.Fails fails
                ? fails.findings().stream().map(Finding::toString).collect(Collectors.joining("\n", "", "\n"))
                : "";
    }

    private static void assertCaught(BundleVerdict verdict, String... words) {
        assertThat(verdict.report().holds()).isFalse();
        assertThat(findings(verdict)).contains(words);
    }

    @Test
    void aBundleHolds() throws Exception {
        Handover handover = Handover.small();
        BundleVerdict verdict = Handover.check(handover.write(file("bundle")));
        assertThat(findings(verdict)).isEmpty();
        assertThat(verdict.statements()).hasSize(3).anyMatch(one -> one.contains("from the bundle itself"));
        assertThat(verdict.statements().getFirst()).contains("all 4 segments", "entries 5 to 11 of 13");
        assertThat(verdict.report().gaps()).hasSize(1);
        assertThat(new String(
                        Objects.requireNonNull(Handover.unpack(file("bundle")).get(Handover.LOG_FILE)),
                        StandardCharsets.UTF_8))
                .startsWith("one\ntwo\nthree\nfour four")
                .endsWith("four\nfive\nsix\n");
    }

    @Test
    void theSamePlanGivesTheSameBytes() throws Exception {
        assertThat(Handover.small().write(file("one")))
                .hasSameBinaryContentAs(Handover.small().write(file("two")));
    }

    @Test
    void aStretchHoldsByItself() throws Exception {
        Handover handover = Handover.small();
        handover.segments.subList(0, 2).clear();
        assertThat(findings(Handover.check(handover.write(file("bundle"))))).isEmpty();
    }

    /** Of the files that are the same in all bundles every sixteenth byte, unless kiroku.full is said. */
    @Test
    void everyByteThatIsFlippedIsCaught() throws Exception {
        Handover handover = Handover.small();
        handover.segments.subList(0, 2).clear();
        handover.seenBefore(handover.checkpoint(6, Handover.LOG), 6);
        Path bundle = handover.write(file("bundle"));
        boolean[] sparse = sparse(bundle);
        try (FileChannel channel = FileChannel.open(bundle, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (int at = 0; at < sparse.length; at++) {
                if (!sparse[at] || at % 16 == 0) {
                    flip(channel, at);
                    BundleVerdict verdict = BundleCheck.check(channel, Trust.NONE, Handover.TOOL, (_, _) -> {});
                    assertThat(verdict.report().integrity().holds())
                            .as("byte %d flipped", at)
                            .isFalse();
                    flip(channel, at);
                }
            }
            assertThat(BundleCheck.check(channel, Trust.NONE, Handover.TOOL, (_, _) -> {})
                            .report()
                            .holds())
                    .isTrue();
        }
    }

    private static boolean[] sparse(Path bundle) throws Exception {
        boolean[] sparse = new boolean[(int) Files.size(bundle)];
        try (FileChannel channel = FileChannel.open(bundle)) {
            for (BundleFile one : ZipReader.open(channel).files()) {
                if (!Boolean.getBoolean("kiroku.full")
                        && List.of(BundleNames.README, BundleNames.SCRIPT).contains(one.name())) {
                    Arrays.fill(sparse, (int) one.dataAt(), (int) one.end(), true);
                }
            }
        }
        return sparse;
    }

    private static void flip(FileChannel channel, int at) throws IOException {
        ByteBuffer octet = ByteBuffer.allocate(1);
        channel.read(octet, at);
        octet.put(0, (byte) (octet.get(0) ^ (1 << (at % 8)))).rewind();
        channel.write(octet, at);
    }

    private static String segment(Handover handover, long sequence) {
        return BundleNames.segment(handover.scribe.stream(), sequence);
    }

    private static String proof(Handover handover, long sequence) {
        return BundleNames.proof(handover.scribe.stream(), sequence);
    }

    @Test
    void aDroppedSegmentIsMissed() throws Exception {
        Handover handover = Handover.small();
        Path bundle = handover.write(file("bundle"));
        SortedMap<String, byte[]> files = Handover.unpack(bundle);
        files.remove(segment(handover, 2));
        files.remove(proof(handover, 2));
        BundleVerdict verdict = Handover.check(Handover.repack(bundle, file("other"), files));
        assertThat(verdict.report().completeness().holds()).isFalse();
        assertCaught(verdict, "segment 2 is missing", "web/0.log holds bytes that are in no segment");
    }

    @Test
    void segmentsInEachOthersPlaceAreNamed() throws Exception {
        Handover handover = Handover.small();
        Path bundle = handover.write(file("bundle"));
        SortedMap<String, byte[]> files = Handover.unpack(bundle);
        byte[] second = Objects.requireNonNull(files.get(segment(handover, 2)));
        files.put(segment(handover, 2), Objects.requireNonNull(files.put(segment(handover, 4), second)));
        assertCaught(
                Handover.check(Handover.repack(bundle, file("other"), files)),
                "segment 4 of stream " + handover.scribe.stream() + " lies in its place",
                "out of its place");
    }

    /** Somebody has a later key of the node, and writes what was before anew. */
    @Test
    void aSegmentThatWasSignedWithALaterStolenKeyIsCaught() throws Exception {
        Handover handover = Handover.small();
        Path bundle = handover.write(file("bundle"));
        byte[] forged = handover.scribe
                .linkTo(handover.heads.getFirst())
                .chunk(1, 8, "THREE\n")
                .state(Scribe.gap(1, 14, 20))
                .chunk(1, 20, "four four four four four four four four four four four four\n")
                .seal();
        SortedMap<String, byte[]> files = Handover.unpack(bundle);
        files.put(segment(handover, 2), forged);
        assertCaught(
                Handover.check(Handover.repack(bundle, file("other"), files)),
                "it is signed by the key",
                "it does not prove that the log has the header of this segment",
                "is not what segments/");
    }

    /** The log's own key signs a log in which one entry is another. */
    @Test
    void aRewrittenLogIsCaughtByACheckpointThatAWitnessCosigned() throws Exception {
        Handover honest = Handover.small();
        SignedNote witnessed = honest.checkpoint(9, Handover.LOG, Handover.WITNESS);

        Handover other = Handover.rewritten();
        other.seenBefore(witnessed, 9);
        Path bundle = other.write(file("bundle"));
        assertCaught(Handover.check(bundle), "the log was rewritten", "does not continue the one of 9");

        Handover silent = Handover.rewritten();
        Path without = silent.write(file("without"));
        assertThat(Handover.check(without).report().holds()).isTrue();
        Trust known = new Trust(List.of(), Optional.empty(), List.of(witnessed));
        assertCaught(Handover.check(without, known), "the log was rewritten");
    }

    @Test
    void aCheckpointThatWasSeenBeforeIsContinued() throws Exception {
        Handover handover = Handover.small();
        SignedNote witnessed = handover.checkpoint(9, Handover.LOG, Handover.WITNESS);
        handover.seenBefore(witnessed, 9);
        Path bundle = handover.write(file("bundle"));
        Policy policy = Policy.parse("log %s\nwitness w %s\nquorum none\n"
                .formatted(Handover.LOG.verifierKey(), Handover.WITNESS.verifierKey())
                .getBytes(StandardCharsets.UTF_8));
        BundleVerdict verdict = Handover.check(bundle, new Trust(List.of(), Optional.of(policy), List.of(witnessed)));
        assertThat(findings(verdict)).isEmpty();
        assertThat(verdict.statements())
                .anyMatch(one -> one.contains("continues the tree of 9 entries")
                        && one.contains("witness.example/w")
                        && one.contains("2026-01-03T00:26:40Z"));

        Policy strict = Policy.parse("log %s\nwitness w %s\nquorum w\n"
                .formatted(Handover.LOG.verifierKey(), Handover.WITNESS.verifierKey())
                .getBytes(StandardCharsets.UTF_8));
        assertCaught(
                Handover.check(bundle, new Trust(List.of(), Optional.of(strict), List.of())),
                "the quorum w is not reached");
    }

    @Test
    void theRecipientsKeysCountInsteadOfTheBundles() throws Exception {
        Handover handover = Handover.small();
        Path bundle = handover.write(file("bundle"));
        Trust own = new Trust(List.of(Handover.LOG.verifierKey()), Optional.empty(), List.of());
        BundleVerdict verdict = Handover.check(bundle, own);
        assertThat(verdict.report().holds()).isTrue();
        assertThat(verdict.statements()).noneMatch(one -> one.contains("from the bundle itself"));
        NoteSigner stranger = NoteSigner.ed25519(Handover.NAME, SigningKey.generate(new CountedRandom("stranger")));
        Trust others = new Trust(List.of(stranger.verifierKey()), Optional.empty(), List.of());
        assertCaught(Handover.check(bundle, others), "none of its 1 signatures is by a key that is known");
    }

    @Test
    void aWitnessIsNoLog() throws Exception {
        Path bundle = Handover.small().write(file("bundle"));
        assertCaught(
                Handover.check(bundle, new Trust(List.of(Handover.WITNESS.verifierKey()), Optional.empty(), List.of())),
                "expected a key of the log example.com/log, of type 0x01 or 0x06, found witness.example/w of type"
                        + " 0x04");
    }

    @Test
    void aPolicyThatIsPassedOverIsSaidToBe() throws Exception {
        Handover handover = Handover.small();
        handover.others.put(
                BundleNames.POLICY,
                "log %s\nquorum none\n".formatted(Handover.LOG.verifierKey()).getBytes(StandardCharsets.UTF_8));
        Path bundle = handover.write(file("bundle"));
        assertThat(Handover.check(bundle).statements()).noneMatch(one -> one.contains("was not checked"));
        BundleVerdict verdict =
                Handover.check(bundle, new Trust(List.of(Handover.LOG.verifierKey()), Optional.empty(), List.of()));
        assertThat(verdict.report().holds()).isTrue();
        assertThat(verdict.statements()).anyMatch(one -> one.contains("The policy in the bundle was not checked"));
    }

    @Test
    void aScriptThatIsNotThisVersionsIsNamed() throws Exception {
        Path bundle = Handover.small().write(file("bundle"));
        SortedMap<String, byte[]> files = Handover.unpack(bundle);
        files.put(BundleNames.SCRIPT, "print('All holds')\n".getBytes(StandardCharsets.UTF_8));
        files.put(BundleNames.README, "Run verify.py.\n".getBytes(StandardCharsets.UTF_8));
        Path other = Handover.repack(bundle, file("other"), files);
        assertCaught(Handover.check(other), "it is not the script that", "it is not the text that");
        try (FileChannel channel = FileChannel.open(other)) {
            BundleVerdict verdict = BundleCheck.check(channel, Trust.NONE, "kiroku 0.0", (_, _) -> {});
            assertThat(findings(verdict)).isEmpty();
            assertThat(verdict.statements()).anyMatch(one -> one.contains("come from another version"));
        }
    }

    @Test
    void aLogFileThatIsNotWhatTheSegmentsHoldIsNamed() throws Exception {
        Handover handover = Handover.small();
        Path bundle = handover.write(file("bundle"));
        SortedMap<String, byte[]> files = Handover.unpack(bundle);
        byte[] log = Objects.requireNonNull(files.get(Handover.LOG_FILE)).clone();
        log[9] = 'H';
        files.put(Handover.LOG_FILE, log);
        assertCaught(
                Handover.check(Handover.repack(bundle, file("other"), files)),
                "from byte 9 on it is not what segments/");
    }

    @Test
    void whatIsSaidOfTheClocksIsWhatTheSegmentsSay() throws Exception {
        Path bundle = Handover.small().write(file("bundle"));
        SortedMap<String, byte[]> files = Handover.unpack(bundle);
        String clocks = new String(files.get(BundleNames.CLOCKS), StandardCharsets.UTF_8);
        assertThat(clocks)
                .contains("\"says\": \"90.000 s behind the collector's, give or take 0.004 s\"", "\"steps\": 1");
        try (FileChannel archive = FileChannel.open(bundle)) {
            assertThat(BundleCheck.clocks(archive))
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo(clocks);
        }
        files.put(BundleNames.CLOCKS, clocks.replace("90.000", "00.000").getBytes(StandardCharsets.UTF_8));
        assertCaught(
                Handover.check(Handover.repack(bundle, file("other"), files)),
                "clocks.json",
                "it does not say what the segments say of the clocks");
    }

    @Test
    void whatTheManifestLeavesOutOrAddsIsNamed() throws Exception {
        Handover handover = Handover.small();
        Path bundle = handover.write(file("bundle"));
        BundleManifest manifest = Handover.manifest(bundle);
        LogFile log = manifest.logs().getFirst();
        LogFile shorter =
                new LogFile(log.name(), log.stream(), log.source(), log.runs().subList(0, 1));
        SortedMap<String, byte[]> files = Handover.unpack(bundle);
        files.put(Handover.LOG_FILE, Arrays.copyOf(files.get(Handover.LOG_FILE), (int) shorter.length()));
        files.put("notes.txt", new byte[] {'x'});
        files.remove(BundleNames.GAPS);
        BundleManifest other = new BundleManifest(
                manifest.tool(),
                manifest.caseId(),
                manifest.purpose(),
                manifest.selection(),
                manifest.origin(),
                manifest.tree(),
                List.of(new BundleManifest.Stretch(handover.scribe.stream(), "node-1", 1, 5)),
                List.of(shorter),
                manifest.files());
        assertCaught(
                Handover.check(Handover.repack(file("other"), files, other)),
                "bytes 20 to 79 of file 1, of /var/log/pods/shop_web-1_7f3c/web/0.log, are in no log file",
                "no file of a bundle is called that",
                "gaps.json is not there",
                "it lists segments 1 to 5");
    }

    @Test
    void aSourceThatIsKnownByItsLossAloneIsToldWithItsGap() throws Exception {
        Path bundle = Handover.lostPod().write(file("bundle"));
        BundleVerdict verdict = Handover.check(bundle);
        assertThat(findings(verdict)).isEmpty();
        assertThat(Handover.manifest(bundle).logs()).extracting(LogFile::length).containsExactly(5L, 0L);
        assertThat(verdict.report().gaps())
                .singleElement()
                .satisfies(gap -> assertThat(String.valueOf(gap.source())).contains("web-2"));
        assertThat(new OtherTools(directory).script(bundle).status()).isZero();
    }

    @Test
    void aBundleOfAnUnsoundSegmentIsNotMade() throws Exception {
        Handover handover = Handover.small();
        byte[] last = handover.segments.getLast();
        last[last.length - 6] ^= 1;
        Path file = file("bundle");
        assertThatThrownBy(() -> handover.write(file))
                .hasMessageContaining("the SHA-256 of salt and payload is not the one that the header states");
    }

    /** {@code /dev/full} takes nothing, as a stick that is full. */
    @Test
    void aFullDiskIsAFailureAndNoBundle() throws Exception {
        Handover handover = Handover.small();
        assertThatThrownBy(() -> handover.write(Path.of("/dev/full")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No space left on device");
    }

    /** A stick that is pulled out: what cannot be read is a failure, not a verdict. */
    @Test
    void whatCannotBeReadAnyMoreIsAFailureAndNoVerdict() throws Exception {
        Path bundle = Handover.small().write(directory.resolve("pulled"));
        FileChannel channel = FileChannel.open(bundle);
        BundleCheck.Progress pull = (_, _) -> {
            try {
                channel.close();
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        };
        assertThatThrownBy(() -> BundleCheck.check(channel, Trust.NONE, Handover.TOOL, pull))
                .isInstanceOf(ClosedChannelException.class);
    }
}
