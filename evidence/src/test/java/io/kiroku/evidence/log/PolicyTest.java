package io.kiroku.evidence.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kiroku.evidence.CountedRandom;
import io.kiroku.evidence.chain.SigningKey;
import io.kiroku.evidence.record.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTest {
    private static final String ORIGIN = "example.com/log";
    private static final NoteSigner LOG = NoteSigner.ed25519(ORIGIN, SigningKey.generate(new CountedRandom("log")));
    private static final String TEXT = new Checkpoint(ORIGIN, 5, MerkleTree.EMPTY).text();

    private static NoteSigner witness(String name) {
        return NoteSigner.ed25519Cosigner("w.example/" + name, SigningKey.generate(new CountedRandom(name)));
    }

    /** The example of C2SP tlog-policy, with keys. */
    private static String example() {
        StringBuilder out =
                new StringBuilder("# A comment\n\nlog %s https://log.example/\n".formatted(LOG.verifierKey()));
        for (String name : List.of("X1", "X2", "X3", "Y1", "Y2", "Y3")) {
            out.append("  witness %s\t %s \n".formatted(name, witness(name).verifierKey()));
        }
        return out + """
            group X-witnesses 2 X1 X2 X3
            group Y-witnesses any Y1 Y2 Y3
            group X-and-Y all X-witnesses Y-witnesses
            quorum X-and-Y
            """;
    }

    private static Policy parse(String text) throws MalformedException {
        return Policy.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static SignedNote cosigned(String... names) throws MalformedException {
        List<SignedNote.Signature> further = new ArrayList<>();
        for (String name : names) {
            further.add(witness(name).sign(TEXT, 1));
        }
        return SignedNote.sign(TEXT, 0, LOG).with(further);
    }

    @Test
    void theExampleOfTheSpecificationIsRead() throws Exception {
        Policy policy = parse(example());
        assertThat(policy.logs())
                .containsExactly(new Policy.Log(LOG.verifierKey(), Optional.of("https://log.example/")));
        assertThat(policy.witnesses()).hasSize(6);
        assertThat(policy.witnesses().getFirst())
                .isEqualTo(new Policy.Witness("X1", witness("X1").verifierKey(), Optional.empty()));
        assertThat(policy.check(cosigned("X1", "X3", "Y2")).holds()).isTrue();
        assertThat(policy.check(cosigned("X1", "X2", "X3", "Y1", "Y2", "Y3")).holds())
                .isTrue();
        for (String[] few : new String[][] {{}, {"X1", "X2"}, {"X1", "Y1", "Y2", "Y3"}, {"X1", "X1", "Y1"}}) {
            String by = few.length == 0 ? "nobody" : String.join(", ", new LinkedHashSet<>(List.of(few)));
            assertThat(policy.check(cosigned(few)))
                    .isEqualTo(new NoteVerdict.Fails("the quorum X-and-Y is not reached: cosigned by " + by));
        }
    }

    @Test
    void aWrongCosignatureSpeaksAgainstTheCheckpoint() throws Exception {
        SignedNote.Signature other = witness("X3").sign(TEXT.replace("\n5\n", "\n6\n"), 1);
        assertThat(parse(example()).check(cosigned("X1", "X2", "Y1").with(List.of(other))))
                .isInstanceOf(NoteVerdict.Fails.class);
    }

    @Test
    void theLogMustBeAcceptedAndMustHaveSigned() throws Exception {
        Policy policy = parse("log %s\nquorum none\n".formatted(LOG.verifierKey()));
        assertThat(policy.check(cosigned()).holds()).isTrue();
        String other = new Checkpoint("example.com/other", 5, MerkleTree.EMPTY).text();
        assertThat(policy.check(SignedNote.sign(other, 0, LOG)))
                .isEqualTo(new NoteVerdict.Fails("the policy does not accept the log example.com/other"));
        assertThat(policy.check(SignedNote.sign("hello\n", 0, LOG))).isInstanceOf(NoteVerdict.Fails.class);
        SignedNote witnessed = new SignedNote(TEXT, List.of(witness("X1").sign(TEXT, 1)));
        assertThat(parse(example()).check(witnessed).holds()).isFalse();
    }

    /** A log with two keys: the policy names both, and one is enough. */
    @Test
    void aLogMayHaveSeveralKeys() throws Exception {
        NoteSigner mlDsa = NoteSigner.mlDsa44(ORIGIN, MlDsaKey.generate(new CountedRandom("ml")));
        Policy policy = parse("log %s\nlog %s\nquorum none\n".formatted(LOG.verifierKey(), mlDsa.verifierKey()));
        assertThat(policy.check(SignedNote.sign(TEXT, 3, mlDsa)).holds()).isTrue();
        assertThat(policy.check(SignedNote.sign(TEXT, 3, LOG, mlDsa)))
                .isEqualTo(new NoteVerdict.Holds(List.of(
                        new NoteVerdict.Signed(LOG.verifierKey(), 0), new NoteVerdict.Signed(mlDsa.verifierKey(), 3))));
    }

    /** L is a log's key, W and V are witnesses' keys; a slash ends a line. */
    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '"', textBlock = """
        "" ; expected a line "quorum NAME" in a policy, found none
        quorum none ; expected a newline at the end of a policy, found another end
        log L/ ; expected a line "quorum NAME" in a policy, found none
        quorum none/quorum none/ ; line 2 of the policy: expected one quorum, found another
        quorum W1/ ; line 1 of the policy: expected a witness or group that was defined before, or none, found "W1"
        logs L/quorum none/ ; line 1 of the policy: expected log, witness, group or quorum, found "logs"
        log/quorum none/ ; line 1 of the policy: expected "log VKEY [URL]", found 1 words
        log L u v/quorum none/ ; line 1 of the policy: expected "log VKEY [URL]", found 4 words
        log W/quorum none/ ; line 1 of the policy: expected a log's key of type 0x01 or 0x06, found 0x04
        log L/log L/quorum none/ ; line 2 of the policy: expected every log's key once, found that of example.com/log again
        witness a L/quorum none/ ; line 1 of the policy: expected a witness's key of type 0x04 or 0x06, found 0x01
        witness a W/witness b W/quorum a/ ; line 2 of the policy: expected every witness's key once, found that of w.example/X1 again
        witness a W/witness a V/quorum a/ ; line 2 of the policy: expected a name that is not taken, found "a"
        witness none W/quorum none/ ; line 1 of the policy: expected a name that is not taken, found "none"
        witness a W/group g all a b/quorum g/ ; line 2 of the policy: expected witnesses and groups that were defined before, found "b"
        witness a W/group g all none/quorum g/ ; line 2 of the policy: expected witnesses and groups that were defined before, found "none"
        witness a W/group g all a a/quorum g/ ; line 2 of the policy: expected every witness and group in one group only, found "a" again
        witness a W/group g 2 a/quorum g/ ; line 2 of the policy: expected all, any or a number from 1 to 1, found "2"
        witness a W/group g 0 a/quorum g/ ; line 2 of the policy: expected all, any or a number from 1 to 1, found "0"
        witness a W/group g any/quorum g/ ; line 2 of the policy: expected "group NAME all|any|NUMBER MEMBER...", found 3 words
        """)
    void whatIsNoPolicyIsRefused(String lines, String sentence) {
        String text = Pattern.compile("\\b[LWV]\\b")
                .matcher(lines.replace('/', '\n'))
                .replaceAll(key -> switch (key.group()) {
                    case "L" -> LOG.verifierKey().toString();
                    case "W" -> witness("X1").verifierKey().toString();
                    default -> witness("X2").verifierKey().toString();
                });
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(MalformedException.class)
                .hasMessage(sentence);
    }

    @Test
    void namesAreOctets() throws Exception {
        String key = witness("X1").verifierKey().toString();
        Policy policy = parse("log %s\nwitness Zeugin-ä %s\nquorum Zeugin-ä\n".formatted(LOG.verifierKey(), key));
        assertThat(policy.check(cosigned("X1")).holds()).isTrue();
        assertThat(policy.check(cosigned()))
                .isEqualTo(new NoteVerdict.Fails("the quorum Zeugin-ä is not reached: cosigned by nobody"));
        assertThatThrownBy(() -> parse("quorum none\r\n"))
                .hasMessage("line 1 of the policy: expected no control character but tabs, found 0x0D");
    }
}
