package io.kiroku.evidence.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.Property;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.log.WitnessState.Answer;
import io.kiroku.evidence.record.MalformedException;
import io.kiroku.evidence.record.Octets;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class WitnessStateTest {
    private static final String ORIGIN = "example.com/log";
    private static final NoteSigner LOG = NoteSigner.ed25519(ORIGIN, SigningKey.generate(new CountedRandom("log")));
    private static final NoteSigner WITNESS =
            NoteSigner.mlDsa44("witness.example/w", MlDsaKey.generate(new CountedRandom("witness")));
    private static final WitnessState NEW = new WitnessState(ORIGIN, List.of(LOG.verifierKey()));

    private final TreeReader tree = MemoryLog.of(300).reader();

    private static SignedNote signed(String origin, long size, Octets root) throws MalformedException {
        return SignedNote.sign(new Checkpoint(origin, size, root).text(), 0, LOG);
    }

    private WitnessRequest request(int from, int to) throws Exception {
        List<Octets> proof = from == 0 ? List.of() : tree.consistency(from, to);
        return new WitnessRequest(from, proof, signed(ORIGIN, to, tree.root(to)));
    }

    private WitnessState at(int size) throws Exception {
        return new WitnessState(ORIGIN, NEW.keys(), size, tree.root(size));
    }

    private static void refused(Answer answer, int status, boolean evidence, String sentence) {
        assertThat(answer).isEqualTo(new Answer.Refusal(status, sentence, evidence));
    }

    @Test
    void aLogIsFollowedFromItsBeginning() throws Exception {
        WitnessState state = NEW;
        int last = 0;
        for (int size : new int[] {0, 1, 1, 2, 7, 8, 256, 300, 300}) {
            WitnessRequest request = request(last, size);
            assertThat(WitnessRequest.parse(request.bytes())).isEqualTo(request);
            Answer answer = state.step(request);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer)
                    .isEqualTo(new Answer.Cosign(
                            Checkpoint.parse(request.checkpoint().text()), at(size)));
            state = at(size);
            last = size;
        }
    }

    @Test
    void theLogPutsTheCosignatureBehindItsOwn() throws Exception {
        WitnessRequest request = request(0, 7);
        String line = WITNESS.sign(request.checkpoint().text(), 1_700_000_000).line() + "\n";
        SignedNote cosigned =
                request.checkpoint().with(WitnessRequest.parseCosignatures(line.getBytes(StandardCharsets.UTF_8)));
        assertThat(cosigned.verify(List.of(WITNESS.verifierKey())).holds()).isTrue();
        assertThat(WitnessRequest.parseSize("7\n".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(7);
        for (String wrong : List.of("", "7", "07\n", "7\n\n", "-7\n", "— x\n")) {
            byte[] bytes = wrong.getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> WitnessRequest.parseSize(bytes)).isInstanceOf(MalformedException.class);
            assertThatThrownBy(() -> WitnessRequest.parseCosignatures(bytes)).isInstanceOf(MalformedException.class);
        }
    }

    @Test
    void anotherOldSizeIsAnsweredWithTheOneThatIsKnown() throws Exception {
        for (int from : new int[] {0, 6, 8}) {
            Answer answer = at(7).step(request(from, 10));
            assertThat(answer).isEqualTo(new Answer.Conflict(7));
            assertThat(answer.status()).isEqualTo(409);
        }
    }

    @Test
    void whatIsNotTheLogsIsRefused() throws Exception {
        Octets root = tree.root(7);
        refused(
                NEW.step(new WitnessRequest(0, List.of(), signed("example.com/other", 7, root))),
                404,
                false,
                "this witness does not know that log");
        NoteSigner thief = NoteSigner.ed25519(ORIGIN, SigningKey.generate(new CountedRandom("thief")));
        SignedNote forged = SignedNote.sign(new Checkpoint(ORIGIN, 7, root).text(), 0, thief);
        assertThat(NEW.step(new WitnessRequest(0, List.of(), forged)).status()).isEqualTo(403);
        SignedNote wrong = new SignedNote(
                new Checkpoint(ORIGIN, 8, root).text(), signed(ORIGIN, 7, root).signatures());
        assertThat(NEW.step(new WitnessRequest(0, List.of(), wrong)).status()).isEqualTo(403);
        assertThat(NEW.step(new WitnessRequest(0, List.of(), SignedNote.sign("hello\n", 0, LOG)))
                        .status())
                .isEqualTo(400);
        refused(
                at(7).step(new WitnessRequest(7, List.of(), signed(ORIGIN, 6, tree.root(6)))),
                400,
                false,
                "the old size 7 is above the checkpoint's, 6");
    }

    @Test
    void aForkedOrRewoundLogIsNotCosigned() throws Exception {
        MemoryLog other = MemoryLog.of(5);
        for (int i = 5; i < 10; i++) {
            other.append(MemoryLog.entry(100 + i));
        }
        TreeReader forked = other.publish().reader();
        refused(
                at(7).step(new WitnessRequest(7, List.of(), signed(ORIGIN, 7, forked.root(7)))),
                422,
                true,
                "the log signed two trees of 7 entries");
        refused(
                at(7).step(new WitnessRequest(7, forked.consistency(7, 10), signed(ORIGIN, 10, forked.root(10)))),
                422,
                false,
                "the proof does not show that the tree of 10 entries begins with that of 7");
        refused(
                at(7).step(new WitnessRequest(7, List.of(), signed(ORIGIN, 10, tree.root(10)))),
                422,
                false,
                "the proof does not show that the tree of 10 entries begins with that of 7");
        refused(
                NEW.step(new WitnessRequest(0, List.of(), signed(ORIGIN, 0, tree.root(7)))),
                422,
                true,
                "a tree without entries has another root than this checkpoint says");
        refused(
                NEW.step(new WitnessRequest(0, tree.consistency(3, 7), signed(ORIGIN, 7, tree.root(7)))),
                422,
                false,
                "nothing can be proven from a tree without entries");
        // The same tree is cosigned again, but not with a proof of nothing.
        assertThat(at(7).step(new WitnessRequest(7, tree.consistency(3, 7), signed(ORIGIN, 7, tree.root(7))))
                        .status())
                .isEqualTo(422);
    }

    /** Whatever is asked in whatever order: what was cosigned is one log, and it never shrinks. */
    @Test
    void everythingThatIsCosignedIsOneTree() {
        Property.holds(30, dice -> {
            WitnessState state = NEW;
            for (int i = 0; i < 40; i++) {
                int to = dice.below(301);
                int from = dice.oneIn(2) ? (int) state.size() : dice.below(to + 1);
                Answer answer = state.step(
                        from > to
                                ? new WitnessRequest(from, List.of(), signed(ORIGIN, to, tree.root(to)))
                                : request(from, to));
                if (answer instanceof Answer.Cosign cosign) {
                    assertThat(cosign.next().size()).isGreaterThanOrEqualTo(state.size());
                    assertThat(cosign.next().root())
                            .isEqualTo(tree.root(cosign.next().size()));
                    state = cosign.next();
                } else {
                    assertThat(from == state.size() && from <= to).isFalse();
                }
            }
        });
    }
}
