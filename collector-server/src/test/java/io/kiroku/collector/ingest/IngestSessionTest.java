package io.kiroku.collector.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.kiroku.collector.PretendAgent;
import io.kiroku.collector.store.CollectorIdentity;
import io.kiroku.collector.store.StreamEnd;
import io.kiroku.evidence.chain.ChainHead;
import io.kiroku.evidence.chain.Lineage;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.TreeHead;
import io.kiroku.evidence.record.Entry;
import io.kiroku.evidence.record.Octets;
import io.kiroku.evidence.record.Timestamp;
import io.kiroku.evidence.trust.Revocation;
import io.kiroku.evidence.trust.Revocations;
import io.kiroku.evidence.verify.SegmentCheck;
import io.kiroku.evidence.wire.Frame;
import io.kiroku.evidence.wire.Frame.RefusalCode;
import io.kiroku.evidence.wire.Receipts;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class IngestSessionTest {
    private static final TreeHead PUBLISHED = new TreeHead(5, Octets.zero(32));

    private final SigningKey key = SigningKey.generate(new SecureRandom());
    private final CollectorIdentity identity = CollectorIdentity.of(key);
    private final SegmentCheck check = new SegmentCheck();
    private Revocations revoked = Revocations.NONE;
    private final StreamHeads heads = new StreamHeads(List.of(), () -> PUBLISHED, () -> revoked);
    private final PretendAgent agent = new PretendAgent("node-1");
    private Timestamp now = new Timestamp(1_000_000, 0);

    /** A connection with a disk behind it that stores when told. */
    private final class Connection {
        private final Deque<IngestEvent> mail = new ArrayDeque<>();
        private final List<IngestAction> done = new ArrayList<>();
        private final IngestSession session =
                new IngestSession(heads, check, identity, IngestLimits.DEFAULT, mail::add, now);

        private List<IngestAction> step(IngestEvent event) {
            List<IngestAction> actions = session.step(event, now);
            done.addAll(actions);
            for (IngestAction action : actions) {
                if (action instanceof IngestAction.Supersede supersede) {
                    supersede.older().accept(new IngestEvent.Superseded());
                }
            }
            return actions;
        }

        private List<IngestAction> receive(Frame frame) {
            return step(new IngestEvent.Received(frame));
        }

        private List<IngestAction> receive(ByteBuffer segment) {
            return receive(new Frame.SegmentFrame(segment));
        }

        private void deliverMail() {
            while (!mail.isEmpty()) {
                step(mail.remove());
            }
        }

        private <T extends Frame> List<T> sent(Class<T> type) {
            return done.stream()
                    .filter(IngestAction.Send.class::isInstance)
                    .map(action -> ((IngestAction.Send) action).frame())
                    .filter(type::isInstance)
                    .map(type::cast)
                    .toList();
        }

        private <T extends IngestAction> List<T> did(Class<T> type) {
            return done.stream().filter(type::isInstance).map(type::cast).toList();
        }

        private void assertRefused(RefusalCode code, long sequence) {
            assertThat(sent(Frame.Refusal.class)).singleElement().satisfies(refusal -> {
                assertThat(refusal.code()).as(refusal.sentence()).isEqualTo(code);
                assertThat(refusal.sequence()).isEqualTo(sequence);
            });
            assertThat(done.getLast()).isInstanceOf(IngestAction.Close.class);
            assertThat(receive(agent.hello())).as("nothing more is taken").isEmpty();
        }
    }

    private Connection greeted(PretendAgent by) {
        Connection connection = new Connection();
        connection.receive(by.hello());
        return connection;
    }

    private static void stored(IngestAction.Store store) {
        StreamHead stream = store.accepted().stream();
        stream.stored(
                new StreamEnd(ChainHead.of(store.accepted().segment()), 3, "node-1", Lineage.UNKNOWN, 2, List.of()));
    }

    @Test
    void aGreetingIsAnsweredByWhereTheStreamEnds() {
        Connection first = greeted(agent);
        assertThat(first.sent(Frame.Welcome.class))
                .containsExactly(new Frame.Welcome(identity.publicKey(), now.wallNanos(), null));
        first.receive(agent.seal("one\n"));
        stored(first.did(IngestAction.Store.class).getFirst());
        assertThat(greeted(agent).sent(Frame.Welcome.class))
                .singleElement()
                .satisfies(welcome -> assertThat(welcome.head()).isEqualTo(agent.end()));
    }

    @Test
    void segmentsFromTheFutureAreCountedAndRemarkedOnOnce() {
        Connection behind = greeted(agent);
        behind.receive(agent.seal("one\n"));
        now = new Timestamp(-60_000_000_000L, 0);
        behind.receive(agent.seal("two\n"));
        behind.receive(agent.seal("three\n"));
        assertThat(behind.did(IngestAction.CountAhead.class)).hasSize(2);
        assertThat(behind.did(IngestAction.Say.class))
                .extracting(IngestAction.Say::sentence)
                .filteredOn(sentence -> sentence.contains("from the future"))
                .singleElement()
                .asString()
                .contains("segment 2 was sealed, by its clock, 60.0 s after it came");
    }

    @Test
    void aReceiptComesAfterTheStoringAndHolds() {
        Connection connection = greeted(agent);
        connection.receive(agent.seal("one\n"));
        connection.receive(agent.seal("two\n"));
        connection.deliverMail();
        assertThat(connection.sent(Frame.Receipt.class)).isEmpty();
        assertThat(connection.did(IngestAction.Store.class)).hasSize(2);
        stored(connection.did(IngestAction.Store.class).getLast());
        connection.deliverMail();
        assertThat(connection.sent(Frame.Receipt.class)).singleElement().satisfies(receipt -> {
            assertThat(receipt.sequence()).isEqualTo(2);
            assertThat(receipt.hash()).isEqualTo(agent.head().hash());
            assertThat(receipt.index()).isEqualTo(2);
            assertThat(receipt.tree()).isEqualTo(PUBLISHED);
            assertThat(Receipts.holds(receipt, key.publicKey())).isTrue();
        });
    }

    /** A greeting's answer is as good as a receipt: the agent lets go of what lies before the end that it names. */
    @Test
    void nothingIsNamedOrAcknowledgedThatTheLogDoesNotHave() {
        Frame.Hello hello = agent.hello();
        agent.seal("one\n");
        StreamEnd unlogged = new StreamEnd(agent.head(), PUBLISHED.size() + 1, "node-1", Lineage.UNKNOWN, 2, List.of());
        StreamHeads known = new StreamHeads(List.of(), () -> PUBLISHED, () -> revoked);
        IngestSession session = new IngestSession(known, check, identity, IngestLimits.DEFAULT, event -> {}, now);
        session.step(new IngestEvent.Received(hello), now);
        assertThat(session.step(new IngestEvent.Stored(unlogged), now)).isEmpty();

        StreamHeads stored = new StreamHeads(List.of(unlogged), () -> PUBLISHED, () -> revoked);
        IngestSession again = new IngestSession(stored, check, identity, IngestLimits.DEFAULT, event -> {}, now);
        assertThat(again.step(new IngestEvent.Received(agent.hello()), now))
                .filteredOn(IngestAction.Send.class::isInstance)
                .singleElement()
                .satisfies(action -> assertThat(((IngestAction.Send) action).frame())
                        .isInstanceOfSatisfying(
                                Frame.Refusal.class,
                                refusal -> assertThat(refusal.code()).isEqualTo(RefusalCode.UNAVAILABLE)));
    }

    @Test
    void onlyAGreetingMayComeFirstAndOnlyOne() {
        Connection connection = new Connection();
        connection.receive(agent.seal("one\n"));
        connection.assertRefused(RefusalCode.PROTOCOL, 0);
        Connection twice = greeted(agent);
        twice.receive(agent.hello());
        twice.assertRefused(RefusalCode.PROTOCOL, 0);
        Connection garbage = new Connection();
        garbage.step(new IngestEvent.Malformed("expected this, found that"));
        garbage.assertRefused(RefusalCode.PROTOCOL, 0);
    }

    @Test
    void anotherVersionAndAnotherStreamAreRefused() {
        Frame.Hello hello = agent.hello();
        Connection version = new Connection();
        version.receive(new Frame.Hello(2, hello.stream(), "node-1", "x"));
        version.assertRefused(RefusalCode.PROTOCOL, 0);
        Connection foreign = greeted(agent);
        foreign.receive(new PretendAgent("x").seal("one\n"));
        foreign.assertRefused(RefusalCode.IDENTITY, 1);
        assertThat(foreign.did(IngestAction.PutAside.class)).hasSize(1);
    }

    /** Else whoever has an old key, which should be destroyed, could go on in its name. */
    @Test
    void anIdentityThatHasHandedItsStreamOverVouchesForNothingAnyMore() {
        PretendAgent heir = agent.heir();
        Connection connection = greeted(agent);
        connection.receive(agent.seal("one\n"));
        heir.follow(agent);
        connection.receive(heir.seal("two\n", Entry.EpochReason.KEY_LOST));
        assertThat(connection.did(IngestAction.Store.class)).hasSize(2);
        agent.follow(heir);
        connection.receive(agent.seal("three\n", Entry.EpochReason.KEY_LOST));
        connection.assertRefused(RefusalCode.IDENTITY, 3);
        assertThat(connection.did(IngestAction.PutAside.class))
                .singleElement()
                .satisfies(aside -> assertThat(aside.why()).contains("does not have the stream any more"));
    }

    @Test
    void afterARestartTheStoreSaysWhoHasTheStream() {
        PretendAgent heir = agent.heir();
        agent.seal("one\n");
        heir.follow(agent);
        heir.seal("two\n", Entry.EpochReason.KEY_LOST);
        Lineage line = new Lineage(
                List.of(agent.identity().publicKey(), heir.identity().publicKey()));
        StreamHeads known = new StreamHeads(
                List.of(new StreamEnd(heir.head(), 3, "node-1", line, 2, List.of())), () -> PUBLISHED, () -> revoked);
        IngestSession session = new IngestSession(known, check, identity, IngestLimits.DEFAULT, event -> {}, now);
        session.step(new IngestEvent.Received(agent.hello()), now);
        agent.follow(heir);
        ByteBuffer segment = agent.seal("three\n", Entry.EpochReason.KEY_LOST);
        assertThat(session.step(new IngestEvent.Received(new Frame.SegmentFrame(segment)), now))
                .filteredOn(IngestAction.Store.class::isInstance)
                .isEmpty();
    }

    @Test
    void noAgentHasAStreamOrTheNameOfTheCollectorsOwn() {
        Connection named = new Connection();
        named.receive(new Frame.Hello(Frame.VERSION, agent.stream(), "@collector", "pretend"));
        named.assertRefused(RefusalCode.IDENTITY, 0);
        assertThat(named.sent(Frame.Refusal.class).getFirst().sentence()).contains("@collector", "the collector's own");
        heads.reserve(agent.stream());
        Connection disguised = new Connection();
        disguised.receive(agent.hello());
        disguised.assertRefused(RefusalCode.IDENTITY, 0);
        assertThat(disguised.sent(Frame.Refusal.class).getFirst().sentence()).contains("the collector's own");
    }

    @Test
    void whoGreetsAsANodeCannotSayInASegmentThatHeIsTheCollector() {
        PretendAgent liar = new PretendAgent("@collector");
        Connection connection = new Connection();
        connection.receive(new Frame.Hello(Frame.VERSION, liar.stream(), "node-2", "pretend"));
        assertThat(connection.sent(Frame.Welcome.class)).hasSize(1);
        connection.receive(liar.seal("forged\n"));
        connection.assertRefused(RefusalCode.IDENTITY, 1);
        assertThat(connection.did(IngestAction.Store.class)).isEmpty();
        assertThat(connection.did(IngestAction.PutAside.class)).hasSize(1);
    }

    @Test
    void whatARevokedIdentityVouchesForIsRefusedAtOnce() {
        Connection streaming = greeted(agent);
        streaming.receive(agent.seal("one\n"));
        stored(streaming.did(IngestAction.Store.class).getFirst());
        Instant since = now.wall();
        revoked = Revocations.of(List.of(new Revocation(agent.identity().publicKey(), since, "stolen")));
        streaming.receive(agent.seal("two\n"));
        streaming.assertRefused(RefusalCode.IDENTITY, 2);
        assertThat(streaming.did(IngestAction.PutAside.class)).hasSize(1);
    }

    @Test
    void aRevokedIdentityBeginsNoStreamAndNoEpoch() {
        revoked = Revocations.of(List.of(new Revocation(agent.identity().publicKey(), now.wall(), "stolen")));
        Connection connection = greeted(agent);
        connection.receive(agent.seal("one\n"));
        connection.assertRefused(RefusalCode.IDENTITY, 1);
        revoked = Revocations.of(
                List.of(new Revocation(agent.identity().publicKey(), now.wall().plusSeconds(1), "")));
        assertThat(greeted(agent).sent(Frame.Welcome.class)).as("not yet").hasSize(1);
    }

    @Test
    void whatIsNotAsItWasSealedIsPutAside() {
        ByteBuffer segment = agent.seal("one\n");
        segment.put(segment.limit() - 7, (byte) (segment.get(segment.limit() - 7) ^ 1));
        Connection connection = greeted(agent);
        connection.receive(segment);
        connection.assertRefused(RefusalCode.UNSOUND, 1);
        assertThat(connection.did(IngestAction.PutAside.class)).singleElement().satisfies(aside -> {
            assertThat(aside.bytes()).isEqualTo(segment);
            assertThat(aside.why()).startsWith("UNSOUND: ");
        });
        Connection other = greeted(agent);
        other.receive(ByteBuffer.allocate(500));
        other.assertRefused(RefusalCode.UNSOUND, 0);
    }

    @Test
    void aSegmentSentAgainIsAnsweredWithAReceiptAndStoredOnce() {
        ByteBuffer one = agent.seal("one\n");
        ByteBuffer two = agent.seal("two\n");
        Connection connection = greeted(agent);
        connection.receive(one);
        connection.receive(two);
        connection.receive(one);
        assertThat(connection.sent(Frame.Receipt.class)).as("not yet on disk").isEmpty();
        connection.did(IngestAction.Store.class).forEach(IngestSessionTest::stored);
        connection.deliverMail();
        connection.receive(one);
        connection.receive(two);
        assertThat(connection.sent(Frame.Receipt.class))
                .extracting(Frame.Receipt::sequence)
                .containsExactly(1L, 2L, 2L, 2L);
        assertThat(connection.did(IngestAction.Store.class)).hasSize(2);
    }

    @Test
    void aForkIsPutAsideAndRefused() {
        Connection connection = greeted(agent);
        connection.receive(agent.seal("one\n"));
        PretendAgent twin = agent.twin();
        connection.receive(agent.seal("two\n"));
        ByteBuffer fork = twin.seal("another two\n");
        connection.receive(fork);
        connection.assertRefused(RefusalCode.FORKED, 2);
        assertThat(connection.did(IngestAction.PutAside.class))
                .singleElement()
                .satisfies(aside -> assertThat(aside.bytes()).isEqualTo(fork));
        connection.did(IngestAction.Store.class).forEach(IngestSessionTest::stored);
        Connection next = greeted(twin);
        next.receive(twin.seal("and three\n"));
        next.assertRefused(RefusalCode.FORKED, 3);
    }

    @Test
    void aKeyThatWasNotAnnouncedAndAnEpochThatNobodyVouchesForAreRefused() {
        Connection connection = greeted(agent);
        connection.receive(agent.seal("one\n"));
        connection.did(IngestAction.Store.class).forEach(IngestSessionTest::stored);
        PretendAgent reborn = agent.reborn();
        Connection bare = greeted(agent);
        bare.receive(reborn.twin().sealBare("two\n"));
        bare.assertRefused(RefusalCode.UNSOUND, 2);
        Connection continued = greeted(agent);
        continued.receive(reborn.twin().seal("two\n", Entry.EpochReason.CONTINUES));
        continued.assertRefused(RefusalCode.UNSOUND, 2);
        Connection opened = greeted(agent);
        opened.receive(reborn.seal("two\n", Entry.EpochReason.KEY_LOST));
        assertThat(opened.did(IngestAction.Store.class)).hasSize(1);
        assertThat(opened.sent(Frame.Refusal.class)).isEmpty();
    }

    @Test
    void aHoleIsRefused() {
        Connection connection = greeted(agent);
        connection.receive(agent.seal("one\n"));
        agent.seal("two\n");
        connection.receive(agent.seal("three\n"));
        connection.assertRefused(RefusalCode.AHEAD, 3);
        assertThat(connection.did(IngestAction.PutAside.class)).isEmpty();
    }

    @Test
    void behindAHoleAStreamMayGoOnWhereItsIdentityVouchesAndEverythingIsRestated() {
        Connection connection = greeted(agent);
        connection.receive(agent.seal("one\n"));
        agent.seal("two\n");
        connection.receive(agent.restate("three\n"));
        connection.receive(agent.seal("four\n"));
        assertThat(connection.did(IngestAction.Store.class)).hasSize(3);
        assertThat(connection.did(IngestAction.Say.class).getLast().sentence())
                .endsWith("goes on with segment 3: segments 2 to 2 are missing");
        connection.did(IngestAction.Store.class).forEach(IngestSessionTest::stored);
        connection.deliverMail();
        assertThat(connection.sent(Frame.Receipt.class))
                .extracting(Frame.Receipt::sequence)
                .containsExactly(1L, 3L, 4L);
        agent.seal("five\n");
        connection.receive(agent.seal("six, vouched for\n", Entry.EpochReason.CONTINUES));
        connection.assertRefused(RefusalCode.AHEAD, 6);
    }

    @Test
    void behindAHoleTheLaterEpochIsTaken() {
        Connection connection = greeted(agent);
        connection.receive(agent.seal("one\n"));
        PretendAgent earlier = agent.twin();
        PretendAgent reborn = agent.reborn();
        reborn.seal("two\n", Entry.EpochReason.KEY_LOST);
        connection.receive(reborn.restate("three\n"));
        assertThat(connection.did(IngestAction.Store.class)).hasSize(2);
        for (int i = 2; i < 5; i++) {
            earlier.seal("x");
        }
        connection.receive(earlier.restate("of an epoch that has passed\n"));
        connection.assertRefused(RefusalCode.FORKED, 5);
        assertThat(connection.did(IngestAction.PutAside.class)).hasSize(1);
    }

    @Test
    void behindAHoleWhatIsNotAsItWasSealedIsPutAside() {
        Connection connection = greeted(agent);
        connection.receive(agent.seal("one\n"));
        agent.seal("two\n");
        ByteBuffer spoilt = agent.restate("three\n");
        spoilt.put(spoilt.limit() - 1, (byte) (spoilt.get(spoilt.limit() - 1) ^ 1));
        connection.receive(spoilt);
        connection.assertRefused(RefusalCode.UNSOUND, 3);
        assertThat(connection.did(IngestAction.PutAside.class)).hasSize(1);
    }

    @Test
    void anUnknownStreamMayBeginAnywhereIfItsIdentityVouches() {
        agent.seal("one\n");
        PretendAgent bare = agent.twin();
        Connection refused = greeted(agent);
        refused.receive(bare.sealBare("two\n"));
        refused.assertRefused(RefusalCode.AHEAD, 2);
        Connection accepted = greeted(agent);
        accepted.receive(agent.seal("two\n", Entry.EpochReason.CONTINUES));
        accepted.receive(agent.seal("three\n"));
        assertThat(accepted.did(IngestAction.Store.class)).hasSize(2);
        Connection first = greeted(new PretendAgent("n"));
        PretendAgent unvouched = new PretendAgent("n");
        Connection connection = greeted(unvouched);
        connection.receive(unvouched.sealBare("one\n"));
        connection.assertRefused(RefusalCode.UNSOUND, 1);
        assertThat(first.done).noneMatch(IngestAction.Close.class::isInstance);
    }

    @Test
    void theNewerConnectionOfAStreamTakesOver() {
        Connection older = greeted(agent);
        older.receive(agent.seal("one\n"));
        Connection newer = greeted(agent);
        assertThat(older.receive(agent.twin().seal("two\n")))
                .as("may not write any more")
                .isEmpty();
        older.deliverMail();
        assertThat(older.done.getLast()).isInstanceOf(IngestAction.Close.class);
        older.step(new IngestEvent.Closed());
        assertThat(newer.sent(Frame.Welcome.class))
                .as("where the stream ends is not certain yet")
                .isEmpty();
        stored(older.did(IngestAction.Store.class).getFirst());
        newer.deliverMail();
        assertThat(newer.sent(Frame.Welcome.class))
                .extracting(Frame.Welcome::head)
                .containsExactly(agent.end());
        assertThat(newer.sent(Frame.Receipt.class)).isEmpty();
        newer.receive(agent.seal("two\n"));
        assertThat(newer.did(IngestAction.Store.class)).hasSize(1);
    }

    @Test
    void whatCouldNotBeStoredIsToldAndMayBeSentAgain() {
        ByteBuffer one = agent.seal("one\n");
        Connection connection = greeted(agent);
        connection.receive(one);
        Accepted lost = connection.did(IngestAction.Store.class).getFirst().accepted();
        Accepted behind;
        connection.receive(agent.seal("two\n"));
        behind = connection.did(IngestAction.Store.class).getLast().accepted();
        lost.stream().failed(null, "the disk is full");
        assertThat(behind.stillWanted()).isFalse();
        assertThat(connection.receive(agent.seal("three\n")))
                .as("sent before the agent could know, it is no leap of the agent's")
                .isEmpty();
        connection.deliverMail();
        connection.assertRefused(RefusalCode.UNAVAILABLE, 1);
        Connection again = greeted(agent);
        again.receive(one);
        assertThat(again.did(IngestAction.Store.class))
                .singleElement()
                .satisfies(store -> assertThat(store.accepted().stillWanted()).isTrue());
    }

    @Test
    void anAgentThatLostItsRingGoesOnInANewEpoch() {
        Connection connection = greeted(agent);
        connection.receive(agent.seal("one\n"));
        connection.did(IngestAction.Store.class).forEach(IngestSessionTest::stored);
        PretendAgent reimaged = agent.reborn();
        Connection again = greeted(reimaged);
        assertThat(again.sent(Frame.Welcome.class))
                .extracting(Frame.Welcome::head)
                .containsExactly(agent.end());
        again.receive(reimaged.seal("two\n", Entry.EpochReason.RING_LOST));
        assertThat(again.did(IngestAction.Store.class)).hasSize(1);
        assertThat(again.did(IngestAction.Say.class).getLast().sentence())
                .endsWith("has lost its ring: it goes on behind segment 1 in epoch 2");
    }

    @Test
    void aNodeThatLostItsIdentityIsSaidToHaveAnotherStream() {
        Connection connection = greeted(agent);
        connection.receive(agent.seal("one\n"));
        connection.did(IngestAction.Store.class).forEach(IngestSessionTest::stored);
        assertThat(greeted(new PretendAgent("node-2")).did(IngestAction.Say.class))
                .hasSize(1);
        assertThat(greeted(new PretendAgent("node-1"))
                        .did(IngestAction.Say.class)
                        .getLast()
                        .sentence())
                .isEqualTo("node node-1 has another stream now: its stream %s ended with segment 1"
                        .formatted(agent.stream().brief()));
    }

    @Test
    void anOldSegmentIsLookedUp() {
        ByteBuffer one = agent.seal("one\n");
        Octets first = agent.head().hash();
        agent.seal("two\n");
        StreamHeads known = new StreamHeads(
                List.of(new StreamEnd(agent.head(), 3, "node-1", Lineage.UNKNOWN, 2, List.of())),
                () -> PUBLISHED,
                () -> revoked);
        for (boolean same : new boolean[] {true, false}) {
            IngestSession session = new IngestSession(known, check, identity, IngestLimits.DEFAULT, event -> {}, now);
            session.step(new IngestEvent.Received(agent.hello()), now);
            assertThat(session.step(new IngestEvent.Received(new Frame.SegmentFrame(one)), now))
                    .containsExactly(new IngestAction.LookUp(agent.stream(), 1));
            List<IngestAction> after = session.step(
                    new IngestEvent.LookedUp(same ? first : agent.head().hash()), now);
            if (same) {
                assertThat(after)
                        .singleElement()
                        .satisfies(action -> assertThat(action)
                                .isInstanceOfSatisfying(
                                        IngestAction.Send.class,
                                        send -> assertThat(send.frame())
                                                .isInstanceOfSatisfying(
                                                        Frame.Receipt.class,
                                                        receipt -> assertThat(receipt.sequence())
                                                                .isEqualTo(2))));
            } else {
                assertThat(after).anyMatch(IngestAction.PutAside.class::isInstance);
                assertThat(after.getLast()).isInstanceOf(IngestAction.Close.class);
            }
        }
    }

    @Test
    void silenceEndsAConnection() {
        Connection silent = new Connection();
        Connection talking = greeted(agent);
        now = new Timestamp(2_000_000, TimeUnit.SECONDS.toNanos(11));
        silent.step(new IngestEvent.Tick());
        silent.assertRefused(RefusalCode.PROTOCOL, 0);
        assertThat(talking.step(new IngestEvent.Tick())).isEmpty();
        assertThat(talking.session.deadlineNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(120));
        now = new Timestamp(3_000_000, TimeUnit.SECONDS.toNanos(121));
        assertThat(talking.step(new IngestEvent.Tick()).getLast()).isInstanceOf(IngestAction.Close.class);
    }

    @Test
    void aStreamOfWhichNothingCameIsForgotten() {
        Connection connection = greeted(agent);
        assertThat(heads.connected()).isEqualTo(1);
        connection.step(new IngestEvent.Closed());
        assertThat(heads.connected()).isZero();
    }
}
