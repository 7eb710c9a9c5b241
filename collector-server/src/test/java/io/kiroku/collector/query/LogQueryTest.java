package io.kiroku.collector.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.collector.store.Store;
import io.kiroku.collector.store.StoreReader;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Octets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogQueryTest {
    private static final String WEB = "/var/log/pods/default_web_u1/app/";
    private static final Instant START = Scribe.START;

    @TempDir
    Path data;

    private Store store;
    private Scribe node;

    @BeforeEach
    void open() throws IOException {
        store = Scribe.open(data);
        node = new Scribe(store, "node-1");
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static String line(int second, String content) {
        return "%s stdout F %s\n".formatted(START.plusSeconds(second), content);
    }

    /** Closes the store, as when no collector runs, and asks. */
    private Taken ask(LogRequest request) throws IOException {
        return ask(request, true);
    }

    private Taken ask(LogRequest request, boolean whole) throws IOException {
        Taken taken = new Taken();
        try (StoreReader reader = StoreReader.open(data)) {
            boolean all = LogQuery.prepare(reader, request, NamedPod.Register.NONE, START.plusSeconds(60))
                    .write(taken);
            assertThat(all).as("whole; notes: %s", taken.notes()).isEqualTo(whole);
            return taken;
        } catch (SelectionException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static LogRequest web() {
        return LogRequest.text(Selection.ofPod("default", "web"));
    }

    private static LogRequest tail(LogRequest request, long lines) {
        return new LogRequest(
                request.selection(),
                false,
                false,
                request.timestamps(),
                request.prefix(),
                request.since(),
                request.until(),
                request.unit(),
                OptionalLong.of(lines));
    }

    private static LogRequest between(LogRequest request, Instant since, Instant until) {
        return new LogRequest(
                request.selection(),
                false,
                false,
                false,
                false,
                Optional.of(since),
                Optional.of(until),
                request.unit(),
                request.tail());
    }

    @Test
    void rawJoinsRotationsInOrderAlthoughTheyWereCapturedAtOnce() throws IOException {
        node.file(1, WEB + "0.log").log(1, "one ").seal();
        node.file(2, WEB + "0.log").log(2, "three ").log(1, "two ").end(1).seal();
        node.log(2, "four").end(2).seal();
        Taken taken = ask(LogRequest.raw(Selection.ofPod("default", "web")));
        assertThat(taken.text()).isEqualTo("one two three four");
        assertThat(taken.notes()).isEmpty();
    }

    @Test
    void bytesThatWereLostWithSegmentsAreToldWhereTheyWere() throws IOException {
        node.file(1, WEB + "0.log").log(1, line(1, "one")).seal();
        long from = line(1, "one").length();
        long to = from + line(2, "two").length();
        node.log(1, line(2, "two")).sealInVain();
        node.restate(1).log(1, line(3, "three")).seal();
        ask(web(), false);
        node.log(1, line(4, "four"))
                .lostSegments(2, 2, 1, WEB + "0.log", from, to, false)
                .end(1)
                .seal();
        Taken taken = ask(web());
        assertThat(taken.text()).isEqualTo("one\nthree\nfour\n");
        assertThat(taken.notes())
                .singleElement()
                .asString()
                .startsWith("bytes %d to %d of %s are lost: RING_OVERRUN".formatted(from, to - 1, WEB + "0.log"));
    }

    @Test
    void aFileOfWhichEverythingWasLostIsToldOf() throws IOException {
        node.file(1, "/a").seal();
        node.file(2, WEB + "0.log").log(2, line(1, "gone")).end(2).sealInVain();
        node.restate(1)
                .lostSegments(2, 2, 2, WEB + "0.log", 0, line(1, "gone").length(), true)
                .seal();
        Taken taken = ask(web());
        assertThat(taken.text()).isEmpty();
        assertThat(taken.notes()).singleElement().asString().contains("are lost: RING_OVERRUN");
    }

    @Test
    void aFileThatWasCapturedAgainAfterTheRingWasLostIsShownOnce() throws IOException {
        String one = line(1, "one");
        node.file(1, WEB + "0.log", 77).log(1, one).fingerprint(1, one).seal();
        node.log(1, "2026-03-01T10:00:02Z stdout F begun by").seal();
        node.vouch(Entry.EpochReason.RING_LOST);
        node.file(8, WEB + "0.log", 77)
                .log(8, one + "2026-03-01T10:00:02Z stdout F begun by the same\n")
                .seal();
        node.log(8, line(3, "three")).end(8).seal();
        Taken taken = ask(web());
        assertThat(taken.text()).isEqualTo("one\nbegun by the same\nthree\n");
        assertThat(taken.notes()).isEmpty();
        assertThat(ask(tail(web(), 2)).text()).isEqualTo("begun by the same\nthree\n");
        assertThat(ask(LogRequest.raw(Selection.ofPod("default", "web"))).text())
                .isEqualTo(one + "2026-03-01T10:00:02Z stdout F begun by the same\n" + line(3, "three"));
    }

    @Test
    void aFileThatCameInItsPlaceMeanwhileIsShownFromItsStart() throws IOException {
        String one = line(1, "one");
        node.file(1, WEB + "0.log", 77).log(1, one).fingerprint(1, one).seal();
        node.vouch(Entry.EpochReason.RING_LOST);
        node.file(8, WEB + "0.log", 77).log(8, line(2, "another")).end(8).seal();
        Taken taken = ask(web());
        assertThat(taken.text()).isEqualTo("one\nanother\n");
        assertThat(taken.notes()).singleElement().asString().contains("is lost: it was replaced since");
    }

    @Test
    void whatALostRingTookAndNobodyCapturedAgainIsTold() throws IOException {
        String one = line(1, "one");
        node.file(1, WEB + "0.log", 77).log(1, one).fingerprint(1, one).seal();
        node.vouch(Entry.EpochReason.RING_LOST);
        node.file(8, WEB + "0.log", 78).log(8, line(2, "two")).end(8).seal();
        Taken taken = ask(web());
        assertThat(taken.text()).isEqualTo("one\ntwo\n");
        assertThat(taken.notes()).singleElement().asString().contains("is lost: RING_LOST");
    }

    @Test
    void whatWasLostWithoutANameIsToldOfTheFilesThatMissIt() throws IOException {
        node.file(1, WEB + "0.log").log(1, line(1, "one")).seal();
        node.log(1, line(2, "two")).sealInVain();
        node.restate(1)
                .log(1, line(3, "three"))
                .lostSegments(2, 2, Entry.NO_FILE, "", 0, Entry.UNKNOWN, false)
                .seal();
        Taken taken = ask(web());
        assertThat(taken.text()).isEqualTo("one\nthree\n");
        assertThat(taken.notes())
                .anyMatch(note -> note.contains("are lost: RING_OVERRUN"))
                .anyMatch(note -> note.startsWith("of some file of the node, bytes were lost"));
    }

    @Test
    void rawIsExactWhateverTheBytesAre() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        ByteArrayOutputStream first = new ByteArrayOutputStream();
        ByteArrayOutputStream second = new ByteArrayOutputStream();
        node.file(1, WEB + "0.log").file(2, WEB + "0.log").file(3, "/var/log/other");
        for (int i = 0; i < 300; i++) {
            byte[] bytes = new byte[1 + random.nextInt(30_000)];
            random.nextBytes(bytes);
            int file = 1 + random.nextInt(3);
            node.log(file, bytes);
            (file == 1 ? first : second).writeBytes(file == 3 ? new byte[0] : bytes);
            if (random.nextInt(5) == 0) {
                node.seal();
            }
        }
        node.seal();
        first.writeBytes(second.toByteArray());
        assertThat(ask(LogRequest.raw(Selection.ofPod("default", "web"))).toBytes())
                .as("seed %d", seed)
                .isEqualTo(first.toByteArray());
    }

    @Test
    void textGoesOnAcrossARotationInsideALine() throws IOException {
        node.file(1, WEB + "0.log")
                .log(1, line(0, "a") + START + " stdout P begin")
                .log(1, "-\n")
                .seal();
        node.file(2, WEB + "0.log").log(2, START + " stdout F end\n").seal();
        assertThat(ask(web()).text()).isEqualTo("a\nbegin-end\n");
    }

    @Test
    void onlyTheLatestInstanceUnlessAllAreAskedFor() throws IOException {
        node.file(1, WEB + "0.log").log(1, line(0, "zero")).end(1).seal();
        node.file(2, WEB + "1.log").log(2, line(1, "one")).end(2).seal();
        node.file(3, WEB + "10.log").log(3, line(2, "ten")).seal();
        assertThat(ask(web()).text()).isEqualTo("ten\n");
        assertThat(ask(LogRequest.text(restart(new Restart.All()))).text()).isEqualTo("zero\none\nten\n");
        assertThat(ask(LogRequest.text(restart(new Restart.Exactly(1)))).text()).isEqualTo("one\n");
        assertThat(ask(LogRequest.text(restart(new Restart.Previous()))).text()).isEqualTo("one\n");
    }

    private static Selection restart(Restart restart) {
        Selection web = Selection.ofPod("default", "web");
        return new Selection(
                web.pod(),
                web.group(),
                web.namespace(),
                web.uid(),
                web.container(),
                false,
                restart,
                web.path(),
                web.node(),
                web.stream());
    }

    @Test
    void whoWroteALineStandsBeforeIt() throws IOException {
        node.file(1, WEB + "0.log")
                .log(1, line(0, "zero") + "2026-03-01T10:00:01Z stdout P be")
                .end(1)
                .seal();
        node.file(2, WEB + "1.log")
                .log(2, "2026-03-01T10:00:02Z stderr F oops\n" + line(3, "gone"))
                .seal();
        LogRequest all = prefixed(restart(new Restart.All()));
        assertThat(ask(all).text()).isEqualTo("""
            [pod/web/app/0] zero
            [pod/web/app/0] be
            [pod/web/app/1] oops
            [pod/web/app/1] gone
            """);
        assertThat(ask(prefixed(Selection.ofPod("default", "web"))).text())
                .isEqualTo("[pod/web/app] oops\n[pod/web/app] gone\n");
    }

    private static LogRequest prefixed(Selection selection) {
        return new LogRequest(
                selection,
                false,
                false,
                false,
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty());
    }

    @Test
    void aGapIsTold() throws IOException {
        node.file(1, WEB + "0.log").log(1, line(0, "a")).gap(1, 500, Entry.GapCause.RING_OVERRUN);
        node.log(1, line(1, "b")).seal();
        Taken taken = ask(LogRequest.raw(Selection.ofPod("default", "web")));
        assertThat(taken.text()).isEqualTo(line(0, "a") + line(1, "b"));
        assertThat(taken.notes())
                .singleElement()
                .asString()
                .contains("bytes 32 to 531 of " + WEB + "0.log are lost", "RING_OVERRUN");
        assertThat(ask(web()).text()).isEqualTo("a\nb\n");
    }

    @Test
    void aGapWithoutAnEndIsTold() throws IOException {
        node.file(1, WEB + "0.log").log(1, line(0, "a")).lost(1).seal();
        assertThat(ask(web()).notes()).singleElement().asString().contains("held from byte 32 on is lost", "VANISHED");
    }

    @Test
    void bytesThatAreMissingWithoutAGapAreAFailure() throws IOException {
        node.file(1, WEB + "0.log")
                .log(1, line(0, "a"))
                .skip(1, 7)
                .log(1, line(1, "b"))
                .seal();
        Taken taken = ask(web(), false);
        assertThat(taken.text()).isEqualTo("a\nb\n");
        assertThat(taken.notes()).singleElement().asString().contains("bytes 32 to 38", "no gap declares them");
    }

    @Test
    void damagedSegmentsAreNotShown() throws IOException {
        node.file(1, WEB + "0.log").log(1, line(0, "good")).seal();
        node.log(1, line(1, "this content is damaged below")).seal();
        node.log(1, line(2, "good")).seal();
        store.close();
        Path volume;
        try (Stream<Path> volumes = Files.list(data.resolve("volumes"))) {
            volume = volumes.findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(volume);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("this content");
        try (FileChannel channel = FileChannel.open(volume, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {'T'}), at);
        }
        Taken taken = ask(web(), false);
        assertThat(taken.text()).isEqualTo("good\ngood\n");
        assertThat(taken.notes()).isNotEmpty().allMatch(note -> note.contains(WEB + "0.log"));
        assertThat(ask(LogRequest.raw(Selection.ofPod("default", "web")), false).text())
                .isEqualTo(line(0, "good") + line(2, "good"));
    }

    @Test
    void tailCountsLinesFromTheEnd() throws IOException {
        StringBuilder log = new StringBuilder();
        for (int i = 0; i < 40_000; i++) {
            log.append(line(i, "line " + i));
        }
        node.file(1, WEB + "0.log");
        for (int at = 0; at < log.length(); at += 100_001) {
            node.log(1, log.substring(at, Math.min(log.length(), at + 100_001))).seal();
        }
        assertThat(ask(tail(web(), 3)).text()).isEqualTo("line 39997\nline 39998\nline 39999\n");
        assertThat(ask(tail(web(), 30_000)).text()).startsWith("line 10000\n").hasLineCount(30_000);
        assertThat(ask(tail(web(), 1_000_000)).text()).startsWith("line 0\n").hasLineCount(40_000);
        assertThat(ask(tail(web(), 0)).text()).isEmpty();
    }

    @Test
    void tailCountsJoinedLinesAndTheUnfinishedOne() throws IOException {
        node.file(1, WEB + "0.log").log(1, line(0, "a") + START + " stdout P b\n" + START + " stdout F b\n");
        node.log(1, START + " stdout P unfinished\n").seal();
        assertThat(ask(tail(web(), 1)).text()).isEqualTo("unfinished");
        assertThat(ask(tail(web(), 2)).text()).isEqualTo("bb\nunfinished");
    }

    @Test
    void timesOfAPodAreThoseOfItsLines() throws IOException {
        node.file(1, WEB + "0.log");
        for (int i = 0; i < 50; i++) {
            node.at(START.plusSeconds(i).plusMillis(200))
                    .log(1, line(i, "line " + i))
                    .seal();
        }
        assertThat(ask(between(web(), START.plusSeconds(10), START.plusSeconds(12)))
                        .text())
                .isEqualTo("line 10\nline 11\nline 12\n");
        assertThat(ask(tail(between(web(), START.plusSeconds(10), START.plusSeconds(12)), 1))
                        .text())
                .isEqualTo("line 12\n");
        assertThat(ask(between(web(), START.plusSeconds(100), START.plusSeconds(120)))
                        .text())
                .isEmpty();
    }

    @Test
    void whoAsksForTimesIsToldThatTheyAreThoseOfAClockThatIsOff() throws IOException {
        node.file(1, WEB + "0.log").log(1, line(1, "late")).seal();
        node.state(new Entry.Clock(90_000_000_000L, 4_000_000, 1, Octets.zero(32)))
                .seal();
        assertThat(ask(between(web(), START, START.plusSeconds(10))).notes())
                .singleElement()
                .asString()
                .startsWith("the times are those of node ")
                .contains("whose clock was 90.000 s behind the collector's, give or take 0.004 s");
        assertThat(ask(web()).notes()).isEmpty();
    }

    @Test
    void aClockThatStepsBackHidesNothing() throws IOException {
        node.file(1, WEB + "0.log").at(START.plusSeconds(100)).log(1, line(100, "before the step"));
        node.at(START).event(Entry.EventKind.CLOCK_STEPPED, Entry.NO_FILE).seal();
        node.at(START.plusSeconds(1)).log(1, line(1, "after")).seal();
        assertThat(ask(between(web(), START.plusSeconds(50), START.plusSeconds(200)))
                        .text())
                .isEqualTo("before the step\n");
        assertThat(ask(between(web(), START, START.plusSeconds(10))).text()).isEqualTo("after\n");
    }

    @Test
    void timesOfOtherFilesAreThoseOfTheSegments() throws IOException {
        node.file(1, "/var/log/syslog");
        node.at(START.plusSeconds(1)).log(1, "one\ntw").seal();
        node.at(START.plusSeconds(2)).log(1, "o\nthree\nfo").seal();
        node.at(START.plusSeconds(3)).log(1, "ur\nfive\n").seal();
        LogRequest syslog = LogRequest.text(Selection.ofPath("/var/log/syslog"));
        assertThat(ask(syslog).text()).isEqualTo("one\ntwo\nthree\nfour\nfive\n");
        assertThat(ask(between(syslog, START.plusSeconds(2), START.plusSeconds(2)))
                        .text())
                .isEqualTo("three\nfour\n");
        assertThat(ask(tail(syslog, 2)).text()).isEqualTo("four\nfive\n");
        LogRequest stamped = new LogRequest(
                syslog.selection(),
                false,
                false,
                true,
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.of(2));
        assertThat(ask(stamped).text()).isEqualTo("2026-03-01T10:00:02Z four\n2026-03-01T10:00:03Z five\n");
    }

    @Test
    void severalFilesGetHeadings() throws IOException {
        node.file(1, "/var/log/b.log").file(2, "/var/log/a.log");
        node.log(1, "b1\n").log(2, "a1 without end").log(1, "b2\n").seal();
        assertThat(ask(LogRequest.text(Selection.ofPath("/var/log/*.log"))).text())
                .isEqualTo("==> /var/log/a.log <==\na1 without end\n\n==> /var/log/b.log <==\nb1\nb2\n");
        assertThat(ask(LogRequest.raw(Selection.ofPath("/var/log/*.log"))).text())
                .isEqualTo("a1 without endb1\nb2\n");
        assertThat(ask(LogRequest.text(Selection.ofPath("b.log"))).text()).isEqualTo("b1\nb2\n");
    }

    @Test
    void aLossOfWhichNobodyKnowsTheFileIsTold() throws IOException {
        node.file(1, WEB + "0.log")
                .log(1, line(0, "a"))
                .gap(Entry.NO_FILE, 10, Entry.GapCause.BUDGET)
                .seal();
        Taken taken = ask(web());
        assertThat(taken.text()).isEqualTo("a\n");
        assertThat(taken.notes()).singleElement().asString().contains("some file of the node", "BUDGET");
    }

    @Test
    void followsAcrossARotationAndHoldsTheNewFileBack() throws Exception {
        node.file(1, WEB + "0.log").log(1, line(0, "one")).seal();
        try (Following following = new Following(web())) {
            following.await("one\n");
            node.log(1, line(1, "two")).seal();
            following.await("one\ntwo\n");
            node.file(2, WEB + "0.log").log(2, line(3, "four")).seal();
            node.log(1, line(2, "three")).end(1).seal();
            following.await("one\ntwo\nthree\nfour\n");
            node.log(2, line(4, "five")).end(2).seal();
            following.awaitEnd("one\ntwo\nthree\nfour\nfive\n");
        }
    }

    @Test
    void followingAllRestartsTakesInTheNextInstance() throws Exception {
        node.file(1, WEB + "0.log").log(1, line(0, "zero")).seal();
        try (Following following = new Following(LogRequest.text(restart(new Restart.All())))) {
            following.await("zero\n");
            node.end(1).file(2, WEB + "1.log").log(2, line(1, "one")).seal();
            following.await("zero\none\n");
        }
    }

    @Test
    void followsFromTheTail() throws Exception {
        node.file(1, "/var/log/x.log").log(1, "one\ntwo\nthree\nfo").seal();
        try (Following following = new Following(tail(LogRequest.text(Selection.ofPath("x.log")), 2))) {
            following.await("three\nfo");
            node.log(1, "ur\n").seal();
            following.await("three\nfour\n");
        }
    }

    /** A query that follows, in a thread of its own. */
    private final class Following implements AutoCloseable {
        private static final Duration PATIENCE = Duration.ofSeconds(20);
        private final Taken taken = new Taken();
        private final StoreReader reader = StoreReader.open(data);
        private final Thread thread;

        Following(LogRequest request) throws IOException, SelectionException {
            LogRequest follow = new LogRequest(
                    request.selection(),
                    false,
                    true,
                    false,
                    false,
                    request.since(),
                    request.until(),
                    request.unit(),
                    request.tail());
            LogQuery query = LogQuery.prepare(reader, follow, NamedPod.Register.NONE, START.plusSeconds(1));
            thread = Thread.ofPlatform().start(() -> {
                try {
                    query.write(taken);
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
        }

        void await(String expected) throws InterruptedException {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (!taken.text().equals(expected) && System.nanoTime() < end) {
                Thread.sleep(10);
            }
            assertThat(taken.text()).isEqualTo(expected);
            assertThat(taken.notes()).isEmpty();
        }

        void awaitEnd(String expected) throws InterruptedException {
            await(expected);
            assertThat(thread.join(PATIENCE)).isTrue();
        }

        @Override
        public void close() throws IOException {
            taken.close();
            try {
                assertThat(thread.join(PATIENCE)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            reader.close();
        }
    }
}
